"""Recording of incidents that are about one expression: an end that nobody keeps, a message worked on under the lock, a
loop that does not care whether its channel is closed, threads that are joined by the turn that starts them.
"""

from __future__ import annotations

from rustconc_lint.facts import model as f
from rustconc_lint.program.interpret.incidents import HeldReceive, LazyJoin, Lost, Spin
from rustconc_lint.program.interpret.machine import Machine
from rustconc_lint.program.interpret.owners import slot_name
from rustconc_lint.program.interpret.state import ALIVE
from rustconc_lint.program.interpret.values import Code, Own, Place, Received, Stream, Value, inside
from rustconc_lint.source import Span

CONSTRUCTORS = frozenset({"struct", "variant"})
SEPARATE = frozenset({"thread", "scoped", "task", "blocking"})  # what runs beside its spawner


def note_lost(m: Machine, pattern: f.Pattern, init: f.Expr, source: Place, first: int) -> None:
    """`let (tx, _) = channel();`: what the pattern leaves in the temporary pair. first: number of handles before."""
    if not isinstance(pattern, f.PTuple) or len(m.handles) == first or not m.world.closes(m.typed.type_of(init)):
        return
    kept = [item for item in pattern.items if isinstance(item, f.PBind) and not item.by_ref]
    if len(kept) != 1 or m.typed.body.slots[kept[0].slot].name.startswith("_"):
        return
    left = [item for item in inside(m.at(source)) if isinstance(item, Own) and item.handle >= first]
    wildcard = next((item for item in pattern.items if isinstance(item, f.PWild | f.PRest)), None)
    if len(left) != 1 or wildcard is None or m.state.status.get(left[0].handle) != ALIVE:
        return
    kind, here = m.handles[left[0].handle].kind, m.handles[left[0].handle].place in m.queues
    # A function that makes a channel may have sent something before it returns.
    if kind == "receiver" or (kind == "sender" and here):
        name, declared = slot_name(m, kept[0].slot)
        channel = m.handles[left[0].handle].place
        m.incidents.lost.append(Lost(kind, channel, m.span(wildcard), m.span(init), name, declared))


# ---------------------------------------------------------------- messages under a lock


def note_under(m: Machine, channel: Place) -> None:
    """Remember the guards through which a message is received."""
    m.under[channel] = tuple(
        number
        for number, status in m.state.status.items()
        if status == ALIVE
        and m.handles[number].kind == "guard"
        and m.handles[number].thread == m.thread
        and leads_to(m, m.handles[number].place, channel)
    )


def leads_to(m: Machine, lock: Place, channel: Place) -> bool:
    if channel in (lock, lock.content):
        return True
    return any(
        isinstance(item, Own) and m.handles[item.handle].kind == "receiver" and m.handles[item.handle].place == channel
        for item in inside(m.at(m.through(lock)))
    )


def note_got(m: Machine, value: Value, node: f.Node) -> None:
    """The result of a receive is matched."""
    for item in inside(value):
        if isinstance(item, Received) and not (item.tried or item.sent):
            m.got.append((item.channel, node))


def note_streams(m: Machine, value: Value, node: f.Node) -> None:
    """A `for` over what is received."""
    for item in inside(value):
        if isinstance(item, Stream):
            m.got.append((item.channel, node))


def note_work(m: Machine, first: int, body: f.Expr, loop: bool) -> None:
    """What was received since is worked on in `body`; perhaps with the lock still held."""
    for channel, node in m.got[first:]:
        for guard in m.under.get(channel, ()):
            temporary = guard not in m.slots
            if m.state.status.get(guard) == ALIVE and (temporary or loop) and works(m, body):
                handle = m.handles[guard]
                lock, taken = m.identity(handle.place), m.span(handle.site)
                held = HeldReceive(lock, m.span(node), taken, m.span(body), temporary, loop, m.thread)
                m.incidents.held.append(held)


def works(m: Machine, body: f.Expr) -> bool:
    """Whether the body does more than to pass the message on: it calls something."""
    for node in f.nodes(body):
        if isinstance(node, f.Method | f.Macro | f.Await):
            return True
        if isinstance(node, f.Call):
            called = m.typed.paths.get(id(node.callee))
            if called is None or called.kind not in CONSTRUCTORS:
                return True
    return False


# ---------------------------------------------------------------- loops that never end


def note_spins(m: Machine, expr: f.Loop, told: int, panics: int) -> None:
    """The loop has no exit, and has gone on where a channel was closed."""
    found = {(channel, tried): node for channel, tried, node in m.told[told:]}
    closed = m.panics[panics:]
    for (channel, tried), node in found.items():
        made = channel.root[1]
        inside_it = isinstance(made, int) and channel.root[0] == "alloc" and expr.start <= made < expr.end
        if inside_it or (closed if tried else any(channel in places for places in closed)):
            continue
        if tried and len(found) > 1:
            continue
        m.incidents.spins.append(Spin(channel, m.span(expr), m.span(node), tried, m.thread))


# ---------------------------------------------------------------- one thread at a time


def note_started(m: Machine, number: int) -> None:
    """A thread that the running turn of a lazy iterator starts."""
    if m.stage[1] >= 0 and m.threads[number - 1].kind in SEPARATE and m.running.isdisjoint(m.limited):
        m.staged[number] = m.stage


def note_joined(m: Machine, number: int, span: Span) -> None:
    started = m.staged.get(number)
    if started is not None and started[0] == m.stage[0] and started[1] != m.stage[1]:
        m.incidents.lazy.append(LazyJoin(m.threads[number - 1].span, span, True))


def note_sequence(m: Machine, expr: f.Loop, first: int, joins: int) -> None:
    """A loop whose whole turn is `spawn(..).join()`."""
    items = [*expr.body.statements, *([expr.body.tail] if expr.body.tail is not None else [])]
    if len(items) != 1:
        return
    only = items[0]
    value = only.value if isinstance(only, f.LetStatement) else only.expr if isinstance(only, f.ExprStatement) else only
    for join in m.joins[joins:]:
        if join.thread > first and value is not None:
            thread = m.threads[join.thread - 1]
            chained = value.start == thread.span.start == join.span.start and thread.kind in SEPARATE
            if chained and not join.implied and (isinstance(only, f.ExprStatement | f.LetStatement) or expr.body.tail):
                m.incidents.lazy.append(LazyJoin(thread.span, join.span, False))


def note_lazy(m: Machine, code: Code) -> None:
    """A closure for a lazy iterator, which starts threads when it runs."""
    for node in f.nodes(code.closure.body):
        if isinstance(node, f.Call | f.Method):
            callee = m.typed.calls.get(id(node))
            if callee is not None and callee.model is not None and callee.model.spawns in SEPARATE:
                m.unstarted[code.closure.start] = code.closure
