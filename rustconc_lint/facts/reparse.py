"""Macro text parsed alone: as an argument list, an expression, a pattern.

The text is wrapped so that it is Rust, and parsed at an offset: the nodes' own offsets plus the returned base are those
of the file. An error in the text stays in it: then there is nothing to read.
"""

from __future__ import annotations

from rustconc_lint import syntax
from rustconc_lint.facts.dialect import tree_of
from rustconc_lint.facts.lowering import Lowering
from rustconc_lint.syntax import Node

_SKIPPED = frozenset((*syntax.COMMENTS, syntax.ATTRIBUTE_ITEM))

Reread = tuple[list[Node], int]


def token_tree(call: Node) -> Node | None:
    """The delimited text of a macro call; None when it is broken."""
    tree = call.children[-1]
    return tree if tree.kind_id == syntax.TOKEN_TREE and tree.child_count >= 2 else None


def inner_range(low: Lowering, tree: Node) -> tuple[int, int]:
    """The byte range in the file between a token tree's delimiters."""
    start, end = low.range(tree)
    return start + 1, end - 1


def arguments(text: bytes, start: int) -> Reread | None:
    """`text`, which begins at byte `start` of the file, as the arguments of a call."""
    root = tree_of(b"f(" + text + b"\n);")
    if root.has_error:
        return None
    call = _only(root)
    if call is None or call.kind_id != syntax.CALL:
        return None
    listed = call.child_by_field_id(syntax.F_ARGUMENTS)
    if listed is None:
        return None
    return [c for c in listed.named_children if c.kind_id not in _SKIPPED], start - 2


def array(text: bytes, start: int) -> Reread | None:
    """The text between the brackets of `[a, b]` or `[a; n]`, as that one expression."""
    root = tree_of(b"[" + text + b"\n];")
    node = None if root.has_error else _only(root)
    return None if node is None or node.kind_id != syntax.ARRAY else ([node], start - 1)


def expression(text: bytes, start: int) -> Reread | None:
    """A text as one expression."""
    root = tree_of(text + b"\n;")
    node = None if root.has_error else _only(root)
    return None if node is None else ([node], start)


def pattern(text: bytes, start: int) -> Reread | None:
    """A text as one pattern."""
    root = tree_of(b"let (" + text + b"\n)=0;")
    if root.has_error or not root.child_count:
        return None
    wrapped = root.children[0].child_by_field_id(syntax.F_PATTERN)
    return None if wrapped is None else ([wrapped], start - 5)


def matching(text: bytes, comma: int, start: int) -> Reread | None:
    """`value, pattern if guard` of `matches!`, its comma at offset `comma`, as a match with one arm."""
    rest = text[comma + 1 :].rstrip().removesuffix(b",")
    root = tree_of(b"match " + text[:comma] + b"{" + rest + b"\n=>true};")
    node = None if root.has_error else _only(root)
    return None if node is None or node.kind_id != syntax.MATCH else ([node], start - 6)


def _only(root: Node) -> Node | None:
    """The expression that a text consists of; a `;` after a block is a statement of its own."""
    statements = [c for c in root.children if c.kind_id not in _SKIPPED and c.kind_id != syntax.EMPTY_STATEMENT]
    if len(statements) != 1:
        return None
    only = statements[0]
    return only.children[0] if only.kind_id == syntax.EXPRESSION_STATEMENT else only
