"""Send, Sync and Copy of the declared types are what rustc computes for the real ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from rustconc_lint.apis import ApiFile, load_apis
from rustconc_lint.facts.file import RustFile
from rustconc_lint.program.crates import CrateInput
from rustconc_lint.program.names.names import link_names
from rustconc_lint.program.traits.auto_traits import AutoTraits
from rustconc_lint.program.traits.lowering import Types
from rustconc_lint.program.traits.traits import Traits
from rustconc_lint.program.types import Adt
from rustconc_lint.source import SourceFile
from tests.apis.compiler import output
from tests.apis.declared import declared_types
from tests.proof.session import Proofs

APIS = load_apis()

# Send and Sync, only Send, only Sync, neither; the last kind, raw pointers, is Copy as well.
ARGUMENTS = (
    "u8",
    "std::cell::Cell<u8>",
    "std::sync::MutexGuard<'static, u8>",
    "std::rc::Rc<u8>",
    "*const u8",
)

# Shapes that no instance of one declared type has, and types that put bounds on their parameters.
MORE = {
    "dashmap": """
dashmap::mapref::one::Ref<'static, u8, u8>
dashmap::mapref::one::RefMut<'static, u8, std::cell::Cell<u8>>
dashmap::mapref::entry::Entry<'static, String, std::rc::Rc<u8>>
""",
    "std": """
(u8, std::rc::Rc<u8>)
[std::cell::Cell<u8>; 2]
&'static std::cell::Cell<u8>
&'static mut std::cell::Cell<u8>
&'static std::sync::mpsc::Receiver<u8>
fn(std::rc::Rc<u8>)
Box<dyn std::error::Error>
Box<dyn std::error::Error + Send>
Box<dyn std::error::Error + Send + Sync>
Box<dyn FnOnce() + Send>
Option<Box<dyn Fn() + Sync>>
std::sync::Arc<dyn Fn() + Send>
std::sync::Arc<dyn Fn() + Send + Sync>
std::sync::Arc<std::sync::Mutex<dyn FnMut() + Send>>
std::sync::Arc<std::sync::Mutex<std::cell::RefCell<u8>>>
std::sync::Arc<std::sync::RwLock<std::cell::RefCell<u8>>>
std::sync::Arc<std::sync::Mutex<std::rc::Rc<u8>>>
std::sync::Arc<str>
std::sync::Mutex<std::sync::mpsc::Receiver<u8>>
std::sync::RwLock<std::sync::mpsc::Receiver<u8>>
std::sync::LazyLock<std::cell::RefCell<u8>>
std::cell::LazyCell<u8>
std::collections::HashMap<String, std::rc::Rc<str>>
std::collections::BTreeMap<u8, Vec<std::cell::RefCell<u8>>>
std::iter::Map<std::slice::Iter<'static, std::cell::Cell<u8>>, fn(u8) -> u8>
std::iter::Peekable<std::vec::IntoIter<std::rc::Rc<u8>>>
std::str::Split<'static, char>
std::borrow::Cow<'static, str>
std::collections::binary_heap::PeekMut<'static, u8>
std::io::BufWriter<std::net::TcpStream>
std::io::BufReader<Box<dyn std::io::Read>>
std::pin::Pin<Box<dyn std::future::Future<Output = ()> + Send>>
std::pin::Pin<Box<dyn std::future::Future<Output = ()>>>
std::task::Poll<std::rc::Rc<u8>>
std::ops::Range<std::rc::Rc<u8>>
std::mem::ManuallyDrop<std::rc::Rc<u8>>
std::thread::LocalKey<std::rc::Rc<u8>>
std::thread::Result<u8>
""",
}


def texts(api: ApiFile) -> Iterator[str]:
    """Every declared type without bounds on its parameters, all of them given the same argument."""
    for path, lifetimes, parameters in declared_types(api.crate, api.declarations):
        for argument in ARGUMENTS if parameters else ARGUMENTS[:1]:
            arguments = ", ".join(["'static"] * lifetimes + [argument] * parameters)
            yield f"{path}<{arguments}>" if arguments else path
    yield from MORE.get(api.crate, "").split("\n")[1:-1]


def said_by_rustc(types: list[str]) -> str:
    """A program that prints a line for each type: S, Y and C for Send, Sync and Copy."""
    probes = "\n".join(
        f'println!("{{}}{{}}{{}}", <Probe<{ty}>>::SEND, <Probe<{ty}>>::SYNC, <Probe<{ty}>>::COPY);' for ty in types
    )
    return f"""
#![allow(warnings)]
struct Probe<T: ?Sized>(std::marker::PhantomData<T>);
trait Not {{ const SEND: &'static str = "-"; const SYNC: &'static str = "-"; const COPY: &'static str = "-"; }}
impl<T: ?Sized> Not for Probe<T> {{}}
impl<T: ?Sized + Send> Probe<T> {{ const SEND: &'static str = "S"; }}
impl<T: ?Sized + Sync> Probe<T> {{ const SYNC: &'static str = "Y"; }}
impl<T: ?Sized + Copy> Probe<T> {{ const COPY: &'static str = "C"; }}
fn main() {{ {probes} }}
"""


# With parking_lot's feature `send_guard` its guards are Send; what is a raw lock, other crates say.
UNDECIDED = re.compile(r"parking_lot::\w+Guard\b|lock_api::\w+<")


def said_by_the_linter(types: list[str]) -> list[str]:
    """The same lines; `?` where it does not know."""
    text = "\n".join(f"struct Probe{index}({ty});" for index, ty in enumerate(types))
    file = RustFile(SourceFile("main.rs", text.encode()))
    externs: dict[str, str | None] = {"std": "std", **{api.crate: None for api in APIS}}
    crate = CrateInput(id="probes", name="probes", kind="lib", edition="2021", root="main.rs", externs=externs)
    names = link_names([crate], {"main.rs": file}, APIS)
    declared = Types(names)
    autos = AutoTraits(Traits(declared))
    lines = []
    for index in range(len(types)):
        (variant,) = declared.fields_of(Adt(f"probes::Probe{index}"))
        ((_, ty),) = variant.fields
        verdicts = (autos.is_send(ty).verdict, autos.is_sync(ty).verdict, autos.is_copy(ty))
        lines.append("".join(letter(verdict.name, yes) for verdict, yes in zip(verdicts, "SYC", strict=True)))
    return lines


def agrees(ty: str, rustc: str, linter: str) -> bool:
    """Equal, or a doubt that the declaration states: a feature of the crate decides."""
    doubts = UNDECIDED.search(ty) is not None
    return all(ours == theirs or (doubts and ours == "?") for ours, theirs in zip(linter, rustc, strict=True))


def letter(verdict: str, yes: str) -> str:
    return {"YES": yes, "NO": "-"}.get(verdict, "?")


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.crate)
def test_auto_traits_are_those_of_rustc(api: ApiFile, rustc: str, proofs: Proofs, tmp_path: Path) -> None:
    """Fields and written impls of the declarations decide what may cross a thread."""
    types = list(texts(api))
    if not types:
        return
    externs = {} if api.crate == "std" else proofs.built().externs
    expected = output(said_by_rustc(types), tmp_path, externs)
    actual = said_by_the_linter(types)
    differences = [
        f"{ty}: rustc {one}, linter {two}"
        for ty, one, two in zip(types, expected, actual, strict=True)
        if not agrees(ty, one, two)
    ]
    assert not differences, "\n".join(differences)
