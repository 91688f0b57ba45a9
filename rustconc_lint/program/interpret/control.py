"""Control flow: blocks, conditions, branches, loops, jumps. Paths split by copying the state and meet by joining."""

from __future__ import annotations

from typing import Literal

from rustconc_lint.facts import model as f
from rustconc_lint.program.interpret.assumptions import assume, assume_matched, assume_refused
from rustconc_lint.program.interpret.comparisons import compared
from rustconc_lint.program.interpret.drains import iterated, note_drained, record_drain, streams_of, waited_for
from rustconc_lint.program.interpret.machine import Exit, Machine, Scope, Target, end_roots
from rustconc_lint.program.interpret.oddities import (
    note_got,
    note_sequence,
    note_spins,
    note_streams,
    note_work,
)
from rustconc_lint.program.interpret.patterns import admit, bind, empty, refute, variant_names
from rustconc_lint.program.interpret.places import let_statement, place_of, scrutinee
from rustconc_lint.program.interpret.state import State, join
from rustconc_lint.program.interpret.supply import after_loop, surely_turns, turns_of
from rustconc_lint.program.interpret.tally import left_early, repeated
from rustconc_lint.program.interpret.values import (
    NOTHING,
    Code,
    Place,
    Pointer,
    Received,
    Stream,
    Value,
    bag,
    flat,
    inside,
    part,
)


def block(m: Machine, expr: f.Block) -> Value:
    """Variables die at the end, in reverse; the temporaries of the tail after them up to 2021, before since 2024."""
    target = open_target(m, "block", expr.label) if expr.label else None
    with m.scope(False):
        for statement in expr.statements:
            if not m.state.reachable:
                break
            run_statement(m, statement)
        value: Value = NOTHING
        if expr.tail is not None and m.state.reachable:
            if m.short_tails:
                with m.scope(True):
                    value = m.value(expr.tail)
            else:
                value = m.value(expr.tail)
    if target is not None:
        value = close_target(m, target, value)
    return value


def run_statement(m: Machine, statement: f.Statement) -> None:
    """One statement; one under `#[cfg]` may not be there."""
    without = m.state.copy() if statement.cfg else None
    around, m.cfg = m.cfg, m.cfg + statement.cfg
    if isinstance(statement, f.LetStatement):
        let_statement(m, statement)
    else:
        with m.scope(True):
            m.drop(m.value(statement.expr))
    m.cfg = around
    if without is not None:
        m.state = join(m.state, without)


# ---------------------------------------------------------------- targets


def open_target(m: Machine, kind: Literal["loop", "block", "body"], label: str) -> Target:
    target = Target(kind, label, len(m.scopes), [], [], [])
    m.targets.append(target)
    return target


def close_target(m: Machine, target: Target, value: Value) -> Value:
    """Join the paths that left through `break` or `return` with the one that fell through."""
    m.targets.pop()
    values = [value] if m.state.reachable else []
    for state in target.exits:
        m.state = join(m.state, state)
    return bag(values + target.results)


def jump(m: Machine, expr: f.Jump) -> Value:
    value = m.value(expr.value) if expr.value is not None else NOTHING
    if not m.state.reachable:
        return NOTHING
    index = aim(m, expr)
    if index is not None:
        target = m.targets[index]
        if expr.kind == "continue":
            target.turns.append(m.leave(target))
        else:
            target.results.append(value)
            target.exits.append(m.leave(target))
            m.exits.append(Exit(index, m.state.closed))
    m.state.reachable = False
    return NOTHING


def aim(m: Machine, expr: f.Jump) -> int | None:
    """The index of the target a jump leaves."""
    for index in range(len(m.targets) - 1, -1, -1):
        target = m.targets[index]
        if expr.kind == "return":
            if target.kind == "body":
                return index
        elif target.kind == "body":
            return None
        elif (expr.label == target.label and expr.label) or (not expr.label and target.kind == "loop"):
            return index
    return None


def try_(m: Machine, expr: f.Try) -> Value:
    """`e?`: Err and None leave the body (or try block)."""
    value = m.value(expr.operand)
    if not m.state.reachable:
        return NOTHING
    closed = (item.end for item in inside(value) if isinstance(item, Received) and not item.tried)
    leave_body(m, frozenset(closed))
    return without_received(value)


def without_received(value: Value) -> Value:
    """What is left of a receive's result once it is known to be a message."""
    return NOTHING if isinstance(value, Received) else value


def leave_body(m: Machine, closed: frozenset[Place]) -> None:
    """A possible `return` here, on a path where those channels are closed."""
    for index in range(len(m.targets) - 1, -1, -1):
        target = m.targets[index]
        if target.kind == "body":
            state = m.leave(target)
            state.closed |= closed
            target.exits.append(state)
            m.exits.append(Exit(index, state.closed))
            return


# ---------------------------------------------------------------- conditions


def test(m: Machine, condition: f.Expr) -> State:
    """Evaluate a condition: the machine goes on where it holds; the state where it does not is returned."""
    match condition:
        case f.Binary(op="&&", left=left, right=right):
            refuted = test(m, left)
            return join(test(m, right), refuted)
        case f.Let(pattern=pattern, value=value):
            source = scrutinee(m, pattern, value)
            note_got(m, m.at(source), value)
            refuted = m.state.copy()
            refute(m, refuted, source, pattern)
            assume_refused(m, refuted, value, pattern)
            if m.state.reachable:
                admit(m, m.state, source, pattern)
                assume_matched(m, m.state, value, pattern)
                bind(m, pattern, source)
            return refuted
        case f.Method(name="is_ok" | "is_some" | "is_err" | "is_none", receiver=receiver):
            return test_variant(m, condition, receiver)
        case f.Unary(op="!", operand=operand):
            refuted = test(m, operand)
            held, m.state = m.state, refuted
            return held
        case _:
            with m.scope(True):
                counted = compared(m, condition)
            refuted = m.state.copy()
            if counted is not None:
                empty(m, m.state if counted[1] else refuted, counted[0], False, False)
            m.state.finished |= m.asked
            m.asked = frozenset()
            assume(m, m.state, refuted, condition)
            return refuted


def test_variant(m: Machine, condition: f.Method, receiver: f.Expr) -> State:
    """`received.is_ok()`: the other side is where the channel is closed, or the `try_lock` failed."""
    with m.scope(True):
        source = place_of(m, receiver)
        value = m.at(m.through(source)) if isinstance(m.at(source), Pointer) else m.at(source)
    refuted = m.state.copy()
    callee = m.typed.calls.get(id(condition))
    if callee is not None and callee.definition.module.crate.api:
        positive = condition.name in ("is_ok", "is_some")
        empty(m, refuted if positive else m.state, value, condition.name in ("is_some", "is_none"), False)
    return refuted


def let(m: Machine, expr: f.Let) -> Value:
    m.state = join(m.state, test(m, expr))
    return NOTHING


def lazy(m: Machine, expr: f.Binary) -> Value:
    """`&&`, `||`: the right side may not run; each side is a scope of temporaries."""
    refuted = test(m, expr.left)
    if expr.op == "||":
        m.state, refuted = refuted, m.state
    with m.scope(True):
        m.value(expr.right)
    m.state = join(m.state, refuted)
    return NOTHING


def if_(m: Machine, expr: f.If) -> Value:
    """The temporaries of an `if let` head live through `else` up to 2021, and die before it since 2024."""
    with m.scope(False):
        head = Scope(m.short_tails, [])
        m.scopes.append(head)
        first = len(m.got)
        refuted = test(m, expr.condition)
        note_work(m, first, expr.then, False)
        then = m.value(expr.then)
        m.scopes.pop()
        m.end(head)
        after, m.state = m.state, refuted
        m.end(head)
        refuted, m.state = m.state, after
    after, m.state = m.state, refuted
    other = m.value(expr.orelse) if expr.orelse is not None else NOTHING
    values = [value for value, state in ((then, after), (other, m.state)) if state.reachable]
    m.state = join(after, m.state)
    return bag(values)


def match_(m: Machine, expr: f.Match) -> Value:
    """The scrutinee's temporaries live through the arms. Arms are tried in order on the same state."""
    first = len(m.got)
    source = scrutinee(m, f.PWild(0, 0), expr.scrutinee)
    if not m.state.reachable:
        return NOTHING
    note_got(m, m.at(source), expr.scrutinee)
    for arm in expr.arms:
        if variant_names(arm.pattern) & {"Ok", "Some"}:
            note_work(m, first, arm.body, False)
    entry = m.state
    after: State | None = None
    values: list[Value] = []
    for arm in expr.arms:
        m.state = entry.copy()
        assume_matched(m, m.state, expr.scrutinee, arm.pattern)
        value = run_arm(m, arm, source)
        if m.state.reachable:
            values.append(value)
        after = m.state if after is None else join(after, m.state)
        if arm.guard is None:
            refute(m, entry, source, arm.pattern)
            assume_refused(m, entry, expr.scrutinee, arm.pattern)
    if after is not None:
        m.state = after
    return bag(values)


def run_arm(m: Machine, arm: f.Arm, source: Place) -> Value:
    with m.scope(False):
        admit(m, m.state, source, arm.pattern)
        bind(m, arm.pattern, source)
        if arm.guard is not None:
            test(m, arm.guard)
        with m.scope(True):
            return m.value(arm.body)


# ---------------------------------------------------------------- loops


def loop(m: Machine, expr: f.Loop) -> Value:
    """One turn, joined with none. A loop whose every exit lies where one channel is closed is a drain of it."""
    head: Place | None = None
    stage = m.stage
    if expr.kind == "for" and expr.head is not None:
        head = m.hold(iterated(m, expr.head))
        first_got = len(m.got)
        note_streams(m, m.at(head), expr.head)
        note_work(m, first_got, expr.body, True)
    elif m.thread == 0:
        m.unwaited.clear()
    entry = m.state.copy()
    first_exit, first_use, first_stop, first_count = len(m.exits), len(m.touched), len(m.stops), len(m.counted)
    first_told, first_panic, first_join = len(m.told), len(m.panics), len(m.joins)
    leaving = [(other, len(other.exits)) for other in m.targets]
    target = open_target(m, "loop", expr.label)
    index = len(m.targets) - 1
    spawned = len(m.threads)
    ended = turn(m, expr, head)
    m.stage = stage
    m.mark_many(spawned)
    for state in target.turns:
        m.state = join(m.state, state)
    multiply(m, expr, entry, ended, first_count, [*leaving, (target, 0)])
    closing = normal_end(m, expr, head, ended)
    value = close_target(m, target, NOTHING)
    after_loop(m, first_count)
    note_sequence(m, expr, spawned, first_join)
    left = [one.closed for one in m.exits[first_exit:] if one.target <= index]
    left += m.stops[first_stop:]
    if closing is not None:
        left.append(closing)
    if not left:
        m.endless.add(m.thread)
        note_spins(m, expr, first_told, first_panic)
    else:
        for channel, unless in waited_for(left, entry.closed):
            record_drain(m, channel, expr.head or expr, entry, channel in m.touched[first_use:], unless=unless)
            note_drained(m, channel, expr.head or expr)
    return value


def multiply(
    m: Machine, expr: f.Loop, entry: State, ended: State | None, first: int, exits: list[tuple[Target, int]]
) -> None:
    """What a turn has counted (since number `first`) is counted by every turn; exits: where paths leave the loop."""
    if len(m.counted) == first:
        return
    turns = turns_of(m, expr)
    turn = m.state.tally if m.state.reachable else None
    if turn is not None:
        m.state.tally = repeated(m, entry.tally, turn, first, turns)
    leaving = [state for target, known in exits for state in target.exits[known:]]
    if ended is not None and expr.kind == "while":
        leaving.append(ended)
    for state in leaving:
        state.tally = left_early(m, entry.tally, turn, state.tally, first, turns)


def turn(m: Machine, expr: f.Loop, head: Place | None) -> State | None:
    """Run head and body once; the state in which the head ended the loop, None for `loop`."""
    with m.scope(False), m.scope(True):
        ended: State | None = None
        if expr.kind == "while" and expr.head is not None:
            first = len(m.got)
            ended = test(m, expr.head)
            note_work(m, first, expr.body, True)
            outside = m.state
            m.state = ended
            for scope in reversed(m.scopes[-2:]):
                end_roots(m, scope)
            ended, m.state = m.state, outside
        elif head is not None and expr.pattern is not None:
            ended = m.state.copy()
            bind(m, expr.pattern, element_place(m, head, expr))
        m.drop(m.value(expr.body))
    return ended


def element_place(m: Machine, head: Place, expr: f.Loop) -> Place:
    """What the loop variable is bound from: an element of the iterated collection."""
    value = m.at(head)
    inner = m.behind(value)
    if inner is not None:
        return m.through(inner).field("[]", "")
    if any(isinstance(item, Stream) for item in inside(value)):
        return m.unknown_place(expr)
    element = part(value, "[]")
    if element == NOTHING:  # what a lazy iterator has given; it stays where it is
        element = bag([item for item in flat(value) if not isinstance(item, Code)])
    return m.hold(element)


def normal_end(m: Machine, expr: f.Loop, head: Place | None, ended: State | None) -> frozenset[Place] | None:
    """Join the end by the loop's own head; the channels that are closed there, None when it cannot end so."""
    if expr.kind == "loop" or ended is None:
        m.state.reachable = False
        return None
    if expr.kind == "while":
        if isinstance(expr.head, f.Lit) and expr.head.text == "true":
            m.state.reachable = False
            return None
        closed = ended.closed
    else:
        if isinstance(expr.head, f.Range) and expr.head.high is None:
            m.state.reachable = False
            return None
        closed = ended.closed | streams_of(m, head)
    if not (expr.kind == "for" and surely_turns(m, expr, head)):
        m.state = join(m.state, ended)
    elif not m.state.reachable:
        m.state = ended
    m.state.closed |= closed
    return closed
