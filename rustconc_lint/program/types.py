"""Types of places, as the link knows them, and how a written type becomes one.

A type is a frozen value. `Unknown` is "we do not know": it equals nothing useful and every question about it answers
"unknown", never "no". Paths are canonical: crate id, modules, name, joined by `::` (`std::sync::Mutex`).
"""

from __future__ import annotations

import msgspec


class Ty(msgspec.Struct, frozen=True, gc=False):
    """Base of all types."""


class Prim(Ty, frozen=True, gc=False):
    """`i32`, `bool`, `str`, ...; an unsuffixed literal is "{integer}" or "{float}". `!` is "!"."""

    name: str


class Adt(Ty, frozen=True, gc=False):
    """A struct, enum or union and its type arguments (no lifetimes, no consts; missing ones are Unknown)."""

    path: str
    args: tuple[Ty, ...] = ()


class RefTy(Ty, frozen=True, gc=False):
    """lifetime: "static", "" (elided or local), or a parameter's name."""

    mutable: bool
    inner: Ty
    lifetime: str = ""


class PtrTy(Ty, frozen=True, gc=False):
    mutable: bool
    inner: Ty


class TupleTy(Ty, frozen=True, gc=False):
    items: tuple[Ty, ...] = ()


class ArrayTy(Ty, frozen=True, gc=False):
    inner: Ty


class SliceTy(Ty, frozen=True, gc=False):
    inner: Ty


class FnPtr(Ty, frozen=True, gc=False):
    params: tuple[Ty, ...]
    output: Ty


class FnItem(Ty, frozen=True, gc=False):
    """The type of a function's name (also of a tuple struct's or variant's constructor)."""

    path: str
    args: tuple[Ty, ...] = ()


class TraitRef(msgspec.Struct, frozen=True, gc=False):
    """`Iterator<Item = T>`: canonical trait path, arguments, associated bindings. A lifetime bound is path "'static".
    For `Fn(A, B) -> C`: args = (TupleTy(A, B),), bindings = (("Output", C),). A trait that is not known is "?Name"."""

    path: str
    args: tuple[Ty, ...] = ()
    bindings: tuple[tuple[str, Ty], ...] = ()


LASTING = "'static by default"
"""The path of a bound that nobody writes: a declared `Box<dyn Trait>` is one of a `dyn Trait + 'static`."""


class Dyn(Ty, frozen=True, gc=False):
    """`dyn Trait + Send`; all bounds, auto traits among them."""

    bounds: tuple[TraitRef, ...]


class Opaque(Ty, frozen=True, gc=False):
    """`impl Trait` in return position, or the future of an async fn (bounds = Future<Output = T>). Auto traits of what
    it hides leak. origin: the path of the fn that returns it, "" of one that has no body here; at: where its `impl` is
    written, -1 for a future; args: what the fn's generics stand for, in the order of its FnTypes."""

    bounds: tuple[TraitRef, ...]
    origin: str = ""
    at: int = -1
    args: tuple[Ty, ...] = ()


class Param(Ty, frozen=True, gc=False):
    """A type parameter (also `Self` in a trait, and `impl Trait` in argument position, named "impl@<start>"). owner:
    canonical path of the fn, ADT, trait, alias or impl that declares it."""

    name: str
    owner: str


class Projection(Ty, frozen=True, gc=False):
    """`<T as Trait>::Name` that is not known yet."""

    base: Ty
    trait: str
    name: str


class ClosureTy(Ty, frozen=True, gc=False):
    """One closure or async block, a `future`: unique in the run by owner path and start offset; its parts are found
    through `TypedBody.closures`."""

    owner: str
    start: int
    future: bool = False


class Unknown(Ty, frozen=True, gc=False):
    pass


UNKNOWN = Unknown()
UNIT = TupleTy(())
NEVER = Prim("!")
