"""Every kind of expression that is no place, and what it does to the outer places among its parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.program.legality.places import Declarations, is_unknown, reached
from rustconc_lint.program.legality.uses.calls import call, method
from rustconc_lint.program.legality.uses.patterns import matched
from rustconc_lint.program.legality.uses.visit import (
    PLACES,
    Inner,
    Matters,
    Use,
    Visit,
    borrow,
    coerced,
    consume,
    outer_to,
    place,
    unknown,
    untouched,
    value,
)
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.program.types import PtrTy

COMPARISONS = frozenset(("==", "!=", "<", "<=", ">", ">="))


def outer_uses(typed: TypedBody, closure: f.Closure, declared: Declarations, inner: Inner) -> tuple[Use, ...]:
    """Every use of an outer place in the body of `closure`, in order of the text."""
    return tuple(Visit(typed, outer_to(typed, closure), declared, inner, HANDLERS).inside(closure))


def uses_in(expr: f.Expr, typed: TypedBody, matters: Matters, declared: Declarations, inner: Inner) -> tuple[Use, ...]:
    """Every use of the slots that matter in `expr`, what its closures capture included, in order of the text."""
    visit = Visit(typed, matters, declared, inner, HANDLERS)
    consume(visit, expr)
    return tuple(visit.found)


def unary(visit: Visit, expr: f.Unary) -> None:
    consume(visit, expr.operand)  # `-x`, `!x`; a `*x` is a place


def reference(visit: Visit, expr: f.Ref) -> None:
    borrow(visit, expr.operand, "mut" if expr.kind.endswith("mut") else "ref")


def binary(visit: Visit, expr: f.Binary) -> None:
    """Comparing borrows both sides; arithmetic takes them by value."""
    for side in (expr.left, expr.right):
        if expr.op in COMPARISONS:
            borrow(visit, side, "ref")
        else:
            consume(visit, side)


def assign(visit: Visit, expr: f.Assign) -> None:
    if isinstance(expr.target, f.Unknown) and not expr.target.parts:
        untouched(visit, expr.value)  # `_ = x`
        return
    if expr.op:
        consume(visit, expr.value)
    else:
        coerced(visit, expr.value)
    assigned(visit, expr.target)


def assigned(visit: Visit, target: f.Expr) -> None:
    if isinstance(target, PLACES):
        borrow(visit, target, "mut")
    elif isinstance(target, f.Tuple | f.Array):
        for item in target.items:
            assigned(visit, item)
    else:
        unknown(visit, target)


def macro(visit: Visit, expr: f.Macro) -> None:
    """Format and assert macros borrow what they show; an unknown macro may do anything."""
    args = (*expr.args, *expr.late)
    match expr.family:
        case "format" | "assert":
            for arg in args:
                borrow(visit, arg, "ref")
        case "write":
            writer(visit, args[0])
            for arg in args[1:]:
                borrow(visit, arg, "ref")
        case "dbg" | "join" | "select":
            for arg in args:
                coerced(visit, arg)
        case _:
            for arg in args:
                unknown(visit, arg)


def writer(visit: Visit, expr: f.Expr) -> None:
    """`write!(out, ..)` is `out.write_fmt(..)`: it borrows `out`, or what it refers to."""
    if not isinstance(expr, PLACES):
        value(visit, expr)
        return
    found = place(visit, expr, "mut")
    if found is not None:
        end = reached(found)
        visit.note(end, "unknown" if is_unknown(end.ty) else "mut", expr)


def items(visit: Visit, expr: f.Tuple | f.Array) -> None:
    """Each item of a tuple is of a type of its own; those of an array are coerced to one."""
    taken = coerced if visit.coercing or (isinstance(expr, f.Array) and len(expr.items) > 1) else consume
    for item in expr.items:
        taken(visit, item)


def repeat(visit: Visit, expr: f.Repeat) -> None:
    coerced(visit, expr.item)
    consume(visit, expr.length)


def struct(visit: Visit, expr: f.StructLit) -> None:
    for _, item in expr.fields:
        coerced(visit, item)
    if expr.base is not None:
        unknown(visit, expr.base)


def range_ends(visit: Visit, expr: f.Range) -> None:
    for end in (expr.low, expr.high):
        if end is not None:
            consume(visit, end)


def cast(visit: Visit, expr: f.Cast) -> None:
    if isinstance(visit.typed.type_of(expr), PtrTy):
        coerced(visit, expr.operand)
    else:
        consume(visit, expr.operand)


def closure(visit: Visit, expr: f.Closure) -> None:
    """What an inner closure captures by value is used by value here."""
    for use in visit.inner(expr):
        if visit.is_outer(use.place.slot):
            mode = visit.by_value(use.place.ty) if use.mode == "move" else use.mode
            visit.found.append(msgspec.structs.replace(use, mode=mode))


def let(visit: Visit, expr: f.Let) -> None:
    matched(visit, expr.value, (expr.pattern,), tested=True)


def if_(visit: Visit, expr: f.If) -> None:
    consume(visit, expr.condition)
    consume(visit, expr.then)
    if expr.orelse is not None:
        coerced(visit, expr.orelse)  # to the type of the first branch


def match(visit: Visit, expr: f.Match) -> None:
    matched(visit, expr.scrutinee, tuple(arm.pattern for arm in expr.arms))
    for arm in expr.arms:
        if arm.guard is not None:
            consume(visit, arm.guard)
        taken = consume if arm is expr.arms[0] else coerced  # to the type of the first arm
        taken(visit, arm.body)


def loop(visit: Visit, expr: f.Loop) -> None:
    if expr.head is not None:
        consume(visit, expr.head)
    consume(visit, expr.body)


def jump(visit: Visit, expr: f.Jump) -> None:
    if expr.value is not None:
        coerced(visit, expr.value)


def operand(visit: Visit, expr: f.Try | f.Await) -> None:
    consume(visit, expr.operand)


def unread(visit: Visit, expr: f.Unknown) -> None:
    for part in expr.parts:
        unknown(visit, part)


def block(visit: Visit, expr: f.Block) -> None:
    for statement in expr.statements:
        if isinstance(statement, f.ExprStatement):
            consume(visit, statement.expr)
            continue
        if statement.value is not None:
            bound(visit, statement, statement.value)
        if statement.orelse is not None:
            consume(visit, statement.orelse)
    if expr.tail is None:
        return
    if visit.coercing:
        coerced(visit, expr.tail)
    else:
        consume(visit, expr.tail)


def bound(visit: Visit, statement: f.LetStatement, expr: f.Expr) -> None:
    """The initialiser of a `let`: with a written type it is a coercion site."""
    simple = isinstance(statement.pattern, f.PBind) and not statement.pattern.by_ref
    if statement.annotation is not None and (simple or not isinstance(expr, PLACES)):
        coerced(visit, expr)
    else:
        matched(visit, expr, (statement.pattern,))


HANDLERS: dict[type[Any], Callable[[Visit, Any], None]] = {
    f.Unary: unary,
    f.Ref: reference,
    f.Binary: binary,
    f.Assign: assign,
    f.Call: call,
    f.Method: method,
    f.Macro: macro,
    f.Tuple: items,
    f.Array: items,
    f.Repeat: repeat,
    f.StructLit: struct,
    f.Range: range_ends,
    f.Cast: cast,
    f.Closure: closure,
    f.Let: let,
    f.If: if_,
    f.Match: match,
    f.Loop: loop,
    f.Jump: jump,
    f.Try: operand,
    f.Await: operand,
    f.Unknown: unread,
    f.Block: block,
}
