"""What is waited for and never comes: messages, room in a channel, further threads at a barrier. From traces alone.

Certain is only what nobody else can change: whoever may still send, receive or wait is known, and known to finish.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.hangs.channels import keeper, made_here, standstill
from rustconc_lint.program.interpret.events import Owner, Trace
from rustconc_lint.program.interpret.incidents import Full, Meeting, Shortage, Spin, Standstill
from rustconc_lint.program.interpret.state import ENDED, ESCAPED, LEAKED
from rustconc_lint.source import Span

Traces = Iterable[tuple[Definition, Trace]]


class MissingMessage(msgspec.Struct, frozen=True):
    """A receive that waits for ever: `owner` keeps the channel open, and all that could be sent has been received.
    stands: where the thread waits that has it."""

    where: Definition
    shortage: Shortage
    owner: Owner
    stands: Standstill | None = None


class DeafLoop(msgspec.Struct, frozen=True):
    """A loop that goes on when its channel is closed, in a thread that is joined there."""

    spin: Spin
    join: Span


def missing_messages(traces: Traces) -> Iterator[MissingMessage]:
    for where, trace in traces:
        drained = {drain.channel for drain in trace.drains}  # where the loop is what never ends
        told: set[tuple[Standstill, ...]] = set()  # threads that wait for each other are one mistake
        for shortage in trace.incidents.shortages if not trace.exits else ():
            if shortage.waiting in told:
                continue
            owner = keeper(shortage.owners, trace, waiting=shortage.waiting)
            surely = all(stays_open(one, trace) for one in (shortage, *shortage.beside))
            if owner is not None and surely and shortage.channel not in drained:
                told |= {shortage.waiting} - {()}
                yield MissingMessage(where, shortage, owner, standstill(owner, shortage.waiting))


def stays_open(shortage: Shortage, trace: Trace) -> bool:
    return made_here(shortage.channel) and keeper(shortage.owners, trace, waiting=shortage.waiting) is not None


def full_channels(traces: Traces) -> Iterator[Full]:
    for _, trace in traces:
        if not trace.exits:
            yield from trace.incidents.full


def deaf_loops(traces: Traces) -> Iterator[DeafLoop]:
    """One for each loop, where it is joined."""
    for _, trace in traces:
        for spin in trace.incidents.spins if not trace.exits else ():
            join = next((join for join in trace.joins if join.thread == spin.thread), None)
            if join is None or spin.thread == 0 or not made_here(spin.channel):
                continue
            owners = dict(join.owners).get(spin.channel, ())
            if not any(may_go_on(owner, spin.thread, trace) for owner in owners):
                yield DeafLoop(spin, join.span)


def may_go_on(owner: Owner, looping: int, trace: Trace) -> bool:
    """Whether the owner may send for ever, or belongs to the loop's own thread."""
    if isinstance(owner.status, int):
        return owner.status == looping or trace.threads[owner.status - 1].endless
    return owner.status in (ESCAPED, LEAKED) and owner.status != ENDED


def uneven_meetings(traces: Traces) -> Iterator[Meeting]:
    """Barriers at which somebody waits for ever."""
    for _, trace in traces:
        for meeting in trace.incidents.meetings if not trace.exits else ():
            if leaves_one_alone(meeting):
                yield meeting


def leaves_one_alone(meeting: Meeting) -> bool:
    """Too few ever come; or each comes once, and the last group is too small."""
    parties = sum(many for _, many, _ in meeting.parties)
    once = all(times == 1 for _, _, times in meeting.parties)
    return 0 < parties < meeting.needed or (once and meeting.needed > 0 and parties % meeting.needed != 0)
