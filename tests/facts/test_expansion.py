"""`macro_rules!` of the same file: what is expanded, and where the nodes of the expansion stand."""

from __future__ import annotations

import pytest

from rustconc_lint.facts import model as f
from tests.facts.written import Writer, read

TRY = "macro_rules! t { ($e:expr) => { match $e { Ok(v) => v, Err(e) => return Err(e.into()) } }; }"
PAIR = "macro_rules! t { ($($e:expr),* $(,)?) => { ($($e,)*) }; ($a:ident => $b:ty; [$c:tt]) => { ($a as $b, $c) } }"

EXPANDED = [
    (TRY, "t!(a(b))", "(match (call a b) [Ok(0:v1) => v1] [Err(0:e2) => (return (call Err (.into e2)))])"),
    (PAIR, "t!(a, |x, y| x, b::<C, D>(),)", "(tuple a (fn |x1,y2| x1) (call b<C,D>))"),
    (PAIR, "t![]", "(tuple)"),
    ("macro_rules! t { ($e:expr, $m:literal) => { $e.expect($m) } }", 't!(a, "m")', "(.expect a str)"),
    ("macro_rules! t { ($e:expr) => { 1 + $e } }", "t!(t!(a))", "(+ 1 (+ 1 a))"),
    ("mod m { macro_rules! t { ($e:expr) => { $e } } fn g() {} }", "t!(a)", "(t!opaque)"),  # known in `m` alone
    ("#[macro_use] mod m { macro_rules! t { ($e:expr) => { [$e] } } }", "t!(a)", "(array a)"),
]
OPAQUE = [
    ("macro_rules! t { ($e:expr) => { spawn($e) } }", "t!(x)"),  # calls something
    ("macro_rules! t { ($e:expr) => { (|| $e)() } }", "t!(x)"),  # has code of its own
    ("macro_rules! t { ($e:expr) => { match $e { x => x } } }", "t!(x)"),  # the same word on both sides
    ("macro_rules! t { ($e:expr) => { ($e, $e) } }", "t!(move || x)"),  # one closure would be two
    ("macro_rules! t { ($p:pat) => { 1 } }", "t!(x)"),  # a fragment that is not read
    ("macro_rules! t { ($e:expr) => { $e } } macro_rules! t { ($e:expr) => { [$e] } }", "t!(x)"),
    ("macro_rules! t { ($e:expr; $f:expr) => { $e } }", "t!(x)"),  # no rule matches
    ("macro_rules! t { ($e:expr) => { { fn f() {} $e } } }", "t!(x)"),
]


def expression(macros: str, call: str) -> tuple[f.Body, f.Expr]:
    """The call as the value of `fn f(x: u8)` below the macros."""
    file = read(f"{macros} fn f(x: u8) {{ {call} }}")
    item = next(item for item in file.items if item.name == "f")
    detail = file.detail(item)
    assert isinstance(detail, f.FnDetail)
    assert detail.body is not None
    assert isinstance(detail.body.value, f.Block)
    assert detail.body.value.tail is not None
    return detail.body, detail.body.value.tail


@pytest.mark.parametrize(("macros", "call", "written"), EXPANDED)
def test_macros_that_hand_on_are_expanded(macros: str, call: str, written: str) -> None:
    body, value = expression(macros, call)
    assert Writer(body.slots).expr(value) == written


@pytest.mark.parametrize(("macros", "call"), OPAQUE)
def test_others_stay_opaque(macros: str, call: str) -> None:
    _, value = expression(macros, call)
    assert isinstance(value, f.Macro)
    assert value.family == "opaque"


def test_nodes_of_arguments_keep_their_place_and_others_have_that_of_the_call() -> None:
    text = f"{TRY} fn f(x: u8) {{ t!(a(move || x)) }}"
    _, value = expression(TRY, "t!(a(move || x))")
    start = text.index("t!(a")
    assert (value.start, value.end) == (start, text.index(" }", start))
    closure = next(node for node in f.nodes(value) if isinstance(node, f.Closure))
    assert text[slice(*closure.head)] == "move ||"
    assert text[closure.start : closure.end] == "move || x"
    bound = [node for node in f.nodes(value) if isinstance(node, f.PBind)]
    assert {(node.start, node.end) for node in bound} == {(value.start, value.end)}
