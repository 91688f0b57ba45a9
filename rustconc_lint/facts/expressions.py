"""Operators, calls, fields, literals and aggregates as expressions.

Chains (`a.b().c()?`, `a + b + c`) nest to the left as deep as they are long, so they are followed down in a loop and
built from their innermost part.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Literal

from rustconc_lint import syntax
from rustconc_lint.facts.lowering import MAX_DEPTH, Lowering
from rustconc_lint.facts.model import (
    Array,
    Assign,
    Await,
    Binary,
    Call,
    Cast,
    Expr,
    Field,
    Index,
    Lit,
    Method,
    Path,
    PathX,
    Range,
    Ref,
    Repeat,
    Segment,
    StructLit,
    TInfer,
    Try,
    Tuple,
    TypeExpr,
    Unary,
    Unknown,
)
from rustconc_lint.facts.types import read_arguments, read_path
from rustconc_lint.syntax import Node

_SKIPPED = frozenset((*syntax.COMMENTS, syntax.ATTRIBUTE_ITEM, syntax.INNER_ATTRIBUTE_ITEM))
_LINKS = frozenset((syntax.CALL, syntax.FIELD, syntax.TRY, syntax.AWAIT, syntax.INDEX))
_PREFIXES: Mapping[str, Literal["*", "-", "!"]] = {"*": "*", "-": "-", "!": "!"}
_INTEGER_SUFFIX = re.compile(r"[iu](?:8|16|32|64|128|size)$")
_FLOAT_SUFFIX = re.compile(r"f(?:32|64)$")


def operands(low: Lowering, node: Node) -> tuple[Expr, ...]:
    """The expressions directly inside a node, in order."""
    return tuple([low.expr(child) for child in node.named_children if child.kind_id not in _SKIPPED])


def first_operand(low: Lowering, node: Node) -> Expr:
    """The first expression directly inside a node; Unknown if there is none."""
    for child in node.named_children:
        if child.kind_id not in _SKIPPED:
            return low.expr(child)
    return Unknown(*low.range(node), ())


def field_operand(low: Lowering, node: Node, field: int) -> Expr:
    """The expression in a field of the grammar; Unknown if it is missing."""
    child = node.child_by_field_id(field)
    return Unknown(*low.range(node), ()) if child is None else low.expr(child)


def unreadable(low: Lowering, node: Node) -> Expr:
    """Broken code, and what has no form here: the expressions directly inside are its parts."""
    parts = [low.expr(c) for c in node.named_children if c.kind_id in low.expressions or c.kind_id in _NAMES]
    return Unknown(*low.range(node), tuple(parts))


_NAMES = frozenset((syntax.IDENTIFIER, syntax.SELF))


# ---------------------------------------------------------------- chains


class _Link:
    """One link of a chain: `.name`, `.name(..)`, `(..)`, `[..]`, `?`, `.await`. member: the field of a method call."""

    __slots__ = ("kind", "member", "node", "turbofish")

    def __init__(self, node: Node, kind: int) -> None:
        self.node = node
        self.kind = kind
        self.member: Node | None = None
        self.turbofish: Node | None = None


def _chain(low: Lowering, node: Node) -> Expr:
    links: list[_Link] = []
    while node.kind_id in _LINKS and node.child_count:
        link = _Link(node, node.kind_id)
        links.append(link)
        node = _inside(link)
    room = MAX_DEPTH - low.depth + 1
    outside = low.depth
    if len(links) > room:
        del links[room:]
        node = links[-1].node
        built: Expr = Unknown(*low.range(node), ())
        links.pop()
    else:
        low.depth += len(links)
        built = low.expr(node)
    while links:
        low.depth = outside + len(links)
        built = _extended(low, built, links.pop())
    low.depth = outside
    return built


def _inside(link: _Link) -> Node:
    """What a link is applied to: the receiver of a method call, else what stands to its left."""
    inner = link.node.child(0)
    assert inner is not None
    if link.kind == syntax.CALL:
        callee = inner
        if callee.kind_id == syntax.GENERIC_FUNCTION and callee.child_count:
            first = callee.child(0)
            assert first is not None
            if first.kind_id == syntax.FIELD:
                link.turbofish, callee = callee, first
        if callee.kind_id == syntax.FIELD and callee.child_count:
            link.member = callee
            receiver = callee.child(0)
            assert receiver is not None
            return receiver
    return inner


def _extended(low: Lowering, built: Expr, link: _Link) -> Expr:
    node = link.node
    end = node.end_byte + low.base
    if link.kind == syntax.CALL:
        listed = node.child_by_field_id(syntax.F_ARGUMENTS)
        args = () if listed is None else operands(low, listed)
        if link.member is None:
            return Call(built.start, end, built, args)
        return _method(low, built, end, link, args)
    if link.kind == syntax.FIELD:
        name = node.child_by_field_id(syntax.F_FIELD)
        if name is None:
            return Unknown(built.start, end, (built,))
        return Field(built.start, end, built, low.name(name), name.start_byte + low.base)
    if link.kind == syntax.TRY:
        return Try(built.start, end, built)
    if link.kind == syntax.AWAIT:
        return Await(built.start, end, built)
    rest = [c for c in node.named_children[1:] if c.kind_id not in _SKIPPED]
    index = low.expr(rest[0]) if rest else Unknown(end, end, ())
    return Index(built.start, end, built, index)


def _method(low: Lowering, receiver: Expr, end: int, link: _Link, args: tuple[Expr, ...]) -> Expr:
    assert link.member is not None
    name = link.member.child_by_field_id(syntax.F_FIELD)
    if name is None:
        return Unknown(receiver.start, end, (receiver, *args))
    types: tuple[TypeExpr, ...] = ()
    if link.turbofish is not None:
        listed = link.turbofish.child_by_field_id(syntax.F_TYPE_ARGUMENTS)
        types = () if listed is None else read_arguments(low, listed)[0]
    return Method(receiver.start, end, receiver, low.name(name), types, args, name.start_byte + low.base)


def _binary(low: Lowering, node: Node) -> Expr:
    spine: list[Node] = []
    while node.kind_id == syntax.BINARY:
        spine.append(node)
        left = node.child_by_field_id(syntax.F_LEFT)
        if left is None:
            break
        node = left
    outside = low.depth
    room = MAX_DEPTH - outside + 1
    if len(spine) > room:
        del spine[room:]
        built: Expr = Unknown(*low.range(spine.pop()), ())
    else:
        low.depth += len(spine)
        built = low.expr(node) if node.kind_id != syntax.BINARY else unreadable(low, node)
    while spine:
        low.depth = outside + len(spine)
        part = spine.pop()
        operator = part.child_by_field_id(syntax.F_OPERATOR)
        right = field_operand(low, part, syntax.F_RIGHT)
        built = Binary(*low.range(part), "" if operator is None else operator.type, built, right)
    low.depth = outside
    return built


def _let_chain(low: Lowering, node: Node) -> Expr:
    """`let p = a && b && let q = c`, flat in the grammar."""
    parts = [c for c in node.named_children if c.kind_id not in _SKIPPED]
    if not parts:
        return Unknown(*low.range(node), ())
    room = MAX_DEPTH - low.depth + 1
    if len(parts) > room:
        del parts[:-room]
        built: Expr = Unknown(*low.range(parts[0]), ())
    else:
        built = low.expr(parts[0])
    for part in parts[1:]:
        right = low.expr(part)
        built = Binary(built.start, right.end, "&&", built, right)
    return built


# ---------------------------------------------------------------- operators


def _parenthesized(low: Lowering, node: Node) -> Expr:
    return first_operand(low, node)


def _unary(low: Lowering, node: Node) -> Expr:
    operator = _PREFIXES.get(node.children[0].type)
    operand = first_operand(low, node)
    if operator is None:
        return Unknown(*low.range(node), (operand,))
    return Unary(*low.range(node), operator, operand)


def _reference(low: Lowering, node: Node) -> Expr:
    raw = mutable = False
    for child in node.children[1:]:
        kind = child.kind_id
        raw = raw or kind == syntax.T_RAW
        mutable = mutable or kind == syntax.MUTABLE_SPECIFIER
    kinds: tuple[Literal["", "mut", "raw", "raw mut"], ...] = ("", "mut", "raw", "raw mut")
    return Ref(*low.range(node), kinds[2 * raw + mutable], field_operand(low, node, syntax.F_VALUE))


def _assignment(low: Lowering, node: Node) -> Expr:
    target = field_operand(low, node, syntax.F_LEFT)
    return Assign(*low.range(node), "", target, field_operand(low, node, syntax.F_RIGHT))


def _compound(low: Lowering, node: Node) -> Expr:
    target = field_operand(low, node, syntax.F_LEFT)
    operator = node.child_by_field_id(syntax.F_OPERATOR)
    written = "" if operator is None else operator.type[:-1]
    return Assign(*low.range(node), written, target, field_operand(low, node, syntax.F_RIGHT))


def _cast(low: Lowering, node: Node) -> Expr:
    operand = field_operand(low, node, syntax.F_VALUE)
    target = node.child_by_field_id(syntax.F_TYPE)
    return Cast(*low.range(node), operand, TInfer(operand.end, operand.end) if target is None else low.type(target))


def _range(low: Lowering, node: Node) -> Expr:
    low_end: Expr | None = None
    high: Expr | None = None
    inclusive = seen = False
    for child in node.children:
        if not child.is_named:
            seen = True
            inclusive = inclusive or child.type != ".."
        elif child.kind_id in _SKIPPED:
            continue
        elif seen:
            high = low.expr(child)
        else:
            low_end = low.expr(child)
    return Range(*low.range(node), low_end, high, inclusive)


# ---------------------------------------------------------------- names, literals, aggregates


def _path(low: Lowering, node: Node) -> Expr:
    path = read_path(low, node)
    return PathX(path.start, path.end, path)


def _generic_function(low: Lowering, node: Node) -> Expr:
    """`f::<T>`; with a field before it, a method named without a call, which is broken code."""
    first = node.child(0) if node.child_count else None
    if first is not None and first.kind_id == syntax.FIELD:
        return low.expr(first)
    return _path(low, node)


def _integer(low: Lowering, node: Node) -> Expr:
    text = low.text(node)
    suffix = _INTEGER_SUFFIX.search(text)
    if suffix is None and not text.startswith("0x"):
        suffix = _FLOAT_SUFFIX.search(text)
    return Lit(*low.range(node), "int" if suffix is None else suffix[0], text)


def _float(low: Lowering, node: Node) -> Expr:
    text = low.text(node)
    suffix = _FLOAT_SUFFIX.search(text)
    return Lit(*low.range(node), "float" if suffix is None else suffix[0], text)


def _boolean(low: Lowering, node: Node) -> Expr:
    return Lit(*low.range(node), "bool", low.text(node))


def _string(low: Lowering, node: Node) -> Expr:
    start, end = low.range(node)
    prefix = low.data[start : start + 1]
    return Lit(start, end, "bytestr" if prefix == b"b" else "cstr" if prefix == b"c" else "str")


def _char(low: Lowering, node: Node) -> Expr:
    start, end = low.range(node)
    return Lit(start, end, "byte" if low.data[start : start + 1] == b"b" else "char")


def _tuple(low: Lowering, node: Node) -> Expr:
    return Tuple(*low.range(node), operands(low, node))


def _unit(low: Lowering, node: Node) -> Expr:
    return Tuple(*low.range(node), ())


def array(low: Lowering, node: Node, *, vec: bool = False) -> Expr:
    """`[a, b]` or `[a; n]`."""
    items = operands(low, node)
    if len(items) == 2 and node.child_by_field_id(syntax.F_LENGTH) is not None:
        return Repeat(*low.range(node), items[0], items[1], vec)
    return Array(*low.range(node), items, vec)


def _plain_array(low: Lowering, node: Node) -> Expr:
    return array(low, node)


def _struct(low: Lowering, node: Node) -> Expr:
    head = node.child_by_field_id(syntax.F_NAME)
    body = node.child_by_field_id(syntax.F_BODY)
    if head is None or body is None:
        return unreadable(low, node)
    path = read_path(low, head)
    fields: list[tuple[str, Expr]] = []
    base: Expr | None = None
    for child in body.named_children:
        kind = child.kind_id
        if kind == syntax.FIELD_INITIALIZER:
            name = child.child_by_field_id(syntax.F_FIELD)
            value = child.child_by_field_id(syntax.F_VALUE)
            if name is not None and value is not None:
                fields.append((low.name(name), low.expr(value)))
        elif kind == syntax.SHORTHAND_FIELD:
            fields.append(_shorthand(low, child))
        elif kind == syntax.BASE_FIELD:
            base = first_operand(low, child)
        elif kind == syntax.ERROR:
            fields.append(("", unreadable(low, child)))
    return StructLit(*low.range(node), path, tuple(fields), base)


def _shorthand(low: Lowering, node: Node) -> tuple[str, Expr]:
    value = first_operand(low, node)
    return low.name(node.children[-1]), value


def _metavariable(low: Lowering, node: Node) -> Expr:
    start, end = low.range(node)
    return PathX(start, end, Path(start, end, (Segment(low.text(node), (), (), start),)))


EXPRESSIONS: Mapping[int, Callable[[Lowering, Node], Expr]] = {
    **dict.fromkeys(_LINKS, _chain),
    syntax.BINARY: _binary,
    syntax.LET_CHAIN: _let_chain,
    syntax.PARENTHESIZED: _parenthesized,
    syntax.UNARY: _unary,
    syntax.REFERENCE: _reference,
    syntax.ASSIGNMENT: _assignment,
    syntax.COMPOUND_ASSIGNMENT: _compound,
    syntax.TYPE_CAST: _cast,
    syntax.RANGE: _range,
    syntax.SCOPED_IDENTIFIER: _path,
    syntax.GENERIC_FUNCTION: _generic_function,
    syntax.METAVARIABLE: _metavariable,
    syntax.INTEGER: _integer,
    syntax.FLOAT: _float,
    syntax.BOOLEAN: _boolean,
    syntax.STRING: _string,
    syntax.RAW_STRING: _string,
    syntax.CHAR: _char,
    syntax.TUPLE: _tuple,
    syntax.UNIT: _unit,
    syntax.ARRAY: _plain_array,
    syntax.STRUCT: _struct,
    syntax.YIELD: unreadable,
    syntax.ERROR: unreadable,
}
