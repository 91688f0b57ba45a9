"""Everything that rustc rejects about code that runs elsewhere: what it borrows, and what it may not take along.

One pass over the bodies that spawn, each typed once. A closure that takes along what may not cross is not blamed for
its borrows as well: rustc stops at types before it looks at borrows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain
from pathlib import PurePosixPath

import msgspec

from rustconc_lint.program.legality.asserted import asserted_result, asserted_types
from rustconc_lint.program.legality.borrowing import Borrowing, borrowing
from rustconc_lint.program.legality.captures import Captures
from rustconc_lint.program.legality.changed_copies import ChangedCopy, changed_copies
from rustconc_lint.program.legality.futures import Bodies, Futures
from rustconc_lint.program.legality.implementors import at_calls, at_impl, unfit_futures, unfit_implementors
from rustconc_lint.program.legality.late_uses import LateUse, late_uses
from rustconc_lint.program.legality.lost_borrows import LostBorrow, lost_borrows
from rustconc_lint.program.legality.returned import returned_blocks
from rustconc_lint.program.legality.sending import Crossing, Sending, unshareable_statics
from rustconc_lint.program.legality.spawns import (
    Demands,
    Spawn,
    Started,
    boxed_code,
    closures_in,
    promised,
    returned_code,
    spawns,
    started_code,
    started_results,
)  # fmt: skip
from rustconc_lint.program.typeck.model import TypedBody

FAILING = frozenset({"compile-fail", "compile_fail", "fail", "trybuild", "ui", "ui-fail", "ui_fail"})


class Legality(msgspec.Struct, frozen=True):
    """What is wrong, in order of the bodies."""

    borrowings: tuple[Borrowing, ...]
    crossings: tuple[Crossing, ...]
    late_uses: tuple[LateUse, ...]
    lost_borrows: tuple[LostBorrow, ...]
    changed_copies: tuple[ChangedCopy, ...]


def legality(bodies: Iterable[TypedBody], captures: Captures, demands: Demands, body_of: Bodies) -> Legality:
    """Borrows and crossings of all code that the bodies have run elsewhere, and of statics."""
    futures = Futures(captures, body_of)
    captures.declared.autos.contents = futures.contents
    sending = Sending(captures, futures)
    borrowings: list[Borrowing] = []
    crossings: list[Crossing] = []
    late: list[LateUse] = []
    lost: list[LostBorrow] = []
    copies: list[ChangedCopy] = []
    started: dict[str, Started] = {}
    for typed in bodies:
        if is_meant_to_fail(typed.module.file.path):
            continue
        captures.bodies[typed.owner.path] = typed
        crossing: list[Crossing] = []
        sound: list[Spawn] = []  # what crosses by right
        own: list[Spawn] = []  # and borrows nothing that `move` would give it
        for spawn in chain(
            spawns(typed, demands), boxed_code(typed), returned_code(typed, demands), returned_blocks(typed)
        ):
            found = list(first_of_each(crossings_of(typed, spawn, captures, sending)))
            crossing += found
            if found:
                continue
            sound.append(spawn)
            borrowed = list(borrowings_of(typed, spawn, captures))
            borrowings += borrowed
            if not borrowed:
                own.append(spawn)
        crossings += innermost(crossing)
        started |= {one.function.path: one for one in started_results(typed, demands)}
        crossings += chain(asserted_types(typed, demands, sending), asserted_result(typed, sending))
        lost += lost_borrows(typed, own, captures)
        late += late_uses(typed, sound, captures, demands)
        copies += changed_copies(typed, sound, captures)
        captures.forget(typed)
    called = Sending(captures, futures, generic=False)
    for one in started.values():
        found, lent = of_started(one, captures, called, body_of)
        crossings += found
        borrowings += lent
    # After the bodies, since statics within them are known only when they have been read.
    statics = unshareable_statics(captures.declared)
    unfit = list(unfit_implementors(captures.declared))
    calls = at_calls(unfit, captures.declared.names.functions(), body_of, captures.declared)
    demanded = chain(map(at_impl, unfit), calls, unfit_futures(captures.declared))
    crossings += [one for one in chain(statics, demanded) if not is_meant_to_fail(one.span.path)]
    return Legality(tuple(borrowings), tuple(crossings), tuple(late), tuple(lost), tuple(copies))


def of_started(
    started: Started, captures: Captures, sending: Sending, body_of: Bodies
) -> tuple[list[Crossing], list[Borrowing]]:
    """What is wrong with the code that a function returns and that a caller of it has run elsewhere."""
    typed = body_of(started.function)
    crossings: list[Crossing] = []
    borrowings: list[Borrowing] = []
    if typed is None or promised(typed):
        return crossings, borrowings
    captures.bodies[typed.owner.path] = typed
    for spawn in started_code(typed, started):
        found = list(first_of_each(crossings_of(typed, spawn, captures, sending)))
        crossings += found
        borrowings += [] if found else borrowings_of(typed, spawn, captures)
    captures.forget(typed)
    return crossings, borrowings


def innermost(found: list[Crossing]) -> list[Crossing]:
    """Of closures within one another that take the same thing along, the innermost: `scope(|s| s.spawn(|| cell))`."""
    return [
        outer
        for outer in found
        if not any(
            outer.use is not None
            and outer.how != "alive"  # what lives in a function lives in each future that waits for it
            and inner.use == outer.use
            and outer.span.start < inner.span.start
            for inner in found
        )
    ]


@cache
def is_meant_to_fail(path: str) -> bool:
    """Whether a file is a test of what does not compile: `tests/ui`, `tests/compile_fail` and their kin."""
    parts = PurePosixPath(path).parts[:-1]
    return any(
        part in FAILING and any(before.startswith("test") for before in parts[:at]) for at, part in enumerate(parts)
    )


def crossings_of(typed: TypedBody, spawn: Spawn, captures: Captures, sending: Sending) -> Iterator[Crossing]:
    captured = captures.of(typed, spawn.closure) if spawn.closure is not None else ()
    return sending.crossings(typed, spawn, captured)


def first_of_each(found: Iterable[Crossing]) -> Iterator[Crossing]:
    """One finding for an Rc and one for anything else: the rest of a closure's list says the same again."""
    seen: set[bool] = set()
    for crossing in found:
        if crossing.counted not in seen:
            seen.add(crossing.counted)
            yield crossing


def borrowings_of(typed: TypedBody, spawn: Spawn, captures: Captures) -> Iterator[Borrowing]:
    """What the code borrows, and what closures borrow that it takes along (`let log = || ..; spawn(move || log())`)."""
    if spawn.closure is None:
        return
    captured = captures.of(typed, spawn.closure)
    found = borrowing(typed, spawn, captured, captures.declared)
    if found is not None:
        yield found
    for capture in captured if spawn.outlives is not None else ():
        for inner in closures_in(typed, capture.place.ty) if capture.by == "value" else ():
            if inner is not spawn.closure:
                carried = msgspec.structs.replace(spawn, argument=inner, closure=inner, crosses=False)
                found = borrowing(typed, carried, captures.of(typed, inner), captures.declared)
                if found is not None:
                    yield found
