"""Bodies: what each form of Rust becomes, and which local a name stands for at each place."""

from __future__ import annotations

import pytest

from tests.facts.written import body

EXPRESSIONS = [
    ("a.b.0.c::<T>(x)[1]?;", "(? (.c<T> a.b.0 x)[1])"),
    ("f(g(1), &x, &mut y);", "(call f (call g 1) (& x) (&mut y))"),
    ("f::<T>(x)(y);", "(call (call f<T> x) y)"),
    ("(a.b)(c);", "(call a.b c)"),
    ("a::b::<C>::d(1u8, 0x1f32, 2f32);", "(call a::b<C>::d 1u8:u8 0x1f32 2f32:f32)"),
    ("<A as B<C>>::f(x); <A>::g;", "(call <A as B<C>>::f x); <A>::g"),
    ("1 + 2 * -x < !y && *z;", "(&& (< (+ 1 (* 2 (- x))) (! y)) (* z))"),
    ("a + b /* c */ + d;", "(+ (+ a b) d)"),
    ("x = y; x += 1; x <<= 2; _ = f();", "(= x y); (+= x 1); (<<= x 2); (= (unknown) (call f))"),
    ("(a, b) = c; [a, ..] = c;", "(= (tuple a b) c); (= (array a (..)) c)"),
    ("x as u8 as *const T;", "(as (as x u8) *const T)"),
    ("&raw const x; &raw mut y; &&z;", "(&raw x); (&raw-mut y); (& (& z))"),
    ("x..y; ..; x..=y; ..y; x..;", "(x..y); (..); (x..=y); (..y); (x..)"),
    ("S { a, b: 1, ..c }; a::S::<T> {};", "(S a:a b:1 ..c); (a::S<T>)"),
    ("(1,); (); (x); [1, 2]; [0; n];", "(tuple 1); (tuple); x; (array 1 2); (array 0 ; n)"),
    ('"a"; b"a"; c"a"; r#"a"#; \'a\'; b\'a\'; true; 1.5;', "str; bytestr; cstr; str; char; byte; true; 1.5"),
    ("f()?.await?;", "(? (await (? (call f))))"),
    ("async { x.await };", "(async || {=> (await x)})"),
    ("async move { x }; async |y| y;", "(move async || {=> x}); (async fn |y0| y0)"),
    ("move |x, (y, z): T, _| -> u8 { x };", "(move fn |x0,(y1,z2):T,_| {=> x0})"),
    ("unsafe { a }; const { b }; try { c }; 'l: { d };", "unsafe{=> a}; const{=> b}; try{=> c}; 'l:{=> d}"),
    ("'a: loop { break 'a 5; continue 'a; }", "=> ('a:loop {(break 'a 5); (continue 'a)})"),
    ("return; return x; break;", "(return); (return x); (break)"),
    ("r#type.r#fn(); union; default;", "(.fn type); union; default"),
    ("self.x; Self::new(); crate::a; super::b; ::c::d;", "self.x; (call Self::new); crate::a; super::b; ::c::d"),
    ("if a { b } else if c { d } else { e }", "=> (if a {=> b} (if c {=> d} {=> e}))"),
    ("match a { B | C if d => 1, _ => { 2 } }", "=> (match a [B|C if d => 1] [_ => {=> 2}])"),
]


@pytest.mark.parametrize(("rust", "expected"), EXPRESSIONS)
def test_expressions(rust: str, expected: str) -> None:
    assert body(rust) == expected


STATEMENTS = [
    ("f(); g()", "(call f); => (call g)"),
    ("if a { b } c;", "(if a {=> b})~; c"),  # a block-like statement needs no `;`
    ("if a { b }", "=> (if a {=> b})"),  # the last one is the tail
    ("match a {};", "(match a)"),  # its `;` makes it a statement
    ("unsafe { a }; b", "unsafe{=> a}; => b"),
    ("let x: T = 1; let y;", "(let x0:T 1); (let y1)"),
    ("let Some(x) = y else { return };", "(let Some(0:x0) y else {=> (return)})"),
    ("#[cfg(a)] let x = 1; #[cfg(not(a))] let x = 2; x", "#a (let x0 1); #not(a) (let x1 2); => x1"),
    ("#[cfg(a)] { f() } #[cfg(not(a))] { g() }", "#a {=> (call f)}~; #not(a) {=> (call g)}~"),  # one of two tails
    ("match x { #[cfg(a)] A => 1, _ => 2 }", "=> (match x #a [A => 1] [_ => 2])"),
    ("cfg_rt! { let x = 1; } x;", "#cfg_rt! (let x0 1); x0"),  # as if written in place
    ("cfg_if! { if #[cfg(a)] { f(); } else { g(); } }", "#a (call f); #not(a) (call g)"),
    ("cfg_select! { a => { f(); } _ => { g(); } }", "#a (call f); #not(a) (call g)"),
    ("// c\n/* d */ f(); // e\n", "(call f)"),
    ("use a::b; fn g() {} h();", "(call h)"),
]


@pytest.mark.parametrize(("rust", "expected"), STATEMENTS)
def test_statements(rust: str, expected: str) -> None:
    assert body(rust) == expected


SCOPES = [
    ("let x = 1; let x = x; x;", "(let x0 1); (let x1 x0); x1"),  # a shadow holds from the next statement on
    ("let x = 1; { let x = 2; x; } x;", "(let x0 1); {(let x1 2); x1}~; x0"),
    ("let x = 1; |x| x; x;", "(let x0 1); (fn |x1| x1); x0"),
    ("let Some(x) = x else { x };", "(let Some(0:x0) x else {=> x})"),
    ("if let Some(x) = x { x } else { x };", "(if (let Some(0:x0) x) {=> x0} {=> x})"),
    ("if a && let B(x) = y && x { x } else { x };", "(if (&& (&& a (let B(0:x0) y)) x0) {=> x0} {=> x})"),
    ("while let Some(x) = x { x; } x;", "(while (let Some(0:x0) x) {x0})~; x"),
    ("for x in x { x; } x;", "(for x0 x {x0})~; x"),
    ("match x { A(x) if x => x, _ => x };", "(match x [A(0:x0) if x0 => x0] [_ => x])"),
    ("match y { A if let B(x) = z => x, _ => x };", "(match y [A if (let B(0:x0) z) => x0] [_ => x])"),
    ("let (A(x) | B(x)) = y; x;", "(let A(0:x0)|B(0:x0) y); x0"),  # alternatives bind one slot
    ("let x = 1; fn g() { x; } x;", "(let x0 1); x0"),
    ("let x = 1; x.x; S { x }; x::x; x!(1);", "(let x0 1); x0.x; (S x:x0); x::x; (x!opaque)"),
    ("let f = 1; f(f); a.f();", "(let f0 1); (call f0 f0); (.f a)"),
    ("let r#x = 1; x;", "(let x0 1); x0"),
    ("'x: loop { let x = 1; break 'x; }", "=> ('x:loop {(let x0 1); (break 'x)})"),  # labels are other names
]


@pytest.mark.parametrize(("rust", "expected"), SCOPES)
def test_a_name_is_the_local_that_is_in_scope(rust: str, expected: str) -> None:
    assert body(rust) == expected


PATTERNS = [
    ("(x)", "x0"),
    ("(x, _, ..)", "(x0,_,..)"),
    ("ref x", "ref x0"),
    ("ref mut x", "ref mut x0"),
    ("mut x", "mut x0"),
    ("&mut x", "&x0"),
    ("&&x", "&&x0"),
    ("x @ Some(_)", "x0@Some(0:_)"),
    ("ref x @ Some(ref y)", "ref x0@Some(0:ref y1)"),
    ("S { a, b: c, ref d, mut e, f: _, .. }", "S{a:a0,b:c1,d:ref d2,e:mut e3,f:_,..:..}"),
    ("S(a, .., b)", "S(0:a0,..:..,-1:b1)"),
    ("a::S::<T>(x)", "a::S<T>(0:x0)"),
    ("[a, b @ .., c]", "[a0,b1@..,c2]"),
    ("None", "None"),
    ("a::B", "a::B"),
    ("MAX", "MAX"),
    ("1..=2", "literal"),
    ("-1", "literal"),
    ("'a'", "literal"),
    ("| A | B", "A|B"),
    ("const { 1 }", "literal"),
]


@pytest.mark.parametrize(("pattern", "expected"), PATTERNS)
def test_patterns(pattern: str, expected: str) -> None:
    assert body("match s { " + pattern + " => 1 };") == f"(match s [{expected} => 1])"


def test_a_name_alone_in_a_let_is_a_binding_whatever_its_first_letter() -> None:
    """`let N = 1;` cannot be a test, so it binds; in a match, a capital letter means a constant."""
    assert body("let N = 1; N;") == "(let N0 1); N0"
    assert body("|N| N; for T in x { T; }") == "(fn |N0| N0); => (for T1 x {T1})"
