"""Macros that wrap items: `cfg_rt! { .. }`, `cfg_if! { .. }`, `cfg_select! { .. }`, `lazy_static! { .. }`, and any
other whose text is items.

The wrapped text is parsed alone. A macro whose text is no list of items wraps nothing, as far as is known here.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from rustconc_lint import syntax
from rustconc_lint.facts.attributes import read_attribute
from rustconc_lint.facts.dialect import tree_of
from rustconc_lint.syntax import Node

# What may stand beside items without making the text something else.
_BESIDE_ITEMS = frozenset(
    (
        *syntax.COMMENTS,
        syntax.ATTRIBUTE_ITEM,
        syntax.INNER_ATTRIBUTE_ITEM,
        syntax.EMPTY_STATEMENT,
        syntax.MACRO,
        syntax.EXPRESSION_STATEMENT,
    )
)
_ITEM_WORD = re.compile(rb"\b(?:fn|struct|enum|union|trait|impl|type|static|const|mod|use|extern|macro_rules)\b")


class Wrapped(NamedTuple):
    """Nodes whose offsets plus `base` are those of the file, the macro's last name, and the cfgs it implies."""

    nodes: list[Node]
    base: int
    macro: str
    cfg: tuple[str, ...]


def invocation(node: Node) -> Node | None:
    """The macro call that a statement or item consists of."""
    if node.kind_id == syntax.EXPRESSION_STATEMENT:
        first = node.child(0) if node.child_count else None
        return first if first is not None and first.kind_id == syntax.MACRO else None
    return node if node.kind_id == syntax.MACRO else None


def wrapped(call: Node, data: bytes, base: int) -> list[Wrapped] | None:
    """The items inside a macro call, in one list or one a branch of `cfg_if!`; None if it wraps no items."""
    tree = call.children[-1]
    if _ITEM_WORD.search(data, tree.start_byte + base, tree.end_byte + base) is None:
        return None
    name = macro_name(call, data, base)
    found = contents(call, name, data, base)
    if name.startswith("cfg_") or all(_is_items(part.nodes) for part in found):
        return found
    return None


def contents(call: Node, name: str, data: bytes, base: int) -> list[Wrapped]:
    """What stands inside the macro call of this name, read as items or statements."""
    tree = call.children[-1]
    if tree.kind_id != syntax.TOKEN_TREE:
        return []
    if name in ("cfg_if", "cfg_select"):
        found = branches(tree, data, base) if name == "cfg_if" else selected(tree, data, base)
        return [_items(branch, data, base, name, cfg) for branch, cfg in found]
    return [_items(tree, data, base, name, implied_cfg(name))]


def macro_name(call: Node, data: bytes, base: int) -> str:
    """The last name of a macro call's path."""
    path = call.child_by_field_id(syntax.F_MACRO)
    if path is None:
        return ""
    text = data[path.start_byte + base : path.end_byte + base].decode("utf-8", "replace")
    return text.rpartition("::")[2].strip()


def implied_cfg(name: str) -> tuple[str, ...]:
    """`cfg_rt! {..}` stands under "cfg_rt!" and `cfg_not_rt! {..}` under "not(cfg_rt!)": never both."""
    if not name.startswith("cfg_"):
        return ()
    return (f"not(cfg_{name[8:]}!)",) if name.startswith("cfg_not_") else (f"{name}!",)


def branches(tree: Node, data: bytes, base: int) -> list[tuple[Node, tuple[str, ...]]]:
    """The token trees of `cfg_if!`'s branches, each with its condition and the negation of those before it."""
    found: list[tuple[Node, tuple[str, ...]]] = []
    before: tuple[str, ...] = ()
    condition: tuple[str, ...] = ()
    for token in tree.children[1:-1]:
        if token.kind_id != syntax.TOKEN_TREE:
            continue
        text = data[token.start_byte + base : token.end_byte + base]
        if text.startswith(b"["):
            condition = read_attribute(b"#" + text).cfg
        else:
            found.append((token, condition + before))
            before += tuple(f"not({text})" for text in condition)
            condition = ()
    return found


def selected(tree: Node, data: bytes, base: int) -> list[tuple[Node, tuple[str, ...]]]:
    """The token trees of `cfg_select!`'s branches (`unix => { .. } _ => { .. }`), with conditions as `branches` has."""
    found: list[tuple[Node, tuple[str, ...]]] = []
    before: tuple[str, ...] = ()
    start, arrow = -1, -1
    for token in tree.children[1:-1]:
        text = data[token.start_byte + base : token.end_byte + base]
        start = token.start_byte if start < 0 else start
        if text == b"=>":
            arrow = token.start_byte
        elif arrow >= 0 and token.kind_id == syntax.TOKEN_TREE:
            written = data[start + base : arrow + base].strip()
            condition = () if written == b"_" else read_attribute(b"#[cfg(" + written + b")]").cfg
            found.append((token, condition + before))
            before += tuple(f"not({one})" for one in condition)
            start, arrow = -1, -1
    return found


def _items(tree: Node, data: bytes, base: int, name: str, cfg: tuple[str, ...]) -> Wrapped:
    """The text between a token tree's delimiters as items; a `;` is added for `thread_local!(static X: T = e)`."""
    start = tree.start_byte + base + 1
    text = data[start : tree.end_byte + base - 1]
    return Wrapped(tree_of(text + b"\n;").children, start, name, cfg)


def _is_items(nodes: list[Node]) -> bool:
    """Whether nodes are a list of items and nothing else."""
    items = 0
    for node in nodes:
        if node.kind_id in _BESIDE_ITEMS:
            if node.kind_id == syntax.EXPRESSION_STATEMENT and invocation(node) is None:
                return False
        elif node.has_error or node.kind_id == syntax.LET:
            return False
        else:
            items += 1
    return items > 0
