"""Macros that are known: what they do with their operands; `join!` and `select!` run futures."""

from __future__ import annotations

from rustconc_lint.facts import model as f
from rustconc_lint.program.interpret.machine import Machine
from rustconc_lint.program.interpret.places import forget_what_is_known, is_place, parts, place_of
from rustconc_lint.program.interpret.selections import wait_for_one
from rustconc_lint.program.interpret.state import State, join
from rustconc_lint.program.interpret.suspended import note_await
from rustconc_lint.program.interpret.tally import any_number
from rustconc_lint.program.interpret.tasks import run_beside
from rustconc_lint.program.interpret.values import NOTHING, Pointer, Value, bag


def macro(m: Machine, expr: f.Macro) -> Value:
    """Format and assert macros use their operands by reference; an unknown macro may do anything to them."""
    match expr.family:
        case "opaque":
            for arg in expr.args:
                forget_what_is_known(m, arg)
            return NOTHING
        case "dbg":
            values = [m.value(arg) for arg in expr.args]
            return values[0] if len(values) == 1 else parts([(str(i), v) for i, v in enumerate(values)], "")
        case "join":
            futures = [m.value(arg) for arg in expr.args]
            note_await(m, expr)
            return run_beside(m, expr, futures)
        case "select":
            return run_one_of(m, expr)
        case _:
            for arg in expr.args:
                place_of(m, arg)
    return after_macro(m, expr)


def after_macro(m: Machine, expr: f.Macro) -> Value:
    """`panic!` and the like do not return."""
    if expr.path.segments[-1].name in ("panic", "unreachable", "todo", "unimplemented"):
        m.panics.append(m.state.closed)
        m.state.reachable = False
    return NOTHING


def run_one_of(m: Machine, expr: f.Macro) -> Value:
    """`select!`: one branch is taken, and the futures of the others are dropped where they wait.

    Until then all of them run, each as far as it comes. A single branch is taken for sure."""
    if len(expr.args) == 1:
        return m.value(expr.args[0])
    wait_for_one(m, expr, [operand(m, branch) for branch in expr.args])
    entry, first = m.state, len(m.counted)
    after: State | None = None
    values = []
    for branch in expr.args:
        m.state = entry.copy()
        m.cancellable += 1
        values.append(m.value(branch))
        m.cancellable -= 1
        after = m.state if after is None else join(after, m.state)
    m.state = after if after is not None else entry
    any_number(m, entry.tally, first)
    return bag(values)


def operand(m: Machine, branch: f.Expr) -> Value:
    """The end of a channel that a branch waits for, as a reference; nothing where it waits for something else too."""
    if not isinstance(branch, f.Match) or any(arm.guard is not None for arm in branch.arms):
        return NOTHING
    waited = branch.scrutinee
    operation = waited.operand if isinstance(waited, f.Await) else waited
    if not isinstance(operation, f.Method) or not is_place(operation.receiver):
        return NOTHING
    callee = m.typed.calls.get(id(operation))
    effect = callee.model if callee is not None else None
    if effect is None or not (effect.receives == "one" or (effect.sends and effect.blocks)) or effect.gives_up:
        return NOTHING
    return Pointer(m.through(place_of(m, operation.receiver)))
