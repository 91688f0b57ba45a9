"""Impls that no file declares: what the language says of Copy, Clone, Sized, Future and Fn for its own types.

Reference, "Special types and traits"; a type declared somewhere is not judged here.
"""

from __future__ import annotations

from typing import Protocol

from rustconc_lint.program.lang import CLONE, COPY, FN_TRAITS, FUTURE
from rustconc_lint.program.traits.matching import Verdict, every
from rustconc_lint.program.types import (
    Adt,
    ArrayTy,
    ClosureTy,
    Dyn,
    FnItem,
    FnPtr,
    Param,
    Prim,
    PtrTy,
    RefTy,
    SliceTy,
    TraitRef,
    TupleTy,
    Ty,
)  # fmt: skip

SIZED, UNPIN = "std::marker::Sized", "std::marker::Unpin"


class Solver(Protocol):
    """What judges the parts of a type."""

    def implements(self, ty: Ty, trait: str | TraitRef) -> Verdict:
        """See Traits.implements."""


def built_in(solver: Solver, ty: Ty, ref: TraitRef) -> Verdict | None:
    """The verdict for a trait of the language on a type of the language; None when declared impls decide."""
    if ref.path == SIZED:
        return Verdict.NO if isinstance(ty, SliceTy | Dyn) or ty == Prim("str") else Verdict.YES
    if ref.path == UNPIN:
        return Verdict.UNKNOWN
    if ref.path in (CLONE, COPY):
        return _copied(solver, ty, ref)
    if ref.path in FN_TRAITS and isinstance(ty, FnItem | FnPtr):
        return Verdict.YES
    if ref.path in FN_TRAITS and isinstance(ty, ClosureTy):
        return Verdict.NO if ty.future else None
    if ref.path == FUTURE and isinstance(ty, ClosureTy):
        return Verdict.YES if ty.future else Verdict.NO
    return None


def _copied(solver: Solver, ty: Ty, ref: TraitRef) -> Verdict | None:
    match ty:
        case Prim(name=name):
            return Verdict.NO if name == "str" else Verdict.YES
        case RefTy(mutable=mutable):
            return Verdict.NO if mutable else Verdict.YES
        case FnItem() | FnPtr() | PtrTy():
            return Verdict.YES
        case TupleTy(items=items):
            return every([solver.implements(item, ref) for item in items])
        case ArrayTy(inner=inner):
            return solver.implements(inner, ref)
        case SliceTy() | Dyn():
            return Verdict.NO
        case ClosureTy():
            return Verdict.UNKNOWN
        case Adt() | Param():
            return None
    return None
