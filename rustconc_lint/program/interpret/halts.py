"""Where threads stand while the one that has started them stands at one point: each goes on until it waits for a
message that is not there, or for the end of a channel that somebody keeps open.

A halt is such a wait of a thread; only those count that are on each of its paths. What is not known lets a thread go
on, and what it does then may let others go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from rustconc_lint.facts.model import Node
from rustconc_lint.program.interpret.incidents import Standstill
from rustconc_lint.program.interpret.machine import Machine
from rustconc_lint.program.interpret.owners import owners, shared_status
from rustconc_lint.program.interpret.state import ALIVE, ENDED, ESCAPED, LEAKED
from rustconc_lint.program.interpret.tally import NEVER, Halt, Tally, either, from_threads, may_be_closed, plus
from rustconc_lint.program.interpret.values import Place
from rustconc_lint.source import Span


class Progress(msgspec.Struct, frozen=True):
    """tallies: what each thread can have counted by now, at most. waiting: where those wait that go no further."""

    tallies: Mapping[int, Tally]
    waiting: tuple[Standstill, ...] = ()


def halt(m: Machine, kind: Literal["received", "drained"], channel: Place, wanted: int, node: Node) -> None:
    """A thread other than the body's own waits for the message of that number, or for the end of the channel."""
    if m.thread != 0 and not m.cancellable:
        halts = m.halts.setdefault(m.thread, {})
        key: Halt = (kind, channel, wanted)
        halts[key] = (either(halts[key][0], m.state.tally) if key in halts else m.state.tally, m.span(node))


def progress(m: Machine) -> Progress:
    """How far the threads can have come by now."""
    ahead = {thread: halts_of(m, thread) for thread in m.halts if thread in m.tallies and may_run(m, thread)}
    tallies = {**m.tallies, **{thread: left[0][1][0] for thread, left in ahead.items() if left}}
    moved = bool(ahead)
    while moved:
        moved = False
        waiting = frozenset(thread for thread, left in ahead.items() if left)
        for thread in waiting:
            left = ahead[thread]
            if not is_halted(m, thread, left[0][0], tallies, waiting):
                del left[0]
                tallies[thread] = left[0][1][0] if left else m.tallies[thread]
                moved = True
    where = ((thread, left[0]) for thread, left in ahead.items() if left)
    return Progress(tallies, tuple(Standstill(thread, span, key[0] == "drained") for thread, (key, (_, span)) in where))


def may_run(m: Machine, thread: int) -> bool:
    """Whether nobody has waited for the thread's end yet."""
    return thread in m.state.live or m.threads[thread - 1].parent != 0


def halts_of(m: Machine, thread: int) -> list[tuple[Halt, tuple[Tally, Span]]]:
    """Those that are on each path of the thread, in order, with what it has counted before."""
    after = m.tallies[thread]
    return [(key, known) for key, known in m.halts[thread].items() if key[2] <= after.get(key[:2], NEVER)[0]]


def is_halted(m: Machine, thread: int, halt: Halt, tallies: Mapping[int, Tally], waiting: frozenset[int]) -> bool:
    """Whether the thread does not get past the halt, where others have come as far as their tallies say."""
    kind, channel, wanted = halt
    if channel in m.state.closed or may_be_closed(m, channel) or not is_kept_open(m, channel, waiting):
        return False
    if kind == "drained":
        return channel in drained_by(m, thread)
    own = (0, m.state.tally.get(("sent", channel), NEVER)[1])
    sent = plus(own, from_threads(tallies, m.state.tally, channel))[1]
    return channel in m.queues and sent is not None and sent < wanted


def is_kept_open(m: Machine, channel: Place, waiting: frozenset[int]) -> bool:
    """Whether somebody has a sender for sure who goes no further: the body's own thread, or one that waits as well."""
    statuses = [owner.status for owner in owners(m, channel, m.state)]
    return ESCAPED not in statuses and any(
        status in (ALIVE, LEAKED) or (isinstance(status, int) and status in waiting) for status in statuses
    )


# ---------------------------------------------------------------- threads that wait for the end of a channel


def drained_by(m: Machine, thread: int, seen: frozenset[Place] = frozenset()) -> list[Place]:
    """The channels whose end the thread waits for, and nothing else. seen: see `is_stuck`."""
    waiting = dict.fromkeys(m.drained_by.get(thread, ()))
    return list(dict.fromkeys(channel for channel, unless in waiting if is_stuck(m, channel, unless, seen)))


def is_stuck(m: Machine, channel: Place, unless: frozenset[Place], seen: frozenset[Place] = frozenset()) -> bool:
    """Whether senders alone can end the wait: no call closes the channel, and `unless` (see Drain) is not the case.

    Threads that wait for each other are stuck together: what is `seen` already is taken to be received."""
    return not may_be_closed(m, channel) and all(other in seen or is_received(m, other, seen) for other in unless)


def is_received(m: Machine, channel: Place, seen: frozenset[Place]) -> bool:
    """Whether a receiver of the channel surely lives: the body's own thread has it, or one that waits for it."""
    for number, handle in enumerate(m.handles):
        if handle.kind == "receiver" and handle.place == channel:
            status = shared_status(m, number, m.state.status.get(number, ENDED))
            if status == ALIVE or (isinstance(status, int) and channel in drained_by(m, status, seen | {channel})):
                return True
    return False
