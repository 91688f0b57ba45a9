"""A lock that is taken again by the thread that holds it: the thread waits for itself.

From the recorded acquisitions of every body: the held lock and the one that is taken are one object, by the place that
both were reached through. Nothing is said of elements of a collection, of which two are never known to be the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

import msgspec

from rustconc_lint.facts.model import Body
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.hangs.locks import Key, has_to_itself, lock_of
from rustconc_lint.program.interpret.events import Acquire, Held, Hop, Trace
from rustconc_lint.program.interpret.lives import UNKNOWN_LIFE, Life, life
from rustconc_lint.program.interpret.values import Place, Root
from rustconc_lint.source import Span

Kind = Literal["again", "upgrade", "read again"]
Traces = Iterable[tuple[Definition, Trace]]


class Relock(msgspec.Struct, frozen=True, eq=False):
    """kind: "again" (both exclusive), "upgrade" (one of them shared), "read again" (both shared). name: of the lock.

    way: the calls from where the first guard lives to the second acquisition. alias: the two are one lock since this
    call is given it twice. sure: every path through those calls takes it. more: other places where it is taken again
    under the same guard."""

    kind: Kind
    name: str
    held: Held
    acquire: Acquire
    way: tuple[Hop, ...]
    alias: Hop | None
    life: Life
    where: Definition
    more: tuple[Span, ...] = ()

    @property
    def span(self) -> Span:
        """The second acquisition, or the call that leads to it."""
        if self.alias is not None:
            return self.alias.span
        return self.way[0].span if self.way else self.acquire.span

    @property
    def sure(self) -> bool:
        return self.acquire.sure and (self.alias is None or not self.held.chain[1:])


def relocks(traces: Traces, body_of: Callable[[Definition], Body | None]) -> Iterator[Relock]:
    """One for each guard under which its lock is taken again: at a place where that is sure, if there is one."""
    groups: dict[tuple[Kind, Span, tuple[Hop, ...]], list[Relock]] = {}
    for again in each_relock(traces):
        groups.setdefault((again.kind, again.held.span, again.held.chain), []).append(again)
    for group in groups.values():
        first, *others = sorted(group, key=lambda one: (not one.sure, one.span))
        more = tuple(sorted({other.span for other in others} - {first.span}))
        yield msgspec.structs.replace(first, more=more, life=life_of(first, body_of(first.where)))


def life_of(again: Relock, body: Body | None) -> Life:
    """What keeps the first guard alive at the second acquisition, where both are in the body."""
    at = again.way[0].span if again.way else again.acquire.span
    if body is None or again.held.chain or at.path != again.held.span.path:
        return UNKNOWN_LIFE
    return life(body, again.held, at)


def each_relock(traces: Traces) -> Iterator[Relock]:
    """Each second acquisition once, told from where the fewest calls lead to it: in the function that holds the first
    guard, or where a call is given one lock twice."""
    found: dict[tuple[Span, Span, Span | None], tuple[int, Definition, Trace, Held, Acquire]] = {}
    for where, trace in traces:
        if where.item.attributes.should_panic:
            continue
        for acquire in trace.acquires:
            for held in acquire.held:
                if same_lock(held.lock, acquire.lock) and blocks(held, acquire):
                    shared = common(held.chain, acquire.chain)
                    way = acquire.chain[shared:]
                    second = way[-1].span if way else acquire.span
                    told_twice = shared > 0 and not way and not held.chain[shared:]
                    key = (held.span, second, acquire.chain[shared - 1].span if told_twice else None)
                    length = len(held.chain) + len(acquire.chain)
                    if key not in found or length < found[key][0]:
                        found[key] = (length, where, trace, held, acquire)
    writers = written(traces) if found else frozenset()
    for (first, second, call), (_, where, trace, held, acquire) in found.items():
        if call is not None and (first, second, None) in found:
            continue  # whoever calls that function
        kind = kind_of(held, acquire)
        lock = lock_of(acquire.lock, where, trace.names)
        if kind == "read again" and (lock is None or lock.key not in writers or is_alone(where, trace)):
            continue
        if where.item.attributes.test and not acquire.sure:
            continue  # the test runs to its end, so this is not the case that it makes
        name = lock.name if lock is not None else written_name(acquire.lock, trace.names)
        yield relock(kind, name, held, acquire, where)


def relock(kind: Kind, name: str, held: Held, acquire: Acquire, where: Definition) -> Relock:
    shared = common(held.chain, acquire.chain)
    alias = acquire.chain[shared - 1] if shared else None
    way = acquire.chain[shared:]
    return Relock(kind, name, held, acquire, way, alias, UNKNOWN_LIFE, where)


def common(left: tuple[Hop, ...], right: tuple[Hop, ...]) -> int:
    """How many calls both have been reached through."""
    shared = 0
    while shared < min(len(left), len(right)) and left[shared] == right[shared]:
        shared += 1
    return shared


def same_lock(left: Place, right: Place) -> bool:
    """Whether both are the same object for certain."""
    return left.root == right.root and left.fields == right.fields and not {"[]", "?"} & set(left.fields)


def blocks(held: Held, acquire: Acquire) -> bool:
    """Whether the guard keeps its own thread from the lock: no recursive one, and no upgradable beside readers."""
    mode = held.mode.removeprefix("try ")
    if acquire.reenters:
        return acquire.mode == "shared" and mode == "exclusive"
    return {mode, acquire.mode} != {"shared", "upgradable"}


def kind_of(held: Held, acquire: Acquire) -> Kind:
    mode = held.mode.removeprefix("try ")
    if mode == acquire.mode:
        return "read again" if mode == "shared" else "again"
    return "upgrade"


def is_alone(where: Definition, trace: Trace) -> bool:
    """Whether nobody can write meanwhile: a test that starts no thread."""
    return where.item.attributes.test and all(thread.kind == "later" for thread in trace.threads)


def written(traces: Traces) -> frozenset[Key]:
    """The locks that somebody may write beside a reader: not one who has the value with the lock in it to itself.

    What a call writes is told where the callee knows the lock: whoever calls a method of `&mut self` is no other."""
    writes = [
        (where, acquire, lock)
        for where, trace in traces
        for acquire in trace.acquires
        if acquire.mode == "exclusive" and (lock := lock_of(acquire.lock, where, trace.names)) is not None
    ]
    known = {acquire.span for _, acquire, _ in writes if not acquire.chain}
    return frozenset(
        lock.key
        for where, acquire, lock in writes
        if not (acquire.span in known if acquire.chain else has_to_itself(where, acquire))
    )


def written_name(place: Place, names: dict[Root, str]) -> str:
    """As the variable and its fields are written, "" when there is none."""
    name = names.get(place.root, "")
    return ".".join([name, *place.fields]) if name else ""
