"""Every use of a place in a body, its closures included, wherever the place is: behind a smart pointer, an index or a
call too, where the captures of a closure end.

A step "*" from a type other than a reference or Box is a call of its `deref`, "[]" an index. What is not known on the
way is a step "?", and no rule may conclude anything from a place that has one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rustconc_lint.facts import model as f
from rustconc_lint.program.lang import VEC
from rustconc_lint.program.legality.places import (
    BOX,
    DEREF,
    Declarations,
    Place,
    Step,
    dereferenced,
    field_of,
    is_unknown,
    reached,
)
from rustconc_lint.program.legality.uses.expressions import HANDLERS
from rustconc_lint.program.legality.uses.visit import Use, Visit, consume, place
from rustconc_lint.program.traits.traits import Verdict
from rustconc_lint.program.typeck.model import Callee, TypedBody
from rustconc_lint.program.types import Adt, ArrayTy, PtrTy, RefTy, SliceTy, Ty

DEREF_MUT, INDEX_MUT = "std::ops::DerefMut", "std::ops::IndexMut"
INDEX, OPEN = "[]", "?"
TEMPORARY = -1  # the slot of what is no variable
LONGEST = 12  # dereferences in a row


class Accesses(Visit):
    """A walk of a whole body; `found` are the uses, in order of the text."""

    __slots__ = ()

    def beyond(self, base: Place | None, step: str, expr: f.Expr) -> Place | None:
        if base is None:
            return Place(TEMPORARY, (), self.typed.type_of(expr))
        if step == INDEX and isinstance(expr, f.Index):
            return self.element(base, expr)
        if step == DEREF:
            inner = self.followed(base)
            return inner if inner is not None else self.lost(base, expr)
        return self.field(base, step, expr)

    def followed(self, place: Place) -> Place | None:
        """`*place`, by a call where the language does not follow it itself."""
        target = None if is_unknown(place.ty) else self.declared.traits.deref(place.ty)
        return dereferenced(place) or (None if target is None else place.step(DEREF, target))

    def lost(self, base: Place, expr: f.Expr) -> Place:
        return base.step(OPEN, self.typed.type_of(expr))

    def field(self, base: Place, name: str, expr: f.Expr) -> Place:
        """A field behind a smart pointer."""
        at: Place | None = reached(base)
        for _ in range(LONGEST):
            at = None if at is None else self.followed(at)
            found = None if at is None else field_of(at, name, self.declared.types)
            if found is not None:
                return found
            at = None if at is None else reached(at)
        return self.lost(base, expr)

    def element(self, base: Place, expr: f.Index) -> Place:
        callee = self.typed.calls.get(id(expr))
        at: Place | None = base
        for _ in range(LONGEST):
            if at is None:
                break
            if at.ty == callee.adjusted if callee is not None else is_sequence(at.ty):
                return at.step(INDEX, self.typed.type_of(expr))
            at = self.followed(at)
        return self.lost(base, expr)


def is_sequence(ty: Ty) -> bool:
    """Whether `ty[i]` needs no look at its impls."""
    return isinstance(ty, ArrayTy | SliceTy) or (isinstance(ty, Adt) and ty.path == VEC)


def closure(visit: Visit, expr: f.Closure) -> None:
    consume(visit, expr.body)


ACCESS_HANDLERS: dict[type[Any], Callable[[Any, Any], None]] = {**HANDLERS, f.Closure: closure}


def accesses(typed: TypedBody, declared: Declarations) -> list[Use]:
    """All uses of places in a body, but for receivers of a trait's methods whose type may not have the trait."""
    walk = walk_of(typed, declared)
    consume(walk, typed.body.value)
    doubtful = {
        (node.receiver.start, node.receiver.end)
        for node in typed.body.expressions
        if isinstance(node, f.Method) and not is_proven(typed.calls.get(id(node)), declared)
    }
    return [use for use in walk.found if (use.start, use.end) not in doubtful]


def is_proven(callee: Callee | None, declared: Declarations) -> bool:
    """Whether a method is known to be the one that is called: inherent, or of a trait that the type surely has."""
    container = None if callee is None else callee.definition.container
    if callee is None or container is None:
        return callee is not None
    of_trait = container.item.kind == "trait"
    trait = declared.names.adt_of(container.id) if of_trait else declared.names.trait_of(container)
    if trait is None:
        return not of_trait and not callee.definition.path.startswith("<")
    return declared.traits.implements(callee.adjusted, trait.path) is Verdict.YES


def walk_of(typed: TypedBody, declared: Declarations) -> Accesses:
    return Accesses(typed, lambda slot: True, declared, lambda closure: (), ACCESS_HANDLERS)


def leaves(step: Step) -> bool:
    """Whether the step leads out of what the variable or temporary owns: nothing can be moved from there."""
    if step.name == DEREF:
        return not (isinstance(step.before, Adt) and step.before.path == BOX)
    return step.name == INDEX


def is_clear(place: Place) -> bool:
    """Whether every step to the place is known."""
    return not any(step.name == OPEN or is_unknown(step.before) for step in place.steps)


def is_mutable(typed: TypedBody, place: Place, declared: Declarations) -> bool:
    """Whether the place can be borrowed by `&mut`."""
    lent = False  # by a `&mut`: the variable that holds it need not be `mut`
    for step in place.steps:
        if step.name == DEREF and isinstance(step.before, RefTy):
            lent = True
        if not passes_mutably(step, declared):
            return False
    return lent or place.slot == TEMPORARY or typed.body.slots[place.slot].mutable


def passes_mutably(step: Step, declared: Declarations) -> bool:
    """Whether a `&mut` goes through."""
    if step.name == OPEN:
        return False
    if step.name == INDEX:
        return is_sequence(step.before) or declared.traits.find_impl(step.before, INDEX_MUT) is not None
    if step.name != DEREF:
        return True
    if isinstance(step.before, RefTy | PtrTy):
        return step.before.mutable
    return not leaves(step) or declared.traits.find_impl(step.before, DEREF_MUT) is not None


def place_at(typed: TypedBody, expr: f.Expr, declared: Declarations) -> Place | None:
    """The place that an expression names, references to it followed; None for what a call returns."""
    found = place(walk_of(typed, declared), expr, "ref")
    while found is not None and isinstance(found.ty, RefTy):
        found = found.step(DEREF, found.ty.inner)
    return None if found is None or found.slot == TEMPORARY else found
