"""`use` trees and `extern crate`, flattened to their leaves.

A leaf says the path as it was written; what it names is found when files are linked.
"""

from __future__ import annotations

from rustconc_lint import syntax
from rustconc_lint.facts.model import UseDecl
from rustconc_lint.syntax import Node

_LISTS = (syntax.USE_LIST, syntax.SCOPED_USE_LIST)
_NO_LEAF = (*syntax.COMMENTS, syntax.ERROR)


def read_use(node: Node, data: bytes, base: int, *, public: bool) -> tuple[UseDecl, ...]:
    """The leaves of a use declaration. `base` is added to the tree's offsets to get those of `data`."""
    argument = node.child_by_field_id(syntax.F_ARGUMENT)
    if argument is None:
        return ()
    leaves: list[UseDecl] = []
    pending: list[tuple[Node, tuple[str, ...]]] = [(argument, ())]
    while pending:
        node, prefix = pending.pop()
        if node.kind_id in _LISTS:
            prefix, listed = _list_of(node, prefix, data, base)
            pending.extend((child, prefix) for child in reversed(listed))
        elif node.kind_id not in _NO_LEAF:
            leaves.append(_leaf(node, prefix, data, base, public))
    return tuple(leaves)


def read_extern_crate(node: Node, data: bytes, base: int, *, public: bool) -> tuple[UseDecl, ...]:
    """`extern crate a as b` as the one leaf it is: path `a`, name `b`."""
    segments, name = _renamed(node, syntax.F_NAME, data, base)
    return (UseDecl(node.start_byte + base, node.end_byte + base, segments, name, public),)


def path_names(node: Node, data: bytes, base: int) -> tuple[str, ...]:
    """The names of a path without arguments, `::a` beginning with "" and raw identifiers without `r#`."""
    text = data[node.start_byte + base : node.end_byte + base].decode("utf-8", "replace")
    if node.child_count and not text.replace("::", "").replace("_", "").isalnum():
        # White space or a comment stands inside it.
        tokens = syntax.tokens(node)
        text = "".join([data[t.start_byte + base : t.end_byte + base].decode("utf-8", "replace") for t in tokens])
    return tuple([name.removeprefix("r#") for name in text.split("::")])


def _leaf(node: Node, prefix: tuple[str, ...], data: bytes, base: int, public: bool) -> UseDecl:
    kind = node.kind_id
    if kind == syntax.USE_WILDCARD:
        path = next(iter(node.named_children), None)
        segments, name = prefix + (path_names(path, data, base) if path is not None else ()), "*"
    elif kind == syntax.USE_AS_CLAUSE:
        written, name = _renamed(node, syntax.F_PATH, data, base)
        segments = _without_self(prefix + written) if prefix else written
    else:
        written = path_names(node, data, base)
        segments = _without_self(prefix + written) if prefix else written
        name = segments[-1]
    return UseDecl(node.start_byte + base, node.end_byte + base, segments, name, public)


def _list_of(node: Node, prefix: tuple[str, ...], data: bytes, base: int) -> tuple[tuple[str, ...], list[Node]]:
    """The prefix that holds inside `path::{..}` or `{..}`, and the trees in it."""
    if node.kind_id == syntax.USE_LIST:
        return prefix, node.named_children
    path = node.child_by_field_id(syntax.F_PATH)
    listed = node.child_by_field_id(syntax.F_LIST)
    names = ("",) if path is None else path_names(path, data, base)
    return prefix + names, [] if listed is None else listed.named_children


def _renamed(node: Node, field: int, data: bytes, base: int) -> tuple[tuple[str, ...], str]:
    """Path and new name of `path as name`; without `as` the name is the path's last."""
    path = node.child_by_field_id(field)
    alias = node.child_by_field_id(syntax.F_ALIAS)
    segments = () if path is None else path_names(path, data, base)
    if alias is None:
        return segments, segments[-1] if segments else ""
    return segments, data[alias.start_byte + base : alias.end_byte + base].decode().removeprefix("r#")


def _without_self(segments: tuple[str, ...]) -> tuple[str, ...]:
    # `use a::{self}` names `a`.
    return segments[:-1] if segments[-1] == "self" else segments
