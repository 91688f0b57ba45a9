"""Walks a body on every path it can take, and says what may have happened to a variable before each use of it.

What is followed are marks on places: "this was moved into that thread". A mark is set by one use, found by later ones,
and wiped by an assignment or a new binding. Branches are walked from the same marks and joined; a loop is walked a
second time with what its first turn has left; what cannot be reached has no marks. A call that may not return (its type
is not known) makes a mark doubtful: a branch that may have ended there hands it to nobody.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.program.legality.places import Place, is_unknown
from rustconc_lint.program.legality.uses.expressions import HANDLERS, assigned, bound
from rustconc_lint.program.legality.uses.visit import (
    PLACES,
    Mode,
    Use,
    Visit,
    coerced,
    consume,
    place,
    untouched,
)
from rustconc_lint.program.types import NEVER, Adt

Marks = dict[int, bool]  # the number of a mark -> whether control has surely come this far since it was set
State = Marks | None  # None: not reachable


class Target(msgspec.Struct):
    """A loop or labelled block, and the states in which `break` and `continue` leave for it."""

    label: str
    loops: bool
    breaks: State = None
    continues: State = None


class Flow(Visit, ABC):
    """A walk with `state`, the marks that may be set where it is. What they mean is for a subclass to say."""

    __slots__ = ("silent", "state", "targets")

    def start(self) -> None:
        self.state: State = {}
        self.targets: list[Target] = []
        self.silent = False

    def inside(self, closure: f.Closure) -> list[Use]:
        """The body of a closure that is called is not on the way: it has been walked, or will be, by itself."""
        plain = Visit(self.typed, self.is_outer, self.declared, self.inner, HANDLERS)
        plain.modes = self.modes
        return plain.inside(closure)

    def note(self, place: Place, mode: Mode, expr: f.Node) -> None:
        self.meet(Use(place, mode, expr.start, expr.end))

    @abstractmethod
    def meet(self, use: Use) -> None:
        """One use of a place that matters, in the order in which the program makes them."""

    @abstractmethod
    def wiped(self, mark: int, place: Place) -> bool:
        """Whether a mark is gone once `place` has been assigned to."""

    @abstractmethod
    def of_slot(self, mark: int, slot: int) -> bool:
        """Whether the mark is on a place of that variable."""

    def assign(self, place: Place) -> None:
        if self.state is not None:
            self.state = {mark: sure for mark, sure in self.state.items() if not self.wiped(mark, place)}

    def declare(self, pattern: f.Pattern | None) -> None:
        """The names of a pattern are bound anew."""
        if not self.state or pattern is None:
            return
        slots = [node.slot for node in f.nodes(pattern) if isinstance(node, f.PBind)]
        self.state = {
            mark: sure for mark, sure in self.state.items() if not any(self.of_slot(mark, slot) for slot in slots)
        }

    def forget(self) -> None:
        """Something happens that cannot be read."""
        if self.state is not None:
            self.state = {}

    def doubt(self) -> None:
        if self.state is not None:
            self.state = dict.fromkeys(self.state, False)


def joined(one: State, other: State) -> State:
    """The marks after two branches; of one that may have ended, only what the other has set too."""
    if one is None or other is None:
        return other if one is None else one
    both = {mark: sure or other[mark] for mark, sure in one.items() if mark in other}
    return both | {mark: True for state in (one, other) for mark, sure in state.items() if sure}


def added(one: State, other: State) -> State:
    """The marks where two ways of one loop meet."""
    if one is None or other is None:
        return other if one is None else one
    return {**other, **one}


# ---------------------------------------------------------------- calls


def leaves_or_returns(base: Callable[[Any, Any], None]) -> Callable[[Flow, Any], None]:
    """A call after which control may be gone for good."""

    def handler(flow: Flow, expr: f.Expr) -> None:
        base(flow, expr)
        ty = flow.typed.type_of(expr)
        if ty == NEVER:
            flow.state = None
        elif is_unknown(ty) and id(expr) not in flow.typed.calls:
            flow.doubt()

    return handler


def macro(flow: Flow, expr: f.Macro) -> None:
    if expr.family == "select":
        select(flow, expr)
    elif expr.family == "opaque":
        flow.forget()
    else:
        HANDLERS[f.Macro](flow, expr)
    if flow.typed.type_of(expr) == NEVER:
        flow.state = None


def select(flow: Flow, expr: f.Macro) -> None:
    """All futures are made, and one handler runs."""
    for arg in expr.args:
        if isinstance(arg, f.Match):
            consume(flow, arg.scrutinee)
    handlers = [arm for arg in expr.args if isinstance(arg, f.Match) for arm in arg.arms]
    others = [arg for arg in expr.args if not isinstance(arg, f.Match)]
    branches(flow, [*(partial(run_arm, flow, arm) for arm in handlers), *(partial(consume, flow, e) for e in others)])


def nothing() -> None:
    """A branch that is not written."""


def branches(flow: Flow, runs: Iterable[Callable[[], None]]) -> None:
    """Walks alternatives from where the flow is, one of which is taken."""
    before, after = flow.state, None
    for run in runs:
        flow.state = before
        run()
        after = joined(after, flow.state)
    flow.state = after


def closure(flow: Flow, expr: f.Closure) -> None:
    for use in flow.inner(expr):
        if flow.is_outer(use.place.slot):
            mode = flow.by_value(use.place.ty) if use.mode == "move" else use.mode
            flow.meet(msgspec.structs.replace(use, mode=mode))


def struct(flow: Flow, expr: f.StructLit) -> None:
    """`..base` takes the fields that are not written."""
    for _, item in expr.fields:
        coerced(flow, item)
    if expr.base is None:
        return
    found = place(flow, expr.base, "ref") if isinstance(expr.base, PLACES) else None
    if found is None:
        if not isinstance(expr.base, PLACES):
            consume(flow, expr.base)
        return
    written = {name for name, _ in expr.fields}
    for variant in flow.declared.types.fields_of(found.ty) if isinstance(found.ty, Adt) else ():
        for name, ty in variant.fields:
            if name not in written:
                flow.note(found.step(name, ty), flow.by_value(ty), expr.base)


def assign(flow: Flow, expr: f.Assign) -> None:
    if expr.op or (isinstance(expr.target, f.Unknown) and not expr.target.parts):
        if expr.op:
            HANDLERS[f.Assign](flow, expr)
        else:
            untouched(flow, expr.value)
        return
    coerced(flow, expr.value)
    assign_to(flow, expr.target)


def assign_to(flow: Flow, target: f.Expr) -> None:
    if isinstance(target, f.Tuple | f.Array):
        for item in target.items:
            assign_to(flow, item)
    elif isinstance(target, PLACES):
        found = place(flow, target, "mut")
        if found is not None:
            flow.assign(found)
            if found.steps:
                assigned(flow, target)  # a part: the whole must be there
    else:
        flow.forget()


# ---------------------------------------------------------------- control


def lazy(flow: Flow, expr: f.Binary) -> None:
    if expr.op not in ("&&", "||"):
        HANDLERS[f.Binary](flow, expr)
        return
    consume(flow, expr.left)
    before = flow.state
    consume(flow, expr.right)
    flow.state = joined(before, flow.state)


def let(flow: Flow, expr: f.Let) -> None:
    HANDLERS[f.Let](flow, expr)
    flow.declare(expr.pattern)


def if_(flow: Flow, expr: f.If) -> None:
    consume(flow, expr.condition)
    orelse = expr.orelse
    branches(flow, (partial(consume, flow, expr.then), nothing if orelse is None else partial(consume, flow, orelse)))


def match(flow: Flow, expr: f.Match) -> None:
    scrutinee = msgspec.structs.replace(expr, arms=tuple(bare(arm) for arm in expr.arms))
    HANDLERS[f.Match](flow, scrutinee)
    branches(flow, [partial(run_arm, flow, arm) for arm in expr.arms])


def bare(arm: f.Arm) -> f.Arm:
    """The arm's pattern alone."""
    return msgspec.structs.replace(arm, guard=None, body=f.Tuple(arm.body.start, arm.body.start, ()))


def run_arm(flow: Flow, arm: f.Arm) -> None:
    flow.declare(arm.pattern)
    with_cfg(flow, arm.cfg, partial(guarded, flow, arm))


def guarded(flow: Flow, arm: f.Arm) -> None:
    if arm.guard is not None:
        consume(flow, arm.guard)
    consume(flow, arm.body)


def with_cfg(flow: Flow, cfg: tuple[str, ...], run: Callable[[], None]) -> None:
    """What stands under a `#[cfg]` may not be there: it sets no marks, and its uses are not looked at."""
    if not cfg:
        run()
        return
    before, silent = flow.state, flow.silent
    flow.silent = True
    run()
    flow.silent = silent
    if before is not None:
        after = flow.state
        flow.state = before if after is None else {mark: sure for mark, sure in before.items() if mark in after}


def loop(flow: Flow, expr: f.Loop) -> None:
    if expr.kind == "for" and expr.head is not None:
        consume(flow, expr.head)
    entry = flow.state
    target = Target(expr.label, True)
    flow.targets.append(target)
    out = turn(flow, expr, target)
    around = added(flow.state, target.continues)
    if around and entry is not None and not around.keys() <= entry.keys():
        flow.state = added(entry, around)
        out = turn(flow, expr, target)
        around = added(flow.state, target.continues)
    flow.targets.pop()
    ended = None if expr.kind == "loop" else added(out, around)
    flow.state = added(target.breaks, ended)


def turn(flow: Flow, expr: f.Loop, target: Target) -> State:
    """One turn of a loop; the state in which its head may have ended it."""
    if expr.kind == "while" and expr.head is not None:
        consume(flow, expr.head)
    out = flow.state
    flow.declare(expr.pattern)
    consume(flow, expr.body)
    return out


def jump(flow: Flow, expr: f.Jump) -> None:
    if expr.value is not None:
        coerced(flow, expr.value)
    if expr.kind != "return":
        target = target_of(flow, expr)
        if target is None:
            pass
        elif expr.kind == "break":
            target.breaks = added(target.breaks, flow.state)
        else:
            target.continues = added(target.continues, flow.state)
    flow.state = None


def target_of(flow: Flow, expr: f.Jump) -> Target | None:
    for target in reversed(flow.targets):
        if target.label == expr.label if expr.label else target.loops:
            return target
    return None


def block(flow: Flow, expr: f.Block) -> None:
    if expr.label:
        flow.targets.append(Target(expr.label, False))
    for statement in expr.statements:
        with_cfg(flow, statement.cfg, partial(run_statement, flow, statement))
    if expr.tail is not None:
        (coerced if flow.coercing else consume)(flow, expr.tail)
    if expr.label:
        flow.state = added(flow.state, flow.targets.pop().breaks)


def run_statement(flow: Flow, statement: f.Statement) -> None:
    if isinstance(statement, f.ExprStatement):
        consume(flow, statement.expr)
        return
    if statement.value is not None:
        bound(flow, statement, statement.value)
    orelse = statement.orelse
    if orelse is not None:
        branches(flow, (partial(consume, flow, orelse), nothing))
    flow.declare(statement.pattern)


def unread(flow: Flow, expr: f.Unknown) -> None:
    flow.forget()


FLOW_HANDLERS: dict[type[Any], Callable[[Any, Any], None]] = {
    **HANDLERS,
    f.Call: leaves_or_returns(HANDLERS[f.Call]),
    f.Method: leaves_or_returns(HANDLERS[f.Method]),
    f.Macro: macro,
    f.Closure: closure,
    f.StructLit: struct,
    f.Assign: assign,
    f.Binary: lazy,
    f.Let: let,
    f.If: if_,
    f.Match: match,
    f.Loop: loop,
    f.Jump: jump,
    f.Block: block,
    f.Unknown: unread,
}
