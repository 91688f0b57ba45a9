"""Threads and tasks that borrow what may die before them: captures by reference, held against who owns the variable.

rustc says E0373 for a borrowed variable of the fn or scope that starts the thread, E0521 for what a reference parameter
points to, and E0277 where the borrowed type is not Sync. References to other locals (E0597) are not looked at.
"""

from __future__ import annotations

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.program.captures import Capture
from rustconc_lint.program.moving import Move, move_of
from rustconc_lint.program.places import DEREF, Declarations
from rustconc_lint.program.spawns import Range, Spawn
from rustconc_lint.program.traits import Verdict
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.program.types import RefTy
from rustconc_lint.source import Span


class Borrowed(msgspec.Struct, frozen=True):
    """A captured place, as written (`name`, `self.limit`), where its variable is declared, and one use of it."""

    name: str
    declared: Span
    use: Span


class Borrowing(msgspec.Struct, frozen=True):
    """A closure or `async` block that needs `move`.

    head: what an editor underlines. runs: "thread", "task" or "code", what it becomes. function: the fn it is in,
    "" for statements at top level. scoped: it may borrow what lives outside its scope. owned: variables that die too
    early. lent: what references of the caller lead to; `move` does not help there. shared: what a scoped one borrows
    by right, and `move` would take as well. not_sync: the first type that could not be borrowed anyway.
    """

    head: Span
    is_async: bool
    runs: str
    function: str
    scoped: bool
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
    scoped = spawn.kind == "scoped"
    owned = [c for c in captures if c.borrows_variable and dies(typed, c, spawn.outlives)]
    lent = [] if scoped else [c for c in captures if is_lent(typed, c, declared)]
    if not owned and not lent:
        return None
    shared = [c for c in captures if c.borrows_variable and c not in owned] if scoped else []
    return Borrowing(
        head=span(typed, *closure.head),
        is_async=closure.kind == "async",
        runs=RUNS.get(spawn.kind, "code"),
        function=typed.owner.name,
        scoped=scoped,
        owned=tuple(described(typed, c) for c in owned),
        lent=tuple(described(typed, c) for c in lent),
        shared=tuple(dict.fromkeys(typed.body.slots[c.place.slot].name for c in shared)),
        compiler=codes(spawn, owned, lent, declared, typed),
        move=move_of(typed, spawn, captures, declared) if owned else None,
    )


RUNS = {
    "thread": "thread",
    "scoped": "thread",
    "blocking": "thread",
    "pool": "thread",
    "task": "task",
    "local": "task",
}


def dies(typed: TypedBody, capture: Capture, outlives: Range) -> bool:
    return outlives[0] <= typed.body.slots[capture.place.slot].start < outlives[1]


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


def lives_for_ever(typed: TypedBody, lifetime: str, declared: Declarations) -> bool:
    """Whether a reference of this lifetime is, or by a bound may be, `'static`."""
    if lifetime in ("", "_"):
        return False
    if lifetime == "static":
        return True
    for owner in (typed.owner, typed.owner.container):
        detail = declared.names.detail(owner) if owner is not None else None
        generics = detail.signature.generics if isinstance(detail, f.FnDetail) else getattr(detail, "generics", None)
        if isinstance(generics, f.Generics) and generics.where:
            return True  # a `where 'a: 'static` is not kept apart from others
        for param in generics.params if isinstance(generics, f.Generics) else ():
            if param.name == f"'{lifetime}" and param.bounds:
                return True
    return False


def described(typed: TypedBody, capture: Capture) -> Borrowed:
    slot = typed.body.slots[capture.place.slot]
    fields = [step.name for step in capture.place.steps if step.name != DEREF]
    use = next((use for use in capture.uses if use.mode in ("copy", "ref", "mut")), capture.uses[0])
    return Borrowed(
        ".".join((slot.name, *fields)),
        span(typed, slot.start, slot.start + len(slot.name.encode())),
        span(typed, use.start, use.end),
    )


def span(typed: TypedBody, start: int, end: int) -> Span:
    return Span(typed.module.file.path, start, end)


def codes(
    spawn: Spawn, owned: list[Capture], lent: list[Capture], declared: Declarations, typed: TypedBody
) -> tuple[str, ...]:
    """What rustc says: types come first, then it looks at borrows."""
    if spawn.crosses and any(
        capture.by == "ref" and declared.autos.is_sync(capture.place.ty).verdict is Verdict.NO
        for capture in (*owned, *lent)
    ):
        return ("E0277",)
    found = ["E0373"] if owned else []
    if lent or any(refers_to_caller(typed, capture, declared) for capture in owned):
        found.append("E0521")
    return tuple(found)


def refers_to_caller(typed: TypedBody, capture: Capture, declared: Declarations) -> bool:
    """Whether a borrowed variable is itself a reference that the caller lent: rustc then says both."""
    ty = typed.slots[capture.place.slot]
    is_parameter = typed.body.slots[capture.place.slot].start < typed.body.value.start
    return isinstance(ty, RefTy) and is_parameter and not lives_for_ever(typed, ty.lifetime, declared)
