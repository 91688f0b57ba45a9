"""Place expressions and plain values: locals, fields, references, literals, aggregates, assignment."""

from __future__ import annotations

from rustconc_lint.facts import model as f
from rustconc_lint.program.interpret.kept import note_bundle, release, release_moved
from rustconc_lint.program.interpret.machine import OTHERS, Machine
from rustconc_lint.program.interpret.oddities import note_lost
from rustconc_lint.program.interpret.patterns import bind, refute
from rustconc_lint.program.interpret.state import ESCAPED, Handle
from rustconc_lint.program.interpret.supply import number
from rustconc_lint.program.interpret.values import (
    MOVED,
    NOTHING,
    WRAPPED,
    Bag,
    Moved,
    Nothing,
    Own,
    Parts,
    Place,
    Pointer,
    Symbol,
    Value,
    bag,
    inside,
    part,
)
from rustconc_lint.program.types import Adt, RefTy, Unknown

LOCKS = frozenset({"mutex", "rwlock", "reentrant"})
MOST_COPIES = 8  # of a sender in `vec![tx; n]` that are told apart


def place_of(m: Machine, expr: f.Expr) -> Place:
    """The place an expression denotes; an rvalue becomes a temporary."""
    match expr:
        case f.Local(slot=slot):
            return Place(("slot", slot))
        case f.Field(base=base, name=name):
            return m.through(place_of(m, base)).field(name, field_owner(m, base, name))
        case f.Index(base=base, index=index):
            holder = m.through(place_of(m, base))
            m.value(index)
            return holder.field("[]", "")
        case f.Unary(op="*", operand=operand):
            pointer = place_of(m, operand)
            inner = m.target(m.at(pointer))
            return pointer if inner is None else inner
        case f.PathX():
            definition = m.typed.paths.get(id(expr))
            if definition is not None and definition.kind == "static":
                return Place(("static", definition.path), (), definition.path)
            return m.hold(NOTHING)
        case _:
            return m.hold(m.value(expr), m.extended.get(id(expr)))


def field_owner(m: Machine, base: f.Expr, name: str) -> str:
    """`Type.field` of the project's type that declares the field, "" when it is not known; WRAPPED for the lock of a
    generic wrapper (`struct Lock<T> { inner: Mutex<T> }`), which is as many locks as there are fields of that type."""
    ty = m.world.peeled(m.typed.type_of(base))
    if not isinstance(ty, Adt):
        return ""
    return WRAPPED if m.world.is_wrapper(ty, name) else f"{ty.path}.{name}"


def is_place(expr: f.Expr) -> bool:
    return isinstance(expr, f.Local | f.Field | f.Index | f.PathX) or (isinstance(expr, f.Unary) and expr.op == "*")


def local(m: Machine, expr: f.Local) -> Value:
    return release_moved(m, m.take(Place(("slot", expr.slot))))


def place_value(m: Machine, expr: f.Field | f.Index | f.PathX) -> Value:
    place = place_of(m, expr)
    value = m.at(place)
    if isinstance(value, Nothing | Moved) and place.root[0] not in ("temp",):
        return NOTHING
    return release_moved(m, m.take(place))


def literal(m: Machine, expr: f.Lit) -> Value:
    return NOTHING


def dereference(m: Machine, expr: f.Unary) -> Value:
    """`*x`."""
    place = place_of(m, expr)
    held = m.at(place)
    # What is behind a guard or a reference is read; the pointer itself stays where it is.
    if isinstance(held, Bag) and any(m.is_handle(item) for item in held.items):
        return NOTHING
    return m.take(place)


def reference(m: Machine, expr: f.Ref) -> Value:
    return Pointer(place_of(m, expr.operand))


def assign(m: Machine, expr: f.Assign) -> Value:
    """The right side runs first; then the old value of the target dies."""
    target = expr.target
    if isinstance(target, f.Unknown) and not target.parts:  # `_ = value`
        if not is_place(expr.value):
            m.hold(m.value(expr.value))
        return NOTHING
    store(m, target, m.value(expr.value))
    return NOTHING


def store(m: Machine, target: f.Expr, value: Value) -> None:
    """Assign to a place, or to each part of a destructuring target."""
    match target:
        case f.Tuple(items=items) | f.Array(items=items) | f.Call(args=items):
            for index, item in enumerate(items):
                store(m, item, part(value, str(index)) if isinstance(target, f.Tuple) else value)
        case f.StructLit(fields=fields):
            for name, item in fields:
                store(m, item, part(value, name))
        case f.Unknown():
            m.drop(value)
        case _:
            place = place_of(m, target)
            old = m.at(place)
            if not isinstance(old, Symbol | Pointer | Nothing | Moved):
                m.drop(old)
            release(m, m.through(place) if isinstance(old, Symbol) else place)
            if isinstance(old, Symbol):
                replace_unknown(m, target, m.through(place), value)
            m.write(place, value)
            if is_shared(m, m.through(place)):  # `*shared.slot.borrow_mut() = Some(tx)`: others may take it
                m.escape(value)
            if place.root[0] not in ("slot", "temp"):
                m.will_run(value)
            name_handles(m, target, value)


def is_shared(m: Machine, place: Place) -> bool:
    """Whether others may have the place too: callers, another thread, or code that nobody can see."""
    if place.root[0] == "slot" and place.fields and int(place.root[1]) >= 0:
        ty = m.typed.slots[int(place.root[1])]  # a pointer, and nobody knows where to
        return isinstance(ty, RefTy | Unknown) or m.world.role(ty) == "shared"
    if place.root[0] != "alloc":
        return place.root[0] in OTHERS
    shares = (number for number, handle in enumerate(m.handles) if is_share(handle, place))
    return any(m.state.status.get(share) == ESCAPED or type(m.state.status.get(share)) is int for share in shares)


def is_share(handle: Handle, place: Place) -> bool:
    return handle.kind == "share" and handle.place.root == place.root


def replace_unknown(m: Machine, target: f.Expr, place: Place, value: Value) -> None:
    """A place of the caller's gets another content; guards in it live as long as the caller wants. `*guard = 1` leaves
    the lock that it is."""
    is_lock = m.world.role(m.world.peeled(m.typed.type_of(target))) in LOCKS
    m.state.assigned |= {(place, is_lock)}
    for item in inside(value):
        if isinstance(item, Own) and m.handles[item.handle].kind == "guard":
            m.escape(item)


def name_handles(m: Machine, target: f.Expr, value: Value) -> None:
    if isinstance(target, f.Local):
        m.steady.pop(target.slot, None)
        m.name(value, target.slot)


def aggregate(m: Machine, expr: f.Tuple) -> Value:
    values = [m.value(item) for item in expr.items]
    return parts([(str(index), value) for index, value in enumerate(values)], "")


def parts(items: list[tuple[str, Value]], path: str) -> Value:
    """A `Parts` of those items, or nothing when no item is anything."""
    known = tuple((name, value) for name, value in items if not isinstance(value, Nothing))
    return Parts(known, path) if known else NOTHING


def array(m: Machine, expr: f.Array) -> Value:
    return parts([("[]", bag([m.value(item) for item in expr.items]))], "")


def repeat(m: Machine, expr: f.Repeat) -> Value:
    value = m.value(expr.item)
    m.value(expr.length)
    copies = min(number(m, expr.length) or 1, MOST_COPIES) - 1
    if copies > 0 and isinstance(value, Own) and m.handles[value.handle].kind == "sender":
        value = bag([value, *(m.make("sender", m.handles[value.handle].place, expr) for _ in range(copies))])
    return parts([("[]", value)], "")


def struct(m: Machine, expr: f.StructLit) -> Value:
    ty = m.typed.type_of(expr)
    path = ty.path if isinstance(ty, Adt) else ""
    items = [(name, m.value(value)) for name, value in expr.fields]
    if expr.base is not None:
        base = m.value(expr.base)
        written = {name for name, _ in items}
        if isinstance(base, Parts):
            items += [item for item in base.items if item[0] not in written]
        else:
            items.append(("..", base))
    value = parts(items, path)
    note_bundle(m, value, expr)
    return value


def range_(m: Machine, expr: f.Range) -> Value:
    for bound in (expr.low, expr.high):
        if bound is not None:
            m.value(bound)
    return NOTHING


def cast(m: Machine, expr: f.Cast) -> Value:
    return m.value(expr.operand)


def unknown(m: Machine, expr: f.Unknown) -> Value:
    for item in expr.parts:
        forget_what_is_known(m, item)
    return NOTHING


def forget_what_is_known(m: Machine, expr: f.Expr) -> None:
    """Code we cannot read may have moved, dropped or kept what this owns."""
    value = m.at(place_of(m, expr))
    for item in inside(value):
        if isinstance(item, Pointer):
            m.set_status(m.at(item.place), ESCAPED)
    m.set_status(value, ESCAPED)


def let_statement(m: Machine, statement: f.LetStatement) -> None:
    """`let`: bind before the statement's temporaries die; `let _ = place` moves nothing."""
    pattern, init = statement.pattern, statement.value
    if init is None:
        declare_only(m, pattern)
        return
    block = m.innermost(False)
    m.extended.update((key, block) for key in extending(init))
    if statement.orelse is not None:
        let_else(m, statement, init)
        return
    if isinstance(pattern, f.PBind) and not pattern.mutable:
        known = number(m, init)
        if known is not None:
            m.numbers[pattern.slot] = known
    first = len(m.handles)
    with m.scope(True):
        source = scrutinee(m, pattern, init)
        if m.state.reachable:
            bind(m, pattern, source)
            note_lost(m, pattern, init, source, first)


def scrutinee(m: Machine, pattern: f.Pattern, init: f.Expr) -> Place:
    """The place a pattern is matched against."""
    if is_place(init):
        return place_of(m, init)
    return m.hold(m.value(init), m.innermost(False) if binds_by_reference(pattern) else None)


def let_else(m: Machine, statement: f.LetStatement, init: f.Expr) -> None:
    """The temporaries of a plain `let else` die before the else block runs."""
    with m.scope(True) as temporaries:
        source = scrutinee(m, statement.pattern, init)
        refuted = m.state.copy()
        refute(m, refuted, source, statement.pattern)
        if m.state.reachable:
            bind(m, statement.pattern, source)
    bound, m.state = m.state, refuted
    m.end(temporaries)
    if statement.orelse is not None:
        m.value(statement.orelse)
    m.state = bound


def declare_only(m: Machine, pattern: f.Pattern) -> None:
    if isinstance(pattern, f.PBind):
        m.state.memory[("slot", pattern.slot)] = MOVED
        m.declare(pattern.slot)
    elif isinstance(pattern, f.PTuple):
        for item in pattern.items:
            declare_only(m, item)


def binds_by_reference(pattern: f.Pattern) -> bool:
    """Whether a `ref` in the pattern keeps the matched temporary to the block's end."""
    match pattern:
        case f.PBind(by_ref=by_ref, sub=sub):
            return bool(by_ref) or (sub is not None and binds_by_reference(sub))
        case f.PTuple(items=items) | f.PSlice(items=items) | f.POr(items=items):
            return any(binds_by_reference(item) for item in items)
        case f.PStruct(fields=fields):
            return any(binds_by_reference(item) for _, item in fields)
        case _:
            return False


def extending(expr: f.Expr) -> set[int]:
    """The rvalues whose temporaries `let x = expr` keeps to the end of the block (Reference, "Temporary lifetime
    extension"): `&f()`, `&*f()`, `(&f(), 1)`, `S { a: &f() }`, `Some(&f())`, the tails of blocks and branches."""
    match expr:
        case f.Ref(operand=operand):
            return extended_base(operand)
        case f.Cast(operand=operand):
            return extending(operand)
        case f.Tuple(items=items) | f.Array(items=items):
            return set().union(*map(extending, items))
        case f.StructLit(fields=fields):
            return set().union(*(extending(item) for _, item in fields))
        case f.Call(callee=f.PathX(path=path), args=args) if path.segments[-1].name[:1].isupper():
            return set().union(*map(extending, args))
        case f.Macro(path=path, args=args) if path.segments[-1].name == "format_args":
            return {id(arg) for arg in args}
        case f.Block(tail=tail) if tail is not None:
            return extending(tail)
        case f.If(then=then, orelse=orelse):
            return extending(then) | (extending(orelse) if orelse is not None else set())
        case f.Match(arms=arms):
            return set().union(*(extending(arm.body) for arm in arms))
        case _:
            return set()


def extended_base(operand: f.Expr) -> set[int]:
    """The temporary an extending borrow keeps: its operand, below fields, indexes and dereferences."""
    while isinstance(operand, f.Field | f.Index | f.Unary):
        operand = operand.operand if isinstance(operand, f.Unary) else operand.base
    return {id(operand)} | extending(operand)
