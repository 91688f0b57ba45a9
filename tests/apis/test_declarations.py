"""What rules/apis says of crates is true: rustc knows every item, with every type as declared."""

from __future__ import annotations

from pathlib import Path

import pytest

from rustconc_lint.apis import ApiFile, FnModel, load_apis
from rustconc_lint.facts.file import RustFile
from rustconc_lint.program.names.names import link_names
from rustconc_lint.source import SourceFile
from tests.apis.compiler import errors
from tests.apis.declared import declared_paths
from tests.apis.proof import proof
from tests.proof.session import Proofs

APIS = load_apis()
NAMES = link_names([], {}, APIS)


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.crate)
def test_declarations_parse(api: ApiFile) -> None:
    """A mistake in the Rust of a model would silently lose the items after it."""
    assert not RustFile(SourceFile(api.crate, api.declarations.encode())).has_errors


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.crate)
def test_tables_speak_of_declared_items(api: ApiFile) -> None:
    """A misspelt path would be a model of nothing."""
    since = (path for paths in api.prelude_since.values() for path in paths)
    named = {*api.prelude, *since, *api.types, *api.functions}
    assert named - declared_paths(api.crate, api.declarations) == set()


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.crate)
def test_linker_finds_the_models(api: ApiFile) -> None:
    """A model is found by the canonical path of the item that a call or a type resolves to."""
    assert [path for path, model in api.types.items() if NAMES.type_model(path) != model] == []
    assert [path for path, model in api.functions.items() if found_model(path) != model] == []


def found_model(path: str) -> FnModel | None:
    """The model of the function that has this path; a built-in type's methods stand in its impls alone."""
    head, _, name = path.rpartition("::")
    definition = NAMES.definition(path)
    if definition is None:
        impls = NAMES.inherent_impls(head, name)
        definition = NAMES.members(impls[0])[name] if impls else None
    return None if definition is None else NAMES.function_model(definition)


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.crate)
def test_rustc_knows_what_is_declared(api: ApiFile, rustc: str, proofs: Proofs, tmp_path: Path) -> None:
    """Receivers, arguments, results, bounds, associated types and derives are those of the real crate."""
    externs = {} if api.crate == "std" else proofs.built().externs
    assert errors(proof(api.crate, api.declarations), tmp_path, externs) == []


WRONG = {
    "missing method": "pub mod sync { pub struct Mutex<T: ?Sized>(T); impl<T> Mutex<T> { pub fn seize(&self); } }",
    "missing function": "pub mod thread { pub fn span(); }",
    "missing type": "pub mod sync { pub struct Mutexes; }",
    "receiver by value": "pub mod sync { pub struct Barrier; impl Barrier { pub fn wait(self); } }",
    "receiver by unique reference": (
        "pub mod string { pub struct String; impl String { pub fn as_str(&mut self) -> &str; } }"
    ),
    "result that would coerce": (
        "pub mod vec { pub struct Vec<T>(T); impl<T> Vec<T> { pub fn as_mut_slice(&mut self) -> &[T]; } }"
    ),
    "argument": "pub mod time { pub struct Duration; impl Duration { pub fn from_secs(secs: u32) -> Duration; } }",
    "order of type parameters": (
        "pub mod option { pub enum Option<T> { None, Some(T) } impl<T> Option<T> { "
        "pub fn map<F: FnOnce(T) -> U, U>(self, f: F) -> Option<U>; } }"
    ),
    "closure's kind": (
        "pub mod iter { pub trait Iterator { type Item; "
        "fn any<F: FnOnce(Self::Item) -> bool>(&mut self, f: F) -> bool where Self: Sized; } }"
    ),
    "associated type": (
        "pub mod str { pub struct Bytes<'a>(&'a str); impl Iterator for Bytes<'_> { type Item = char; } }"
    ),
    "derive": "pub mod sync { pub mod mpsc { #[derive(Clone)] pub struct Receiver<T>(T); } }",
    "impl": "pub mod sync { pub struct Mutex<T: ?Sized>(T); impl<T> Clone for Mutex<T> {} }",
    "supertrait": "pub mod clone { pub trait Clone: Copy {} } use std::marker::Copy;",
    "variant": "pub mod sync { pub mod mpsc { pub enum TryRecvError { Empty, Closed } } }",
    "variant's type": "pub mod sync { pub enum TryLockError<T> { Poisoned(T), WouldBlock } }",
    "public field": "pub mod ops { pub struct Range<Idx> { pub low: Idx } }",
    "alias": "pub mod sync { pub type LockResult<T> = Result<T, T>; }",
    "constant": "pub mod time { pub const UNIX_EPOCH: Instant; use crate::time::Instant as Instant; }",
    "number of parameters": "pub mod cell { pub struct Cell<T, U>(T, U); }",
}


@pytest.mark.parametrize("declarations", WRONG.values(), ids=WRONG.keys())
def test_wrong_declaration_is_found(declarations: str, rustc: str, tmp_path: Path) -> None:
    """A proof that cannot fail proves nothing: each kind of mistake in a declaration is an error of its proof file."""
    assert errors(proof("std", declarations), tmp_path, {}) != []
