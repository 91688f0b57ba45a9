"""Blocks and their statements, from a function's body down to a fragment's loose lines.

Statements around broken code are read like any others. What `cfg_x! { .. }` wraps in a block counts as written in
place, under the cfg it implies.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from rustconc_lint import syntax
from rustconc_lint.facts import item_macros
from rustconc_lint.facts.attributes import read_attribute
from rustconc_lint.facts.items import ITEM_KINDS, Surroundings, opened_errors
from rustconc_lint.facts.lowering import MAX_DEPTH, Lowering
from rustconc_lint.facts.macros import rebound
from rustconc_lint.facts.model import (
    Block,
    Expr,
    ExprStatement,
    Item,
    LetStatement,
    Pattern,
    PLit,
    PTuple,
    Scope,
    Statement,
)
from rustconc_lint.facts.patterns import irrefutable, mutable_binding
from rustconc_lint.syntax import Node

_IGNORED = frozenset(
    (
        *syntax.COMMENTS,
        *ITEM_KINDS,
        syntax.INNER_ATTRIBUTE_ITEM,
        syntax.LABEL,
        syntax.SHEBANG,
        syntax.T_COLON,
        syntax.T_LBRACE,
        syntax.T_RBRACE,
        syntax.T_SEMICOLON,
    )
)
_NAMES = frozenset((syntax.IDENTIFIER, syntax.SELF))
_OPENED = frozenset(("cfg_if", "cfg_select", "lazy_static", "thread_local", "task_local"))

Opened = dict[int, list[item_macros.Wrapped]]


def block_in(low: Lowering, node: Node) -> Block:
    """A `{ .. }` as an expression, perhaps labelled."""
    return _block(low, node, node, "")


def block(low: Lowering, node: Node, kind: Literal["unsafe", "const", "try"]) -> Block:
    """A block behind a keyword."""
    inner = next((c for c in node.named_children if c.kind_id == syntax.BLOCK), None)
    return Block(*low.range(node), (), None, "", kind) if inner is None else _block(low, node, inner, kind)


def _block(low: Lowering, node: Node, inner: Node, kind: str) -> Block:
    start, end = low.range(node)
    if low.depth >= MAX_DEPTH:
        return Block(start, end, (), None, "", kind)
    children = inner.children
    label = low.text(children[0])[1:] if children and children[0].kind_id == syntax.LABEL else ""
    outer = low.scope
    mark = low.mark()
    low.depth += 1
    opened, scope = _open_scope(low, children, start)
    statements: list[Statement] = []
    _fill(low, children, opened, (), statements)
    low.depth -= 1
    low.release(mark)
    low.scope = outer
    return Block(start, end, *_with_tail(statements), label, kind, scope)


def fragment(low: Lowering, nodes: Iterable[Node], start: int, end: int) -> Block:
    """The statements among the items of a file as one block; the items stay the file's."""
    statements: list[Statement] = []
    children = list(nodes)
    _fill(low, children, _opened(low, children), (), statements)
    return Block(start, end, *_with_tail(statements))


def _with_tail(statements: list[Statement]) -> tuple[tuple[Statement, ...], Expr | None]:
    """Takes the tail off the end: a last expression without `;`. Under a cfg it stays a statement, one of several."""
    last = statements[-1] if statements else None
    if isinstance(last, ExprStatement) and not last.semi and not last.cfg:
        return tuple(statements[:-1]), last.expr
    return tuple(statements), None


# ---------------------------------------------------------------- items in blocks


def _open_scope(low: Lowering, children: list[Node], start: int) -> tuple[Opened, int]:
    """Makes the block's scope the current one if it declares items. Returns its opened macros and its index or -1."""
    opened = _opened(low, children)
    here = [item_macros.Wrapped(children, low.base, "", ())] if any(c.kind_id in ITEM_KINDS for c in children) else []
    lists = [*here, *(part for parts in opened.values() for part in parts)]
    items: list[Item] = []
    for nodes, base, macro, cfg in lists:
        items += low.items.read(_only_items(nodes), Surroundings(base, macro, cfg, low.in_test, 1))
    if not items:
        return opened, -1
    low.scopes.append(Scope(start, low.scope, tuple(items)))
    low.scope = len(low.scopes) - 1
    return opened, low.scope


def _only_items(children: list[Node]) -> list[Node]:
    """The items of a block and their attributes."""
    kept: list[Node] = []
    attributes: list[Node] = []
    for child in children:
        if child.kind_id == syntax.ATTRIBUTE_ITEM:
            attributes.append(child)
        elif child.kind_id in ITEM_KINDS:
            kept += [*attributes, child]
            attributes = []
        elif child.kind_id not in syntax.COMMENTS:
            attributes = []
    return kept


def _opened(low: Lowering, children: list[Node]) -> Opened:
    """By start offset, the contents of the statement macros that stand for what they wrap."""
    opened: Opened = {}
    for child in children:
        kind = child.kind_id
        if kind != syntax.MACRO and kind != syntax.EXPRESSION_STATEMENT:
            continue
        call = item_macros.invocation(child)
        if call is not None:
            name = item_macros.macro_name(call, low.data, low.base)
            if name in _OPENED or name.startswith("cfg_") or (name == "pin" and _declares(low, call)):
                opened[child.start_byte] = item_macros.contents(call, name, low.data, low.base)
    return opened


def _declares(low: Lowering, call: Node) -> bool:
    """Whether a macro call wraps a `let`, as in `tokio::pin! { let f = g(); }`."""
    return low.bytes(call.children[-1])[1:].lstrip().startswith(b"let ")


# ---------------------------------------------------------------- statements


def _fill(
    low: Lowering, children: list[Node], opened: Opened, cfg: tuple[str, ...], statements: list[Statement]
) -> None:
    """Appends the statements among the children of a block. All of them stand under `cfg`."""
    pending = cfg
    for node in children:
        kind = node.kind_id
        if kind == syntax.EXPRESSION_STATEMENT:
            if opened and node.start_byte in opened:
                _splice(low, opened[node.start_byte], pending, statements)
            else:
                statements.append(_expression(low, node, pending))
        elif kind == syntax.LET:
            statements.append(_let(low, node, pending))
        elif kind in _IGNORED:
            if kind in syntax.COMMENTS:
                continue
        elif kind == syntax.ATTRIBUTE_ITEM:
            pending += read_attribute(low.bytes(node)).cfg
            continue
        elif kind == syntax.EMPTY_STATEMENT:
            _end_statement(statements, node.end_byte + low.base)
        elif kind == syntax.ERROR:
            _fill(low, opened_errors(node), {}, pending, statements)
        elif opened and node.start_byte in opened:
            _splice(low, opened[node.start_byte], pending, statements)
        elif kind in low.expressions or kind in _NAMES:
            statements.append(ExprStatement(*low.range(node), low.expr(node), False, pending))
        pending = cfg


def _splice(low: Lowering, parts: list[item_macros.Wrapped], cfg: tuple[str, ...], statements: list[Statement]) -> None:
    outer = low.base
    for part in parts:
        low.base = part.base
        _fill(low, part.nodes, {}, cfg + part.cfg, statements)
    low.base = outer


def _end_statement(statements: list[Statement], end: int) -> None:
    """The `;` after a block-like expression, which the grammar counts as a statement of its own."""
    last = statements[-1] if statements else None
    if isinstance(last, ExprStatement) and not last.semi:
        statements[-1] = ExprStatement(last.start, end, last.expr, True, last.cfg)


def _expression(low: Lowering, node: Node, cfg: tuple[str, ...]) -> Statement:
    start, end = low.range(node)
    children = node.children
    read = low.expr(children[0])
    if children[0].kind_id == syntax.MACRO and len(children) > 1:
        names = rebound(low, children[0], read)
        if names:
            return LetStatement(start, end, PTuple(start, end, names), None, read, None, cfg)
    return ExprStatement(start, end, read, len(children) > 1, cfg)


def _let(low: Lowering, node: Node, cfg: tuple[str, ...]) -> Statement:
    start, end = low.range(node)
    value = node.child_by_field_id(syntax.F_VALUE)
    alternative = node.child_by_field_id(syntax.F_ALTERNATIVE)
    annotation = node.child_by_field_id(syntax.F_TYPE)
    # The names are in scope from the next statement on: neither in the value nor in `else`.
    read = None if value is None else low.expr(value)
    orelse = None if alternative is None else block_in(low, alternative)
    pattern = _bound(low, node, refutable=alternative is not None)
    return LetStatement(start, end, pattern, None if annotation is None else low.type(annotation), read, orelse, cfg)


def _bound(low: Lowering, node: Node, *, refutable: bool) -> Pattern:
    pattern = node.child_by_field_id(syntax.F_PATTERN)
    if pattern is None:
        return PLit(*low.range(node))
    before = node.child(1)
    if before is not None and before.kind_id == syntax.MUTABLE_SPECIFIER:
        return mutable_binding(low, pattern, before.start_byte + low.base)
    return low.pattern(pattern) if refutable else irrefutable(low, pattern)
