"""Patterns and what they bind.

A bare name is a binding, unless it begins with a capital letter or the file declares a constant of that name; where
only a binding makes sense (`let x`, a parameter, `for x`) it is one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from rustconc_lint import syntax
from rustconc_lint.facts.lowering import Lowering
from rustconc_lint.facts.model import (
    Path,
    Pattern,
    PBind,
    PLit,
    POr,
    PPath,
    PRef,
    PRest,
    PSlice,
    PStruct,
    PTuple,
    PWild,
    Segment,
)
from rustconc_lint.facts.types import read_path
from rustconc_lint.syntax import Node

_PUNCTUATION = frozenset(
    (
        *syntax.COMMENTS,
        syntax.ATTRIBUTE_ITEM,
        syntax.T_COMMA,
        syntax.T_LPAREN,
        syntax.T_RPAREN,
        syntax.T_LBRACKET,
        syntax.T_RBRACKET,
        syntax.ERROR,
    )
)


def irrefutable(low: Lowering, node: Node) -> Pattern:
    """The pattern of a `let` without `else`, a parameter or a `for`: a bare name binds, whatever its first letter."""
    if node.kind_id != syntax.IDENTIFIER:
        return low.pattern(node)
    low.bound = {}
    start, end = low.range(node)
    name = low.name(node)
    if name == "_":
        return PWild(start, end)
    if name in low.constants:
        return _constant(name, start, end)
    return PBind(start, end, low.bind(name, start, mutable=False), "", False, None)


def mutable_binding(low: Lowering, node: Node, start: int) -> Pattern:
    """`mut x` of a `let` or a parameter, where the grammar keeps `mut` (at byte `start`) outside the pattern."""
    low.bound = {}
    return _binding(low, node, start, "", mutable=True)


def _name(low: Lowering, node: Node) -> Pattern:
    start, end = node.byte_range
    start += low.base
    end += low.base
    name = low.data[start:end].decode("utf-8", "replace")
    if name.startswith("r#"):
        name = name[2:]
    elif name == "_":
        return PWild(start, end)
    if name[:1].isupper() or name in low.constants:
        return _constant(name, start, end)
    return PBind(start, end, low.bind(name, start, mutable=False), "", False, None)


def _constant(name: str, start: int, end: int) -> Pattern:
    return PPath(start, end, Path(start, end, (Segment(name, (), (), start),)))


def _binding(low: Lowering, node: Node, start: int, by_ref: Literal["", "ref", "mut"], *, mutable: bool) -> Pattern:
    """The binding below `ref`, `mut` or `ref mut`, perhaps with `@ pattern`; `start` is that of the first of them."""
    kind = node.kind_id
    if kind == syntax.MUT_PATTERN:
        inner = _last(node)
        return _binding(low, inner, start, "mut" if by_ref else "", mutable=not by_ref)
    end = node.end_byte + low.base
    if kind == syntax.CAPTURED_PATTERN:
        name, sub = node.named_children[0], _last(node)
        slot = low.bind(low.name(name), name.start_byte + low.base, mutable=mutable)
        return PBind(start, end, slot, by_ref, mutable, low.part(sub))
    if kind != syntax.IDENTIFIER and kind != syntax.SELF:
        return low.part(node)
    slot = low.bind(low.name(node), node.start_byte + low.base, mutable=mutable)
    return PBind(start, end, slot, by_ref, mutable, None)


def _last(node: Node) -> Node:
    """The last node inside a pattern, which may be the token `_`."""
    for child in reversed(node.children):
        if child.kind_id not in _PUNCTUATION:
            return child
    return node.children[-1]


def _ref(low: Lowering, node: Node) -> Pattern:
    return _binding(low, _last(node), node.start_byte + low.base, "ref", mutable=False)


def _mut(low: Lowering, node: Node) -> Pattern:
    return _binding(low, node, node.start_byte + low.base, "", mutable=False)


def _captured(low: Lowering, node: Node) -> Pattern:
    return _binding(low, node, node.start_byte + low.base, "", mutable=False)


def _wild(low: Lowering, node: Node) -> Pattern:
    return PWild(*low.range(node))


def _rest(low: Lowering, node: Node) -> Pattern:
    return PRest(*low.range(node))


def _literal(low: Lowering, node: Node) -> Pattern:
    return PLit(*low.range(node))


def _path(low: Lowering, node: Node) -> Pattern:
    path = read_path(low, node)
    return PPath(path.start, path.end, path)


def _parts(low: Lowering, node: Node) -> tuple[Pattern, ...]:
    # Not `named_children`: the token `_` is a pattern and has no name.
    return tuple([low.part(child) for child in node.children if child.kind_id not in _PUNCTUATION])


def _tuple(low: Lowering, node: Node) -> Pattern:
    items = _parts(low, node)
    single = len(items) == 1 and not isinstance(items[0], PRest)
    if single and not any(c.kind_id == syntax.T_COMMA for c in node.children):
        return items[0]  # parentheses
    return PTuple(*low.range(node), items)


def _slice(low: Lowering, node: Node) -> Pattern:
    return PSlice(*low.range(node), _parts(low, node))


def _reference(low: Lowering, node: Node) -> Pattern:
    return PRef(*low.range(node), low.part(_last(node)))


def _or(low: Lowering, node: Node) -> Pattern:
    start, end = low.range(node)
    alternatives: list[Node] = []
    pending = [node]
    while pending:
        part = pending.pop()
        if part.kind_id == syntax.OR_PATTERN:
            pending.extend([c for c in reversed(part.children) if c.is_named or c.kind_id == syntax.T_UNDERSCORE])
        elif part.kind_id not in _PUNCTUATION:
            alternatives.append(part)
    items = tuple([low.part(part) for part in alternatives])
    return items[0] if len(items) == 1 else POr(start, end, items)


def _tuple_struct(low: Lowering, node: Node) -> Pattern:
    """`Some(x)`. Fields after a `..` are counted from the end: "-1" is the last."""
    head = node.child_by_field_id(syntax.F_TYPE)
    assert head is not None
    path = read_path(low, head)
    parts = [c for c in node.children[1:] if c.kind_id not in _PUNCTUATION]
    rest = next((i for i, c in enumerate(parts) if c.kind_id == syntax.REMAINING_FIELDS), len(parts))
    fields: list[tuple[str, Pattern]] = []
    for index, part in enumerate(parts):
        name = str(index) if index < rest else ".." if index == rest else str(index - len(parts))
        fields.append((name, low.part(part)))
    return PStruct(*low.range(node), path, tuple(fields), True)


def _struct(low: Lowering, node: Node) -> Pattern:
    head = node.child_by_field_id(syntax.F_TYPE)
    assert head is not None
    path = read_path(low, head)
    fields: list[tuple[str, Pattern]] = []
    for child in node.named_children:
        if child.kind_id == syntax.FIELD_PATTERN:
            fields.append(_field(low, child))
        elif child.kind_id == syntax.REMAINING_FIELDS:
            fields.append(("..", PRest(*low.range(child))))
    return PStruct(*low.range(node), path, tuple(fields), False)


def _field(low: Lowering, node: Node) -> tuple[str, Pattern]:
    """`name: pattern`, or the shorthand `name`, `ref name`, `mut name`."""
    named = node.child_by_field_id(syntax.F_NAME)
    assert named is not None
    name = low.name(named)
    pattern = node.child_by_field_id(syntax.F_PATTERN)
    if pattern is not None:
        return name, low.part(pattern)
    start, end = low.range(node)
    by_ref = mutable = False
    for child in node.children:
        by_ref = by_ref or child.kind_id == syntax.T_REF
        mutable = mutable or child.kind_id == syntax.MUTABLE_SPECIFIER
    slot = low.bind(name, named.start_byte + low.base, mutable=mutable and not by_ref)
    mode: Literal["", "ref", "mut"] = ("mut" if mutable else "ref") if by_ref else ""
    return name, PBind(start, end, slot, mode, mutable and not by_ref, None)


PATTERNS: Mapping[int, Callable[[Lowering, Node], Pattern]] = {
    syntax.IDENTIFIER: _name,
    syntax.T_UNDERSCORE: _wild,
    syntax.REF_PATTERN: _ref,
    syntax.MUT_PATTERN: _mut,
    syntax.CAPTURED_PATTERN: _captured,
    syntax.REMAINING_FIELDS: _rest,
    syntax.TUPLE_PATTERN: _tuple,
    syntax.SLICE_PATTERN: _slice,
    syntax.REFERENCE_PATTERN: _reference,
    syntax.OR_PATTERN: _or,
    syntax.TUPLE_STRUCT_PATTERN: _tuple_struct,
    syntax.STRUCT_PATTERN: _struct,
    syntax.SCOPED_IDENTIFIER: _path,
    syntax.GENERIC_PATTERN: _path,
    syntax.RANGE_PATTERN: _literal,
}
