"""Values that a thread or task has taken, and that are used again: after it, in the next turn of a loop, or because the
closure that starts it is called many times.

rustc says E0382 ("use of moved value") of the first two, E0507 of a closure that must be callable again (`Fn`,
`FnMut`). Only values known not to be Copy; which paths lead from the move to the use is for flow.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.program.legality.borrowing import RUNS, span
from rustconc_lint.program.legality.captures import Capture, Captures
from rustconc_lint.program.legality.flow import FLOW_HANDLERS, Flow
from rustconc_lint.program.legality.nesting import Nesting
from rustconc_lint.program.legality.places import DEREF, Place
from rustconc_lint.program.legality.shadowing import clone_of, shadowed
from rustconc_lint.program.legality.spawns import Demands, Given, Spawn, given_arguments
from rustconc_lint.program.legality.uses.visit import Use, consume
from rustconc_lint.program.traits.traits import Verdict
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.program.types import Opaque, Param
from rustconc_lint.source import Span

How = Literal["later", "turn", "call"]
REPEATING = (f.Loop, f.Closure)
REPEATED = frozenset(("std::ops::Fn", "std::ops::FnMut", "std::ops::AsyncFn", "std::ops::AsyncFnMut"))


class LateUse(msgspec.Struct, frozen=True):
    """name: the place as written. how: it is used "later", moved again in the next "turn" of a loop, or by the next
    "call" of a closure. taken: the head of the closure that takes it, or the argument. inside: a use in that closure.
    again: the later use, the loop, or the closure that is called again. runs: "thread", "task" or "code".
    clone: where to insert what for a clone of its own, () if the type is not known to have one."""

    name: str
    how: How
    taken: Span
    inside: Span | None
    declared: Span
    again: Span
    runs: str
    clone: tuple[tuple[Span, str], ...]


class Taken(msgspec.Struct, frozen=True):
    """One move into spawned code."""

    spawn: Spawn
    use: Use


class Taker(msgspec.Struct, frozen=True):
    """Code that is run elsewhere and takes what is moved within `start..end`."""

    spawn: Spawn
    start: int
    end: int

    def has(self, start: int, end: int) -> bool:
        return self.start <= start and end <= self.end


Takers = Nesting[Taker]


class Places:
    """Where a body mentions each of its variables, and its loops and closures."""

    def __init__(self, typed: TypedBody) -> None:
        self.mentions: dict[int, list[f.Local]] = {}
        repeating: list[f.Loop | f.Closure] = []
        for node in typed.body.expressions:
            if type(node) is f.Local:
                self.mentions.setdefault(node.slot, []).append(node)
            elif isinstance(node, REPEATING):
                repeating.append(node)
        self.repeating = Nesting(repeating)

    def around(self, taker: Taker) -> Iterator[f.Loop | f.Closure]:
        """The loops and closures around spawned code, from the inside out."""
        return (node for node in self.repeating.around(taker.start, taker.end) if node.start != taker.start)

    def closures(self, takers: Takers) -> list[f.Closure]:
        """The closures that spawned code is written in, itself aside."""
        found = {
            node.start: node for taker in takers.ranges for node in self.around(taker) if isinstance(node, f.Closure)
        }
        return list(found.values())


def late_uses(typed: TypedBody, spawns: Sequence[Spawn], captures: Captures, demands: Demands) -> Iterator[LateUse]:
    """What the spawned code of one body takes although it is needed again; once for each place and spawn."""
    takers = Nesting(taker for spawn in spawns for taker in takers_of(typed, spawn))
    if not takers.ranges:
        return
    places = Places(typed)
    slots = taken_slots(typed, takers, places, captures)
    if not slots:
        return
    seen: set[tuple[Place, int]] = set()
    for found, where in (
        *called_again(typed, takers, places, captures, demands),
        *moved_again(typed, takers, places, captures, slots),
    ):
        key = (found.use.place, found.spawn.argument.start)
        if key not in seen:
            seen.add(key)
            yield described(typed, found, where, captures)


def takers_of(typed: TypedBody, spawn: Spawn) -> Iterator[Taker]:
    """A closure takes what it captures, where it is written; a value that is passed goes as it is, and so does what a
    future is given."""
    if spawn.kind == "returned":
        return
    closure, argument = spawn.closure, spawn.argument
    if closure is not None:
        yield Taker(spawn, closure.start, closure.end)
    if isinstance(argument, f.Local) or (closure is None and isinstance(typed.type_of(argument), Opaque)):
        yield Taker(spawn, argument.start, argument.end)


def taken_slots(typed: TypedBody, takers: Takers, places: Places, captures: Captures) -> frozenset[int]:
    """Variables that spawned code takes, and that are mentioned elsewhere too or declared outside of a loop or closure
    around it."""
    found: set[int] = set()
    for taker in takers.ranges:
        closure = taker.spawn.closure
        if closure is not None and closure.start == taker.start:
            slots = {c.place.slot for c in captures.of(typed, closure) if is_moved(c, captures)}
        else:
            slots = {node.slot for node in f.nodes(taker.spawn.argument) if isinstance(node, f.Local)}
        found |= {slot for slot in slots if slot not in found and may_be_needed(typed, taker, slot, places)}
    return frozenset(found)


def is_moved(capture: Capture, captures: Captures) -> bool:
    return capture.by == "value" and captures.declared.autos.is_copy(capture.place.ty) is Verdict.NO


def may_be_needed(typed: TypedBody, taker: Taker, slot: int, places: Places) -> bool:
    declared = typed.body.slots[slot].start
    around = next(places.around(taker), None)
    if around is not None and not around.start <= declared < around.end:
        return True
    return any(not taker.has(node.start, node.end) for node in places.mentions.get(slot, ()))


# ---------------------------------------------------------------- paths


class Again(msgspec.Struct, frozen=True):
    how: How
    start: int
    end: int


class Takes(Flow):
    """Marks are moves into spawned code that is written behind `begin`, where the body starts that is walked."""

    __slots__ = ("begin", "late", "takers", "takes")

    def __init__(self, typed: TypedBody, takers: Takers, captures: Captures, slots: frozenset[int], begin: int) -> None:
        super().__init__(
            typed, slots.__contains__, captures.declared, lambda inner: captures.as_uses(typed, inner), FLOW_HANDLERS
        )
        self.takers = takers
        self.begin = begin
        self.takes: list[Taken] = []
        self.late: list[tuple[Taken, Again]] = []

    def meet(self, use: Use) -> None:
        if self.state is None or use.mode == "none":
            return
        met = [mark for mark in self.state if meets(use, self.takes[mark].use)]
        if not self.silent:
            self.late += [(self.takes[mark], again(use, self.takes[mark])) for mark in met]
        self.state = {mark: sure for mark, sure in self.state.items() if mark not in met}
        if use.mode == "move" and not self.silent:
            taker = self.takers.innermost(use.start, use.end)
            if taker is not None and taker.start >= self.begin:
                self.takes.append(Taken(taker.spawn, use))
                self.state = {**self.state, len(self.takes) - 1: True}

    def wiped(self, mark: int, place: Place) -> bool:
        return self.takes[mark].use.place.within(place)

    def of_slot(self, mark: int, slot: int) -> bool:
        return self.takes[mark].use.place.slot == slot


def again(use: Use, taken: Taken) -> Again:
    how: How = "turn" if (use.start, use.end) == (taken.use.start, taken.use.end) else "later"
    return Again(how, use.start, use.end)


def meets(use: Use, taken: Use) -> bool:
    """Whether a use is of what is gone. Where its place is not known, it may be of another part."""
    if use.place.within(taken.place):
        return True
    return use.mode != "unknown" and taken.place.within(use.place)


def moved_again(
    typed: TypedBody, takers: Takers, places: Places, captures: Captures, slots: frozenset[int]
) -> Iterator[tuple[Taken, Again]]:
    for body in (typed.body.value, *(closure.body for closure in places.closures(takers))):
        takes = Takes(typed, takers, captures, slots, body.start)
        takes.start()
        consume(takes, body)
        yield from takes.late


# ---------------------------------------------------------------- closures that are called again


def called_again(
    typed: TypedBody, takers: Takers, places: Places, captures: Captures, demands: Demands
) -> Iterator[tuple[Taken, Again]]:
    """What is taken in a closure that was given to a function which may call it many times: `.map(|i| spawn(..))`."""
    if not places.closures(takers):
        return
    arguments = [given for given in given_arguments(typed) if given.closure is not None]
    repeated = {given.closure.start for given in arguments if given.closure and is_repeated(given, demands)}
    for taker in takers.ranges:
        for closure in places.around(taker):
            if isinstance(closure, f.Closure) and closure.start in repeated:
                yield from taken_by_each_call(typed, taker, closure, captures)


def taken_by_each_call(
    typed: TypedBody, taker: Taker, closure: f.Closure, captures: Captures
) -> Iterator[tuple[Taken, Again]]:
    for capture in captures.of(typed, closure):
        moved = [use for use in capture.uses if use.mode == "move" and taker.has(use.start, use.end)]
        if moved and is_moved(capture, captures):
            use = msgspec.structs.replace(moved[0], place=capture.place)
            yield Taken(taker.spawn, use), Again("call", *closure.head)


def is_repeated(given: Given, demands: Demands) -> bool:
    """Whether the parameter that a closure is written for demands an `Fn` or `FnMut`."""
    signature = demands.declared.types.signature_of(given.callee.definition)
    if signature is None or not isinstance(given.argument, f.Closure) or given.holds or given.argument.kind == "async":
        return False
    params = signature.params if signature.self_ty is None else (signature.self_ty, *signature.params)
    param = params[given.position] if given.position < len(params) else None
    if not isinstance(param, Param):
        return False
    bounds = {bound.path for bound in demands.declared.traits.bounds_within(param, given.callee.definition)}
    return bool(bounds & REPEATED)


# ---------------------------------------------------------------- words


def described(typed: TypedBody, found: Taken, again: Again, captures: Captures) -> LateUse:
    place, closure = found.use.place, found.spawn.closure
    slot = typed.body.slots[place.slot]
    fields = [step.name for step in place.steps if step.name != DEREF]
    argument = found.spawn.argument
    by_closure = closure is not None and closure.start <= found.use.start < closure.end
    head = closure.head if closure is not None and by_closure else (argument.start, argument.end)
    return LateUse(
        name=".".join((slot.name, *fields)),
        how=again.how,
        taken=span(typed, *head),
        inside=None if not by_closure else span(typed, found.use.start, found.use.end),
        declared=span(typed, slot.start, slot.start + len(slot.name.encode())),
        again=span(typed, *around(typed, found, again)),
        runs=RUNS.get(found.spawn.kind, "code"),
        clone=own_clone(typed, found, captures),
    )


def around(typed: TypedBody, found: Taken, again: Again) -> tuple[int, int]:
    """What to point at: the use, or the head of the innermost loop that the variable is declared outside of."""
    if again.how != "turn":
        return again.start, again.end
    declared = typed.body.slots[found.use.place.slot].start
    loops = [
        node
        for node in typed.body.expressions
        if isinstance(node, f.Loop)
        and node.start < found.use.start
        and found.use.end <= node.end
        and not node.start <= declared < node.end
    ]
    return (loops[-1].start, loops[-1].body.start) if loops else (again.start, again.end)


def own_clone(typed: TypedBody, found: Taken, captures: Captures) -> tuple[tuple[Span, str], ...]:
    """A clone for the closure to take instead, and where it goes."""
    place, closure = found.use.place, found.spawn.closure
    if closure is None or closure is not found.spawn.argument or place.steps:
        return ()
    changed = any(
        capture.place.slot == place.slot and any(use.mode == "mut" for use in capture.uses)
        for capture in captures.of(typed, closure)
    )
    shadow = clone_of(typed, place.slot, captures.declared, changed)
    edits = () if shadow is None else shadowed(typed, closure, [shadow])
    return tuple((span(typed, start, end), text) for start, end, text in edits)
