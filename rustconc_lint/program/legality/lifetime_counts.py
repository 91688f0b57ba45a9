"""How many lifetimes a type has: references, and structs that are declared with some.

Our types do not say which lifetimes these are, `'static` references aside.
"""

from __future__ import annotations

from collections.abc import Iterator

from rustconc_lint.facts import model as f
from rustconc_lint.program.legality.lifetimes import lives_for_ever
from rustconc_lint.program.legality.places import Declarations
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.program.types import (
    Adt,
    ArrayTy,
    Dyn,
    FnItem,
    FnPtr,
    Opaque,
    Param,
    Prim,
    PtrTy,
    RefTy,
    SliceTy,
    TupleTy,
    Ty,
)

MANY = 100  # more than any type has
KNOWN = (Prim, Adt, RefTy, TupleTy, ArrayTy, SliceTy, FnPtr, FnItem, Param, Dyn)


def parts_of(ty: Ty) -> Iterator[Ty]:
    """The type and those it is made of; not what a function or trait object takes and gives."""
    yield ty
    match ty:
        case RefTy(inner=inner) | PtrTy(inner=inner) | ArrayTy(inner=inner) | SliceTy(inner=inner):
            yield from parts_of(inner)
        case TupleTy(items=parts) | Adt(args=parts):
            for part in parts:
                yield from parts_of(part)
        case Opaque(bounds=bounds):
            for bound in bounds:
                for name, part in bound.bindings:
                    if name == "Item":
                        yield from parts_of(part)


class Counting:
    """How many lifetimes a type has, `'static` aside."""

    def __init__(self, declared: Declarations) -> None:
        self.declared = declared

    def least(self, ty: Ty) -> int:
        """Those that are surely there."""
        return self.references(ty) + self.structs(ty)

    def most(self, ty: Ty) -> int:
        """Those that may be there."""
        unknown = any(not isinstance(part, KNOWN) for part in parts_of(ty))
        return MANY if unknown else self.least(ty)

    def references(self, ty: Ty) -> int:
        return sum(isinstance(part, RefTy) and part.lifetime != "static" for part in parts_of(ty))

    def structs(self, ty: Ty) -> int:
        """Lifetimes of structs and enums, whatever they are."""
        return sum(self.of_adt(part.path) for part in parts_of(ty) if isinstance(part, Adt))

    def of_adt(self, path: str) -> int:
        definition = self.declared.names.adt_of(path)
        detail = self.declared.names.detail(definition) if definition is not None else None
        if not isinstance(detail, f.AdtDetail):
            return 0
        return sum(param.kind == "lifetime" for param in detail.generics.params)

    def statics(self, ty: Ty) -> int:
        return sum(isinstance(part, RefTy) and part.lifetime == "static" for part in parts_of(ty))

    def lent(self, ty: Ty, typed: TypedBody) -> int:
        """How many references of a parameter's type may end before the program does."""
        lifetimes = [part.lifetime for part in parts_of(ty) if isinstance(part, RefTy)]
        return sum(not lives_for_ever(typed, lifetime, self.declared) for lifetime in lifetimes)
