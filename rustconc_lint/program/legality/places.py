"""Places that belong to a variable outside of a closure: the variable, and the fields and dereferences from it.

A place is what rustc's capture analysis works on (Reference, "Closure types: Capture precision"). Indexing and the
dereference of a smart pointer other than Box are calls, so a place ends there.
"""

from __future__ import annotations

import msgspec

from rustconc_lint.program.names.names import Names
from rustconc_lint.program.traits.auto_traits import AutoTraits
from rustconc_lint.program.traits.lowering import Types
from rustconc_lint.program.traits.traits import Traits
from rustconc_lint.program.types import UNKNOWN, Adt, PtrTy, RefTy, Ty, Unknown

BOX = "std::boxed::Box"
DEREF = "*"


# Closures that call closures that call closures, or hold them: nobody goes as far.
MOST_NESTED = 12


class Declarations(msgspec.Struct, frozen=True, eq=False):
    """What is known of all that is declared: the part of a program that the legality of captures rests on.

    nested: the closures that are being looked at, by their starts, each because of the one before."""

    names: Names
    types: Types
    traits: Traits
    autos: AutoTraits
    nested: list[int] = msgspec.field(default_factory=list)


class Step(msgspec.Struct, frozen=True, gc=False):
    """From a place to a part of it: a field's name, or "*"; `before` is the type it is taken from."""

    name: str
    before: Ty


class Place(msgspec.Struct, frozen=True, gc=False):
    """`slot` with the steps from it; `ty` is the type of the whole place, UNKNOWN when it is not known."""

    slot: int
    steps: tuple[Step, ...]
    ty: Ty

    def step(self, name: str, ty: Ty) -> Place:
        return Place(self.slot, (*self.steps, Step(name, self.ty)), ty)

    def truncated(self, length: int) -> Place:
        """The place before step number `length`."""
        if length >= len(self.steps):
            return self
        return Place(self.slot, self.steps[:length], self.steps[length].before)

    def within(self, other: Place) -> bool:
        """Whether this place is `other` or a part of it."""
        if self.slot != other.slot or len(self.steps) < len(other.steps):
            return False
        return all(mine.name == theirs.name for mine, theirs in zip(self.steps, other.steps, strict=False))


def dereferenced(place: Place) -> Place | None:
    """`*place` where the language itself follows the pointer: a reference, a Box, a raw pointer; None otherwise."""
    ty = place.ty
    if isinstance(ty, RefTy | PtrTy):
        return place.step(DEREF, ty.inner)
    if isinstance(ty, Adt) and ty.path == BOX and ty.args:
        return place.step(DEREF, ty.args[0])
    return None


def field_of(place: Place, name: str, types: Types) -> Place | None:
    """`place.name` after the dereferences that the language does by itself; None where a call or an unknown type ends
    the place (`reached` says how far it goes)."""
    for inner in chain(place):
        ty = types.field_type(inner.ty, name)
        if ty is not None:
            return inner.step(name, ty)
    return None


def chain(place: Place) -> list[Place]:
    """The place and all that the language's own dereferences lead to."""
    found = [place]
    while isinstance(found[-1].ty, RefTy) or (isinstance(found[-1].ty, Adt) and found[-1].ty.path == BOX):
        inner = dereferenced(found[-1])
        if inner is None:
            break
        found.append(inner)
    return found


def reached(place: Place) -> Place:
    """The last place of the chain."""
    return chain(place)[-1]


def is_unknown(ty: Ty) -> bool:
    return ty == UNKNOWN or isinstance(ty, Unknown)
