"""Closures and async blocks: what they capture, and running them now, later, or in another thread."""

from __future__ import annotations

from collections.abc import Callable

from rustconc_lint.facts import model as f
from rustconc_lint.program.interpret.events import Thread
from rustconc_lint.program.interpret.machine import Machine, Target
from rustconc_lint.program.interpret.patterns import bind
from rustconc_lint.program.interpret.state import ALIVE, ENDED, ESCAPED, LEAKED, MAYBE, State, join
from rustconc_lint.program.interpret.tally import ANY, Count, any_number, count, forget, repeated
from rustconc_lint.program.interpret.values import (
    MOVED,
    NOTHING,
    Code,
    Moved,
    Nothing,
    Own,
    Pending,
    Place,
    Received,
    Shared,
    Stream,
    Symbol,
    Value,
    bag,
    codes,
    flat,
    inside,
    owns,
)

CONSUMING = frozenset({"val", "arg", "iterate", "await", "try"})

# Closures that call closures, as deep and as often as nobody writes it: beyond, what they do is not known.
MOST_NESTED = 8
MOST_NESTED_RUNS = 2000


def create(m: Machine, expr: f.Closure) -> Value:
    """The closure's value: with `move`, all it uses moves in; without, what its body consumes."""
    captured: dict[tuple[int, tuple[str, ...]], Value] = {}
    for use in expr.uses:
        place = captured_place(m, use)
        touch(m, place)
        value = m.at(place)
        if unused(m, use) or not (expr.moves or use.mode in CONSUMING or (owns(value) and consumes(m, use))):
            continue
        key = (int(place.root[1]), place.fields)
        if key not in captured:
            captured[key] = m.take(place) if owns(value) else value
    return Code(expr, tuple(captured.items()))


def consumes(m: Machine, use: f.Use) -> bool:
    """Whether a method call on a captured place takes it by value."""
    if use.mode != "method":
        return False
    if m.by_value is None:
        m.by_value = {
            (node.receiver.start, node.receiver.end)
            for node in m.typed.body.expressions
            if isinstance(node, f.Method) and getattr(m.typed.calls.get(id(node)), "receiver", "") == "value"
        }
    return (use.start, use.end) in m.by_value


def unused(m: Machine, use: f.Use) -> bool:
    """`let _ = x` captures nothing since 2021."""
    return use.mode == "none" and m.typed.edition not in ("2015", "2018")


def captured_place(m: Machine, use: f.Use) -> Place:
    """The captured place: a field path of an owned struct since 2021, else the whole variable."""
    whole = Place(("slot", use.slot))
    if m.typed.edition in ("2015", "2018"):
        return whole
    place = whole
    for name in use.fields:
        if name in ("*", "[]") or m.behind(m.at(place)) is not None:
            break
        inner = place.field(name, "")
        if isinstance(m.at(inner), Nothing | Moved):
            break
        place = inner
    return place


def touch(m: Machine, place: Place) -> None:
    """Remember the channels whose senders are used by the code at hand."""
    for item in inside(m.at(m.through(place))):
        if isinstance(item, Own) and m.handles[item.handle].kind == "sender":
            m.touched.append(m.handles[item.handle].place)


def enter(m: Machine, code: Code) -> None:
    """Put the captured values where the body looks for them."""
    for (slot, fields), value in code.captured:
        m.write(Place(("slot", slot), fields), value)


def run(m: Machine, code: Code, arguments: tuple[Value, ...] = ()) -> Value:
    """Run the body once, here and now, and return its result."""
    key = code.closure.start
    if key in m.running or not m.state.reachable:
        return NOTHING
    m.nested_runs += bool(m.running)
    if len(m.running) >= MOST_NESTED or m.nested_runs > MOST_NESTED_RUNS:
        m.escape(code)
        return NOTHING
    m.running.add(key)
    m.unstarted.pop(key, None)
    enter(m, code)
    target = Target("body", "", len(m.scopes), [], [], [])
    m.targets.append(target)
    with m.scope(False), m.scope(True):
        for index, parameter in enumerate(code.closure.params):
            value = arguments[index] if index < len(arguments) else NOTHING
            bind(m, parameter.pattern, m.hold(value))
        result = m.value(code.closure.body)
    m.targets.pop()
    values = [result] if m.state.reachable else []
    for state in target.exits:
        m.state = join(m.state, state)
    m.running.discard(key)
    return bag(values + target.results)


def leave(m: Machine, code: Code) -> None:
    """A closure that has run and is gone: what it still captures dies."""
    for (slot, fields), _ in code.captured:
        place = Place(("slot", slot), fields)
        value = m.at(place)
        if not isinstance(value, Nothing | Moved | Symbol):
            m.drop(value)
            m.write(place, MOVED)


def run_now(m: Machine, code: Code, arguments: tuple[Value, ...] = ()) -> Value:
    """A call that runs its closure before it returns, perhaps not at all, and drops it."""
    without, first = m.state.copy(), len(m.counted)
    result = run(m, code, arguments)
    if m.state.reachable:
        leave(m, code)
    ran, m.state = m.state, without
    before = m.state.tally
    m.drop(code)
    for guard in guards(m, arguments) if ran.reachable else ():
        m.state.status[guard.handle] = ran.status[guard.handle]  # where it does not run, it is given nothing
    m.state = join(ran, m.state)
    any_number(m, before, first)
    return result


def guards(m: Machine, values: tuple[Value, ...]) -> list[Own]:
    owners = [item for value in values for item in flat(value) if isinstance(item, Own)]
    return [owner for owner in owners if m.handles[owner.handle].kind == "guard"]


def without_ended(m: Machine, value: Value) -> Value:
    """The value without guards that are gone: a closure took one, and what it gave has no guard in it."""
    ended = [guard for guard in guards(m, (value,)) if m.state.status.get(guard.handle) == ENDED]
    return bag([item for item in flat(value) if item not in ended]) if ended else value


def is_future(value: Value) -> bool:
    """Whether the value is code that does nothing until it is awaited."""
    return isinstance(value, Pending) or (isinstance(value, Code) and value.closure.kind == "async")


def complete(m: Machine, future: Value) -> Value:
    """Run a future to its end."""
    if isinstance(future, Pending):
        return m.pending[future.key][1](m, future.arguments)
    if not isinstance(future, Code):
        return future
    result = run(m, future)
    if m.state.reachable:
        leave(m, future)
    return result


def run_perhaps(m: Machine, future: Value, act: Callable[[], Value]) -> None:
    """Let a future run that may be dropped before it has begun, or anywhere on its way."""
    without = m.state.copy()
    m.cancellable += 1
    m.drop(act())
    m.cancellable -= 1
    ran, m.state = m.state, without
    m.drop(future)
    m.state = join(ran, m.state)


def drive(m: Machine, value: Value, turns: Count = ANY) -> Value:
    """Run the closures of a lazy iterator, which go on to own what they have captured; what they return flows on.

    The turn is not over yet: the body of a `for` is its last stage. turns: how many there are."""
    stages = codes(value)
    if not stages:
        return value
    spawned, before, first = len(m.threads), m.state.tally, len(m.counted)
    m.turns += 1
    turn = m.turns
    element = bag([item for item in flat(value) if not isinstance(item, Code)])
    for index, code in enumerate(stages):
        m.stage = (turn, index)
        before_it = (NOTHING,) * (len(code.closure.params) - 1)  # `fold` gives what it has so far first
        element = run(m, code, (*before_it, element))
        m.will_run(element)  # `flat_map` runs the iterators that its closure returns
        if code.closure.start in m.generators:
            element = bag([drawn(item) for item in flat(element)])
    m.stage = (turn, -1)
    m.mark_many(spawned)
    if turns == ANY or not m.state.reachable:
        any_number(m, before, first)
    else:
        m.state.tally = repeated(m, before, m.state.tally, first, turns)
    return bag([value, element])


def drawn(value: Value) -> Value:
    """What a closure gives that ends its iterator with the channel."""
    ends = isinstance(value, Received) and not (value.tried or value.sent)
    return Stream(value.channel) if isinstance(value, Received) and ends else value


def run_later(m: Machine, code: Code) -> None:
    """Code in unknown hands: it runs at an unknown time, in who knows which thread, and what it captured is gone."""
    before, thread, first = m.state.copy(), m.thread, len(m.counted)
    number = len(m.threads) + 1
    m.threads.append(Thread(number, m.span(code.closure), "later", False, frozenset(), thread))
    m.state.status.update(dict.fromkeys(m.state.status, MAYBE))
    m.thread = number
    result = run(m, code)
    m.state, m.thread = before, thread
    forget(m, result)
    any_number(m, before.tally, first)
    for _, value in code.captured:
        m.escape(value)


def run_in_thread(m: Machine, number: int, code: Code) -> None:
    """Run the body as another thread: nothing of ours is certain there but what it captured."""
    parent, thread = m.state, m.thread
    inner = parent.copy()
    captured = captured_handles(m, code)
    for handle, status in parent.status.items():
        if status == ALIVE and handle not in captured:
            inner.status[handle] = MAYBE
    inner.tally = {}
    first = len(m.counted)
    m.state, m.thread = inner, number
    result = run(m, code)
    if m.state.reachable:
        leave(m, code)
    else:
        any_number(m, {}, first)
    m.results[number] = result
    after = m.state
    m.state, m.thread = parent, thread
    m.tallies[number] = after.tally
    count(m, "started", Place(("thread", number)))
    hand_over(m, parent, after, captured, number)


def captured_handles(m: Machine, code: Code) -> set[int]:
    """The handles that move into the thread, those behind an Arc of which it owns the last share included."""
    found: set[int] = set()
    for _, value in code.captured:
        for item in inside(value):
            if isinstance(item, Own):
                found.add(item.handle)
            elif isinstance(item, Shared):
                found.add(item.share)
    return found


def hand_over(m: Machine, parent: State, after: State, captured: set[int], number: int) -> None:
    """What the thread did to handles, as its parent may assume it: its own end with it, others may have ended."""
    parent.taken |= after.taken
    for handle, status in after.status.items():
        if handle in captured or m.handles[handle].thread == number:
            parent.status[handle] = status if status in (ESCAPED, LEAKED) or isinstance(status, int) else number
        elif status in (ENDED, ESCAPED) and parent.status.get(handle) == ALIVE:
            parent.status[handle] = MAYBE if status == ENDED else ESCAPED
