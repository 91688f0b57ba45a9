"""Impls are found by trait, head and member; those of a block once it is registered."""

from __future__ import annotations

import pytest

from rustconc_lint.facts.model import FnDetail
from rustconc_lint.program.names.names import Names
from tests.program.linking import read

TEXT = """
//- src/lib.rs
use std::fmt::{self, Display as Show};
pub mod a {
    pub struct Job<T>(pub T);
    pub struct Other;
    pub trait Run { fn run(&self); fn twice(&self) { self.run() } }
}
use a::{Job as Task, Run};
type Bytes = Task<Vec<u8>>;
impl<T> Task<T> { pub fn new(t: T) -> Self { Job2 } fn only(&self) {} const MAX: u8 = 1; }
impl Bytes { pub fn len(&self) -> usize { 0 } }
impl<T> Run for Task<T> { fn run(&self) {} }
impl Show for a::Other { fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result { Ok(()) } }
impl Run for &a::Other { fn run(&self) {} }
impl Run for [u8] { fn run(&self) {} }
impl Run for (u8, u8) { fn run(&self) {} }
impl Run for dyn Send { fn run(&self) {} }
impl<T: Show> Run for T { fn run(&self) {} }
impl nowhere::Unknown for a::Other { fn lost(&self) {} }
const _: () = { impl Run for a::Other { fn run(&self) {} } };
pub fn outer() {
    struct Inner;
    impl Inner { fn new() -> Self { Inner } }
    impl Run for Inner { fn run(&self) {} }
    impl a::Other { fn late(&self) {} }
}
"""


@pytest.fixture
def names() -> Names:
    return read(TEXT).names()


def enter(names: Names) -> None:
    """Registers the blocks of `outer`."""
    outer = names.definition("demo::outer")
    assert outer is not None
    detail = names.detail(outer)
    assert isinstance(detail, FnDetail) and detail.body is not None
    for scope in detail.body.scopes:
        names.block_module(outer.module, outer.module.file, scope)


@pytest.mark.parametrize(
    ("head", "member", "count"),
    [
        ("demo::a::Job", "new", 1),
        ("demo::a::Job", "MAX", 1),
        ("demo::a::Job", "len", 1),  # through a type alias
        ("demo::a::Job", "run", 0),  # a trait's
        ("demo::a::Other", "new", 0),
        ("std::vec::Vec", "push", 1),
        ("str", "trim", 1),
        ("u8", "checked_add", 1),  # declared once for all unsigned integers
        ("[]", "first", 1),
    ],
)
def test_inherent_impls_by_head_and_member(names: Names, head: str, member: str, count: int) -> None:
    assert len(names.inherent_impls(head, member)) == count


def test_impls_of_a_trait_wherever_and_however_they_are_written(names: Names) -> None:
    heads = [names.head_of(impl) for impl in names.trait_impls("demo::a::Run")]
    assert heads == ["demo::a::Job", "&", "[]", "()", "dyn std::marker::Send", "", "demo::a::Other"]
    assert [names.head_of(impl) for impl in names.trait_impls("std::fmt::Display") if not impl.module.crate.api] == [
        "demo::a::Other"
    ]


def test_a_block_adds_its_impls(names: Names) -> None:
    assert names.inherent_impls("demo::a::Other", "late") == ()
    before = len(names.trait_impls("demo::a::Run"))
    job = names.trait_impls("std::fmt::Display")
    enter(names)
    assert len(names.inherent_impls("demo::a::Other", "late")) == 1
    assert len(names.trait_impls("demo::a::Run")) == before + 1
    assert names.trait_impls("std::fmt::Display") is job


def test_functions_are_those_with_a_body_and_come_as_blocks_are_registered(names: Names) -> None:
    iterator = names.functions()
    found = []
    for function in iterator:
        found.append(function.path)
        if function.path == "demo::outer":
            enter(names)
    assert "demo::a::Run::twice" in found and "demo::a::Run::run" not in found
    assert "demo::a::Job::only" in found and "<demo::a::Job as Run>::run" in found
    assert "<demo::a::Other as nowhere::Unknown>::lost" not in found
    assert "<demo::a::Other as Unknown>::lost" in found
    assert [path.partition("}")[2] for path in found if "{" in path] == ["::Inner::new", "::Inner as Run>::run"]
    assert found[-1] == "demo::a::Other::late"


def test_members_of_a_trait_impl_are_told_apart(names: Names) -> None:
    paths = [function.path for function in names.functions() if function.name == "run"]
    assert len(paths) == len(set(paths)) == 7
    assert {"<T as Run>::run", "<[u8] as Run>::run", "<&a::Other as Run>::run"} <= set(paths)


def test_models_are_found_for_declared_functions_alone(names: Names) -> None:
    lock, new = names.definition("std::sync::Mutex::lock"), names.definition("demo::a::Job::new")
    assert lock is not None and new is not None
    model = names.function_model(lock)
    assert model is not None and model.acquires == "exclusive"
    assert names.function_model(new) is None
    mutex = names.type_model("std::sync::Mutex")
    assert mutex is not None and mutex.role == "mutex"
