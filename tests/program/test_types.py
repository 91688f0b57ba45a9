"""Written types: aliases, defaults and associated types come to the type rustc says; signatures, fields and bounds."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from rustconc_lint.facts.model import AliasDetail
from rustconc_lint.program.names.names import Names
from rustconc_lint.program.traits.generics import substitute
from rustconc_lint.program.traits.lowering import Types
from rustconc_lint.program.traits.matching import Verdict, equal
from rustconc_lint.program.traits.traits import Traits
from rustconc_lint.program.types import UNKNOWN, Adt, Param, Prim, RefTy, Ty
from tests.program.linking import read
from tests.typeck.show import show

PAIRS_TEXT = Path(__file__).with_name("types.rs").read_text(encoding="utf-8")
PAIRS = re.findall(r"^//\? (.+) is (.+)$", PAIRS_TEXT, re.MULTILINE)
ALIASES = "".join(f"type Asked{n} = {asked};\ntype Meant{n} = {meant};\n" for n, (asked, meant) in enumerate(PAIRS))


def aliased(names: Names, types: Types, path: str) -> Ty:
    alias = names.definition(path)
    assert alias is not None
    detail = names.detail(alias)
    assert isinstance(detail, AliasDetail) and detail.aliased is not None
    return types.lower_type(detail.aliased, alias.module, alias)


def test_pairs_are_one_type() -> None:
    assert len(PAIRS) == PAIRS_TEXT.count("\n//? ") > 30
    names = read(PAIRS_TEXT + ALIASES).names()
    types = Types(names)
    traits = Traits(types)
    wrong = []
    for number, (asked, meant) in enumerate(PAIRS):
        got = traits.normalise(aliased(names, types, f"demo::Asked{number}"))
        expected = aliased(names, types, f"demo::Meant{number}")
        if equal(got, expected) is not Verdict.YES:
            wrong.append(f"{asked} is {show(got)}, not {meant}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.usefixtures("rustc")
def test_rustc_says_that_pairs_are_one_type(tmp_path: Path) -> None:
    same = "".join(f"fn same{n}(x: fn(Asked{n})) -> fn(Meant{n}) {{ x }}\n" for n in range(len(PAIRS)))
    (tmp_path / "lib.rs").write_text("#![allow(warnings)]\n" + PAIRS_TEXT + ALIASES + same, encoding="utf-8")
    command = ["rustc", "--edition", "2021", "--crate-type", "lib", "--emit", "metadata", "lib.rs"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


DECLARATIONS = """
use std::future::Future;
pub struct Pool<T, F = fn()> { jobs: Vec<T>, run: F, size: usize }
pub enum Event<T> { Tick, Data(T, u8), Named { at: std::time::Instant } }
pub struct Pair(u8, String);
pub trait Base { type Unit: Send; fn base(&self) -> Self::Unit; }
pub trait Handler<J>: Base + Send where J: Clone { fn handle(&self, job: J, other: &Self) -> Option<Self::Unit>; }
impl<T: Clone + Iterator<Item = u8>, F> Pool<T, F> where F: Fn(T) -> u8 + 'static {
    pub fn new(size: usize, make: impl Fn() -> T) -> Self { loop {} }
    pub async fn drain<U>(&mut self, into: U) -> Vec<T::Item> where U: Into<T>, T: Send { loop {} }
    fn boxed(self: Box<Self>) {}
}
pub fn later() -> impl Future<Output = u8> + Send { async { 1 } }
pub fn broken(x: Nowhere, y: Vec<Nowhere>) -> Nowhere { x }
pub static LIMIT: [u8; 4] = [0; 4];
thread_local! { static LOCAL: std::cell::Cell<u8> = const { std::cell::Cell::new(0) }; }
"""


@pytest.fixture(scope="module")
def types() -> Types:
    return Types(read(DECLARATIONS).names())


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("demo::Pool::new", "(usize, impl@) -> Pool<T, F>"),
        ("demo::Pool::drain", "(&mut Pool<T, F>, U) -> impl Future<Output = Vec<u8>>"),
        ("demo::Pool::boxed", "(Box<Pool<T, F>>) -> ()"),
        ("demo::Handler::handle", "(&Self, J, &Self) -> Option<<Self as Base>::Unit>"),
        ("demo::later", "() -> impl Future<Output = u8> + Send"),
        ("demo::broken", "(_, Vec<_>) -> _"),
        ("demo::Pair", "(u8, String) -> Pair"),
        ("demo::Event::Data", "(T, u8) -> Event<T>"),
    ],
)
def test_signatures_are_what_is_declared(types: Types, path: str, expected: str) -> None:
    definition = types.names.definition(path)
    assert definition is not None
    signature = types.signature_of(definition)
    assert signature is not None
    params = signature.params if signature.self_ty is None else (signature.self_ty, *signature.params)
    shown = f"({', '.join(map(show, params))}) -> {show(signature.output)}"
    assert re.sub("impl@[0-9]+", "impl@", shown) == expected


@pytest.mark.parametrize("path", ["demo::Event::Tick", "demo::Event::Named", "demo::Pool", "demo::LIMIT"])
def test_what_is_not_called_has_no_signature(types: Types, path: str) -> None:
    definition = types.names.definition(path)
    assert definition is not None and types.signature_of(definition) is None


def test_fields_are_those_of_the_type_asked_for(types: Types) -> None:
    pool = Adt("demo::Pool", (Prim("u8"), UNKNOWN))
    (variant,) = types.fields_of(pool)
    assert [(name, show(ty)) for name, ty in variant.fields] == [("jobs", "Vec<u8>"), ("run", "_"), ("size", "usize")]
    event = Adt("demo::Event", (Prim("char"),))
    assert [(variant.name, len(variant.fields)) for variant in types.fields_of(event)] == [
        ("Tick", 0),
        ("Data", 2),
        ("Named", 1),
    ]
    assert types.field_type(pool, "jobs") == Adt("std::vec::Vec", (Prim("u8"),))
    assert types.field_type(Adt("demo::Pair"), "1") == Adt("std::string::String")
    assert types.field_type(pool, "nothing") is None
    assert types.field_type(event, "0") is None


def test_bounds_are_gathered_from_wherever_they_are_written(types: Types) -> None:
    drain = types.names.definition("demo::Pool::drain")
    assert drain is not None and drain.container is not None
    first, second = types.generics_of(drain)[:2]
    traits = Traits(types)
    assert [bound.path for bound in types.bounds_of(first)] == ["std::clone::Clone", "std::iter::Iterator"]
    # `where T: Send` on one method: it counts when a body asks, not for the impl's header.
    assert "std::marker::Send" in {bound.path for bound in traits.bounds_of(first)}
    assert [bound.path for bound in types.bounds_of(second)] == ["std::ops::Fn", "'static"]


def test_an_attribute_macro_may_have_added_bounds() -> None:
    names = read("""
        pub struct Pool;
        #[service::starts] impl<T: Clone> Pool { fn start<U>(one: T, other: U) {} }
        impl<T: Clone> Pool { #[inline] fn stop(one: T) {} }
    """).names()
    types = Types(names)
    found = {}
    for function in names.functions():
        signature = types.signature_of(function)
        assert signature is not None
        found[function.name] = [
            [bound.path for bound in types.bounds_of(param)] for param in signature.params if isinstance(param, Param)
        ]
    assert found == {"start": [["std::clone::Clone", "?"], ["?"]], "stop": [["std::clone::Clone"]]}


def test_supertraits_are_bounds_too(types: Types) -> None:
    bounds = {bound.path for bound in Traits(types).bounds_of(Param("Self", "demo::Handler"))}
    assert bounds >= {"demo::Handler", "demo::Base", "std::marker::Send"}
    assert "std::marker::Sized" not in bounds


def test_statics_have_their_declared_types(types: Types) -> None:
    shown = {value.name: show(types.value_type(value)) for value in types.names.values()}
    assert shown == {"LIMIT": "[u8; _]", "LOCAL": "LocalKey<Cell<u8>>"}


def test_substitution_replaces_parameters_by_their_owner() -> None:
    mine, other = Param("T", "demo::a"), Param("T", "demo::b")
    ty = Adt("demo::X", (RefTy(False, mine), other))
    assert substitute(ty, {("demo::a", "T"): Prim("u8")}) == Adt("demo::X", (RefTy(False, Prim("u8")), other))
