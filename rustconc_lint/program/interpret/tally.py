"""How often something happens, between bounds: messages sent and received (receivers "passed" on in them, results
among them that may have "failed"), channels received from to their end, or
closed by a call, waits at a barrier, threads started, a closure called that came in as a parameter.

Each path counts for itself; a loop multiplies what its turn has added, where the number of its turns is known. Threads
count for themselves too (`Machine.tallies`): they are as many as the key "started" of their parent says.

"ahead" is how many messages more than it had received a thread may have sent at some moment: one that answers what it
receives is never ahead, so that there is nothing of it for others while nothing comes for itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from rustconc_lint.program.interpret.values import Own, Place, Value, inside

if TYPE_CHECKING:
    from rustconc_lint.program.interpret.machine import Machine

Kind = Literal["sent", "received", "ahead", "passed", "failed", "drained", "closed", "waited", "started", "called"]
Key = tuple[Kind, Place]
Count = tuple[int, int | None]  # at least, at most; None: nobody knows
Tally = dict[Key, Count]  # never changed in place: states share it
Halt = tuple[Literal["received", "drained"], Place, int]  # what a thread waits for: that many messages, or the end
USES: tuple[Kind, ...] = ("received", "drained")
NEVER: Count = (0, 0)
ONCE: Count = (1, 1)
PERHAPS: Count = (0, 1)
ANY: Count = (0, None)


def count(m: Machine, kind: Kind, place: Place, times: Count = ONCE) -> None:
    """It happens that often now."""
    key: Key = (kind, place)
    m.counted.append(key)
    tally = {**m.state.tally, key: plus(m.state.tally.get(key, NEVER), times)}
    if kind == "sent":
        tally["ahead", place] = 0, higher(tally.get(("ahead", place), NEVER)[1], lead(tally, place))
    m.state.tally = tally


def lead(tally: Tally, channel: Place) -> int | None:
    """How many messages more than it has received a thread may have sent, None where nobody knows."""
    sent = tally.get(("sent", channel), NEVER)[1]
    return None if sent is None else sent - tally.get(("received", channel), NEVER)[0]


def higher(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else max(one, other)


def plus(left: Count, right: Count) -> Count:
    return left[0] + right[0], None if left[1] is None or right[1] is None else left[1] + right[1]


def times(count: Count, turns: Count) -> Count:
    if count[1] == 0 or turns[1] == 0:
        return NEVER
    return count[0] * turns[0], None if count[1] is None or turns[1] is None else count[1] * turns[1]


def either(left: Tally, right: Tally) -> Tally:
    """Where two paths meet."""
    if left is right:
        return left
    merged: Tally = {}
    for key in {**left, **right}:
        one, other = left.get(key, NEVER), right.get(key, NEVER)
        merged[key] = min(one[0], other[0]), higher(one[1], other[1])
    return merged


def repeated(m: Machine, before: Tally, after: Tally, first: int, turns: Count) -> Tally:
    """What `after` is once all counted since `before` (number `first` of `counted`) has happened `turns` times."""
    result = dict(after)
    for key in set(m.counted[first:]):
        result[key] = plus(before.get(key, NEVER), times(added(before, after, key), turns))
        if key[0] == "sent":
            result["ahead", key[1]] = 0, climbed(before, after, after, key[1], turns[1])
    return result


def left_early(m: Machine, before: Tally, turn: Tally | None, after: Tally, first: int, turns: Count) -> Tally:
    """What a path counts that leaves a loop with `after` in its turn: any number of whole turns may have come before,
    each as `turn` says; None when no turn comes to its end."""
    if turn is None:
        return after
    result = dict(after)
    for key in set(m.counted[first:]):
        whole = times(added(before, turn, key), (0, turns[1]))
        result[key] = plus(after.get(key, NEVER), whole)
        if key[0] == "sent":
            result["ahead", key[1]] = 0, climbed(before, turn, after, key[1], turns[1])
    return result


def climbed(before: Tally, turn: Tally, after: Tally, channel: Place, turns: int | None) -> int | None:
    """How far `after` may have been ahead where it began up to that many turns later, each like `turn`."""
    peak, start, end = after.get(("ahead", channel), NEVER)[1], lead(before, channel), lead(turn, channel)
    if peak is None or start is None or end is None:
        return None
    gain = max(end - start, 0)
    if not gain:
        return peak
    return None if turns is None else peak + gain * turns


def added(before: Tally, after: Tally, key: Key) -> Count:
    """What has been counted in between."""
    start, (low, high) = before.get(key, NEVER), after.get(key, NEVER)
    return low - start[0], None if high is None or start[1] is None else high - start[1]


def any_number(m: Machine, before: Tally, first: int) -> None:
    """What was counted since may have happened any number of times, or never."""
    again = set(m.counted[first:])
    if again:
        unknown = {key: (before.get(key, NEVER)[0], None) for key in again}
        ahead: Tally = {("ahead", place): ANY for kind, place in again if kind == "sent"}
        m.state.tally = {**m.state.tally, **unknown, **ahead}


def most(m: Machine, tally: Tally, key: Key) -> int | None:
    """How often at most, with all threads that were started on the way."""
    total = tally.get(key, NEVER)
    for (kind, place), started in tally.items():
        if kind == "started":
            theirs = most(m, m.tallies.get(int(place.root[1]), {}), key)
            total = plus(total, times((0, theirs), started))
    return total[1]


def least(m: Machine, tally: Tally, key: Key) -> int:
    """How often at least, with all threads that were started on the way once they have ended."""
    total = tally.get(key, NEVER)[0]
    for (kind, place), started in tally.items():
        if kind == "started":
            total += started[0] * least(m, m.tallies.get(int(place.root[1]), {}), key)
    return total


def may_be_closed(m: Machine, channel: Place) -> bool:
    """Whether a call may have closed the channel, here or in a thread that was started; or in code that has received
    a receiver of it, in a message of another channel."""
    if most(m, m.state.tally, ("closed", channel)) != 0:
        return True
    through = {other for handle, other in m.passed.items() if m.handles[handle].place == channel}
    return channel in m.closable and any(
        most(m, m.state.tally, (kind, other)) != 0 for other in through for kind in USES
    )


def most_ahead(tallies: Mapping[int, Tally], tally: Tally, channel: Place) -> int | None:
    """How many messages there may be for others from a thread and all that were started on the way."""
    total: Count = (0, tally.get(("ahead", channel), NEVER)[1])
    return plus(total, from_threads(tallies, tally, channel))[1]


def from_threads(tallies: Mapping[int, Tally], tally: Tally, channel: Place) -> Count:
    """How many there may be from the threads that were started."""
    total = NEVER
    for (kind, place), started in tally.items():
        if kind == "started":
            theirs = most_ahead(tallies, tallies.get(int(place.root[1]), {}), channel)
            total = plus(total, times((0, theirs), started))
    return total


def forget(m: Machine, value: Value) -> None:
    """Unknown code has what the value owns or leads to: it may send, receive, wait and close as often as it likes."""
    forget_counts(m, value)
    for channel in [place for place in reached(m, value) if place in m.closable]:
        count(m, "closed", channel, ANY)


def forget_counts(m: Machine, value: Value) -> None:
    """The same of code that closes nothing: a function of a known crate."""
    for item in inside(value):
        inner = m.behind(item)
        inner = m.through(inner) if inner is not None else None
        if inner is not None and inner.root[0] == "param":
            m.spread.add(inner)
    for channel, kinds in reached(m, value).items():
        for kind in kinds:
            count(m, kind, channel, ANY)


def reached(m: Machine, value: Value) -> dict[Place, tuple[Kind, ...]]:
    """The channels and barriers that can be used through the value, and what can be done to them."""
    found: dict[Place, tuple[Kind, ...]] = {}
    seen: set[Place] = set()
    pending = [value]
    while pending:
        for item in inside(pending.pop()):
            if isinstance(item, Own) and m.handles[item.handle].kind in KINDS:
                handle = m.handles[item.handle]
                found[handle.place] = tuple(dict.fromkeys((*found.get(handle.place, ()), *KINDS[handle.kind])))
            elif (inner := m.behind(item)) is not None and (place := m.through(inner)) not in seen:
                seen.add(place)
                pending.append(m.at(place))
    return found


KINDS: dict[str, tuple[Kind, ...]] = {"sender": ("sent",), "receiver": ("received",), "barrier": ("waited",)}
