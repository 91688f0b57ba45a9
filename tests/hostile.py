"""Programs that nobody writes: nested, repeated, circular or broken beyond reason, and real ones with pieces missing.

`PROGRAMS` by name; `mutants` makes broken ones out of good ones, the same at every run.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rustconc_lint import syntax

BEFORE = """use std::rc::Rc;
use std::sync::{mpsc, Arc, Mutex};
use std::thread;
"""


def inside(body: str) -> str:
    """A function with a held lock, a channel that is drained and threads, with `body` in the middle."""
    return f"""{BEFORE}fn hostile(lock: &Mutex<i32>) {{
    let (tx, rx) = mpsc::channel::<i32>();
    let guard = lock.lock().unwrap();
    {body}
    for received in rx {{ drop(received); }}
    thread::spawn(move || drop(tx));
}}
"""


def nested(first: str, inner: str, last: str, times: int) -> str:
    return first * times + inner + last * times


def spawning(ty: str) -> str:
    """A function that moves a value of that type into a thread."""
    return f"fn f(a: {ty}) {{ std::thread::spawn(move || a); }}"


def sections(text: str) -> dict[str, str]:
    """The programs below the lines `//# name`."""
    return dict(section.split("\n", 1) for section in text.split("//# ")[1:])


def numbered(line: str, times: int) -> str:
    """`line` again and again; `@` is its number, `^` the next one."""
    return "".join(line.replace("@", str(number)).replace("^", str(number + 1)) for number in range(times))


DEEP = {
    "parentheses": inside(f"let a = {nested('(', '1', ')', 50_000)};"),
    "parentheses that stay open": inside("let a = " + "(" * 50_000),
    "braces that stay open": inside("{" * 50_000),
    "braces that close nothing": inside("}" * 50_000),
    "blocks": inside(nested("{ ", "", "}", 5_000)),
    "ifs": inside(nested("if true { ", "", "}", 5_000)),
    "loops": inside(nested("loop { lock.lock(); ", "", "}", 5_000)),
    "matches": inside(nested("match 1 { _ => ", "1", "}", 5_000)),
    "else-ifs": inside("if a {} " + "else if b { lock.lock().unwrap(); } " * 5_000),
    "closures": inside(nested("(move || { lock.lock(); ", "1", "})()", 5_000)),
    "spawns": inside(nested("thread::spawn(|| { ", "1", "})", 5_000)),
    "calls": inside(f"let a = {nested('Arc::new(', '1', ')', 5_000)};"),
    "types": inside(f"let a: {nested('Vec<', 'Rc<i32>', '>', 5_000)} = vec![];"),
    "tuples of tuples": inside(f"let a: {nested('(', 'i32', ',)', 5_000)} = {nested('(', '1', ',)', 5_000)};"),
    "patterns": inside(f"let {nested('Some(', 'a', ')', 5_000)} = tx else {{ return }};"),
    "references": inside(f"let a: {'&' * 5_000}i32 = {'&' * 5_001}1;"),
    "a chain of methods": inside(f"let a = tx{'.clone()' * 20_000};"),
    "a chain of locks": inside(f"let a = lock{'.lock().unwrap()' * 10_000};"),
    "a chain of fields": inside(f"let a = tx{'.a' * 20_000};"),
    "a chain of calls": inside(f"let a = tx{'()' * 20_000};"),
    "a chain of `?` and `.await`": inside(f"let a = tx{'?.await' * 10_000};"),
    "a sum": inside(f"let a = 1{' + *lock.lock().unwrap()' * 10_000};"),
    "assignments": inside("a = " * 5_000 + "1;"),
    "modules": nested("mod a { ", "", "}", 5_000),
    "functions": nested("fn a() { ", "", "}", 5_000),
    "imports": f"use {nested('a::{', 'b', '}', 5_000)};",
    "a path": f"use {'a::' * 20_000}b; fn f() {{ {'a::' * 20_000}b(); }}",
    "brackets of a macro": inside(f"println!({nested('(', '', ')', 50_000)});"),
    "macros": inside(f"let a = {nested('vec![', '1', ']', 2_000)};"),
    "comments": inside(nested("/*", "", "*/", 50_000)),
    "conditional compilation": nested("#[cfg(not(", "a", "))]", 5_000) + " fn f() {}",
}

LONG = {
    "a string": inside(f'let a = "{"x" * 3_000_000}";'),
    "a number": inside(f"let a = [{'9' * 500_000}; {'9' * 500_000}];"),
    "a name": inside(f"let {'a' * 500_000} = tx.clone();"),
    "a format string": inside(f'println!("{"{tx:?} " * 20_000}");'),
    "statements": f"fn f() {{\n{'    let x = 1;' * 50_000}\n}}",
    "statements without a function": "let x = 1;\n" * 50_000,
    "arms": inside(f"match 1 {{ {numbered('@ => { lock.lock().unwrap(); }', 3_000)} _ => {{}} }}"),
    "alternatives": inside(f"match 1 {{ {'1 | ' * 20_000} 2 => {{}} }}"),
    "parameters": f"fn f({numbered('a@: Rc<i32>, ', 3_000)}) {{ std::thread::spawn(move || a0); }}",
    "fields": f"struct S {{ {numbered('a@: Vec<i32>, ', 3_000)} }} fn f(s: S) {{ std::thread::spawn(move || s); }}",
    "senders": inside(numbered("let t@ = tx.clone();", 3_000)),
    "threads": inside(numbered("let t@ = tx.clone(); thread::spawn(move || t@.send(@));", 200)),
    "branches": inside(numbered("if a { drop(tx.clone()); } else { let t@ = tx.clone(); }", 500)),
    "locks in both orders": BEFORE
    + numbered("static A@: Mutex<i32> = Mutex::new(0);", 100)
    + f"fn f() {{ {numbered('let g@ = A@.lock().unwrap();', 100)} }}"
    + f"fn g() {{ {''.join(f'let g{n} = A{n}.lock().unwrap();' for n in reversed(range(100)))} }}",
}

CIRCULAR = sections(Path(__file__).with_name("circular.rs").read_text(encoding="utf-8"))

GROWING = {
    "tuples": f"fn f() {{ let a0 = 1; {numbered('let a^ = (a@, a@);', 60)} std::thread::spawn(move || a60); }}",
    "clones": f"fn f(a0: Rc<i32>) {{ {numbered('let a^ = (a@.clone(), a@);', 60)} std::thread::spawn(move || a60); }}",
    "aliases": numbered("type A@ = (A^, A^);", 60) + f"type A60 = i32; {spawning('A0')}",
    "generic aliases": "type A<T> = (T, T);" + spawning(nested("A<", "i32", ">", 30)),
    "structs": numbered("struct A@(A^, A^);", 200) + spawning("A0"),
    "methods": "struct P<T>(T); impl<T> P<T> { fn d(self) -> P<(T, T)> { loop {} } }"
    f" fn f(x: P<i32>) {{ let y = x{'.d()' * 90}; std::thread::spawn(move || y); }}",
    "options": f"fn f(a0: i32) {{ {numbered('let a^ = Some(a@);', 1_000)} std::thread::spawn(move || a1000); }}",
    "options of later ones": "fn f() {"
    + numbered("let mut a@ = None;", 1_001)
    + numbered("a@ = Some(a^);", 1_000)
    + "a0.x(); }",
    "references": f"fn f(a0: i32) {{ {numbered('let a^ = &a@;', 1_000)} std::thread::spawn(move || a1000); }}",
    "owners": inside(f"let a0 = tx.clone(); {numbered('let a^ = (a@, 1);', 1_000)}"),
    "iterators": f"fn f(v: Vec<i32>) {{ let a0 = v.iter(); {numbered('let a^ = a@.map(|x| x);', 200)} a200.count(); }}",
    "aliases of aliases": numbered("type A@ = Option<A^>;", 1_000) + spawning("A0"),
    "imports of imports": numbered("mod m@ { pub use super::m^::*; }", 1_000) + "use m0::*; fn f() { spawn(|| x()); }",
    "supertraits": numbered("trait A@: A^ {}", 1_000) + spawning("impl A0"),
    "impls of impls": numbered("trait A@ {} impl<X: A^> A@ for X {}", 1_000) + "fn g<T: A0>(t: T) {} fn f() { g(1); }",
    "dereferences": "use std::ops::Deref;"
    + numbered("struct S@; impl Deref for S@ { type Target = S^; }", 1_000)
    + "fn f(s: S0) { s.go(); std::thread::spawn(move || s.lock()); }",
    "functions": BEFORE
    + numbered("fn f@(m: &Mutex<i32>) -> impl Sized { let g = m.lock(); f^(m); f^(m) }", 1_000)
    + "fn f1000(m: &Mutex<i32>) { m.lock().unwrap(); }",
    "futures": f"{numbered('async fn f@() { f^().await; f^().await; }', 1_000)} fn f() {{ tokio::spawn(f0()); }}",
    "closures that lock": inside(
        f"let a0 = || drop(lock.lock().unwrap()); {numbered('let a^ = || { a@(); a@(); };', 1_000)} a1000();"
    ),
    "closures that move each other": inside(f"let a0 = || 1; {numbered('let a^ = move || a@();', 300)} a300();"),
    "closures that are called": f"fn f() {{ let a0 = || 1; {numbered('let a^ = || (a@(), a@());', 1_000)}"
    " std::thread::spawn(|| a1000()); }",
}

TEXTS = {
    "nothing": "",
    "blanks": " \t\r\n\n",
    "a byte order mark": "\ufeff" + inside(""),
    "two of them and a shebang": "\ufeff\ufeff#!/bin/sh\n" + inside(""),
    "carriage returns": inside("").replace("\n", "\r\n"),
    "carriage returns alone": inside("").replace("\n", "\r"),
    "zeros": inside("").replace(" ", "\0"),
    "a zero in a string": inside('println!("\0{tx:?}\0");'),
    "a string that stays open": inside('let a = "'),
    "a raw string that stays open": inside('let a = r####"###'),
    "a comment that stays open": inside("/* /*"),
    "a character that stays open": inside("let a = '"),
    "format strings": inside('println!("{", "}{{{}}}{:{}$}{0:1$.*}{x:?}{é}{x.y}{0.1}{:}}{");'),
    "names in other scripts": inside('let naïve = tx; let 变量 = naïve.clone(); let \u202e = 1; println!("{变量}🦀");'),
    "a `select!` with an empty handler": inside("tokio::select! { x = tx.recv() => , _ = f() => , else => , }"),
    "a `select!` without anything": inside("tokio::select! { => } select! { , } select! { recv() -> => , default => }"),
}


def tokens_of(data: bytes) -> list[tuple[int, int]]:
    return [(token.start_byte, token.end_byte) for token in syntax.tokens(syntax.parse(data))]


def truncated(data: bytes, choose: random.Random, others: Sequence[bytes]) -> bytes:
    return data[: choose.randrange(len(data) + 1)]


def without_bytes(data: bytes, choose: random.Random, others: Sequence[bytes]) -> bytes:
    """Up to four single bytes missing, so that it may be no UTF-8 any more."""
    left = bytearray(data)
    for _ in range(min(choose.randint(1, 4), len(left))):
        del left[choose.randrange(len(left))]
    return bytes(left)


def without_tokens(data: bytes, choose: random.Random, others: Sequence[bytes]) -> bytes:
    tokens = tokens_of(data)
    for start, end in sorted(choose.sample(tokens, min(len(tokens), choose.randint(1, 4))), reverse=True):
        data = data[:start] + data[end:]
    return data


def with_more_brackets(data: bytes, choose: random.Random, others: Sequence[bytes]) -> bytes:
    brackets = [token for token in tokens_of(data) if data[token[0] : token[1]] in b"(){}[]<>|&"]
    if not brackets:
        return data
    start, end = choose.choice(brackets)
    return data[:end] + data[start:end] * choose.randint(1, 3) + data[end:]


def with_foreign_tokens(data: bytes, choose: random.Random, others: Sequence[bytes]) -> bytes:
    """Some tokens replaced by some of another program."""
    other = choose.choice(others)
    own, foreign = tokens_of(data), tokens_of(other)
    if not own or not foreign:
        return data
    first, last = sorted(choose.choices(range(len(own)), k=2))
    begin = choose.randrange(len(foreign))
    end = min(len(foreign) - 1, begin + choose.randint(0, 30))
    return data[: own[first][0]] + other[foreign[begin][0] : foreign[end][1]] + data[own[last][1] :]


Mutation = Callable[[bytes, random.Random, Sequence[bytes]], bytes]
MUTATIONS: tuple[Mutation, ...] = (truncated, without_bytes, without_tokens, with_more_brackets, with_foreign_tokens)


def mutants(mutation: Mutation, texts: Sequence[bytes], number: int) -> Iterator[bytes]:
    """`number` broken programs, the same ones at every run."""
    choose = random.Random(mutation.__name__)
    for _ in range(number):
        yield mutation(choose.choice(texts), choose, texts)
