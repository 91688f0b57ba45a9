"""Changes of what is only lent for reading: behind an `Arc` or `Rc`, or the guard of a reader. rustc says E0594 of an
assignment, E0596 of a `&mut` (a method that takes `&mut self`, `IndexMut`, `&mut x`).

The changed place is walked from the inside out; whatever pointer comes first decides. A `&mut` stops the walk, and so
does a type that has `DerefMut` no longer than to ask what it is in itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.program.legality.accesses import INDEX, TEMPORARY, accesses, is_clear, passes_mutably
from rustconc_lint.program.legality.borrowing import span
from rustconc_lint.program.legality.places import BOX, DEREF, Declarations, Place, Step
from rustconc_lint.program.legality.uses.visit import Use
from rustconc_lint.program.traits.shown import last, shown
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.program.types import Adt, ArrayTy, Prim, SliceTy, Ty
from rustconc_lint.source import Span

Keeper = Literal["shared", "read-guard"]
KEEPERS: tuple[Keeper, ...] = ("shared", "read-guard")


class SharedChange(msgspec.Struct, frozen=True):
    """place: what is changed, `name` as written, "" for what a call returns. keeper: what it is behind, keeper_name its
    type's name; inside: the type it holds. number: that is a number or a bool. variable: where the variable is
    declared, with its type. compiler: what rustc says."""

    place: Span
    name: str
    keeper: Keeper
    keeper_name: str
    inside: str
    number: bool
    variable: tuple[Span, str] | None
    compiler: str


def shared_changes(typed: TypedBody, declared: Declarations) -> Iterator[SharedChange]:
    """What one body changes although it may only read it."""
    seen: set[tuple[int, int]] = set()
    assigned = {(node.target.start, node.target.end): node for node in assignments(typed)}
    for use in accesses(typed, declared):
        at = (use.start, use.end)
        if use.mode != "mut" or at in seen or not is_clear(use.place):
            continue
        keeper = keeper_of(use.place, declared)
        if keeper is not None:
            seen.add(at)
            direct = at in assigned and is_built_in(typed, assigned[at], use.place, keeper)
            yield described(typed, use, keeper, "E0594" if direct else "E0596", declared)


def assignments(typed: TypedBody) -> Iterator[f.Assign]:
    return (node for node in typed.body.expressions if isinstance(node, f.Assign))


def keeper_of(place: Place, declared: Declarations) -> Step | None:
    """The step out of what lends its contents for reading only, if it is what forbids the change."""
    for step in reversed(place.steps):
        if step.name == DEREF and role_of(step.before, declared) in KEEPERS:
            return step
        if step.name == DEREF and not isinstance(step.before, Adt):
            return None
        if not passes_mutably(step, declared):
            return None
    return None


def role_of(ty: Ty, declared: Declarations) -> str:
    model = declared.names.type_model(ty.path) if isinstance(ty, Adt) else None
    return "" if model is None else model.role


def is_built_in(typed: TypedBody, assign: f.Assign, place: Place, keeper: Step) -> bool:
    """Whether the assignment calls nothing: no `+=` of a type's own, no `IndexMut` or `DerefMut` on the way."""
    if assign.op and id(assign) in typed.calls:
        return False
    behind = place.steps[place.steps.index(keeper) + 1 :]
    return not any(
        (step.name == INDEX and not isinstance(step.before, ArrayTy | SliceTy))
        or (step.name == DEREF and isinstance(step.before, Adt) and step.before.path != BOX)
        for step in behind
    )


def described(typed: TypedBody, use: Use, keeper: Step, code: str, declared: Declarations) -> SharedChange:
    ty = keeper.before
    inside = declared.traits.deref(ty)
    return SharedChange(
        place=span(typed, use.start, use.end),
        name=written(typed, use),
        keeper="shared" if role_of(ty, declared) == "shared" else "read-guard",
        keeper_name=last(ty.path) if isinstance(ty, Adt) else shown(ty),
        inside=shown(inside) if inside is not None else "_",
        number=isinstance(inside, Prim) and inside.name != "str",
        variable=variable(typed, use),
        compiler=code,
    )


def written(typed: TypedBody, use: Use) -> str:
    """The place as it is written, in one line; "" where it is what a call returns."""
    if use.place.slot == TEMPORARY:
        return ""
    text = typed.module.file.source.data[use.start : use.end].decode("utf-8", "replace")
    return " ".join(text.split()).replace(" .", ".")


def variable(typed: TypedBody, use: Use) -> tuple[Span, str] | None:
    """The variable of the place, and its type, unless it is `self`."""
    slot = typed.body.slots[use.place.slot] if use.place.slot != TEMPORARY else None
    if slot is None or slot.name == "self":
        return None
    return span(typed, slot.start, slot.start + len(slot.name.encode())), shown(typed.slots[use.place.slot])
