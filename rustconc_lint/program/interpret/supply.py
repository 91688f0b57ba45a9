"""Messages against waits: a receive that no message is left for, a send into a channel that is full, a barrier that too
few come to. Compared where it happens, after a loop of known length, and where the thread it happens in is joined.
"""

from __future__ import annotations

from collections.abc import Mapping

from rustconc_lint.facts import model as f
from rustconc_lint.program.interpret.feeds import feed_of
from rustconc_lint.program.interpret.halts import halt, progress
from rustconc_lint.program.interpret.incidents import Full, Meeting, Shortage
from rustconc_lint.program.interpret.machine import Machine
from rustconc_lint.program.interpret.owners import barrier_of, owners, slot_name, slots_of
from rustconc_lint.program.interpret.state import ALIVE, ENDED, ESCAPED
from rustconc_lint.program.interpret.tally import (
    ANY,
    NEVER,
    ONCE,
    PERHAPS,
    Count,
    Key,
    Kind,
    Tally,
    count,
    from_threads,
    least,
    most,
    most_ahead,
    plus,
)
from rustconc_lint.program.interpret.values import NOTHING, Own, Place, Value, inside
from rustconc_lint.source import Span

CallExpr = f.Call | f.Method | f.Await

UNKNOWN_TURNS: Count = ANY
MOST_DIGITS = 39  # of a u128
KINDS_OF_USE: tuple[Kind, Kind] = ("sent", "received")


# ---------------------------------------------------------------- numbers


def number(m: Machine, expr: f.Expr) -> int | None:
    """The integer that an expression surely is: a literal, a constant, a variable that is never assigned."""
    match expr:
        case f.Lit(text=text) if text[:1].isdigit():
            digits = text.replace("_", "")
            digits = digits[: next((i for i, c in enumerate(digits) if not c.isdigit()), len(digits))]
            known = len(digits) <= MOST_DIGITS and not text.startswith(("0x", "0b", "0o")) and "." not in text
            return int(digits) if known else None
        case f.Local(slot=slot):
            return m.numbers.get(slot)
        case f.PathX():
            definition = m.typed.paths.get(id(expr))
            return m.world.number_of(definition) if definition is not None else None
        case f.Binary(op="+" | "-" | "*" as op, left=left, right=right):
            one, other = number(m, left), number(m, right)
            if one is None or other is None:
                return None
            return one + other if op == "+" else one * other if op == "*" else max(one - other, 0)
        case f.Cast(operand=operand):
            return number(m, operand)
        case _:
            return None


def turns_of(m: Machine, expr: f.Loop) -> Count:
    """How many turns a loop takes if it is not left early."""
    return turns_in(m, expr.head) if expr.kind == "for" and expr.head is not None else UNKNOWN_TURNS


def turns_in(m: Machine, head: f.Expr) -> Count:
    """How many items a range or an array has."""
    if isinstance(head, f.Range) and head.high is not None:
        low = number(m, head.low) if head.low is not None else 0
        high = number(m, head.high)
        if low is not None and high is not None:
            turns = max(high - low + head.inclusive, 0)
            return turns, turns
    inner = head.operand if isinstance(head, f.Ref) else head
    if isinstance(inner, f.Array):
        return len(inner.items), len(inner.items)
    return UNKNOWN_TURNS


def turns_of_iterator(m: Machine, expr: f.Expr) -> Count:
    """How many items an iterator has that is run to its end by the call: `(0..4).map(f).collect()`."""
    while isinstance(expr, f.Method):
        callee = m.typed.calls.get(id(expr))
        if callee is None or callee.model is None or not callee.model.each:
            return UNKNOWN_TURNS
        expr = expr.receiver
    return turns_in(m, expr)


def surely_turns(m: Machine, expr: f.Loop, head: Place | None) -> bool:
    """A range, an array, or a collection of handles: taken to have at least one element."""
    if isinstance(expr.head, f.Range) or turns_of(m, expr)[0] > 0:
        return True
    value = m.at(head) if head is not None else NOTHING
    inner = m.behind(value)
    if inner is not None:
        value = m.at(m.through(inner))
    return any(m.is_handle(item) for item in inside(value))


# ---------------------------------------------------------------- messages


def note_send(m: Machine, channel: Place, expr: f.Node, blocks: bool, gives_up: bool) -> None:
    """One message goes in, unless the call gives up where there is no room; blocks: it waits for room."""
    m.used.add(channel)
    count(m, "sent", channel, PERHAPS if m.cancellable or gives_up else ONCE)
    if blocks and not (gives_up or m.cancellable):
        look_for_room(m, channel, expr)


def note_receive(m: Machine, channel: Place, expr: CallExpr, kind: str, value: Value) -> None:
    """One message is waited for, or as many as come. value: the receiver, or what leads to it."""
    m.used.add(channel)
    source = feed_of(m, channel, value)
    if kind in ("one", "many"):
        halt(m, "received", channel, m.state.tally.get(("received", channel), NEVER)[0] + 1, expr)
    m.last[m.thread, "received", source] = expr
    count(m, "received", source, received_now(m, source, expr, kind))
    if kind in ("one", "many") and m.thread == 0 and not m.cancellable:
        look_for_message(m, source, m.state.tally, 0, None)


def received_now(m: Machine, channel: Place, expr: CallExpr, kind: str) -> Count:
    """How many messages one call takes."""
    if kind == "many":
        limit = most_received(m, expr)
        return (0 if m.cancellable else least_of(m, channel, limit)), limit
    if kind == "one" and not m.cancellable:
        return ONCE
    if kind in ("try", "timeout") and m.thread == 0 and channel in m.queues:
        sent = most(m, m.state.tally, ("sent", channel))
        if sent is not None and sent <= m.state.tally.get(("received", channel), NEVER)[0]:
            return NEVER  # all that was ever sent is gone
    return PERHAPS if kind in ("one", "try", "timeout") else ANY


def most_received(m: Machine, expr: CallExpr) -> int | None:
    """The limit that a call like `recv_many(&mut buffer, 2)` is given; None where it is not known, or is 0."""
    given = further(expr)
    return (number(m, given[1]) or None) if len(given) > 1 else None


def least_of(m: Machine, channel: Place, limit: int | None) -> int:
    """How many messages a call takes at least that waits for one: as many as are surely there."""
    if limit is None:
        return 0
    taken = most(m, m.state.tally, ("received", channel))
    there = 0 if taken is None else m.state.tally.get(("sent", channel), NEVER)[0] - taken
    return max(1, min(limit, there))


def further(expr: CallExpr) -> tuple[f.Expr, ...]:
    """What a method is given beside its receiver."""
    match expr:
        case f.Method(args=args):
            return args
        case f.Call(args=args):
            return args[1:]
        case _:
            return ()


def look_for_room(m: Machine, channel: Place, expr: f.Node, wanted: int = 0) -> None:
    """Whether the call waits for room in vain; wanted: for how many messages that it has not sent."""
    m.last[m.thread, "sent", channel] = expr
    look_for_overflow(m, channel, m.state.tally, m.thread, None, wanted)


def note_closed(m: Machine, channel: Place) -> None:
    """A call closes the channel: who waits for a message or for room is told so."""
    count(m, "closed", channel)
    for kind in KINDS_OF_USE:
        count(m, kind, channel, ANY)


def after_loop(m: Machine, first: int) -> None:
    """The turns of a loop are over: what they have sent and received together."""
    if not m.state.reachable:
        return
    for kind, place in dict.fromkeys(m.counted[first:]):
        if kind == "sent":
            look_for_overflow(m, place, m.state.tally, m.thread, None)
        elif kind == "received" and m.thread == 0:
            look_for_message(m, place, m.state.tally, 0, None)


def after_call(m: Machine, first: int) -> None:
    """A function that is called has sent: whether it waited for room in vain."""
    for _, place in dict.fromkeys(key for key in m.counted[first:] if key[0] == "sent"):
        m.last[m.thread, "sent", place] = m.last.get((m.thread, "filled", place), m.typed.body.value)
        look_for_overflow(m, place, m.state.tally, m.thread, None)


def at_join(m: Machine, thread: int, span: Span) -> None:
    """Whether a joined thread waits for a message or for room that does not come."""
    if m.thread != 0:
        return
    theirs = m.tallies.get(thread, {})
    for kind, place in theirs:
        if kind == "received":
            look_for_message(m, place, theirs, thread, span)
            look_for_all_messages(m, place, thread, span)
        elif kind == "sent":
            look_for_overflow(m, place, theirs, thread, span)


def look_for_message(m: Machine, source: Place, tally: Tally, thread: int, join: Span | None) -> None:
    """Whether the thread of that tally has received more than anybody can have sent. source: a channel, or a feed."""
    node = m.last.get((thread, "received", source))
    missing = shortage(m, source, tally, m.span(node), join) if node is not None else None
    if missing is not None and all(known.span != missing.span for known in m.incidents.shortages):
        m.incidents.shortages.append(missing)


def look_for_all_messages(m: Machine, channel: Place, thread: int, join: Span) -> None:
    """Whether the threads that have been waited for, this one among them, and the body itself have received more
    together than anybody can have sent: one of them waits for ever, whichever it is."""
    node, sent = m.last.get((thread, "received", channel)), most(m, m.state.tally, ("sent", channel))
    key: Key = ("received", channel)
    unfinished = m.state.live - {thread}
    wanted = m.state.tally.get(key, NEVER)[0] + sum(
        started[0] * least(m, m.tallies.get(int(place.root[1]), {}), key)
        for (kind, place), started in m.state.tally.items()
        if kind == "started" and int(place.root[1]) not in unfinished
    )
    if node is None or sent is None or wanted <= sent or channel not in m.queues or channel in m.state.closed:
        return
    if all(known.channel != channel for known in m.incidents.shortages):
        waiting = progress(m).waiting
        who = owners(m, channel, m.state)
        m.incidents.shortages.append(Shortage(channel, m.span(node), sent, wanted, who, join, waiting))


def shortage(
    m: Machine, source: Place, tally: Tally, span: Span, join: Span | None, further: int = 0
) -> Shortage | None:
    """What is missing where that many more messages are waited for than the tally has."""
    feed = m.feeds.get(source)
    channel, before = (feed.channel, feed.before) if feed is not None else (source, 0)
    if not (feed or channel in m.queues) or channel in m.state.closed:
        return None
    wanted = tally.get(("received", source), NEVER)[0] + further
    if wanted == 0:
        return None
    reached = progress(m)
    sent = most(m, m.state.tally, ("sent", channel)) if feed is not None else supply(m, channel, tally, reached.tallies)
    if sent is None or wanted <= sent - before:
        return None
    return Shortage(channel, span, sent - before, wanted, owners(m, channel, m.state), join, reached.waiting)


def supply(m: Machine, channel: Place, tally: Tally, tallies: Mapping[int, Tally]) -> int | None:
    """How many messages there may be for the thread of that tally: its own, and those of threads that are ahead."""
    own: Count = (0, tally.get(("sent", channel), NEVER)[1])
    if tally is m.state.tally:
        return plus(own, from_threads(tallies, tally, channel))[1]
    return plus(own, (0, most_ahead(tallies, m.state.tally, channel)))[1]


def look_for_overflow(
    m: Machine, channel: Place, tally: Tally, thread: int, join: Span | None, wanted: int = 0
) -> None:
    """Whether the thread of that tally has sent more than the channel can hold and anybody may have received."""
    node = m.last.get((thread, "sent", channel))
    called = node is not None and m.last.get((thread, "filled", channel)) is node
    full = overflow(m, channel, tally, m.span(node), join, wanted, called) if node is not None else None
    if full is not None and all(known.span != full.span for known in m.incidents.full):
        m.incidents.full.append(full)


def overflow(
    m: Machine, channel: Place, tally: Tally, span: Span, join: Span | None, further: int = 0, called: bool = False
) -> Full | None:
    """What there is no room for where that many more messages are sent than the tally has."""
    room = m.queues.get(channel)
    if room is None:
        return None
    sent = tally.get(("sent", channel), NEVER)[0] + further
    taken = most(m, m.state.tally, ("received", channel))
    receiver = idle_receiver(m, channel)
    if taken is None or sent - taken <= room or receiver is None:
        return None
    return Full(channel, span, room, sent, receiver, join, called)


def idle_receiver(m: Machine, channel: Place) -> tuple[str, Span] | None:
    """The variable with a receiver of the channel, when the running thread surely has it, and nobody has another."""
    found = None
    for number_, handle in enumerate(m.handles):
        if handle.kind != "receiver" or handle.place != channel:
            continue
        status = m.state.status.get(number_, ENDED)
        if status == ENDED:
            continue
        if status != ALIVE or is_lent(m, number_):
            return None
        slot = slots_of(m).get(number_, m.slots.get(number_))
        if slot is not None:
            found = slot_name(m, slot)
    return found


def is_lent(m: Machine, handle: int) -> bool:
    """Whether the handle is in an Arc of which somebody unknown, or another thread, has a share."""
    for root, value in m.state.memory.items():
        if root[0] == "alloc" and any(isinstance(item, Own) and item.handle == handle for item in inside(value)):
            for share, held in enumerate(m.handles):
                if held.kind == "share" and held.place.root == root:
                    status = m.state.status.get(share, ENDED)
                    if status == ESCAPED or isinstance(status, int):
                        return True
    return False


# ---------------------------------------------------------------- barriers


def note_wait(m: Machine, value: Value, expr: f.Node) -> None:
    """A wait at a barrier."""
    place = barrier_of(m, value)
    if place is not None:
        count(m, "waited", place)
        m.last[m.thread, "waited", place] = expr


def meetings(m: Machine) -> None:
    """At the end of the body: the barriers that it has made, where all who wait are known."""
    if not m.state.reachable:
        return
    for number_, handle in enumerate(m.handles):
        needed = m.barriers.get(handle.place)
        if handle.kind != "barrier" or needed is None or m.state.status.get(number_) == ESCAPED:
            continue
        parties, stays = parties_of(m, ("waited", handle.place))
        if parties and stays is not None:
            m.incidents.meetings.append(Meeting(m.span(handle.site), needed, tuple(parties), stays))


def parties_of(m: Machine, key: Key) -> tuple[list[tuple[Span, int, int]], Span | None]:
    """Who waits: where, how many of them, how often each; none when that is not known. And where one would be stuck."""
    parties: list[tuple[Span, int, int]] = []
    stays: Span | None = None
    for thread, tally in ((0, m.state.tally), *m.tallies.items()):
        low, high = tally.get(key, NEVER)
        if high == 0:
            continue
        many = ONCE if thread == 0 else m.state.tally.get(("started", Place(("thread", thread))), ANY)
        node = m.last.get((thread, "waited", key[1]))
        if low != high or many[0] != many[1] or node is None:
            return [], None
        parties.append((m.span(node), many[0], low))
        joined = next((join.span for join in m.joins if join.thread == thread), None)
        stays = stays or (m.span(node) if thread == 0 else joined)
    return parties, stays
