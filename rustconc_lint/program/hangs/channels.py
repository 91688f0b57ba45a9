"""Drains that never end: a loop, or a join of the thread with the loop, that waits for a sender that cannot go.

From the recorded drains and joins of each body. What makes the hang certain: an owner of a sender lives on every path
to the drain, dies only after it, and everybody else who could send is known to finish.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from rustconc_lint.finding import Edit
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.interpret.events import Drain, Implied, Owner, Trace
from rustconc_lint.program.interpret.incidents import Standstill
from rustconc_lint.program.interpret.state import ALIVE, ESCAPED, LEAKED
from rustconc_lint.program.interpret.values import Place
from rustconc_lint.source import Span


class StuckDrain(msgspec.Struct, frozen=True):
    """`owner` keeps the channel open. drain: the loop. waits: where the caller waits for the loop's thread, None when
    the loop itself is the wait. implied: who has written that wait, if it is no call. inside: the owner is the draining
    thread itself. kept_in: the struct whose field the owner is, where a method of it waits; borrowed: by reference.
    unsure: somebody else may send for ever, and that may be meant. stands: where the thread waits that has the sender.
    remedy: the `drop` that ends the wait, where one can be written."""

    where: Definition
    owner: Owner
    drain: Drain
    waits: Span | None
    implied: Implied = ""
    inside: bool = False
    kept_in: str = ""
    borrowed: bool = False
    unsure: bool = False
    stands: Standstill | None = None
    remedy: Edit | None = None


def stuck_drains(where: Definition, trace: Trace) -> Iterator[StuckDrain]:
    """One for every channel of the body that is drained while a sender of it idles."""
    if trace.exits:
        return  # a thread may end the process, and with it every wait
    reported: set[Place] = set()
    told: set[int] = set()  # owners: one that two wait for is one mistake
    for drain in trace.drains:
        if drain.thread == 0 and drain.channel not in reported and not drain.feeds_itself:
            sure = keeper(drain.owners, trace) or keeper_of_a_stage(drain, trace)
            sure = sure or keeper(drain.owners, trace, waiting=drain.waiting)
            owner = sure or next(idle(drain.owners), None)
            if owner is not None and made_here(drain.channel):
                reported.add(drain.channel)
                told.add(owner.handle)
                yield StuckDrain(
                    where, owner, drain, None, unsure=sure is None, stands=standstill(owner, drain.waiting)
                )
    for join in trace.joins:
        for drain in trace.drains:
            if drain.thread != join.thread or drain.channel in reported or drain.feeds_itself:
                continue
            waiting = dict(join.owners).get(drain.channel)
            if waiting is None:  # closed by then
                continue
            inside = keeper(drain.owners, trace)
            owner = inside if inside is not None else keeper(waiting, trace, join.thread)
            if owner is not None and owner.handle not in told and made_here(drain.channel):
                reported.add(drain.channel)
                yield StuckDrain(where, owner, drain, join.span, join.implied, inside is not None)


def made_here(channel: Place) -> bool:
    """Whether all senders of the channel are in sight: it was made in this body."""
    return channel.root[0] == "alloc"


def keeper_of_a_stage(drain: Drain, trace: Trace) -> Owner | None:
    """The sender that keeps a thread waiting which itself has a sender of this channel."""
    waiting, seen = [drain.owners], set[int]()
    while waiting:
        owners = waiting.pop()
        if any(owner.status == ESCAPED for owner in owners):
            continue
        found = keeper(owners, trace)
        if found is not None:
            return found
        stages = {owner.status for owner in owners if isinstance(owner.status, int)} - seen
        seen |= stages
        waiting += [of for thread, of in drain.beside if thread in stages]
    return None


def keeper(
    owners: tuple[Owner, ...], trace: Trace, drainer: int = 0, waiting: tuple[Standstill, ...] = ()
) -> Owner | None:
    """The sender that surely stays alive, None when there is none or when somebody unknown may still send. waiting:
    threads that never go on."""
    if any(owner.status == ESCAPED or may_go_on(owner, trace, drainer, waiting) for owner in owners):
        return None
    return next(idle(owners), None) or next((owner for owner in owners if standstill(owner, waiting)), None)


def may_go_on(owner: Owner, trace: Trace, drainer: int, waiting: tuple[Standstill, ...]) -> bool:
    """Whether the owner is a thread that may send for ever."""
    if not isinstance(owner.status, int) or owner.status == drainer or standstill(owner, waiting) is not None:
        return False
    return trace.threads[owner.status - 1].endless


def standstill(owner: Owner, waiting: tuple[Standstill, ...]) -> Standstill | None:
    """Where the thread waits that has the sender, if it does."""
    return next((one for one in waiting if one.thread == owner.status), None)


def idle(owners: tuple[Owner, ...]) -> Iterator[Owner]:
    """The senders that surely stay alive."""
    return (owner for owner in owners if owner.status in (ALIVE, LEAKED))
