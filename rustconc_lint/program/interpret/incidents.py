"""What the interpreter notices within one body that is odd whatever the body's callers do. It judges nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from rustconc_lint.facts.model import Node
from rustconc_lint.program.interpret.values import Place
from rustconc_lint.source import Span

if TYPE_CHECKING:
    from rustconc_lint.program.interpret.events import Held, Owner


class Lost(msgspec.Struct, frozen=True):
    """An end of a new channel that dies in the `let` that makes it. wildcard: what stands in the pattern for it.
    other: the variable with the other end, declared there. Only if the body itself sends or receives with it: an end
    that is handed on may be asked for by a signature, and nobody means to use it."""

    kind: Literal["sender", "receiver"]
    channel: Place
    wildcard: Span
    made: Span
    other: str
    declared: Span


class Standstill(msgspec.Struct, frozen=True):
    """Where a thread waits and gets no further: for a message, or (ends) for the end of a channel."""

    thread: int
    span: Span
    ends: bool


class Shortage(msgspec.Struct, frozen=True):
    """A receive that waits for more messages than there can be. sent: at most that many; wanted: at least. owners: of
    senders at that moment. waits: the join of the thread that receives, None where the body itself does. waiting:
    threads that get no further either. beside: what is missing of other channels, where a message of any would do."""

    channel: Place
    span: Span
    sent: int
    wanted: int
    owners: tuple[Owner, ...]
    waits: Span | None
    waiting: tuple[Standstill, ...] = ()
    beside: tuple[Shortage, ...] = ()


class Full(msgspec.Struct, frozen=True):
    """A send into a channel that is full by then, whose receiver is here, where nobody receives. room: its capacity.
    sent: at least that many messages. waits: the join of the thread that sends, None where the body itself does.
    called: it is a function that is called there that sends."""

    channel: Place
    span: Span
    room: int
    sent: int
    receiver: tuple[str, Span]
    waits: Span | None
    called: bool = False


class HeldReceive(msgspec.Struct, frozen=True):
    """A message received through a lock that is still held while the message is worked on. head: the loop's head or the
    scrutinee. work: what is done meanwhile. temporary: nothing has a name for the guard."""

    lock: Place
    head: Span
    guard: Span
    work: Span
    temporary: bool
    loop: bool
    thread: int


class Spin(msgspec.Struct, frozen=True):
    """A loop without exit that receives, and goes on when the channel is closed. tried: it does not wait for it."""

    channel: Place
    span: Span
    receive: Span
    tried: bool
    thread: int


class LazyJoin(msgspec.Struct, frozen=True):
    """A join of a thread by the same turn that has started it, so that there is never more than one. lazy: by a lazy
    iterator; else the turn consists of both."""

    spawn: Span
    join: Span
    lazy: bool


class Meeting(msgspec.Struct, frozen=True):
    """A barrier at which everybody who waits is known. needed: how many must come. parties: those who come, and how
    often each does. stays: where a wait that never ends stands, or is joined."""

    made: Span
    needed: int
    parties: tuple[tuple[Span, int, int], ...]
    stays: Span


class HeldAwait(msgspec.Struct, frozen=True):
    """An `.await` while a guard lives that the same future has taken. taken: the call that gave the guard."""

    held: Held
    taken: Node
    awaited: Span


class Incidents(msgspec.Struct):
    """All of one body, in order. unstarted: lazy iterators that would start threads, which nobody runs. unjoined:
    threads of the body itself after which it waits for nothing."""

    lost: list[Lost] = []
    shortages: list[Shortage] = []
    full: list[Full] = []
    held: list[HeldReceive] = []
    spins: list[Spin] = []
    lazy: list[LazyJoin] = []
    unstarted: list[Span] = []
    meetings: list[Meeting] = []
    unjoined: list[Span] = []
    awaits: list[HeldAwait] = []
