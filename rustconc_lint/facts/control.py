"""Conditions, matches, loops, jumps and closures as expressions, with the scopes of what their patterns bind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from rustconc_lint import syntax
from rustconc_lint.facts.attributes import read_attribute
from rustconc_lint.facts.bodies import block, block_in
from rustconc_lint.facts.closures import uses_of
from rustconc_lint.facts.expressions import field_operand, first_operand, unreadable
from rustconc_lint.facts.lowering import Lowering
from rustconc_lint.facts.model import (
    Arm,
    Block,
    Closure,
    Expr,
    If,
    Jump,
    Let,
    Loop,
    Match,
    Param,
    Pattern,
    PLit,
    Unknown,
)
from rustconc_lint.facts.patterns import irrefutable, mutable_binding
from rustconc_lint.syntax import Node


def _if(low: Lowering, node: Node) -> Expr:
    # What the condition binds is in scope in later operands and in the block, not in `else`.
    mark = low.mark()
    condition = field_operand(low, node, syntax.F_CONDITION)
    then = _body(low, node, syntax.F_CONSEQUENCE)
    low.release(mark)
    clause = node.child_by_field_id(syntax.F_ALTERNATIVE)
    orelse = None if clause is None else first_operand(low, clause)
    return If(*low.range(node), condition, then, orelse)


def _body(low: Lowering, node: Node, field: int) -> Block:
    body = node.child_by_field_id(field)
    if body is None or body.kind_id != syntax.BLOCK:
        return Block(*low.range(node), (), None)
    return block_in(low, body)


def _let_condition(low: Lowering, node: Node) -> Expr:
    value = field_operand(low, node, syntax.F_VALUE)
    pattern = node.child_by_field_id(syntax.F_PATTERN)
    return Let(*low.range(node), _pattern(low, node, pattern), value)


def _pattern(low: Lowering, node: Node, pattern: Node | None) -> Pattern:
    return PLit(*low.range(node)) if pattern is None else low.pattern(pattern)


# ---------------------------------------------------------------- match


def _match(low: Lowering, node: Node) -> Expr:
    scrutinee = field_operand(low, node, syntax.F_VALUE)
    body = node.child_by_field_id(syntax.F_BODY)
    arms: list[Arm] = []
    if body is not None:
        for child in body.named_children:
            if child.kind_id == syntax.MATCH_ARM:
                arms.append(_arm(low, child))
    return Match(*low.range(node), scrutinee, tuple(arms))


def _arm(low: Lowering, node: Node) -> Arm:
    mark = low.mark()
    head = node.child_by_field_id(syntax.F_PATTERN)
    guard: Expr | None = None
    if head is None or not head.child_count:
        pattern: Pattern = PLit(*low.range(node))
    else:
        pattern = _pattern(low, head, head.child(0))
        condition = head.child_by_field_id(syntax.F_CONDITION)
        if condition is not None:
            guard = low.expr(condition)
    body = field_operand(low, node, syntax.F_VALUE)
    low.release(mark)
    return Arm(*low.range(node), pattern, guard, body, _cfg(low, node))


def _cfg(low: Lowering, node: Node) -> tuple[str, ...]:
    """The cfg attributes a node begins with."""
    first = node.child(0) if node.child_count else None
    if first is None or first.kind_id != syntax.ATTRIBUTE_ITEM:
        return ()
    attributes = [c for c in node.children if c.kind_id == syntax.ATTRIBUTE_ITEM]
    return tuple([text for c in attributes for text in read_attribute(low.bytes(c)).cfg])


# ---------------------------------------------------------------- loops and jumps


def _label(low: Lowering, node: Node) -> str:
    """The label of a loop or jump, without its quote."""
    first = node.named_child(0) if node.named_child_count else None
    return low.text(first)[1:] if first is not None and first.kind_id == syntax.LABEL else ""


def _loop(low: Lowering, node: Node) -> Expr:
    return Loop(*low.range(node), "loop", None, None, _body(low, node, syntax.F_BODY), _label(low, node))


def _while(low: Lowering, node: Node) -> Expr:
    mark = low.mark()
    condition = field_operand(low, node, syntax.F_CONDITION)
    body = _body(low, node, syntax.F_BODY)
    low.release(mark)
    return Loop(*low.range(node), "while", None, condition, body, _label(low, node))


def _for(low: Lowering, node: Node) -> Expr:
    head = field_operand(low, node, syntax.F_VALUE)
    mark = low.mark()
    variable = node.child_by_field_id(syntax.F_PATTERN)
    pattern = PLit(*low.range(node)) if variable is None else irrefutable(low, variable)
    body = _body(low, node, syntax.F_BODY)
    low.release(mark)
    return Loop(*low.range(node), "for", pattern, head, body, _label(low, node))


def _jump(low: Lowering, node: Node, kind: Literal["break", "continue", "return"]) -> Expr:
    value: Expr | None = None
    for child in node.named_children:
        if child.kind_id != syntax.LABEL and child.kind_id not in syntax.COMMENTS:
            value = low.expr(child)
    return Jump(*low.range(node), kind, _label(low, node), value)


def _break(low: Lowering, node: Node) -> Expr:
    return _jump(low, node, "break")


def _continue(low: Lowering, node: Node) -> Expr:
    return _jump(low, node, "continue")


def _return(low: Lowering, node: Node) -> Expr:
    return _jump(low, node, "return")


# ---------------------------------------------------------------- closures and async blocks


def _closure(low: Lowering, node: Node) -> Expr:
    start, end = low.range(node)
    kind: Literal["fn", "async fn"] = "fn"
    moves = False
    for child in node.children:
        if child.kind_id == syntax.T_MOVE:
            moves = True
        elif child.kind_id == syntax.T_ASYNC:
            kind = "async fn"
        elif child.kind_id == syntax.CLOSURE_PARAMETERS:
            break
    outer = len(low.slots)
    mark = low.mark()
    listed = node.child_by_field_id(syntax.F_PARAMETERS)
    params = () if listed is None else tuple(closure_params(low, listed))
    output = low.optional_type(node.child_by_field_id(syntax.F_RETURN_TYPE))
    body = field_operand(low, node, syntax.F_BODY)
    low.release(mark)
    head_end = end if listed is None else listed.end_byte + low.base
    insert = start if listed is None else listed.start_byte + low.base
    uses = uses_of(body, outer)
    return Closure(start, end, kind, moves, (start, head_end), insert, params, output, body, uses)


def closure_params(low: Lowering, listed: Node) -> list[Param]:
    """The parameters between the bars of a closure, bound in this order."""
    params: list[Param] = []
    for child in listed.children:
        if child.kind_id == syntax.PARAMETER:
            params.append(parameter(low, child))
        elif child.kind_id in low.patterns or child.kind_id == syntax.MACRO:
            params.append(Param(irrefutable(low, child), None))
    return params


def parameter(low: Lowering, node: Node) -> Param:
    """`pattern: Type` of a function or closure."""
    annotation = low.optional_type(node.child_by_field_id(syntax.F_TYPE))
    pattern = node.child_by_field_id(syntax.F_PATTERN)
    if pattern is None:
        return Param(PLit(*low.range(node)), annotation)
    first = node.child(0)
    if first is not None and first.kind_id == syntax.MUTABLE_SPECIFIER:
        return Param(mutable_binding(low, pattern, first.start_byte + low.base), annotation)
    return Param(irrefutable(low, pattern), annotation)


def _async_block(low: Lowering, node: Node) -> Expr:
    start, end = low.range(node)
    head_end = insert = end
    moves = False
    body: Expr = Unknown(start, end, ())
    outer = len(low.slots)
    for child in node.children:
        if child.kind_id == syntax.BLOCK:
            insert = child.start_byte + low.base
            body = low.expr(child)
        elif not child.is_named:
            head_end = child.end_byte + low.base
            moves = moves or child.kind_id == syntax.T_MOVE
    return Closure(start, end, "async", moves, (start, head_end), insert, (), None, body, uses_of(body, outer))


def _unsafe(low: Lowering, node: Node) -> Expr:
    return block(low, node, "unsafe")


def _const(low: Lowering, node: Node) -> Expr:
    return block(low, node, "const")


def _try(low: Lowering, node: Node) -> Expr:
    return block(low, node, "try")


CONTROL: Mapping[int, Callable[[Lowering, Node], Expr]] = {
    syntax.BLOCK: block_in,
    syntax.UNSAFE_BLOCK: _unsafe,
    syntax.CONST_BLOCK: _const,
    syntax.TRY_BLOCK: _try,
    syntax.GEN_BLOCK: unreadable,
    syntax.ASYNC_BLOCK: _async_block,
    syntax.CLOSURE: _closure,
    syntax.IF: _if,
    syntax.LET_CONDITION: _let_condition,
    syntax.MATCH: _match,
    syntax.LOOP: _loop,
    syntax.WHILE: _while,
    syntax.FOR: _for,
    syntax.BREAK: _break,
    syntax.CONTINUE: _continue,
    syntax.RETURN: _return,
}
