"""Waits for a thread under a lock that the thread takes: neither can go on.

From traces: a join, the end of a scope, the `.await` of a task, with the guards of whoever waits, and what the thread
acquires. When the guard was there before the thread began, the thread cannot have been first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.facts.model import Body
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.hangs.locks import lock_of
from rustconc_lint.program.hangs.relocks import blocks, kind_of, same_lock, written_name
from rustconc_lint.program.interpret.events import Acquire, Held, Hop, Join, Thread, Trace
from rustconc_lint.program.interpret.lives import UNKNOWN_LIFE, Life, life, nodes_around
from rustconc_lint.source import Span


class HeldJoin(msgspec.Struct, frozen=True):
    """name: of the lock, "" when it has none. waits: where somebody waits for the thread; implied: see Join. kind: of
    the thread. taken: where it takes the lock, by way of which calls. certain: it surely does, and could not before
    the guard was there."""

    name: str
    held: Held
    waits: Span
    implied: str
    kind: str
    taken: Span
    way: tuple[Hop, ...]
    certain: bool
    life: Life


def held_joins(
    traces: Iterable[tuple[Definition, Trace]], body_of: Callable[[Definition], Body | None]
) -> Iterator[HeldJoin]:
    """One for each wait and guard: by the thread that surely takes the lock, if there is one."""
    for where, trace in traces:
        if where.item.attributes.should_panic:
            continue
        body = body_of(where) if any(join.held for join in trace.joins) else None
        found: dict[tuple[Span, Span], HeldJoin] = {}
        for join in trace.joins:
            for held in join.held:
                for index, acquire in enumerate(trace.acquires):
                    if waits_for_each_other(join, held, acquire):
                        one = held_join(where, trace, join, held, index, body)
                        known = found.get((join.span, held.span))
                        if one is not None and (known is None or (one.certain and not known.certain)):
                            found[join.span, held.span] = one
        yield from found.values()


def waits_for_each_other(join: Join, held: Held, acquire: Acquire) -> bool:
    if acquire.thread != join.thread or not same_lock(held.lock, acquire.lock):
        return False
    return blocks(held, acquire) and kind_of(held, acquire) != "read again"


def held_join(
    where: Definition, trace: Trace, join: Join, held: Held, index: int, body: Body | None
) -> HeldJoin | None:
    """None where the thread may be done with the lock: it began first, and does not take the lock over and over."""
    acquire, thread = trace.acquires[index], trace.threads[join.thread - 1]
    first = not held.chain and held.span.path == thread.span.path and held.span.end <= thread.span.start
    if not first and (body is None or not repeats(body, thread, acquire)):
        return None
    lock = lock_of(held.lock, where, trace.names)
    name = lock.name if lock is not None else written_name(held.lock, trace.names)
    surely = acquire.sure and index in trace.surely and not held.mode.startswith("try")
    inside = body is not None and not held.chain and join.span.path == held.span.path
    kept = life(body, held, join.span) if body is not None and inside else UNKNOWN_LIFE
    return HeldJoin(
        name, held, join.span, join.implied, thread.kind, acquire.span, acquire.chain, surely and first, kept
    )  # fmt: skip


def repeats(body: Body, thread: Thread, acquire: Acquire) -> bool:
    """Whether the thread takes the lock in a loop of its own that nobody has counted."""
    at = acquire.chain[0].span if acquire.chain else acquire.span
    if at.path != thread.span.path:
        return False
    around = nodes_around(body.value, at.start, at.end)
    return any(isinstance(n, f.Loop) and n.kind != "for" and n.start >= thread.span.start for n in around)
