"""What a closure captures and how, as rustc infers it from the uses in its body.

Reference, "Closure types": capture modes, capture precision, the differences of editions. Up to 2018 whole variables;
since 2021 disjoint places, cut short at a dereference when they move, at raw pointers, and at types with `Drop`.
An `async` block captures as a closure does. repr(packed) and unions are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from rustconc_lint.facts.model import Closure
from rustconc_lint.program.legality.places import DEREF, MOST_NESTED, Declarations, Place, is_unknown
from rustconc_lint.program.legality.uses.expressions import outer_uses
from rustconc_lint.program.legality.uses.visit import Mode, Use
from rustconc_lint.program.traits.traits import Verdict
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.program.types import UNKNOWN, Adt, ClosureTy, PtrTy, RefTy, Ty

By = Literal["ref", "mut", "value", "unknown"]

DROP = "std::ops::Drop"
RANK: dict[By, int] = {"ref": 0, "mut": 1, "unknown": 2, "value": 3}
BY: dict[Mode, By] = {"copy": "ref", "ref": "ref", "mut": "mut", "move": "value", "unknown": "unknown", "none": "ref"}


class Capture(msgspec.Struct, frozen=True):
    """One captured place. by: a shared borrow, a mutable one, by value, or not known.

    uses: those that made it, in order of the text; the first of them tells best why it is captured."""

    place: Place
    by: By
    uses: tuple[Use, ...]

    @property
    def held(self) -> Ty:
        """The type of what the closure then has: the value, or a reference to it."""
        if self.by == "unknown":
            return UNKNOWN
        return self.place.ty if self.by == "value" else RefTy(self.by == "mut", self.place.ty)

    @property
    def borrows_variable(self) -> bool:
        """Whether it is a borrow of the variable's own memory, not of what some reference in it points to."""
        return self.by in ("ref", "mut") and not self.through_reference

    @property
    def through_reference(self) -> bool:
        return any(step.name == DEREF and isinstance(step.before, RefTy) for step in self.place.steps)


class Captures:
    """Captures of closures, each computed once. Closures are known by their place in the body of `typed`."""

    def __init__(self, declared: Declarations) -> None:
        self.declared = declared
        self.known: dict[int, tuple[Closure, tuple[Capture, ...]]] = {}
        self.bodies: dict[str, TypedBody] = {}

    def of(self, typed: TypedBody, closure: Closure) -> tuple[Capture, ...]:
        """What the closure captures, in the order in which its body mentions it."""
        found = self.known.get(id(closure))
        if found is None:
            uses = outer_uses(typed, closure, self.declared, lambda inner: self.as_uses(typed, inner))
            found = self.known[id(closure)] = (closure, captures(uses, typed.edition, closure, self.declared))
        return found[1]

    def forget(self, typed: TypedBody) -> None:
        """Let go of a body whose closures will not be asked about again."""
        self.known.clear()
        self.bodies.pop(typed.owner.path, None)

    def as_uses(self, typed: TypedBody, closure: Closure) -> tuple[Use, ...]:
        """The captures of an inner closure, as uses by what surrounds it."""
        return tuple(
            msgspec.structs.replace(capture.uses[0], place=capture.place, mode=AS_USE[capture.by])
            for capture in self.of(typed, closure)
        )

    def held(self, ty: ClosureTy) -> tuple[tuple[str, Ty], ...] | None:
        """Variables and types of what a closure holds, for `AutoTraits`; None when that is not known."""
        typed = self.bodies.get(ty.owner)
        closure = None if typed is None else typed.closures.get(ty.start)
        if typed is None or closure is None or len(self.declared.nested) >= MOST_NESTED:
            return None
        return tuple((typed.body.slots[c.place.slot].name, c.held) for c in self.of(typed, closure))


AS_USE: dict[By, Mode] = {"ref": "ref", "mut": "mut", "value": "move", "unknown": "unknown"}


def captures(uses: Iterable[Use], edition: str, closure: Closure, declared: Declarations) -> tuple[Capture, ...]:
    """The smallest set of places that covers all uses."""
    precise = edition not in ("2015", "2018")
    found: dict[int, list[Capture]] = {}
    for use in uses:
        if use.mode == "none" and precise:
            continue
        place, by = use.place, BY[use.mode]
        if closure.moves:
            by = "value"
        place = precisely(place, by, declared) if precise else whole(place)
        joined(found.setdefault(use.place.slot, []), Capture(place, by, (use,)))
    return tuple(capture for slot in found.values() for capture in slot)


def whole(place: Place) -> Place:
    return place.truncated(0)


def precisely(place: Place, by: By, declared: Declarations) -> Place:
    """Where a place is cut off (RFC 2229; rustc's `restrict_precision_for_unsafe`, `adjust_for_move_closure`,
    `restrict_precision_for_drop_types`, `truncate_capture_for_optimization`)."""
    steps = place.steps
    place = place.truncated(first(index for index, step in enumerate(steps) if isinstance(step.before, PtrTy)))
    last = [index for index, step in enumerate(place.steps) if step.name == DEREF]
    if last and isinstance(step := place.steps[last[-1]].before, RefTy) and not step.mutable:
        place = place.truncated(last[-1] + 1)
    if by in ("value", "unknown"):
        if last:
            place = place.truncated(last[0])
        if declared.autos.is_copy(place.ty) is not Verdict.YES:
            place = place.truncated(
                first(index for index, step in enumerate(place.steps) if has_drop(step.before, declared))
            )
    return place


def first(indices: Iterable[int]) -> int:
    """The first of some indices, or a number beyond all."""
    return next(iter(indices), 1 << 30)


def has_drop(ty: Ty, declared: Declarations) -> bool:
    return isinstance(ty, Adt) and declared.traits.find_impl(ty, DROP) is not None


def joined(captured: list[Capture], new: Capture) -> None:
    """Adds a capture of one variable: a place that contains another takes it over, in the stronger mode."""
    for index, old in enumerate(captured):
        if new.place.within(old.place):
            captured[index] = merged(old, new, old.place)
            return
    parts = [old for old in captured if old.place.within(new.place)]
    if not parts:
        captured.append(new)
        return
    for part in parts:
        new = merged(part, new, new.place)
    captured[captured.index(parts[0])] = new
    for part in parts[1:]:
        captured.remove(part)


def merged(earlier: Capture, later: Capture, place: Place) -> Capture:
    """One capture of `place` for two; what an unknown macro mentions has no type of its own."""
    by = max(earlier.by, later.by, key=RANK.__getitem__)
    for other in (earlier.place, later.place):
        if is_unknown(place.ty) and len(other.steps) == len(place.steps):
            place = other
    return Capture(place, by, (*earlier.uses, *later.uses))
