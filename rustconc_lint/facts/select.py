"""`select!` of tokio, futures and crossbeam: each branch as a match with one arm.

`pat = future, if cond => handler` becomes `match future.await { pat if cond => handler }`, and crossbeam's
`recv(rx) -> msg => handler` becomes `match rx.recv() { msg => handler }`: which one runs is not known. `else`,
`default` and `complete` are plain expressions.
"""

from __future__ import annotations

from rustconc_lint import syntax
from rustconc_lint.facts import reparse
from rustconc_lint.facts.lowering import Lowering
from rustconc_lint.facts.model import Arm, Await, Expr, Match, Method, Pattern, PLit, PWild, Unknown
from rustconc_lint.syntax import Node

_ALONE = frozenset((b"default", b"complete", b"else"))
_OPERATIONS = frozenset((b"recv", b"send"))
_AFTER_BLOCK = frozenset((syntax.T_DOT, syntax.T_QUESTION))


def branches(low: Lowering, tree: Node) -> list[Expr] | None:
    """The branches of the `select!` with this token tree, in order; None if it has another grammar."""
    tokens = [c for c in tree.children[1:-1] if c.kind_id not in syntax.COMMENTS]
    if len(tokens) > 1 and tokens[1].kind_id == syntax.T_SEMICOLON:
        del tokens[:2]  # `biased;`
    found: list[Expr] = []
    while tokens:
        arrow = next((i for i, c in enumerate(tokens) if c.kind_id == syntax.T_FAT_ARROW), None)
        if not arrow or arrow + 1 >= len(tokens):
            return None
        after, tokens_of_body = _body(tokens, arrow + 1)
        branch = _branch(low, tokens[:arrow], tokens_of_body) if tokens_of_body else None
        if branch is None:
            return None
        found.append(branch)
        tokens = tokens[after:]
    return found


def _body(tokens: list[Node], first: int) -> tuple[int, list[Node]]:
    """Where the next branch begins, and the tokens of the handler that begins at `first`."""
    if tokens[first].kind_id == syntax.TOKEN_TREE and tokens[first].children[0].kind_id == syntax.T_LBRACE:
        after = first + 1
        if after == len(tokens) or tokens[after].kind_id not in _AFTER_BLOCK:
            comma = after < len(tokens) and tokens[after].kind_id == syntax.T_COMMA
            return after + comma, tokens[first:after]
    end = next((i for i in range(first, len(tokens)) if tokens[i].kind_id == syntax.T_COMMA), len(tokens))
    return end + 1, tokens[first:end]


def _branch(low: Lowering, head: list[Node], body: list[Node]) -> Expr | None:
    start, end = head[0].start_byte + low.base, body[-1].end_byte + low.base
    word = low.bytes(head[0])
    if len(head) == 1:
        return read_expression(low, body) if word in _ALONE else None
    if word == b"default" and len(head) == 2:
        waited = _inside(low, head[1])
        return Match(start, end, waited, (Arm(start, end, PWild(start, start), None, read_expression(low, body)),))
    if word in _OPERATIONS and len(head) > 3 and head[2].kind_id == syntax.T_ARROW:
        return _arm(low, (start, end), _operation(low, head), None, head[3:], body)
    equals = next((i for i, c in enumerate(head) if c.kind_id == syntax.T_EQ), None)
    if not equals:
        return None
    future, guard = head[equals + 1 :], None
    condition = next((i for i, c in enumerate(future) if _is_condition(future, i)), None)
    if condition is not None:
        guard = read_expression(low, future[condition + 2 :])
        future = future[:condition]
    awaited = read_expression(low, future)
    return _arm(low, (start, end), Await(awaited.start, awaited.end, awaited), guard, head[:equals], body)


def _is_condition(tokens: list[Node], index: int) -> bool:
    following = tokens[index + 1 : index + 2]
    return tokens[index].kind_id == syntax.T_COMMA and [c.kind_id for c in following] == [syntax.T_IF]


def _operation(low: Lowering, head: list[Node]) -> Expr:
    """`recv(rx)` as `rx.recv()`, `send(tx, v)` as `tx.send(v)`."""
    start, end = head[0].start_byte + low.base, head[1].end_byte + low.base
    first, last = reparse.inner_range(low, head[1])
    read = reparse.arguments(low.data[first:last], first)
    if read is None or not read[0]:
        return Unknown(start, end, ())
    outer, low.base = low.base, read[1]
    operands = [low.expr(node) for node in read[0]]
    low.base = outer
    return Method(start, end, operands[0], low.text(head[0]), (), tuple(operands[1:]), start)


def _inside(low: Lowering, tree: Node) -> Expr:
    start, end = reparse.inner_range(low, tree)
    return _expression(low, start, end)


def _arm(
    low: Lowering, span: tuple[int, int], value: Expr, guard: Expr | None, pattern: list[Node], body: list[Node]
) -> Expr:
    mark = low.mark()
    start, end = pattern[0].start_byte + low.base, pattern[-1].end_byte + low.base
    read = reparse.pattern(low.data[start:end], start)
    bound: Pattern = PLit(start, end)
    if read is not None:
        outer, low.base = low.base, read[1]
        bound = low.pattern(read[0][0])
        low.base = outer
    handler = read_expression(low, body)
    low.release(mark)
    return Match(*span, value, (Arm(*span, bound, guard, handler),))


def read_expression(low: Lowering, tokens: list[Node]) -> Expr:
    """Tokens as one expression; Unknown if they are none."""
    if not tokens:
        return Unknown(low.base, low.base, ())
    return _expression(low, tokens[0].start_byte + low.base, tokens[-1].end_byte + low.base)


def _expression(low: Lowering, start: int, end: int) -> Expr:
    read = reparse.expression(low.data[start:end], start)
    if read is None:
        return Unknown(start, end, ())
    outer, low.base = low.base, read[1]
    result = low.expr(read[0][0])
    low.base = outer
    return result
