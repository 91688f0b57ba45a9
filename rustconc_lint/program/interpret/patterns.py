"""What a pattern does to the place it is matched against: bindings move out of it or point into it."""

from __future__ import annotations

from rustconc_lint.facts import model as f
from rustconc_lint.program.interpret.machine import Machine
from rustconc_lint.program.interpret.state import ENDED, State
from rustconc_lint.program.interpret.values import (
    Nothing,
    Own,
    Parts,
    Place,
    Pointer,
    Received,
    Symbol,
    Value,
    bag,
    flat,
    inside,
)
from rustconc_lint.program.types import RefTy

WRAPPERS = frozenset({"Some", "Ok", "Err", "Ready", "Break", "Continue"})


def bind(m: Machine, pattern: f.Pattern, source: Place) -> None:
    """Bind the slots of `pattern` to the parts of `source`."""
    match pattern:
        case f.PBind():
            bind_slot(m, pattern, source)
        case f.PTuple(items=items):
            bind_positions(m, items, source)
        case f.PStruct(fields=fields):
            if pattern.path.segments[-1].name in WRAPPERS:
                source = message_in(m, source)
            for name, item in fields:
                if name != "..":
                    bind(m, item, inner_place(m, pattern.path, name, source))
        case f.PRef(inner=inner):
            bind(m, inner, m.behind(m.at(source)) or source)
        case f.PSlice(items=items):
            for item in items:
                bind(m, item, m.through(source).field("[]", ""))
        case f.POr(items=items):
            bind(m, items[0], source)
        case _:
            pass


def bind_slot(m: Machine, pattern: f.PBind, source: Place) -> None:
    value = m.at(source)
    leads = all(isinstance(item, Pointer | Symbol) for item in flat(value))
    by_reference = isinstance(m.typed.slots[pattern.slot], RefTy) and not leads
    if pattern.by_ref or by_reference:
        bound: Value = Pointer(source)
    else:
        bound = m.take(source)
    m.state.memory[("slot", pattern.slot)] = bound
    m.declare(pattern.slot)
    m.name(bound, pattern.slot)
    if pattern.sub is not None:
        bind(m, pattern.sub, source)


def message_in(m: Machine, source: Place) -> Place:
    """The inside of `Ok(..)` or `Some(..)`: of a receive it is a message, whose own Err or None says nothing."""
    items = flat(m.at(source))
    if not any(isinstance(item, Received) for item in items):
        return source
    return m.hold(bag([item for item in items if not isinstance(item, Received)]))


def bind_positions(m: Machine, items: tuple[f.Pattern, ...], source: Place) -> None:
    """Elements of a tuple; those behind `..` are not known by number. A handle that is no tuple's element came with
    others from an iterator (`enumerate`, `zip`): it goes to the variable whose type may be it."""
    if any(m.is_handle(item) for item in flat(m.at(source))):
        for item in items:
            if isinstance(item, f.PBind) and m.world.role(m.typed.slots[item.slot]):
                bind(m, item, source)
        return
    holder = source if isinstance(m.at(source), Parts) else m.through(source)
    after_rest = False
    for index, item in enumerate(items):
        if isinstance(item, f.PRest):
            after_rest = True
        else:
            bind(m, item, holder.field("?" if after_rest else str(index), ""))


def inner_place(m: Machine, path: f.Path, name: str, source: Place) -> Place:
    """The field's place; Option, Result and one-field variants are transparent."""
    value = m.at(source)
    if m.is_handle(value):
        return source
    if not isinstance(value, Parts):
        inner = m.through(source)
        value = m.at(inner)
        if isinstance(value, Symbol | Nothing) and m.world.is_struct(path, m.typed.module):
            return inner.field(name, "")
        if isinstance(value, Symbol) and path.segments[-1].name not in WRAPPERS:
            variant = f"{path.segments[-1].name}.{name}"
            return Place(inner.root, (*inner.fields, variant), inner.owner if name == "0" else "")
        if isinstance(value, Nothing) and name != "0" and path.segments[-1].name not in WRAPPERS:
            return inner.field(f"{path.segments[-1].name}.{name}", "")
        if not isinstance(value, Parts):
            return inner if inner.root[0] in ("param", "static") and name == "0" else source
        source = inner
    if path.segments[-1].name in WRAPPERS or not any(key == name for key, _ in value.items):
        return source
    return source.field(name, f"{value.type}.{name}" if value.type else "")


def refute(m: Machine, state: State, source: Place, pattern: f.Pattern) -> None:
    """`state` is where `pattern` did not match `source`: a receive that gave no message means a closed channel, and
    a failed `try_lock` holds nothing."""
    holding = variant_names(pattern) & {"Ok", "Some"}
    if holding and exhausts(m, pattern):
        empty(m, state, m.at(source), "Some" in holding, False)


def admit(m: Machine, state: State, source: Place, pattern: f.Pattern) -> None:
    """`state` is where `pattern` matched: `Err(_)` and `None` are the other side of `refute`."""
    names = variant_names(pattern)
    if names and names <= {"Err", "None"}:
        empty(m, state, m.at(source), "None" in names, disconnected(pattern))


def disconnected(pattern: f.Pattern) -> bool:
    """`Err(TryRecvError::Disconnected)`."""
    inner = [item for _, item in pattern.fields] if isinstance(pattern, f.PStruct) else []
    names = variant_names(inner[0]) if inner else set()
    return bool(names) and names <= {"Disconnected", "Closed"}


def empty(m: Machine, state: State, value: Value, option: bool, says_closed: bool) -> None:
    """The value turned out to be Err or None. An Err of `lock()` still holds the guard, in its PoisonError."""
    for item in inside(value):
        if isinstance(item, Received):
            node = m.last.get((m.thread, "received", item.channel))
            if node is not None and not item.sent:
                m.told.append((item.channel, item.tried, node))
            if says_closed or not item.tried:
                state.closed |= {item.end}
        elif isinstance(item, Own) and (option or m.handles[item.handle].mode.startswith("try")):
            state.status[item.handle] = ENDED


def variant_names(pattern: f.Pattern) -> set[str]:
    """The last segments of the variants a pattern requires at its top."""
    match pattern:
        case f.PStruct(path=path) | f.PPath(path=path):
            return {path.segments[-1].name}
        case f.POr(items=items):
            return set().union(*map(variant_names, items))
        case f.PRef(inner=inner):
            return variant_names(inner)
        case f.PBind(sub=sub) if sub is not None:
            return variant_names(sub)
        case _:
            return set()


def exhausts(m: Machine, pattern: f.Pattern) -> bool:
    """Whether `Ok(..)` or `Some(..)` matches every such value: its inside refuses nothing."""
    match pattern:
        case f.PStruct(fields=fields):
            return all(irrefutable(m, item) for _, item in fields)
        case f.PRef(inner=inner):
            return exhausts(m, inner)
        case f.PBind(sub=sub) if sub is not None:
            return exhausts(m, sub)
        case f.POr(items=items):
            return any(exhausts(m, item) for item in items)
        case _:
            return False


def irrefutable(m: Machine, pattern: f.Pattern) -> bool:
    """Whether the pattern matches every value of its type, as far as we know."""
    match pattern:
        case f.PBind(sub=None) | f.PWild() | f.PRest():
            return True
        case f.PBind(sub=sub) if sub is not None:
            return irrefutable(m, sub)
        case f.PTuple(items=items):
            return all(irrefutable(m, item) for item in items)
        case f.PRef(inner=inner):
            return irrefutable(m, inner)
        case f.PStruct(path=path, fields=fields):
            return m.world.is_struct(path, m.typed.module) and all(irrefutable(m, item) for _, item in fields)
        case _:
            return False
