"""An attribute macro of another crate may make something else of what stands below it: then nothing is concluded."""

from __future__ import annotations

from pathlib import Path

import pytest

from rustconc_lint.pipeline import Request, lint
from rustconc_lint.program.traits.auto_traits import AutoTraits
from rustconc_lint.program.traits.lowering import Types
from rustconc_lint.program.traits.traits import Traits, Verdict
from rustconc_lint.program.types import Adt, Dyn, Param, TraitRef
from tests.program.linking import read

COPY, SEND = "std::marker::Copy", "std::marker::Send"


def judges(source: str) -> tuple[Types, Traits, AutoTraits]:
    types = Types(read(source).names())
    traits = Traits(types)
    return types, traits, AutoTraits(traits)


@pytest.mark.parametrize(
    ("above", "known"),
    [
        ("", True),
        ("#[repr(C)] #[must_use]", True),
        ('#[derive(Clone)] #[serde(rename_all = "lowercase")]', True),
        ("#[pin_project::pin_project]", True),
        ("#[salsa::input]", False),
        ("#[derive(Debug)] #[salsa::input(debug)]", False),
        ("#[interned]", False),
        ('#[cfg_attr(feature = "db", salsa::interned)]', False),
    ],
)
def test_a_type_may_be_remade(above: str, known: bool) -> None:
    _, traits, autos = judges(f"{above} pub struct Module {{ path: std::rc::Rc<str> }}")
    module = Adt("demo::Module", ())
    verdict = Verdict.NO if known else Verdict.UNKNOWN
    assert traits.implements(module, COPY) is verdict
    assert autos.is_send(module).verdict is verdict


@pytest.mark.parametrize(
    ("above", "known"), [("", True), ("#[async_trait::async_trait]", True), ("#[trait_variant::make(Send)]", False)]
)
def test_a_trait_may_have_been_given_supertraits(above: str, known: bool) -> None:
    _, _, autos = judges(f"{above} pub trait Invoke: Sync {{}} pub trait InvokeOnce: Invoke {{}}")
    for trait in ("demo::Invoke", "demo::InvokeOnce"):
        verdict = autos.is_send(Dyn((TraitRef(trait),))).verdict
        assert verdict is (Verdict.NO if known else Verdict.UNKNOWN)


def test_self_may_be_bounded_in_the_methods_of_a_trait() -> None:
    """`#[async_trait]` demands `Self: Send` where a method with a body takes `self`."""
    types, _, _ = judges("#[async_trait] pub trait Shell { fn run(self) where Self: Sized {} }")
    assert [bound.path for bound in types.bounds_of(Param("Self", "demo::Shell"))] == ["demo::Shell", "?"]


@pytest.mark.parametrize(("derives", "found"), [("Debug", 1), ("Debug, Serialize", 1), ("Debug, Module", 0)])
def test_a_derive_of_another_crate_may_make_a_clone(derives: str, found: int, tmp_path: Path) -> None:
    """Without `Clone`, `shown.clone()` is another reference to what the caller lent."""
    program = f"""
        #[derive({derives})] pub struct Model(u32);
        pub fn start(shown: &Model) {{
            let model = shown.clone();
            std::thread::spawn(move || println!("{{model:?}}"));
        }}
    """
    (tmp_path / "a.rs").write_text(program, encoding="utf-8")
    report = lint(Request(paths=(str(tmp_path),), select=frozenset(["borrow-across-threads"])))
    assert len(report.findings) == found
