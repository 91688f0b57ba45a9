"""What patterns bind: the type of every slot, with Rust's default binding modes (Reference, "Patterns", binding modes).

A pattern that is no reference pattern, matched against a reference, looks through it, and its bindings become
references. A pattern also teaches: `Some(x)` makes an unknown scrutinee an Option.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rustconc_lint.facts.model import (
    Pattern,
    PBind,
    POr,
    PPath,
    PRef,
    PRest,
    PSlice,
    PStruct,
    PTuple,
)
from rustconc_lint.program.typeck.constructors import constructed
from rustconc_lint.program.typeck.session import Session
from rustconc_lint.program.typeck.unify import Var
from rustconc_lint.program.types import UNKNOWN, Adt, ArrayTy, RefTy, SliceTy, TupleTy, Ty


def bind(session: Session, pattern: Pattern, ty: Ty, mode: str = "") -> None:
    """Gives every slot of `pattern` its type when a value of type `ty` is matched.

    mode: the default binding mode so far, "" (move), "ref" or "mut"."""
    handler = _BINDERS.get(type(pattern))
    if handler is not None:
        handler(session, pattern, ty, mode)


def bind_slot(session: Session, slot: int, ty: Ty) -> None:
    known = session.slots[slot]
    if known is None:
        session.slots[slot] = UNKNOWN if session.infer.is_huge(ty) else ty
    else:
        session.infer.unify(known, ty)


def _name(session: Session, pattern: PBind, ty: Ty, mode: str) -> None:
    by = pattern.by_ref or mode
    bound = ty if not by else RefTy(by == "mut", ty)
    bind_slot(session, pattern.slot, bound)
    if pattern.sub is not None:
        bind(session, pattern.sub, ty, mode)


def _through_references(session: Session, ty: Ty, mode: str) -> tuple[Ty, str]:
    ty = session.infer.shallow(ty)
    while type(ty) is RefTy:
        mode = "mut" if ty.mutable and mode != "ref" else "ref"
        ty = session.infer.shallow(ty.inner)
    return ty, mode


def _tuple(session: Session, pattern: PTuple, ty: Ty, mode: str) -> None:
    ty, mode = _through_references(session, ty, mode)
    items = pattern.items
    rest = _rest_index(items)
    if type(ty) is Var and rest is None:
        learned = TupleTy(tuple(session.infer.fresh() for _ in items))
        session.infer.unify(ty, learned)
        ty = learned
    parts = ty.items if type(ty) is TupleTy else ()
    for item, part in _aligned(items, parts, rest):
        bind(session, item, part, mode)


def _aligned(items: tuple[Pattern, ...], parts: tuple[Ty, ...], rest: int | None) -> list[tuple[Pattern, Ty]]:
    """Each sub-pattern beside its part; those after `..` count from the end."""
    pairs: list[tuple[Pattern, Ty]] = []
    skipped = len(parts) - len(items) if rest is not None else 0
    for index, item in enumerate(items):
        at = index if rest is None or index < rest else index + skipped
        pairs.append((item, parts[at] if 0 <= at < len(parts) else UNKNOWN))
    return pairs


def _rest_index(items: tuple[Pattern, ...]) -> int | None:
    return next((index for index, item in enumerate(items) if type(item) is PRest), None)


def _struct(session: Session, pattern: PStruct, ty: Ty, mode: str) -> None:
    ty, mode = _through_references(session, ty, mode)
    built = constructed(session, pattern.path, pattern.tuple_like)
    if built is None:
        for _, field in pattern.fields:
            bind(session, field, UNKNOWN, mode)
        return
    session.infer.unify(built.ty, ty)
    names = [name for name, _ in pattern.fields]
    rest = names.index("..") if pattern.tuple_like and ".." in names else None
    missing = len(built.fields) - len(names)
    for index, (name, field) in enumerate(pattern.fields):
        actual = str(index + missing) if rest is not None and index > rest else name
        bind(session, field, built.fields.get(actual, UNKNOWN), mode)


def _path(session: Session, pattern: PPath, ty: Ty, mode: str) -> None:
    ty, _ = _through_references(session, ty, mode)
    if type(ty) is Var or (type(ty) is Adt and ty.args):
        built = constructed(session, pattern.path, True)
        if built is not None:
            session.infer.unify(built.ty, ty)


def _reference(session: Session, pattern: PRef, ty: Ty, mode: str) -> None:
    ty = session.infer.shallow(ty)
    if type(ty) is Var:
        learned = RefTy(False, session.infer.fresh())
        session.infer.unify(ty, learned)
        ty = learned
    if type(ty) is RefTy:
        bind(session, pattern.inner, ty.inner, "")
    else:  # `&x` below a default binding mode: what it matches is the reference that mode made (edition 2024)
        bind(session, pattern.inner, ty if mode else UNKNOWN, "")


def _slice(session: Session, pattern: PSlice, ty: Ty, mode: str) -> None:
    ty, mode = _through_references(session, ty, mode)
    element = ty.inner if isinstance(ty, ArrayTy | SliceTy) else UNKNOWN
    for item in pattern.items:
        if type(item) is PBind and type(item.sub) is PRest:
            bind(session, PBind(item.start, item.end, item.slot, item.by_ref, item.mutable, None), ty, mode)
        else:
            bind(session, item, element, mode)


def _alternatives(session: Session, pattern: POr, ty: Ty, mode: str) -> None:
    for item in pattern.items:
        bind(session, item, ty, mode)


_BINDERS: dict[type[Any], Callable[[Session, Any, Ty, str], None]] = {
    PBind: _name,
    PTuple: _tuple,
    PStruct: _struct,
    PPath: _path,
    PRef: _reference,
    PSlice: _slice,
    POr: _alternatives,
}
