"""A call of a project's function: its summary, with the caller's arguments in the places of its parameters."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.program.interpret.assumptions import carried
from rustconc_lint.program.interpret.closures import run_now
from rustconc_lint.program.interpret.drains import record_drain, record_joins
from rustconc_lint.program.interpret.events import Acquire, Drain, Held, Hop, Invoke, Owner, Thread, Trace
from rustconc_lint.program.interpret.feeds import feed_of
from rustconc_lint.program.interpret.halts import halt
from rustconc_lint.program.interpret.kept import doubt, handles_in, record, release
from rustconc_lint.program.interpret.machine import Machine
from rustconc_lint.program.interpret.oddities import note_started
from rustconc_lint.program.interpret.owners import barrier_of, channel_of
from rustconc_lint.program.interpret.state import ALIVE, ENDED, ESCAPED, Handle
from rustconc_lint.program.interpret.supply import after_call, look_for_message
from rustconc_lint.program.interpret.tally import count, forget
from rustconc_lint.program.interpret.values import (
    NOTHING,
    Bag,
    Code,
    Own,
    Parts,
    Pending,
    Place,
    Pointer,
    Received,
    Shared,
    Stream,
    Symbol,
    Value,
    bag,
    inside,
)

LONGEST_CHAIN = 6  # calls a finding can name; longer ways are not followed
MOST_ACQUIRES = 48  # of one summary


class Call:
    """One application of a summary: where its places and handles are in the caller."""

    def __init__(self, m: Machine, node: f.Node, name: str, trace: Trace, arguments: tuple[Value, ...]) -> None:
        self.m = m
        self.node = node
        self.hop = Hop(m.span(node), name)
        self.trace = trace
        self.arguments = arguments
        self.handles: dict[int, int] = {}
        self.threads: dict[int, int] = {}
        m.fresh += 1
        self.tag = f"{node.start}.{m.fresh}"

    def place(self, place: Place) -> Place:
        """The caller's place for one of the callee's."""
        kind, key = place.root
        if kind == "static":
            return place
        if kind == "thread":
            return Place(("thread", self.threads.get(int(key), 0)))
        if kind == "param" and int(key) < len(self.arguments):
            return self.argument_place(int(key), place)
        return Place(("opaque", f"{self.tag}:{kind}:{key}"), place.fields, place.owner)

    def argument_place(self, index: int, place: Place) -> Place:
        m = self.m
        value = self.arguments[index]
        if isinstance(value, Own) and m.handles[value.handle].kind == "guard":
            start: Place | None = m.handles[value.handle].place
        else:
            start = m.behind(value)
        if start is None:
            if isinstance(value, Own):
                return m.handles[value.handle].place
            return self.part_place(value, place)
        start = self.below(m.through(start), place)
        if not place.fields and not start.owner:
            return Place(start.root, start.fields, place.owner)
        return start

    def part_place(self, value: Value, place: Place) -> Place:
        """A field of an aggregate that was passed by value."""
        m = self.m
        m.fresh += 1
        root = ("temp", m.fresh)
        if value == NOTHING:
            return Place(root, place.fields, place.owner)
        m.state.memory[root] = value
        return self.below(Place(root), place)

    def below(self, start: Place, place: Place) -> Place:
        """Where the fields of `place` lead from another start."""
        for position, name in enumerate(place.fields):
            owner = place.owner if position == len(place.fields) - 1 else ""
            start = self.m.through(start.field(name, owner))
        return start

    def channel(self, place: Place) -> Place | None:
        """The caller's channel for a parameter that is one of its ends; one that the callee made is new here."""
        if place.root[0] == "alloc":
            return Place(("alloc", f"{self.tag}:{place.root[1]}"))
        if place.root[0] != "param":
            return self.place(place)
        index = int(place.root[1])
        if index >= len(self.arguments):
            return None
        if not place.fields:
            return channel_of(self.m, self.arguments[index])
        return channel_of(self.m, Pointer(self.argument_place(index, place)))

    def held(self, held: Held) -> Held:
        """A guard of the callee's; one that came in as an argument was taken by the caller."""
        span = held.span
        index = int(held.lock.root[1]) if held.lock.root[0] == "param" else -1
        if span.start == span.end == 0 and 0 <= index < len(self.arguments):
            guards = [item for item in inside(self.arguments[index]) if isinstance(item, Own)]
            span = self.m.span(self.m.handles[guards[0].handle].site) if guards else span
        return Held(self.place(held.lock), held.mode, span, self.chain(held.chain))

    def chain(self, chain: tuple[Hop, ...]) -> tuple[Hop, ...]:
        return (self.hop, *chain)

    def value(self, value: Value) -> Value:
        """The caller's value for one the callee returns."""
        match value:
            case Own(handle=number):
                return self.handle(number)
            case Shared(place=place):
                return Shared(self.place(place), self.share(place).handle)
            case Pointer(place=place):
                return Pointer(self.place(place))
            case Symbol(place=place):
                return self.symbol(place)
            case Parts(items=items):
                return Parts(tuple((name, self.value(item)) for name, item in items), value.type)
            case Bag(items=items):
                return bag([self.value(item) for item in items])
            case Received(channel=channel) | Stream(channel=channel):
                known = self.channel(channel)
                return msgspec.structs.replace(value, channel=known) if known is not None else NOTHING
            case Code() | Pending():
                return Symbol(self.m.unknown_place(self.node))
            case _:
                return value

    def symbol(self, place: Place) -> Value:
        kind, key = place.root
        if kind == "param" and not place.fields and int(key) < len(self.arguments):
            return self.arguments[int(key)]
        return Symbol(self.place(place))

    def argument(self, place: Place) -> Value:
        """The caller's value at a place of a parameter; nothing where the place is another, or too little is given."""
        kind, key = place.root
        if kind != "param" or int(key) >= len(self.arguments):
            return NOTHING
        given = self.arguments[int(key)]
        return Pointer(self.argument_place(int(key), place)) if place.fields and not isinstance(given, Own) else given

    def share(self, place: Place) -> Own:
        return self.m.make("share", self.place(place), self.node)

    def handle(self, number: int) -> Value:
        """A handle the callee made lives on in the caller; one it was given is the argument itself."""
        handle = self.trace.handles[number]
        index = int(handle.place.root[1]) if handle.place.root[0] == "param" else -1
        if given(handle) and 0 <= index < len(self.arguments) and not handle.place.fields:
            return self.arguments[index]
        if number not in self.handles:
            place = self.channel(handle.place) if handle.kind in ("sender", "receiver") else self.place(handle.place)
            made = self.m.make(handle.kind, place or self.m.unknown_place(self.node), self.node, handle.mode)
            self.handles[number] = made.handle
        return Own(self.handles[number])


def run_holding(call: Call, code: Code, invoke: Invoke, surely: bool) -> None:
    """Run the closure once, with the guards that the callee holds when it calls it. surely: it does so on every path;
    else the closure may just as well run elsewhere."""
    m = call.m
    guards = [m.make("guard", call.place(held.lock), call.node, held.mode) for held in invoke.held]
    m.cancellable += not surely
    forget(m, run_now(m, code))
    m.cancellable -= not surely
    for guard in guards:
        m.drop(guard)


def given(handle: Handle) -> bool:
    """Whether the handle came in as a parameter: it was made at no expression."""
    return handle.site.start == handle.site.end == 0


def apply(m: Machine, node: f.Node, name: str, trace: Trace, arguments: tuple[Value, ...]) -> Value:
    """Do in the caller what the callee does, and return what it returns."""
    call = Call(m, node, name, trace, arguments)
    start_threads(call)
    replay_acquires(call)
    replay_drains(call)
    replay_joins(call)
    replay_counts(call)
    replay_spins(call)
    result = call.value(trace.result)
    settle_arguments(call, result)
    settle_senders(call)
    if trace.diverges:
        m.panics.append(m.state.closed)
        m.state.reachable = False
    if trace.endless:
        m.endless.add(m.thread)
    return result


def replay_drains(call: Call) -> None:
    """The callee's drains, of channels it was given or whose thread runs on; its other drains are its own affair."""
    m = call.m
    moved = frozenset(number for _, _, number in handed_over(call))
    for drain in call.trace.drains:
        channel = call.channel(drain.channel)
        own = drain.channel.root[0] == "alloc" and not drain.thread
        if channel is None or own or len(drain.chain) >= LONGEST_CHAIN:
            continue
        if drain.thread:
            number = call.threads[drain.thread]
            unless = frozenset(call.channel(other) or other for other in drain.unless)
            m.drained_by.setdefault(number, []).append((channel, unless))
            m.drains.append(Drain(channel, drain.span, number, (), drain.feeds_itself))
            continue
        release_given(call, drain.released)
        record_drain(m, channel, call.node, m.state.copy(), drain.feeds_itself, call.chain(drain.chain), moved)
        within = held_within(call, drain, channel)
        if any(owner.status == ALIVE for owner in within):
            seen = m.drains.pop()
            m.drains.append(
                msgspec.structs.replace(
                    seen, span=drain.span, owners=(*within, *seen.owners), chain=(), within=call.hop.name
                )
            )


def handed_over(call: Call) -> Iterator[tuple[int, tuple[str, ...], int]]:
    """The handles that are passed by value: in which argument, below which fields."""
    for index, value in enumerate(call.arguments):
        for fields, _, number in handles_in(value, (), ""):
            yield index, fields, number


def held_within(call: Call, drain: Drain, channel: Place) -> list[Owner]:
    """The callee's own senders of the channel it drains: parameters, and fields of parameters it has not emptied."""
    m = call.m
    found = [owner for place, owners in drain.given if call.channel(place) == channel for owner in owners]
    for index, fields, number in handed_over(call):
        if not fields or m.handles[number].kind != "sender" or m.handles[number].place != channel:
            continue
        if m.state.status.get(number) == ALIVE:
            name = ".".join(("self", *fields) if index == 0 else fields)
            found.append(Owner(number, ALIVE, m.span(m.handles[number].site), name, None))
    return found


def start_threads(call: Call) -> None:
    trace = call.trace
    heard_of = {acquire.thread for acquire in trace.acquires} | {drain.thread for drain in trace.drains}
    for thread in trace.threads:
        if thread.kind != "later" or thread.number in heard_of:
            start_thread(call, thread)


def start_thread(call: Call, thread: Thread) -> None:
    m = call.m
    number = len(m.threads) + 1
    call.threads[thread.number] = number
    parent = call.threads.get(thread.parent, m.thread)
    if thread.kind == "later":  # code in unknown hands: see `run_later`
        m.threads.append(Thread(number, m.span(call.node), thread.kind, thread.many, frozenset(), parent))
        return
    beside = m.state.live | ({number} if thread.many else frozenset())
    m.threads.append(Thread(number, m.span(call.node), thread.kind, thread.many, beside, parent))
    m.state.live |= {number}
    note_started(m, number)
    if thread.endless:
        m.endless.add(number)


def replay_acquires(call: Call) -> None:
    """The callee's acquisitions, with what the caller holds added to what the callee holds."""
    m = call.m
    given = frozenset(i.handle for value in call.arguments for i in inside(value) if isinstance(i, Own))
    held = m.held(given)
    seen: set[tuple[object, ...]] = set()
    for index, acquire in enumerate(call.trace.acquires[:MOST_ACQUIRES]):
        if len(acquire.chain) >= LONGEST_CHAIN:
            continue
        assumed = carried(m, call.node, acquire.assumed)
        if assumed is None:
            continue
        lock = call.place(acquire.lock)
        inner = tuple(call.held(held) for held in acquire.held)
        thread = call.threads.get(acquire.thread, m.thread)
        all_held = (*held, *inner) if thread == m.thread else inner
        if m.cancellable and acquire.awaited:
            all_held = ()
        key = (lock, acquire.mode, thread, tuple(h.lock for h in all_held))
        if key in seen:
            continue
        seen.add(key)
        live = m.state.live | frozenset(call.threads[n] for n in acquire.live if n in call.threads)
        cfg, chain = m.cfg + acquire.cfg, call.chain(acquire.chain)
        sure = acquire.sure and index in call.trace.surely
        identity, mode, reenters = m.identity(lock), acquire.mode, acquire.reenters
        assumed |= m.state.assumed
        taken = (identity, mode, acquire.span, all_held, thread, live, chain, cfg, reenters, sure, assumed)
        record(m, Acquire(*taken, acquire.awaited))


def replay_joins(call: Call, dropped: bool = False) -> None:
    """The callee's joins of threads it was given; senders it may have moved out before are gone, perhaps.

    dropped: the callee is what a dying value runs, so that nobody has written the call."""
    m = call.m
    lent = [m.at(m.through(value.place)) for value in call.arguments if isinstance(value, Pointer)]
    given = frozenset(i.handle for value in (*call.arguments, *lent) for i in inside(value) if isinstance(i, Own))
    for join in call.trace.outer_joins:
        joined = [item for item in inside(m.at(call.place(join.place))) if isinstance(item, Own | Symbol)]
        if dropped:
            joined = [item for item in joined if isinstance(item, Own) and m.state.status.get(item.handle) == ALIVE]
        release_given(call, join.released)
        for item in joined:
            record_joins(m, item, join.span if dropped else m.span(call.node), dropped, given)
    release_given(call, call.trace.released)
    m.state.assigned |= {(call.place(place), is_lock) for place, is_lock in call.trace.assigned}


def replay_counts(call: Call) -> None:
    """What the callee has sent, received and waited for."""
    m, first = call.m, len(call.m.counted)
    # What is sent first, what unknown code may send too: of the order in which the callee does it nothing is known.
    for place in call.trace.spread:
        forget(m, call.argument(place))
    for (kind, place), often in sorted(call.trace.tally.items(), key=lambda i: i[0][0] in ("received", "drained")):
        here = barrier_of(m, call.argument(place)) if kind == "waited" else call.channel(place)
        if here is None or kind == "called":
            continue
        here = feed_of(m, here, call.argument(place)) if kind == "received" else here
        count(m, kind, here, (0, often[1]) if m.cancellable else often)
        m.last[m.thread, kind if kind != "sent" else "filled", here] = call.node
        if kind == "received" and m.thread == 0 and not m.cancellable:
            look_for_message(m, here, m.state.tally, 0, None)
        if kind in ("received", "drained") and often[0] > 0:
            halt(m, "received" if kind == "received" else "drained", here, m.state.tally[kind, here][0], call.node)
    after_call(m, first)


def replay_spins(call: Call) -> None:
    """The callee's loops without exit, over channels that it was given."""
    for spin in call.trace.incidents.spins:
        channel = call.channel(spin.channel) if spin.channel.root[0] == "param" else None
        if channel is not None:
            thread = call.threads.get(spin.thread, call.m.thread)
            call.m.incidents.spins.append(msgspec.structs.replace(spin, channel=channel, thread=thread))


def release_given(call: Call, places: frozenset[Place]) -> None:
    m = call.m
    for place in places:
        if place.root[0] == "param":
            here = call.place(place)
            release(m, here)
            doubt(m, here)


def settle_senders(call: Call) -> None:
    """Senders of channels that the callee made and that somebody else has now."""
    for number, status in call.trace.left:
        sender = call.handle(number)
        if status != ALIVE:
            call.m.set_status(sender, call.threads.get(status, ESCAPED) if isinstance(status, int) else status)


def settle_arguments(call: Call, result: Value) -> None:
    """What became of the handles that were passed by value."""
    m = call.m
    returned = {item.handle for item in inside(result) if isinstance(item, Own)}
    for index, value in enumerate(call.arguments):
        if isinstance(value, Pointer | Symbol):
            continue
        fate = call.trace.fates.get(Place(("param", index)), ESCAPED)
        if isinstance(fate, int):
            fate = call.threads.get(fate, ESCAPED)
        for item in inside(value):
            if isinstance(item, Own) and item.handle not in returned:
                m.set_status(item, fate if fate in (ENDED, ESCAPED, "leaked") or isinstance(fate, int) else ESCAPED)
            elif isinstance(item, Shared):
                m.set_status(item, fate if fate == ENDED else ESCAPED)
