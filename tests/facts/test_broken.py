"""Broken Rust, fragments, hostile nesting, Rust newer than the grammar: what can be read is read, nothing raises."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rustconc_lint.facts import model as f
from rustconc_lint.facts.file import RustFile
from tests.facts.written import Writer, read


def fragment(text: str) -> str:
    """The statements at top level, written as facts."""
    found = read(text).fragment
    assert found is not None
    assert isinstance(found.value, f.Block)
    return Writer(found.slots).statements(found.value)


FRAGMENTS = [
    ('let x = 1; println!("{x}");', "(let x0 1); (println!format x0)"),
    ("let x = 1;\nfn g() { x; }\nx;", "(let x0 1); x0"),
    ("f();\nif a { b }", "(call f); => (if a {=> b})"),
    ('println!("a");', "(println!format)"),
    ("for i in 0..3 { f(i); }", "=> (for i0 (0..3) {(call f i0)})"),
]


@pytest.mark.parametrize(("text", "expected"), FRAGMENTS)
def test_statements_at_top_level_are_a_fragment(text: str, expected: str) -> None:
    assert fragment(text) == expected


def test_items_of_a_fragment_stay_items() -> None:
    file = read("use std::thread;\nfn g() {}\nlet x = 1;\nstruct S;")
    assert [item.kind for item in file.items] == ["use", "fn", "struct"]
    assert file.fragment is not None


@pytest.mark.parametrize("text", ["fn f() {}", "cfg_rt! { mod a; }", "criterion_main!(a);", "thread_local!{}", ";", ""])
def test_a_file_of_items_is_no_fragment(text: str) -> None:
    assert read(text).fragment is None


BROKEN = [
    ("fn f() { let x = ; g(); }", "(call g)"),
    ("fn f() { a.; g(); h(); }", "(call h)"),
    ("fn f() { let y = 1; y.lock( ; g(y); }", "(let y0 1)"),
    ("fn f() { h(1 2); g(); }", "(call g)"),
    ("fn f() { let x = 1 g(x); k(x); }", "(call k x0)"),
    ("fn f() { match x { A => } g(); }", "(call g)"),
]


@pytest.mark.parametrize(("text", "kept"), BROKEN)
def test_statements_around_broken_code_are_read(text: str, kept: str) -> None:
    file = read(text)
    detail = file.detail(file.items[0])
    assert file.has_errors
    assert isinstance(detail, f.FnDetail)
    assert detail.body is not None
    assert isinstance(detail.body.value, f.Block)
    assert kept in Writer(detail.body.slots).statements(detail.body.value)


def test_items_around_broken_items_are_read() -> None:
    file = read("fn a() {}\n@@ fn\nstruct { x }\nfn b() {}")
    assert {"a", "b"} <= {item.name for item in file.items}


NEWER = [
    "fn f() { let c = for<'a> |x: &'a u8| x; g(); }",
    'fn f() { let s = str![["a"]]; g(); }',
    "fn f() { match c { char @ ('a' | 'b') => 1, _ => 2 }; g(); }",
    "fn f() { let x = #[rustfmt::skip] [1]; g(); }",
    "fn f() { if let A = b && let C = d { } g(); }",
    "fn f() { match x { A if let B = c => 1, _ => 2 }; g(); }",
    'fn f() { let x = &raw const y; let z = c"a"; g(); }',
    "fn f() { let x = async move |y| y; g(); }",
    "fn f() { let x: Foo<-1> = y; g(); }",
    "fn f(x: &(dyn 'static + Send)) { g(); }",
    "---\n[dependencies]\n---\nfn f() { g(); }",
]


@pytest.mark.parametrize("text", NEWER)
def test_rust_newer_than_the_grammar(text: str) -> None:
    file = read(text)
    detail = file.detail(file.items[0])
    assert not file.has_errors
    assert isinstance(detail, f.FnDetail)
    assert detail.body is not None
    assert isinstance(detail.body.value, f.Block)
    assert "(call g)" in Writer(detail.body.slots).statements(detail.body.value)


def test_what_is_overwritten_for_the_grammar_is_still_the_files_text() -> None:
    file = read('fn f() { str!["a"] }')
    detail = file.detail(file.items[0])
    assert isinstance(detail, f.FnDetail)
    assert detail.body is not None
    assert isinstance(detail.body.value, f.Block)
    assert Writer().statements(detail.body.value) == "=> (str!opaque)"


N = 3000
NESTED = {
    "parentheses": "fn f() { " + "(" * N + "1" + ")" * N + "; }",
    "unclosed parentheses": "fn f() { let x = " + "(" * N,
    "blocks": "fn f() " + "{" * N + "}" * N,
    "conditions": "fn f() { " + "if a {" * N + "}" * N + " }",
    "else if": "fn f() { " + "if a {1} else " * N + "{2} }",
    "matches": "fn f() { " + "match x { A => " * N + "1" + "}" * N + " }",
    "method chain": "fn f() { a" + ".b()" * N + "; }",
    "call chain": "fn f() { a" + "()" * N + "; }",
    "sum": "fn f() { let x = 1" + " + a" * N + "; }",
    "references": "fn f() { let x = " + "&" * N + "a; }",
    "assignments": "fn f() { " + "a = " * N + "1; }",
    "let chain": "fn f() { if let A = b" + " && let A = b" * N + " {} }",
    "closures": "fn f() { let x = " + "|y| " * N + "a; }",
    "async blocks": "fn f() { " + "async {" * N + "}" * N + " }",
    "structs": "fn f() { let x = " + "S { a: " * N + "1" + "}" * N + "; }",
    "vec macros": "fn f() { " + "vec![" * N + "]" * N + "; }",
    "format macros": "fn f() { " + 'println!("{}", ' * N + "a" + ")" * N + "; }",
    "unknown macros": "fn f() { " + "m![" * N + "a" + "]" * N + "; }",
    "select": "fn f() { " + "select! { x = " * N + "a" + "=> 1 }" * N + "; }",
    "modules": "mod a {" * N + "}" * N,
    "item macros": "cfg_a! {" * N + "fn f() {}" + "}" * N,
    "functions": "fn f() {" * N + "}" * N,
    "type arguments": "type A = " + "Vec<" * N + "u8" + ">" * N + ";",
    "trait objects": "type A = " + "Box<dyn Fn(" * N + ")>" * N + ";",
    "qualified paths": "type A = " + "<" * N + "T" + ">::X" * N + ";",
    "bounds": "type A = dyn T" + " + U" * N + ";",
    "tuple patterns": "fn f() { let " + "(" * N + "x" + ",)" * N + " = 1; }",
    "ref patterns": "fn f() { let " + "ref mut " * N + "x = 1; }",
    "alternatives": "fn f() { match x { " + "A | " * N + "B => 1 } }",
    "use trees": "use " + "a::{" * N + "b" + "}" * N + ";",
    "predicates": "#[cfg(" + "all(" * N + "test" + ")" * N + ")] fn f() {}",
    "cfg_attr": "#[" + "cfg_attr(a, " * N + "test" + ")" * N + "] fn f() {}",
}


@pytest.mark.parametrize("text", NESTED.values(), ids=NESTED.keys())
def test_any_nesting_is_read_to_some_depth(text: str) -> None:
    """Below a fixed depth everything is unknown, so that readers of facts may recurse: these can be encoded."""
    facts = read(text).facts()
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=f.FileFacts) == facts


PIECES = [
    *(
        "fn f() {",
        "}",
        "(",
        ")",
        "[",
        "]",
        "{",
        ";",
        ",",
        "let x = ",
        "x",
        ".await",
        "|x| ",
        "=>",
        "match x {",
        "::",
        "'a",
    ),
    *("impl A for B {", "#[cfg(a)]", 'println!("{x}")', "<T: ", ">", "=", "async move {", "..", "?", '"', "r#", "é"),
    *(
        "select! {",
        "vec![",
        "_",
        "use a::{",
        "mod a {",
        "if let ",
        " else ",
        "&mut ",
        "ref ",
        "self",
        "Some(",
        "//",
        "/*",
    ),
]


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join))
def test_no_text_raises(text: str) -> None:
    facts = read(text).facts()
    assert facts == RustFile(read(text).source).facts()
