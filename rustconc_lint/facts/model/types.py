"""Nodes, paths and types as they are written."""

from __future__ import annotations

from typing import Literal

import msgspec


class Node(msgspec.Struct, frozen=True, array_like=True, gc=False):
    start: int
    end: int


class Segment(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`Vec<T>`, `Iterator<Item = T>`, `Fn(A) -> B` (then `args` is the one tuple type and `bindings` has Output)."""

    name: str
    args: tuple[TypeExpr, ...] = ()
    bindings: tuple[tuple[str, TypeExpr], ...] = ()
    start: int = 0  # of the name


class Path(Node, frozen=True, array_like=True, gc=False):
    """`std::sync::Mutex::<T>::new`; `::a` starts with a segment named "". With `<Q as Trait>::f`, `qself` is Q and
    the segments are those of Trait followed by f (`<Q>::f`: just f)."""

    segments: tuple[Segment, ...]
    qself: TypeExpr | None = None
    qtrait: bool = False  # True for `<Q as Trait>::..`


class TPath(Node, frozen=True, array_like=True, tag="path", gc=False):
    path: Path


class TRef(Node, frozen=True, array_like=True, tag="ref", gc=False):
    lifetime: str  # "" when elided, else without the quote: "static", "a"
    mutable: bool
    inner: TypeExpr


class TPtr(Node, frozen=True, array_like=True, tag="ptr", gc=False):
    mutable: bool
    inner: TypeExpr


class TTuple(Node, frozen=True, array_like=True, tag="tuple", gc=False):
    items: tuple[TypeExpr, ...]


class TArray(Node, frozen=True, array_like=True, tag="array", gc=False):
    """`[T; N]`."""

    inner: TypeExpr


class TSlice(Node, frozen=True, array_like=True, tag="slice", gc=False):
    inner: TypeExpr


class TFn(Node, frozen=True, array_like=True, tag="fn", gc=False):
    """`fn(A) -> B`, a pointer."""

    params: tuple[TypeExpr, ...]
    output: TypeExpr | None


class TDyn(Node, frozen=True, array_like=True, tag="dyn", gc=False):
    bounds: tuple[Bound, ...]


class TImpl(Node, frozen=True, array_like=True, tag="impl", gc=False):
    bounds: tuple[Bound, ...]


class TNever(Node, frozen=True, array_like=True, tag="never", gc=False):
    pass


class TInfer(Node, frozen=True, array_like=True, tag="infer", gc=False):
    """`_`, and whatever could not be read."""


TypeExpr = TPath | TRef | TPtr | TTuple | TArray | TSlice | TFn | TDyn | TImpl | TNever | TInfer


class Bound(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One bound: a trait path, or a lifetime (`lifetime` without the quote, `path` None)."""

    path: Path | None
    lifetime: str = ""
    maybe: bool = False  # `?Sized`


class GenericParam(msgspec.Struct, frozen=True, array_like=True, gc=False):
    name: str  # lifetimes keep their quote: "'a"
    kind: Literal["type", "lifetime", "const"]
    bounds: tuple[Bound, ...] = ()
    default: TypeExpr | None = None


class WherePredicate(msgspec.Struct, frozen=True, array_like=True, gc=False):
    subject: TypeExpr
    bounds: tuple[Bound, ...]


class Generics(msgspec.Struct, frozen=True, array_like=True, gc=False):
    params: tuple[GenericParam, ...] = ()
    where: tuple[WherePredicate, ...] = ()
