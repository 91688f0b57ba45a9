"""No program makes inference raise: broken text, unknown names, deep and recursive code; and its work stays linear."""

from __future__ import annotations

import random

import pytest

from rustconc_lint.program.typeck.unify import Inference, Var
from tests.typeck.expectations import PROGRAMS
from tests.typeck.show import show
from tests.typeck.test_types import typed

SOURCES = [path.read_text() for path in sorted(PROGRAMS.glob("*.rs"))]


@pytest.mark.parametrize("seed", range(24))
def test_damaged_programs_are_typed(seed: int) -> None:
    """Text in the middle of being edited: pieces are lost, doubled and moved."""
    chance = random.Random(seed)
    text = chance.choice(SOURCES)
    for _ in range(12):
        start = chance.randrange(len(text))
        piece = text[start : start + chance.randrange(1, 40)]
        place = chance.randrange(len(text))
        text = (
            text[:start] + text[start + len(piece) :] if chance.random() < 0.6 else text[:place] + piece + text[place:]
        )
    typed(text)


CHAINS = {
    "methods": "1u64" + ".max(1)" * 80,
    "closures": "(0..9)" + ".map(|n| n)" * 60 + ".sum::<u64>()",
    "sums": "1u64" + " + 1" * 80,
    "mixed": "Ok::<u64, u8>(1)" + ".and_then(|n| Some(n).map(|n| n + 1).ok_or(1u8))" * 50 + "?",
}


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS.keys())
def test_long_chains_keep_their_type(chain: str) -> None:
    """The stack does not grow with a chain, so none is too long."""
    (body,) = typed(f"fn f() -> Result<u64, u8> {{ let last = {chain}; Ok(last) }}")
    assert {show(body.slots[i]) for i, slot in enumerate(body.body.slots) if slot.name == "last"} == {"u64"}


DEEP = {
    "methods": "let x = 1u64" + ".max(1)" * 600 + ";",
    "sums": "let x = 1" + " + 1" * 900 + ";",
    "calls": "let x = " + "Some(" * 80 + "1" + ")" * 80 + ";",
    "blocks": "let x = " + "{" * 90 + "1" + "}" * 90 + ";",
    "closures": "let x = " + "|a| " * 80 + "1;",
    "else if": "let x = if a { 1 }" + " else if b { 1 }" * 90 + " else { 2 };",
    "references": "let x = " + "&" * 200 + "1;",
    "fields": "let x = y" + ".a" * 400 + ";",
    "operators": "let x = " + "!" * 200 + "y;",
}


@pytest.mark.parametrize("statement", DEEP.values(), ids=DEEP.keys())
def test_deep_code_is_typed(statement: str) -> None:
    typed(f"fn f() {{ let y = 1; {statement} }}")


RECURSIVE = {
    "type of itself": "fn f() { let mut x = None; x = Some(x); let y = x; }",
    "closure calls itself": "fn f() { let g = |h| h(h); g(g); }",
    "blanket impls in a circle": (
        "trait A { fn a(&self) {} } trait B { fn b(&self) {} } impl<T: B> A for T {} impl<T: A> B for T {}"
        "struct S; fn f(s: S) { s.a(); s.b(); }"
    ),
    "associated type of itself": (
        "trait T { type O; } struct S; impl T for S { type O = <S as T>::O; }"
        "fn g<X: T>(x: X) -> X::O { todo!() } fn f() { let y = g(S); }"
    ),
    "growing impl": (
        "trait T { type O; fn o(self) -> Self::O; } impl<X> T for Vec<X> where Vec<Vec<X>>: T {"
        "type O = <Vec<Vec<X>> as T>::O; } fn f() { let y = Vec::<u8>::new().o(); }"
    ),
    "deref of itself": (
        "struct S; impl std::ops::Deref for S { type Target = S; fn deref(&self) -> &S { self } }"
        "fn f(s: S) { s.missing(); s.field; }"
    ),
    "bound on what it bounds": (
        "trait T<A> { type O; fn o(self, a: A) -> Self::O; } fn f<X: T<X::O>>(x: X, a: X::O) { let y = x.o(a); }"
    ),
    "recursive struct": "struct L { next: Option<Box<L>> } fn f(l: L) { let n = l.next.unwrap().next; }",
    "alias of itself": "type A = B; type B = A; fn f(a: A) { let x = a.b(); }",
}


@pytest.mark.parametrize("text", RECURSIVE.values(), ids=RECURSIVE.keys())
def test_recursive_code_is_typed(text: str) -> None:
    typed(text)


def test_unknown_names_leave_the_rest_known() -> None:
    """An unknown callee's arguments are typed, and what follows is not spoiled."""
    text = (
        "use missing::*; fn f() { let v = missing(Vec::<u8>::new(), |x| { let n = 1u8; n });"
        "let mut w = vec![]; w.push(v); w.push(2u8); }"
    )
    (body,) = typed(text)
    known = {slot.name: show(body.slots[index]) for index, slot in enumerate(body.body.slots)}
    assert known == {"v": "_", "x": "_", "n": "u8", "w": "Vec<u8>"}


def test_work_is_linear_in_the_length_of_a_body(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in inference variables, not in seconds: twice the statements need twice the variables."""
    fresh = Inference.fresh
    made: list[str] = []

    def counted(self: Inference, kind: str = "") -> Var:
        made.append(kind)
        return fresh(self, kind)

    monkeypatch.setattr(Inference, "fresh", counted)
    statements = "let mut v = Vec::new(); v.push(1u8); let n = v.iter().map(|x| x + 1).max();"
    typed(f"fn f() {{ {statements * 100} }}")
    once = len(made)
    typed(f"fn f() {{ {statements * 200} }}")
    assert len(made) - once <= 2 * once
