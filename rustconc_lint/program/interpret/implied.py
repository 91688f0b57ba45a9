"""Calls that nobody writes: `println!("{x}")` runs `Display::fmt`, `a == b` runs `PartialEq::eq`, `a + b` runs `add`.

Only of impls of the project's own, and only for the locks that they take while another is held. What a dying value runs
is in `glue`.
"""

from __future__ import annotations

from rustconc_lint.facts import model as f
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.interpret import macros, places
from rustconc_lint.program.interpret.machine import Machine
from rustconc_lint.program.interpret.places import place_of
from rustconc_lint.program.interpret.substitute import Call, replay_acquires, start_threads
from rustconc_lint.program.interpret.values import NOTHING, Place, Pointer, Value
from rustconc_lint.program.lang import COMPARE_TRAITS
from rustconc_lint.program.typeck.model import Callee
from rustconc_lint.program.types import Adt, Ty

SHOWS = {"Display": "std::fmt::Display", "Debug": "std::fmt::Debug"}
BY_DEFAULT = {"std::cmp::PartialEq": "eq", "std::cmp::PartialOrd": "partial_cmp"}  # what the others call
TO_STRING = "std::string::ToString::to_string"
LATE = "format_args"  # formats when it is written somewhere


def macro(m: Machine, expr: f.Macro) -> Value:
    """All arguments are there before the first is shown, and both operands before they are compared."""
    compares = expr.family == "assert" and len(expr.args) == 2
    if not (compares or any(expr.shown)) or expr.path.segments[-1].name == LATE:
        return macros.macro(m, expr)
    compare_and_show(m, expr, [place_of(m, arg) for arg in expr.args])
    return macros.after_macro(m, expr)


def compare_and_show(m: Machine, expr: f.Macro, found: list[Place]) -> None:
    """found: where the arguments are."""
    compares = expr.family == "assert" and len(expr.args) == 2
    if listens(m) and m.state.reachable:
        if compares:
            imply(m, expr, pointee(m, expr.args[0]), "std::cmp::PartialEq", "eq", tuple(found))
        first = len(expr.args) - len(expr.shown)
        for arg, place, traits in zip(expr.args[first:], found[first:], expr.shown, strict=True):
            for trait in traits.split():
                imply(m, arg, pointee(m, arg), SHOWS[trait], "fmt", (place,))


def to_string(m: Machine, expr: f.Expr, callee: Callee, arguments: tuple[Value, ...]) -> None:
    """`x.to_string()` of a type with a `Display` of its own."""
    if not listens(m) or not arguments or not isinstance(arguments[0], Pointer):
        return
    if callee.definition.path == TO_STRING:
        imply(m, expr, m.world.pointee(callee.adjusted), SHOWS["Display"], "fmt", (arguments[0].place,))


def pointee(m: Machine, expr: f.Expr) -> Ty:
    return m.world.pointee(m.typed.type_of(expr))


def binary(m: Machine, expr: f.Binary) -> Value:
    """All but `&&` and `||`."""
    if expr.op in COMPARE_TRAITS:
        compare(m, expr)
        return NOTHING
    values = (m.value(expr.left), m.value(expr.right))
    operate(m, expr, values)
    for value in values:
        m.drop(value)
    return NOTHING


def compare(m: Machine, expr: f.Binary) -> tuple[Place, Place]:
    """`a == b`, `a < b`: where the operands are."""
    operands = place_of(m, expr.left), place_of(m, expr.right)
    ty = pointee(m, expr.left)
    if isinstance(ty, Adt) and listens(m):
        trait, method = COMPARE_TRAITS[expr.op]
        if not imply(m, expr, ty, trait, method, operands):
            imply(m, expr, ty, trait, BY_DEFAULT[trait], operands)
    return operands


def unary(m: Machine, expr: f.Unary) -> Value:
    if expr.op == "*":
        return places.dereference(m, expr)
    operate(m, expr, (m.value(expr.operand),))
    return NOTHING


def assign(m: Machine, expr: f.Assign) -> Value:
    if not expr.op:
        return places.assign(m, expr)
    value = m.value(expr.value)
    place = place_of(m, expr.target)
    operate(m, expr, (Pointer(place), value))
    m.drop(value)
    return NOTHING


def operate(m: Machine, expr: f.Binary | f.Unary | f.Assign, arguments: tuple[Value, ...]) -> None:
    """The impl of an overloaded operator."""
    callee = m.typed.calls.get(id(expr))
    if callee is not None and callee.exact and not callee.definition.module.crate.api:
        run(m, expr, callee.definition, callee.definition.name, arguments)


def imply(m: Machine, node: f.Node, ty: Ty, trait: str, method: str, operands: tuple[Place, ...]) -> bool:
    """Run the type's own method of that trait on references to the operands; False when it has none."""
    function = m.world.method_of(ty, trait, method) if isinstance(ty, Adt) else None
    if function is None:
        return False
    name = f"{trait.rpartition('::')[2]}::{method}"
    run(m, node, function, name, tuple(Pointer(m.through(place)) for place in operands))
    return True


def run(m: Machine, node: f.Node, function: Definition, name: str, arguments: tuple[Value, ...]) -> None:
    if not (listens(m) and m.state.reachable and m.world.may_lock(function)):
        return
    m.calls.add((function.path, m.thread))
    trace = m.world.summary(function, True, False)
    if trace is not None:
        replay_locks(Call(m, node, name, trace, arguments))


def replay_locks(call: Call) -> None:
    """Of all that the callee does, only what locks it and its threads take."""
    start_threads(call)
    replay_acquires(call)


def listens(m: Machine) -> bool:
    """Whether it matters which locks are taken here: one is held, or a caller may hold one."""
    return m.deep or bool(m.held())
