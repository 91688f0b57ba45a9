"""What the interpreter records: it judges nothing; locks.py and channels.py read these."""

from __future__ import annotations

from typing import Literal

import msgspec

from rustconc_lint.program.interpret.incidents import Incidents, Standstill
from rustconc_lint.program.interpret.state import Assumption, Handle, Status
from rustconc_lint.program.interpret.tally import Tally
from rustconc_lint.program.interpret.values import Place, Root, Value
from rustconc_lint.source import Span

Mode = Literal["exclusive", "shared", "upgradable"]
Implied = Literal["", "scope", "drop"]


class Hop(msgspec.Struct, frozen=True):
    """One call on the way to an event: where it is, and the name of what it calls."""

    span: Span
    name: str


class Held(msgspec.Struct, frozen=True):
    """A guard that is alive: its lock, where it was taken, and the calls that lead there. slot: the variable of this
    body that it was bound to last, -1 for a temporary, and for a guard of another body."""

    lock: Place
    mode: str
    span: Span
    chain: tuple[Hop, ...] = ()
    slot: int = -1


class Acquire(msgspec.Struct, frozen=True):
    """A blocking acquisition. held: what its thread holds at that moment. thread: 0 is the caller's. live: threads
    that were spawned here and may run now. cfg: the conditions of the statements around it. reenters: a guard of its
    own thread does not block it, but for a writer's a reader. sure: each function on the way takes it on every path
    through it. assumed: what the way to it takes for granted of the parameters. awaited: by a future."""

    lock: Place
    mode: str
    span: Span
    held: tuple[Held, ...]
    thread: int
    live: frozenset[int]
    chain: tuple[Hop, ...] = ()
    cfg: tuple[str, ...] = ()
    reenters: bool = False
    sure: bool = True
    assumed: frozenset[Assumption] = frozenset()
    awaited: bool = False


class Owner(msgspec.Struct, frozen=True):
    """A live sender: where it was made and what holds it. name: the variable, "" when it is a temporary or unknown.

    declared: where that variable is bound. end: what ends its life, in words ("the end of `main`")."""

    handle: int
    status: Status
    made: Span
    name: str
    declared: Span | None


class Drain(msgspec.Struct, frozen=True):
    """A loop that ends only when the channel is closed. span: the loop's head. owners: senders of it at that moment, in
    this thread's hands or not. feeds_itself: whether the loop's own body sends through one of them.

    beside: live threads that wait for a channel themselves, and its senders. given: senders that came in as parameters:
    a caller knows whether they are of the same channel. released: see State, at its beginning. within: the function
    called here whose parameter is the first of the owners. unless: the loop is left too when all receivers of one of
    these channels are gone; where it is the caller's own thread that waits, they are not. waiting: threads that get no
    further before it ends. once: it is one receive, of which the code demands that it gets nothing."""

    channel: Place
    span: Span
    thread: int
    owners: tuple[Owner, ...]
    feeds_itself: bool
    chain: tuple[Hop, ...] = ()
    beside: tuple[tuple[int, tuple[Owner, ...]], ...] = ()
    given: tuple[tuple[Place, tuple[Owner, ...]], ...] = ()
    released: frozenset[Place] = frozenset()
    within: str = ""
    unless: frozenset[Place] = frozenset()
    waiting: tuple[Standstill, ...] = ()
    once: bool = False


class Join(msgspec.Struct, frozen=True):
    """Waits for a thread. implied: nobody has written it there: the end of a `thread::scope` (or `join!`), or what
    a dying value does. owners: senders alive at that moment, by channel that the thread waits for and is still open.
    held: guards of the thread that waits."""

    thread: int
    span: Span
    by: int
    owners: tuple[tuple[Place, tuple[Owner, ...]], ...]
    implied: Implied = ""
    held: tuple[Held, ...] = ()


class OuterJoin(msgspec.Struct, frozen=True):
    """A join of a thread whose handle is the caller's: a parameter, or a field of one. released: see State."""

    place: Place
    span: Span
    released: frozenset[Place]


class Bundle(msgspec.Struct, frozen=True):
    """A struct made of a sender and the handle of the thread that drains its channel: where both are in it.

    owner: `Type.field` that holds the sender. made: the struct's construction."""

    type: str
    sender: tuple[str, ...]
    handle: tuple[str, ...]
    owner: str
    made: Span
    drain: Drain


class Thread(msgspec.Struct, frozen=True):
    """A spawn. many: in a loop, or in a closure that runs often. beside: threads that may run when it starts.
    parent: the thread that spawned it. endless: its body has a loop without exit."""

    number: int
    span: Span
    kind: str
    many: bool
    beside: frozenset[int]
    parent: int
    endless: bool = False


class Invoke(msgspec.Struct, frozen=True):
    """A call of the closure in parameter `index`, on that thread, with those guards held."""

    index: int
    thread: int
    held: tuple[Held, ...]


class Trace(msgspec.Struct, frozen=True):
    """All that happens in one body. result: what it returns. fates: of each parameter's content at the end.

    names: the variable of each root. calls: functions of the project that are called, and in which of its threads.
    invokes: calls of closures it was given.
    diverges: it never returns. endless: the caller's thread stays in a loop without exit. exits: one of its threads may
    end the process. released: places of the caller that may have been emptied. left: senders of
    channels made here that live on, and in whose hands. incidents: oddities of the body itself. tally: how often what
    happens to channels and barriers of the caller. spread: places of the caller in unknown hands. surely: indexes of
    the acquisitions that are on every path. assigned: see State."""

    acquires: tuple[Acquire, ...]
    drains: tuple[Drain, ...]
    joins: tuple[Join, ...]
    threads: tuple[Thread, ...]
    handles: tuple[Handle, ...]
    result: Value
    fates: dict[Place, Status]
    diverges: bool
    endless: bool
    names: dict[Root, str]
    calls: frozenset[tuple[str, int]]
    invokes: tuple[Invoke, ...]
    exits: bool
    outer_joins: tuple[OuterJoin, ...] = ()
    bundles: tuple[Bundle, ...] = ()
    released: frozenset[Place] = frozenset()
    left: tuple[tuple[int, Status], ...] = ()
    incidents: Incidents = msgspec.field(default_factory=Incidents)
    tally: Tally = {}
    spread: frozenset[Place] = frozenset()
    surely: frozenset[int] = frozenset()
    assigned: frozenset[tuple[Place, bool]] = frozenset()
