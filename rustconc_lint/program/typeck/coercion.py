"""Dereferencing and coercions (Reference, "Type coercions"): where types may differ and still be accepted.

At a coercion site two types are made equal only as far as no coercion can lie between them: `&Vec<T>` given for `&[T]`
makes the elements equal, `&File` given for `&dyn Read` teaches nothing.
"""

from __future__ import annotations

from rustconc_lint.program.lang import BOX, DEREF
from rustconc_lint.program.shapes import same_head
from rustconc_lint.program.typeck.obligations import known, project, require
from rustconc_lint.program.typeck.selection import BOUNDED, bound_on
from rustconc_lint.program.typeck.session import Session
from rustconc_lint.program.typeck.unify import Var, absorbs
from rustconc_lint.program.types import (
    Adt,
    ArrayTy,
    ClosureTy,
    Dyn,
    FnItem,
    FnPtr,
    PtrTy,
    RefTy,
    SliceTy,
    TraitRef,
    TupleTy,
    Ty,
    Unknown,
)

# Smart pointers whose pointee may be unsized behind them: Box<T> to Box<dyn Trait>.
POINTERS = frozenset((BOX, "std::rc::Rc", "std::sync::Arc", "std::pin::Pin", "std::rc::Weak", "std::sync::Weak"))
TRANSPARENT = frozenset((BOX, "std::rc::Rc", "std::sync::Arc"))
LONGEST_CHAIN = 10


def deref_step(session: Session, ty: Ty) -> tuple[Ty, str] | None:
    """What `*x` is for an x of type `ty` (raw pointers aside), and the path of the pointer ("&" for a reference)."""
    if type(ty) is RefTy:
        return ty.inner, "&"
    if type(ty) is Adt:
        if ty.path in TRANSPARENT and ty.args:
            return ty.args[0], ty.path
        if not session.surface.has_impls(DEREF, ty):
            return None
        target = project(session, ty, DEREF, "Target")
        return None if type(session.infer.shallow(target)) is Unknown else (target, ty.path)
    if isinstance(ty, BOUNDED) and bound_on(session, ty, DEREF, ()) is not None:
        return project(session, ty, DEREF, "Target"), "Deref"
    return None


def autoderef(session: Session, ty: Ty) -> list[tuple[Ty, tuple[str, ...]]]:
    """The type and all it derefs to, each with the pointers passed through."""
    ty = known(session, ty)
    chain: list[tuple[Ty, tuple[str, ...]]] = [(ty, ())]
    while len(chain) < LONGEST_CHAIN:
        step = deref_step(session, ty)
        if step is None:
            break
        ty = known(session, step[0])
        chain.append((ty, (*chain[-1][1], step[1])))
    return chain


def coerce(session: Session, actual: Ty, expected: Ty) -> bool:
    """Learns from a value of type `actual` standing where an `expected` is wanted; False where it cannot stand."""
    infer = session.infer
    actual, expected = infer.shallow(actual), infer.shallow(expected)
    if actual is expected or absorbs(actual) or (type(actual) is Var and is_object(session, expected)):
        return True
    if type(expected) is RefTy and type(actual) is RefTy:
        _pointees(session, actual.inner, expected.inner)
    elif type(expected) is Adt and expected.path in POINTERS and type(actual) is Adt and actual.path == expected.path:
        for mine, theirs in zip(actual.args, expected.args, strict=False):
            if expected.path.endswith("::Pin"):
                coerce(session, mine, theirs)
            else:
                _pointees(session, mine, theirs)
    elif type(expected) is PtrTy and isinstance(actual, RefTy | PtrTy):
        _pointees(session, actual.inner, expected.inner)
    elif type(expected) is FnPtr and isinstance(actual, FnItem | ClosureTy):
        called = TraitRef("std::ops::FnOnce", (TupleTy(expected.params),), (("Output", expected.output),))
        require(session, actual, called)
    else:
        return infer.unify(actual, expected)
    return True


def is_object(session: Session, ty: Ty) -> bool:
    """Whether it points to a trait object: what stands where it is wanted may point to something else, or to one with
    more bounds."""
    if type(ty) is RefTy:
        return type(session.infer.shallow(ty.inner)) is Dyn
    if type(ty) is not Adt or ty.path not in POINTERS or not ty.args:
        return False
    inner = session.infer.shallow(ty.args[0])
    return type(inner) is Dyn or is_object(session, inner)


def _pointees(session: Session, actual: Ty, expected: Ty) -> None:
    infer = session.infer
    actual, expected = infer.shallow(actual), infer.shallow(expected)
    if type(expected) is Var:
        infer.unify(actual, expected)
    elif type(expected) is Dyn and type(actual) is not Dyn:
        if type(actual) is ClosureTy and actual.owner == session.owner.path:
            session.unsized.setdefault(actual.start, []).append(expected)
    elif type(expected) is SliceTy and type(actual) is ArrayTy:
        infer.unify(actual.inner, expected.inner)
    elif type(actual) is Var or same_head(actual, expected) or type(expected) is Unknown:
        infer.unify(actual, expected)
    else:
        _deref_coercion(session, actual, expected)


def _deref_coercion(session: Session, actual: Ty, expected: Ty) -> None:
    """`&Arc<T>` where a `&T` is wanted, `&Vec<T>` where a `&[T]` is."""
    for ty, _ in autoderef(session, actual)[1:]:
        if same_head(ty, expected):
            session.infer.unify(ty, expected)
            return
