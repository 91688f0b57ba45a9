"""What a closure uses of the variables around it: the longest place, and what is done with it there."""

from __future__ import annotations

import pytest

from rustconc_lint.facts import model as f
from tests.facts.written import body_of, uses

OUTER = "let (x, y, s, t) = z; let c = "
MODES = [
    ("|| f(x)", "x:arg"),
    ("|| x.f.g()", "x.f:method(g)"),
    ("|| x.f.g().h(y)", "x.f:method(g) y:arg"),
    ("|| &x.a", "x.a:ref"),
    ("|| &mut x", "x:mut"),
    ("|| &raw mut x", "x:mut"),
    ("|| { let t = s; }", "s:val"),
    ("|| { let ref t = s; }", "s:ref"),
    ("|| { let _ = s; }", "s:none"),
    ("|| { _ = s; }", "s:none"),
    ("|| s", "s:val"),
    ("|| { s }", "s:val"),
    ("|| { s; }", "s:val"),
    ("|| return s", "s:val"),
    ("|| W { s, a: x, ..y }", "s:val x:val y:val"),
    ("|| (x, [y])", "x:val y:val"),
    ("|| { x = 1; }", "x:assign"),
    ("|| { *x = 1; }", "x.*:assign"),
    ("|| { x.a += y; }", "x.a:op-assign y:op"),
    ("|| { (x, y) = s; }", "x:assign y:assign s:val"),
    ("|| x + y", "x:op y:op"),
    ("|| x == y", "x:compare y:compare"),
    ("|| x[y]", "x.[]:val y:op"),
    ("|| x[y].a.b()", "x.[].a:method(b) y:op"),
    ("|| { let v = *x; }", "x.*:deref-copy"),
    ("|| f(*x)", "x.*:deref-copy"),
    ("|| &*x", "x.*:ref"),
    ("|| (*x).clone()", "x.*:method(clone)"),
    ("|| x()", "x:call"),
    ("|| x?", "x:try"),
    ("async { x.await }", "x:await"),
    ("|| for i in x {}", "x:iterate"),
    ("|| for i in &x {}", "x:ref"),
    ("|| match x { Some(n) => n, None => 0 }", "x:scrutinee(Some(0:n4)|None)"),
    ("|| match x { _ => 0 }", "x:none"),
    ("|| match (x, y) { _ => 0 }", "x:val y:val"),
    ("|| if let Some(_) = x {}", "x:scrutinee(Some(0:_))"),
    ("|| { let (a, b) = x; }", "x:scrutinee((a4,b5))"),
    ("|| { let Some(a) = x else { return }; }", "x:scrutinee(Some(0:a4))"),
    ("|| if x {}", "x:op"),
    ("|| !x", "x:op"),
    ("|| x as u8", "x:op"),
    ("|| x..y", "x:val y:val"),
    ("|x: u8| x + y", "y:op"),  # its own parameter is no use
    ("|| { let x = y; x }", "y:val"),
    ("|| unknown(a::x)", ""),
]
MACROS = [
    ('|| println!("{x} {y:?} {0:s$}", t.a)', "t.a:ref x:ref y:ref s:ref"),
    ('|| format!(r"{x}\\u{1F600}")', "x:ref"),
    ('|| write!(x, "{y}")', "x:method(write_fmt) y:ref"),
    ('|| assert_eq!(x, y, "{s}")', "x:compare y:compare s:ref"),
    ("|| assert!(x)", "x:op"),
    ("|| dbg!(x)", "x:val"),
    ("|| vec![x, y]", "x:val y:val"),
    ('|| info!(target: "t", a = ?x, %y, "m {s}", t)', "x:ref y:ref t:ref s:ref"),
    ("|| matches!(x, Some(_))", "x:scrutinee(Some(0:_)|_)"),
    ('|| unknown!(x.y, "{s}", a.t)', "x:opaque s:opaque"),
    ("|| unknown! { y => x }", "y:opaque x:opaque"),
]
NESTED = [
    ("|| || x.a.b()", "x.a:method(b)"),
    ("|| move || x.a.b()", "x.a:val"),  # the inner closure takes the place
    ("|| move || *x.a += 1", "x.a:val"),  # up to the dereference
    ("|| async move { x.f().await }", "x:val"),
    ("|| async { x.f().await }", "x:method(f)"),
    ("|| { let x = 1; move || x }", ""),
    ("|| move || { let _ = x; }", "x:none"),
]


@pytest.mark.parametrize(("closure", "expected"), MODES + MACROS + NESTED)
def test_uses(closure: str, expected: str) -> None:
    assert uses(OUTER + closure + ";") == expected


HEADS = [
    ("|| x", "||", "|"),
    ("move |y| x", "move |y|", "|"),
    ("async { x }", "async", "{"),
    ("async move { x }", "async move", "{"),
    ("async |y| x", "async |y|", "|"),
]


@pytest.mark.parametrize(("closure", "head", "after"), HEADS)
def test_head_and_the_place_for_move(closure: str, head: str, after: str) -> None:
    """An editor underlines the head; `move ` goes where it is Rust."""
    text = "fn f() {" + closure + "}"
    node = next(node for node in f.nodes(body_of(closure).value) if isinstance(node, f.Closure))
    assert text[slice(*node.head)] == head
    assert text[node.insert] == after
