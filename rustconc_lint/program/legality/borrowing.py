"""Threads and tasks that borrow what may die before them: captures by reference, held against who owns the variable.

rustc says E0373 for a borrowed variable of the fn, closure or scope that starts the thread, E0597 for one further out,
E0521 for what a reference parameter points to, and E0277 where the borrowed type is not Sync. References to other
locals are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from rustconc_lint.facts.model import Closure
from rustconc_lint.program.legality.captures import Capture
from rustconc_lint.program.legality.lifetimes import lives_for_ever
from rustconc_lint.program.legality.moving import Move, move_of
from rustconc_lint.program.legality.places import DEREF, Declarations
from rustconc_lint.program.legality.spawns import BOXED, Range, Spawn, ends, whole_body
from rustconc_lint.program.traits.traits import Verdict
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.program.types import RefTy
from rustconc_lint.source import Span

Home = Literal["fn", "scope", "closure"]


class Borrowed(msgspec.Struct, frozen=True):
    """A captured place, as written (`name`, `self.limit`), where its variable is declared, and one use of it.

    refers: it is a reference to what belongs to the caller."""

    name: str
    declared: Span
    use: Span
    refers: bool


class Borrowing(msgspec.Struct, frozen=True):
    """A closure or `async` block that needs `move`.

    head: what an editor underlines. runs: "thread", "task" or "code", what it becomes; "block" if it is returned.
    home: what it may outlive: the fn, its scope's closure, or the closure that returns it. function: the fn it is in,
    "" for statements at top level. owned: variables that die too early. lent: what references of the caller lead to;
    `move` does not help there. shared: what a scoped thread borrows by right, and `move` would take as well.
    """

    head: Span
    is_async: bool
    runs: str
    home: Home
    function: str
    owned: tuple[Borrowed, ...]
    lent: tuple[Borrowed, ...]
    shared: tuple[str, ...]
    compiler: tuple[str, ...]
    move: Move | None


def borrowing(
    typed: TypedBody, spawn: Spawn, captures: tuple[Capture, ...], declared: Declarations
) -> Borrowing | None:
    """What the code of `spawn` borrows and must own; None when nothing is wrong, or nothing is known to be."""
    closure = spawn.closure
    if closure is None or spawn.outlives is None or closure.moves:
        return None
    home = home_of(typed, spawn)
    owned = [c for c in captures if c.borrows_variable and dies(typed, c, spawn, spawn.outlives)]
    lent = [c for c in captures if is_lent(typed, c, declared)] if spawn.forever else []
    if not owned and not lent:
        return None
    shared = [c for c in captures if c.borrows_variable and c not in owned] if home == "scope" else []
    return Borrowing(
        head=span(typed, *closure.head),
        is_async=closure.kind == "async",
        runs=RUNS.get(spawn.kind, "code"),
        home=home,
        function=typed.owner.name,
        owned=tuple(described(typed, c, declared) for c in owned),
        lent=tuple(described(typed, c, declared) for c in lent),
        shared=tuple(dict.fromkeys(typed.body.slots[c.place.slot].name for c in shared)),
        compiler=codes(typed, spawn, owned, lent, declared),
        move=move_of(typed, spawn, captures, shared, declared) if owned else None,
    )


def home_of(typed: TypedBody, spawn: Spawn) -> Home:
    if spawn.kind == "scoped":
        return "scope"
    return "fn" if spawn.outlives == whole_body(typed) else "closure"


RUNS = {
    "thread": "thread",
    "scoped": "thread",
    "blocking": "thread",
    "pool": "thread",
    "task": "task",
    "local": "task",
    "returned": "block",
}


def dies(typed: TypedBody, capture: Capture, spawn: Spawn, outlives: Range) -> bool:
    """Whether the variable is declared in what the code may outlive, or was moved into a closure in there."""
    declared = typed.body.slots[capture.place.slot].start
    if outlives[0] <= declared < outlives[1]:
        return True
    start, end = spawn.call  # `scope(move |s| { s.spawn(|| log.len()); })`
    return any(c.moves and declared < c.start < start and outlives[0] <= c.start and end <= c.end for c in fns(typed))


def fns(typed: TypedBody) -> Iterator[Closure]:
    return (closure for closure in typed.closures.values() if closure.kind == "fn")


def is_lent(typed: TypedBody, capture: Capture, declared: Declarations) -> bool:
    """Whether a place is behind a reference parameter that may end before `'static`: `self.hits` of a `&self`."""
    steps = capture.place.steps
    if capture.by not in ("ref", "mut") or not steps or steps[0].name != DEREF:
        return False
    if sum(step.name == DEREF and isinstance(step.before, RefTy) for step in steps) != 1:
        return False  # the inner reference may be 'static
    ty = steps[0].before
    is_parameter = typed.body.slots[capture.place.slot].start < typed.body.value.start
    return isinstance(ty, RefTy) and is_parameter and not lives_for_ever(typed, ty.lifetime, declared)


def described(typed: TypedBody, capture: Capture, declared: Declarations) -> Borrowed:
    slot = typed.body.slots[capture.place.slot]
    use = next((use for use in capture.uses if use.mode in ("copy", "ref", "mut")), capture.uses[0])
    return Borrowed(
        place_name(typed, capture),
        span(typed, slot.start, slot.start + len(slot.name.encode())),
        span(typed, use.start, use.end),
        refers_to_caller(typed, capture, declared),
    )


def place_name(typed: TypedBody, capture: Capture) -> str:
    """The captured place as one writes it."""
    fields = [step.name for step in capture.place.steps if step.name != DEREF]
    return ".".join((typed.body.slots[capture.place.slot].name, *fields))


def span(typed: TypedBody, start: int, end: int) -> Span:
    return Span(typed.module.file.path, start, end)


def codes(
    typed: TypedBody, spawn: Spawn, owned: list[Capture], lent: list[Capture], declared: Declarations
) -> tuple[str, ...]:
    """What rustc says: types come first, then it looks at borrows."""
    captures = (*owned, *lent)
    if (spawn.crosses or spawn.shared) and any(c.by == "ref" and is_not_sync(c, declared) for c in captures):
        return ("E0277",)
    further = is_sold_on(typed, spawn)
    found = dict.fromkeys("E0597" if further or is_further_out(typed, spawn, capture) else "E0373" for capture in owned)
    if lent or (spawn.forever and any(refers_to_caller(typed, capture, declared) for capture in owned)):
        found["E0521"] = None
    return tuple(found)


def is_not_sync(capture: Capture, declared: Declarations) -> bool:
    return declared.autos.is_sync(capture.place.ty).verdict is Verdict.NO


def is_further_out(typed: TypedBody, spawn: Spawn, capture: Capture) -> bool:
    """Whether a closure in between borrows the variable itself: then rustc finds the fault in the outer borrow."""
    start, end = spawn.argument.start, spawn.argument.end
    declared = typed.body.slots[capture.place.slot].start
    return any(
        c.start < start and end <= c.end and not c.moves and not c.start <= declared < c.end
        for c in typed.closures.values()
    )


def is_sold_on(typed: TypedBody, spawn: Spawn) -> bool:
    """Whether a box with the closure goes to somebody else: of one that is returned rustc says the usual."""
    start, end = spawn.call
    if spawn.kind != BOXED or (spawn.closure is not None and spawn.closure.kind == "async"):
        return False
    return not any(value.start <= start and end <= value.end for value in ends(typed.body.value))


def refers_to_caller(typed: TypedBody, capture: Capture, declared: Declarations) -> bool:
    """Whether a borrowed variable is itself a reference that the caller lent: rustc then says both."""
    ty = typed.slots[capture.place.slot]
    is_parameter = typed.body.slots[capture.place.slot].start < typed.body.value.start
    return isinstance(ty, RefTy) and is_parameter and not lives_for_ever(typed, ty.lifetime, declared)
