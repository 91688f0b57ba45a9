"""One body -> one Trace: parameters become symbols, the body runs once, what it did is recorded."""

from __future__ import annotations

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.program.interpret import calls, control, implied, places
from rustconc_lint.program.interpret.assertions import macro
from rustconc_lint.program.interpret.events import Thread, Trace
from rustconc_lint.program.interpret.glue import drop_root
from rustconc_lint.program.interpret.machine import Evaluate, Machine, Target
from rustconc_lint.program.interpret.patterns import bind
from rustconc_lint.program.interpret.state import ALIVE, ENDED, ESCAPED, Handle, HandleKind, Status, join
from rustconc_lint.program.interpret.supply import meetings
from rustconc_lint.program.interpret.tally import ANY, NEVER, Tally, forget_counts, most
from rustconc_lint.program.interpret.values import NOTHING, Own, Place, Pointer, Root, Value, bag, inside
from rustconc_lint.program.interpret.world import World
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.program.types import Prim, RefTy, Ty

NOWHERE = f.Lit(0, 0, "int")  # where a parameter's handle was made: not in this body

KINDS: dict[str, HandleKind] = {
    "sender": "sender", "receiver": "receiver", "guard": "guard", "read-guard": "guard", "barrier": "barrier"
}  # fmt: skip


def binary(m: Machine, expr: f.Binary) -> Value:
    return control.lazy(m, expr) if expr.op in ("&&", "||") else implied.binary(m, expr)


def table() -> dict[type, Evaluate]:
    """Which function evaluates which expression."""
    return {
        f.Local: places.local, f.PathX: places.place_value, f.Lit: places.literal, f.Field: places.place_value,
        f.Index: places.place_value, f.Unary: implied.unary, f.Ref: places.reference, f.Binary: binary,
        f.Assign: implied.assign, f.Call: calls.call, f.Method: calls.method, f.Macro: macro,
        f.Tuple: places.aggregate, f.Array: places.array, f.Repeat: places.repeat, f.StructLit: places.struct,
        f.Range: places.range_, f.Cast: places.cast, f.Closure: calls.closure, f.Let: control.let,
        f.If: control.if_, f.Match: control.match_, f.Loop: control.loop, f.Jump: control.jump,
        f.Try: control.try_, f.Await: calls.await_, f.Unknown: places.unknown, f.Block: control.block,
    }  # fmt: skip


TABLE = table()


def interpret(typed: TypedBody, detail: f.Detail | None, world: World, deep: bool) -> Trace:
    """Run the body of a function (or a fragment, without a detail) on unknown arguments.

    deep: follow calls even where nothing is held, for a caller that holds something."""
    m = Machine(typed, TABLE, world, deep)
    if world.acts_on_drop():
        m.glue = drop_root
    signature = detail.signature if isinstance(detail, f.FnDetail) else None
    target = Target("body", "", len(m.scopes), [], [], [])
    m.targets.append(target)
    with m.scope(False):
        if signature is not None:
            enter_parameters(m, signature)
        with m.scope(True):
            result = m.value(typed.body.value)
    values = [result] if m.state.reachable else []
    diverges = not m.state.reachable and not target.exits
    for state in target.exits:
        m.state = join(m.state, state)
    return finished(m, bag(values + target.results), diverges)


def finished(m: Machine, result: Value, diverges: bool) -> Trace:
    meetings(m)
    m.will_run(result)
    for item in inside(result):
        inner = m.behind(item)
        if inner is not None and inner.root[0] == "alloc":
            forget_counts(m, m.at(inner))  # callers are not told what an Arc that was made here holds
    m.incidents.lost = [lost for lost in m.incidents.lost if lost.channel in m.used]
    m.incidents.unstarted += [m.span(closure) for closure in m.unstarted.values()]
    m.incidents.unjoined += [m.threads[number - 1].span for number in sorted(m.unwaited)]
    returned = {item.handle for item in inside(result) if isinstance(item, Own)}
    fates: dict[Place, Status] = {}
    for number, handle in enumerate(m.handles):
        if handle.place.root[0] == "param" and handle.site is NOWHERE:
            status = m.state.status.get(number, ESCAPED)
            fates[handle.place] = "returned" if number in returned else ESCAPED if status == ALIVE else status
    threads = tuple(thread if thread.number not in m.endless else endless(thread) for thread in m.threads)
    return Trace(
        tuple(m.acquires), tuple(m.drains), tuple(m.joins), threads, tuple(m.handles), result, fates, diverges,
        0 in m.endless, variable_names(m), frozenset(m.calls), tuple(m.invokes), m.exits_process,
        tuple(m.outer_joins), tuple(m.bundles), frozenset(m.released), senders_left(m), m.incidents, counted(m),
        frozenset(m.spread), m.state.taken, m.state.assigned,
    )  # fmt: skip


def counted(m: Machine) -> Tally:
    """What callers have to know: all that is counted of their own channels and barriers, with the body's threads."""
    keys = dict.fromkeys(key for key in m.counted if key[1].root[0] in ("param", "static"))
    if not m.state.reachable:
        return dict.fromkeys(keys, ANY)
    return {key: (m.state.tally.get(key, NEVER)[0], most(m, m.state.tally, key)) for key in keys}


def senders_left(m: Machine) -> tuple[tuple[int, Status], ...]:
    """Senders of the body's own channels that outlive it."""
    found = (
        (number, m.state.status.get(number, ENDED))
        for number, handle in enumerate(m.handles)
        if handle.kind == "sender" and handle.place.root[0] == "alloc"
    )
    return tuple((number, status) for number, status in found if status != ENDED)


def variable_names(m: Machine) -> dict[Root, str]:
    slots = m.typed.body.slots
    names: dict[Root, str] = {("slot", number): slot.name for number, slot in enumerate(slots)}
    names.update((root, slots[slot].name) for root, slot in m.places.items() if 0 <= slot < len(slots))
    names.update((("param", index), slots[slot].name) for index, slot in m.parameters.items())
    return names


def endless(thread: Thread) -> Thread:
    return msgspec.structs.replace(thread, endless=True)


def enter_parameters(m: Machine, signature: f.Signature) -> None:
    """Parameter i is the place ("param", i); by value it is a handle of its own, so that its fate is known."""
    index = 0
    declared = m.world.signature(m.typed.owner)
    if signature.self_type is not None:
        m.state.memory[("slot", 0)] = argument(m, m.typed.slots[0], 0)
        m.declare(0)
        m.parameters[0] = 0
        index = 1
    for number, parameter in enumerate(signature.params):
        pattern = parameter.pattern
        ty = declared.params[number] if declared is not None and number < len(declared.params) else None
        if isinstance(pattern, f.PBind):
            ty = m.typed.slots[pattern.slot]
            m.parameters[index] = pattern.slot
            m.steady[pattern.slot] = index
        bind(m, pattern, m.hold(argument(m, ty, index)))
        index += 1


def argument(m: Machine, ty: Ty | None, index: int) -> Value:
    place = Place(("param", index))
    if isinstance(ty, RefTy):
        return Pointer(place)
    if isinstance(ty, Prim):
        return NOTHING
    role = m.world.role(ty) if ty is not None else ""
    if role == "shared":
        return Pointer(place)
    m.handles.append(Handle(KINDS.get(role, "content"), place, NOWHERE, 0))
    m.state.status[len(m.handles) - 1] = ALIVE
    return Own(len(m.handles) - 1)
