"""What is alive while an `async` body waits: variables and temporaries that an `.await` is within the life of.

A future that another thread may resume must be Send, so everything alive at one of its `.await`s must be. As rustc
decides it: a variable that has been borrowed counts as alive until its scope ends, even when it was moved meanwhile;
one that never was counts while it is still needed, for its destructor if it has one. Only what is certain is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.program.legality.captures import Captures
from rustconc_lint.program.legality.places import BOX, DEREF, Declarations
from rustconc_lint.program.legality.uses.expressions import uses_in
from rustconc_lint.program.legality.uses.visit import Use
from rustconc_lint.program.traits.traits import Verdict
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.program.types import Adt, ArrayTy, PtrTy, RefTy, TupleTy, Ty


class Alive(msgspec.Struct, frozen=True):
    """Something that is not Send and alive at an `.await`. name: the variable, "" for a temporary."""

    name: str
    ty: Ty
    start: int
    end: int
    awaited: tuple[int, int]


class Variable(msgspec.Struct, frozen=True):
    """A name bound at `name`, whose memory lives from `begin` to `end` (byte offsets)."""

    slot: int
    name: f.PBind
    begin: int
    end: int


class Temporary(msgspec.Struct, frozen=True):
    """A value that lives from where it is made to `end`."""

    made: f.Expr
    end: int


def reading_of(typed: TypedBody, body: f.Expr) -> Reading:
    """The `.await`s of `body` (of an async fn or block), and the scopes around them."""
    reading = Reading(typed)
    read(body, body.end, reading)
    return reading


def alive_over_await(body: f.Expr, reading: Reading, captures: Captures) -> Iterator[Alive]:
    """What of `body` lives over one of its `.await`s and is certainly not Send."""
    if reading.awaits:
        yield from temporaries_alive(reading, captures.declared)
        yield from variables_alive(body, reading, captures)


def temporaries_alive(reading: Reading, declared: Declarations) -> Iterator[Alive]:
    for temporary in reading.temporaries:
        made = temporary.made
        ty = reading.typed.type_of(made)
        if not is_not_send(ty, declared):
            continue
        for point in reading.awaits:
            if made.end <= point.end <= temporary.end and not contains(made, point):
                yield Alive("", ty, made.start, made.end, (point.start, point.end))
                break


def variables_alive(body: f.Expr, reading: Reading, captures: Captures) -> Iterator[Alive]:
    typed, declared = reading.typed, captures.declared
    suspects = {v.slot: v for v in reading.variables if is_not_send(typed.slots[v.slot], declared)}
    if not suspects:
        return
    uses = uses_in(body, typed, suspects.__contains__, declared, lambda inner: captures.as_uses(typed, inner))
    for slot, variable in suspects.items():
        ty = typed.slots[slot]
        mine = [use for use in uses if use.place.slot == slot]
        for point in reading.awaits:
            within = variable.begin <= point.start and point.end <= variable.end
            if within and is_alive(ty, mine, point, reading, declared):
                name = variable.name
                yield Alive(typed.body.slots[slot].name, ty, name.start, name.end, (point.start, point.end))
                break


def is_not_send(ty: Ty, declared: Declarations) -> bool:
    return declared.autos.is_send(ty).verdict is Verdict.NO


def contains(outer: f.Node, inner: f.Node) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def is_alive(ty: Ty, uses: list[Use], point: f.Await, reading: Reading, declared: Declarations) -> bool:
    """Whether a variable that is in scope at an `.await` is alive there."""
    before = [use for use in uses if use.end <= point.end]
    if any(use.mode in ("ref", "mut") and is_of_itself(use) and reaches(use, point, reading) for use in before):
        return True
    if any(use.mode in ("move", "unknown") for use in before):
        return False
    return needs_drop(ty, declared) or any(use.start >= point.end for use in uses)


def is_of_itself(use: Use) -> bool:
    """Whether a borrow is of the variable's own memory, not of what a reference or pointer in it leads to."""
    return not any(step.name == DEREF and isinstance(step.before, RefTy | PtrTy) for step in use.place.steps)


def reaches(use: Use, point: f.Await, reading: Reading) -> bool:
    """Whether the way from a use leads on to the `.await`: it is in no branch that leaves for elsewhere."""
    return not any(
        branch.start <= use.start and use.end <= branch.end and not contains(branch, point)
        for branch in reading.leaving
    )


def needs_drop(ty: Ty, declared: Declarations) -> bool:
    """Whether a value of the type is known to have something to do when it is dropped."""
    if isinstance(ty, TupleTy):
        return any(needs_drop(item, declared) for item in ty.items)
    if isinstance(ty, ArrayTy):
        return needs_drop(ty.inner, declared)
    if not isinstance(ty, Adt):
        return False
    model = declared.names.type_model(ty.path)
    if ty.path == BOX or (model is not None and model.role in ("shared", "weak", "guard", "read-guard")):
        return True
    if declared.traits.find_impl(ty, "std::ops::Drop") is not None:
        return True
    return any(needs_drop(field, declared) for variant in declared.types.fields_of(ty) for _, field in variant.fields)


# ---------------------------------------------------------------- scopes


class Reading:
    """The `.await`s of a body, its variables and temporaries with the ends of their scopes, and branches that leave."""

    __slots__ = ("awaits", "leaving", "temporaries", "typed", "variables")

    def __init__(self, typed: TypedBody) -> None:
        self.typed = typed
        self.awaits: list[f.Await] = []
        self.variables: list[Variable] = []
        self.temporaries: list[Temporary] = []
        self.leaving: list[f.Node] = []

    def bind(self, pattern: f.Pattern, begin: int, end: int) -> None:
        for node in f.nodes(pattern):
            if isinstance(node, f.PBind):
                self.variables.append(Variable(node.slot, node, begin, end))


PLACES = (f.Local, f.Field, f.Index, f.PathX, f.Closure, f.Lit, f.Unary)


def temporary(expr: f.Expr, end: int, reading: Reading) -> None:
    """`expr` stands where a place is wanted: a value made there lives until `end` (Reference, "Temporaries")."""
    if not isinstance(expr, PLACES):
        reading.temporaries.append(Temporary(expr, end))


def read(expr: f.Node, end: int, reading: Reading) -> None:
    """Reads an expression whose temporaries are dropped at offset `end`."""
    handler = HANDLERS.get(type(expr))
    if handler is not None:
        handler(expr, end, reading)
        return
    for part in parts(expr):
        read(part, end, reading)


def parts(expr: f.Node) -> Iterator[f.Node]:
    for name in reversed(f.parts_of(type(expr))):
        found = getattr(expr, name)
        for item in found if isinstance(found, tuple) else (found,):
            part = item[1] if isinstance(item, tuple) else item  # a struct literal's (name, value)
            if isinstance(part, f.Node):
                yield part


def read_await(expr: f.Await, end: int, reading: Reading) -> None:
    read(expr.operand, end, reading)
    reading.awaits.append(expr)


def read_method(expr: f.Method, end: int, reading: Reading) -> None:
    """A receiver that the method borrows is a temporary; what is reached through a reference borrows nothing of it."""
    callee = reading.typed.calls.get(id(expr))
    if callee is not None and (callee.receiver != "value" or callee.steps) and callee.steps[:1] != ("&",):
        temporary(expr.receiver, end, reading)
    for part in parts(expr):
        read(part, end, reading)


def read_place_of(expr: f.Field | f.Index | f.Ref | f.Unary, end: int, reading: Reading) -> None:
    base = expr.base if isinstance(expr, f.Field | f.Index) else expr.operand
    through = not isinstance(expr, f.Ref) and isinstance(reading.typed.type_of(base), RefTy | PtrTy)
    if not through and (not isinstance(expr, f.Unary) or expr.op == "*"):
        temporary(base, end, reading)
    for part in parts(expr):
        read(part, end, reading)


def read_block(expr: f.Block, end: int, reading: Reading) -> None:
    for statement in expr.statements:
        if isinstance(statement, f.ExprStatement):
            read(statement.expr, statement.end, reading)
            continue
        if statement.value is not None:
            read(statement.value, statement.end, reading)
            reading.bind(statement.pattern, statement.end, expr.end)
        if statement.orelse is not None:
            branch(statement.orelse, reading)
    if expr.tail is not None:
        read(expr.tail, expr.tail.end, reading)


def branch(expr: f.Expr, reading: Reading) -> None:
    """Code that may be skipped, with a scope of its own."""
    if any(isinstance(node, f.Jump) for node in f.nodes(expr)):
        reading.leaving.append(expr)
    read(expr, expr.end, reading)


def read_if(expr: f.If, end: int, reading: Reading) -> None:
    condition(expr.condition, expr.then.end, reading)
    branch(expr.then, reading)
    if expr.orelse is not None:
        branch(expr.orelse, reading)


def condition(expr: f.Expr, body_end: int, reading: Reading) -> None:
    """`let` operands keep their temporaries for the body; a bool is done with before it."""
    if isinstance(expr, f.Let):
        read(expr.value, body_end, reading)
        reading.bind(expr.pattern, expr.end, body_end)
    elif isinstance(expr, f.Binary) and expr.op == "&&":
        condition(expr.left, body_end, reading)
        condition(expr.right, body_end, reading)
    else:
        read(expr, expr.end, reading)


def read_match(expr: f.Match, end: int, reading: Reading) -> None:
    read(expr.scrutinee, max(end, expr.end), reading)
    for arm in expr.arms:
        # In `select!` the pattern comes first.
        reading.bind(arm.pattern, max(arm.pattern.end, expr.scrutinee.end), arm.body.end)
        if arm.guard is not None:
            condition(arm.guard, arm.body.end, reading)
        branch(arm.body, reading)


def read_loop(expr: f.Loop, end: int, reading: Reading) -> None:
    if expr.kind == "for" and expr.head is not None and expr.pattern is not None:
        read(expr.head, expr.end, reading)
        reading.bind(expr.pattern, expr.head.end, expr.body.end)
    elif expr.head is not None:
        condition(expr.head, expr.body.end, reading)
    branch(expr.body, reading)


def read_lazy(expr: f.Binary, end: int, reading: Reading) -> None:
    for side in (expr.left, expr.right):
        read(side, side.end if expr.op in ("&&", "||") else end, reading)


def skip(expr: f.Node, end: int, reading: Reading) -> None:
    """A closure's body waits, if at all, by itself."""


HANDLERS: dict[type[Any], Callable[[Any, int, Reading], None]] = {
    f.Await: read_await,
    f.Method: read_method,
    f.Field: read_place_of,
    f.Index: read_place_of,
    f.Ref: read_place_of,
    f.Unary: read_place_of,
    f.Block: read_block,
    f.If: read_if,
    f.Match: read_match,
    f.Loop: read_loop,
    f.Binary: read_lazy,
    f.Closure: skip,
}
