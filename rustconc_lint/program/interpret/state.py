"""What is true at one point of a body: what every place holds, and which handles still live.

States are copied at branches and joined where paths meet. A handle that lives on one path only is `MAYBE`: a hang is
reported only for what is `ALIVE` on every path.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from rustconc_lint.facts.model import Node
from rustconc_lint.program.interpret.tally import Tally, either
from rustconc_lint.program.interpret.values import Place, Root, Value, joined

Status = str | int
Assumption = tuple[int, str, bool]  # a parameter by index, `true` or a variant, whether it is that
ALIVE = "alive"
MAYBE = "maybe"
ENDED = "ended"
ESCAPED = "escaped"  # in hands we know nothing of
LEAKED = "leaked"  # `mem::forget`: never ends

HandleKind = Literal["guard", "sender", "receiver", "thread", "share", "content", "barrier", "borrow"]


class Handle(msgspec.Struct, frozen=True, eq=False):
    """Something whose end matters ("borrow": a guard of no lock). status lives in the State; `int` as status is the
    thread that owns it.

    place: the lock of a guard, the channel of an end, the allocation of a share, the parameter of a content.
    mode: of a guard: exclusive, shared, upgradable. site: the expression that made it. thread: who made it.
    """

    kind: HandleKind
    place: Place
    site: Node
    thread: int
    mode: str = ""


class State:
    """memory: what each root holds. status: of every handle made so far on this path. closed: channels known to be
    closed here. live: threads spawned and not joined. finished: threads known to have ended. released: places of
    callers whose content may have been moved out or replaced. assigned: places of unknown content that may have another
    now, and whether a lock itself is in it. taken: indexes of the acquisitions on every path to here. assumed: what
    every path to here takes for granted of the parameters. tally: how often what has happened. reachable: False after
    a jump or a diverging call."""

    __slots__ = (
        "assigned", "assumed", "closed", "finished", "live", "memory", "reachable", "released", "status", "taken",
        "tally",
    )  # fmt: skip

    def __init__(self) -> None:
        self.memory: dict[Root, Value] = {}
        self.status: dict[int, Status] = {}
        self.closed: frozenset[Place] = frozenset()
        self.live: frozenset[int] = frozenset()
        self.finished: frozenset[int] = frozenset()
        self.released: frozenset[Place] = frozenset()
        self.tally: Tally = {}
        self.assigned: frozenset[tuple[Place, bool]] = frozenset()
        self.taken: frozenset[int] = frozenset()
        self.assumed: frozenset[Assumption] = frozenset()
        self.reachable = True

    def copy(self) -> State:
        other = State.__new__(State)
        other.memory = self.memory.copy()
        other.status = self.status.copy()
        other.closed = self.closed
        other.live = self.live
        other.finished = self.finished
        other.released = self.released
        other.tally = self.tally
        other.assigned = self.assigned
        other.taken = self.taken
        other.assumed = self.assumed
        other.reachable = self.reachable
        return other


def join(left: State, right: State) -> State:
    """The state where two paths meet; an unreachable one adds nothing."""
    if not right.reachable:
        return left
    if not left.reachable:
        return right
    result = left.copy()
    for root, value in right.memory.items():
        known = result.memory.get(root)
        if known is None:
            result.memory[root] = value
        elif known is not value:
            result.memory[root] = joined(known, value)
    for handle, status in right.status.items():
        known_status = result.status.get(handle, ENDED)
        if known_status != status:
            result.status[handle] = MAYBE if ESCAPED not in (known_status, status) else ESCAPED
    for handle, status in left.status.items():
        if handle not in right.status and status not in (ENDED, ESCAPED):
            result.status[handle] = MAYBE
    result.closed = left.closed & right.closed
    result.finished = left.finished & right.finished
    result.live = left.live | right.live
    result.released = left.released | right.released
    result.tally = either(left.tally, right.tally)
    result.assigned = left.assigned | right.assigned
    result.taken = left.taken & right.taken
    result.assumed = left.assumed & right.assumed
    return result
