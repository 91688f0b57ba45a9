"""The structure of types: their heads, the types they are built from, and the same type over other parts.

Everything that walks types (unification, resolving, substitution with normalisation) goes through these questions, so
that a new kind of type is taught in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from rustconc_lint.program.lang import MARKERS
from rustconc_lint.program.types import (
    Adt,
    ArrayTy,
    ClosureTy,
    Dyn,
    FnItem,
    FnPtr,
    Opaque,
    Param,
    Prim,
    Projection,
    PtrTy,
    RefTy,
    SliceTy,
    TraitRef,
    TupleTy,
    Ty,
    Unknown,
)

LEAVES: frozenset[type[Ty]] = frozenset((Prim, Param, ClosureTy, Unknown))

# Larger types are UNKNOWN. Nobody writes one (rustc's own `recursion_limit` is 128), but a type that every line of a
# program doubles would take time without end.
MOST_PARTS = 1000
DEEPEST = 64


def is_known(ty: Ty) -> bool:
    """Whether this is one of the kinds of types.py (and not an inference variable), Unknown aside."""
    kind = type(ty)
    return kind in _PARTS or (kind in LEAVES and kind is not Unknown)


def parts(ty: Ty) -> tuple[Ty, ...]:
    """The types that `ty` is built from, in a fixed order; () for a leaf."""
    read = _PARTS.get(type(ty))
    return read(ty) if read is not None else ()


def is_huge(ty: Ty) -> bool:
    """Whether the type has too many parts, or too deep ones."""
    level, size = parts(ty), 0
    for _ in range(DEEPEST):
        size += len(level)
        if not level or size > MOST_PARTS:
            break
        level = tuple([inner for part in level for inner in parts(part)])
    return bool(level)


def rebuilt(ty: Ty, change: Callable[[Ty], Ty]) -> Ty:
    """`ty` with `change` applied to each of its parts; `ty` itself when no part changes."""
    build = _REBUILD.get(type(ty))
    return build(ty, change) if build is not None else ty


def same_head(left: Ty, right: Ty) -> bool:
    """Do the two agree in everything but their parts (then they have as many parts)?"""
    kind = type(left)
    if kind is not type(right):
        return False
    compare = _HEADS.get(kind)
    return compare(left, right) if compare is not None else left == right


def head_of(ty: Ty) -> str | None:
    """The key under which Names files impls for this type (see Names.inherent_impls); None when it has none."""
    read = _KEYS.get(type(ty))
    return None if read is None else read(ty)


def _each(items: tuple[Ty, ...], change: Callable[[Ty], Ty]) -> tuple[Ty, ...]:
    changed = [change(item) for item in items]
    for item, other in zip(items, changed, strict=True):
        if item is not other:
            return tuple(changed)
    return items


def _bound_parts(bounds: Iterable[TraitRef]) -> tuple[Ty, ...]:
    found: list[Ty] = []
    for bound in bounds:
        found.extend(bound.args)
        found.extend(ty for _, ty in bound.bindings)
    return tuple(found)


def _bound_heads(bounds: Iterable[TraitRef]) -> list[tuple[str, int, tuple[str, ...]]]:
    """What tells sets of bounds apart; auto traits and lifetimes have no parts, and do not."""
    return [
        (bound.path, len(bound.args), tuple([name for name, _ in bound.bindings]))
        for bound in bounds
        if bound.path not in MARKERS and not bound.path.startswith("'")
    ]


def rebuilt_bound(bound: TraitRef, change: Callable[[Ty], Ty]) -> TraitRef:
    """The same bound over changed arguments and bindings."""
    if not bound.args and not bound.bindings:
        return bound
    return TraitRef(bound.path, _each(bound.args, change), tuple((name, change(ty)) for name, ty in bound.bindings))


def _rebuilt_bounds(bounds: tuple[TraitRef, ...], change: Callable[[Ty], Ty]) -> tuple[TraitRef, ...]:
    return tuple(rebuilt_bound(bound, change) for bound in bounds)


def _adt(ty: Adt, change: Callable[[Ty], Ty]) -> Ty:
    args = ty.args
    if not args:
        return ty
    changed = _each(args, change)
    return ty if changed is args else Adt(ty.path, changed)


def _fn_item(ty: FnItem, change: Callable[[Ty], Ty]) -> Ty:
    changed = _each(ty.args, change)
    return ty if changed is ty.args else FnItem(ty.path, changed)


def _reference(ty: RefTy, change: Callable[[Ty], Ty]) -> Ty:
    inner = change(ty.inner)
    return ty if inner is ty.inner else RefTy(ty.mutable, inner, ty.lifetime)


def _pointer(ty: PtrTy, change: Callable[[Ty], Ty]) -> Ty:
    inner = change(ty.inner)
    return ty if inner is ty.inner else PtrTy(ty.mutable, inner)


def _tuple(ty: TupleTy, change: Callable[[Ty], Ty]) -> Ty:
    changed = _each(ty.items, change)
    return ty if changed is ty.items else TupleTy(changed)


def _array(ty: ArrayTy, change: Callable[[Ty], Ty]) -> Ty:
    inner = change(ty.inner)
    return ty if inner is ty.inner else ArrayTy(inner)


def _slice(ty: SliceTy, change: Callable[[Ty], Ty]) -> Ty:
    inner = change(ty.inner)
    return ty if inner is ty.inner else SliceTy(inner)


# `Any` is the price of a table by kind instead of a chain of isinstance, which a hot path cannot afford.
_PARTS: dict[type[Ty], Callable[[Any], tuple[Ty, ...]]] = {
    Adt: lambda ty: ty.args,
    RefTy: lambda ty: (ty.inner,),
    PtrTy: lambda ty: (ty.inner,),
    TupleTy: lambda ty: ty.items,
    ArrayTy: lambda ty: (ty.inner,),
    SliceTy: lambda ty: (ty.inner,),
    FnPtr: lambda ty: (*ty.params, ty.output),
    FnItem: lambda ty: ty.args,
    Dyn: lambda ty: _bound_parts(ty.bounds),
    Opaque: lambda ty: (*_bound_parts(ty.bounds), *ty.args),
    Projection: lambda ty: (ty.base,),
}

_REBUILD: dict[type[Ty], Callable[[Any, Callable[[Ty], Ty]], Ty]] = {
    Adt: _adt,
    RefTy: _reference,
    PtrTy: _pointer,
    TupleTy: _tuple,
    ArrayTy: _array,
    SliceTy: _slice,
    FnPtr: lambda ty, change: FnPtr(_each(ty.params, change), change(ty.output)),
    FnItem: _fn_item,
    Dyn: lambda ty, change: Dyn(_rebuilt_bounds(ty.bounds, change)),
    Opaque: lambda ty, change: Opaque(_rebuilt_bounds(ty.bounds, change), ty.origin, ty.at, _each(ty.args, change)),
    Projection: lambda ty, change: Projection(change(ty.base), ty.trait, ty.name),
}

_HEADS: dict[type[Ty], Callable[[Any, Any], bool]] = {
    Adt: lambda a, b: a.path == b.path and len(a.args) == len(b.args),
    RefTy: lambda a, b: a.mutable == b.mutable,
    PtrTy: lambda a, b: a.mutable == b.mutable,
    TupleTy: lambda a, b: len(a.items) == len(b.items),
    ArrayTy: lambda a, b: True,
    SliceTy: lambda a, b: True,
    FnPtr: lambda a, b: len(a.params) == len(b.params),
    FnItem: lambda a, b: a.path == b.path and len(a.args) == len(b.args),
    Dyn: lambda a, b: _bound_heads(a.bounds) == _bound_heads(b.bounds),
    Opaque: lambda a, b: (
        (a.origin == b.origin or not a.origin or not b.origin) and _bound_heads(a.bounds) == _bound_heads(b.bounds)
    ),
    Projection: lambda a, b: a.trait == b.trait and a.name == b.name,
}

_KEYS: dict[type[Ty], Callable[[Any], str | None]] = {
    Adt: lambda ty: ty.path,
    Prim: lambda ty: ty.name,
    RefTy: lambda ty: "&mut" if ty.mutable else "&",
    PtrTy: lambda ty: "*mut" if ty.mutable else "*const",
    TupleTy: lambda ty: "()",
    ArrayTy: lambda ty: "[_]",
    SliceTy: lambda ty: "[]",
    FnPtr: lambda ty: "fn",
    Dyn: lambda ty: next((f"dyn {bound.path}" for bound in ty.bounds if bound.path not in MARKERS), None),
}
