"""The heads of a file's items: what each is called, what it stands under, where it is. One walk, no bodies.

The walk stays at the level of items: it enters modules, impls, traits, `extern` blocks and broken code, and macros that
wrap items, whose text is parsed alone and counts as written in place. It does not enter functions or initialisers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from rustconc_lint import syntax
from rustconc_lint.facts import item_macros
from rustconc_lint.facts.attributes import combine
from rustconc_lint.facts.model import Item, ItemKind, UseDecl
from rustconc_lint.facts.uses import read_extern_crate, read_use
from rustconc_lint.syntax import Node

_KINDS: dict[int, ItemKind] = {
    syntax.FUNCTION_ITEM: "fn",
    syntax.FUNCTION_SIGNATURE: "fn",
    syntax.STRUCT_ITEM: "struct",
    syntax.ENUM_ITEM: "enum",
    syntax.UNION_ITEM: "union",
    syntax.TRAIT_ITEM: "trait",
    syntax.IMPL_ITEM: "impl",
    syntax.TYPE_ITEM: "type",
    syntax.ASSOCIATED_TYPE: "type",
    syntax.STATIC_ITEM: "static",
    syntax.CONST_ITEM: "const",
    syntax.MOD_ITEM: "mod",
    syntax.USE_DECLARATION: "use",
    syntax.MACRO_DEFINITION: "macro",
    syntax.EXTERN_CRATE: "extern crate",
}
ITEM_KINDS = frozenset((*_KINDS, syntax.FOREIGN_MOD_ITEM))
_WITH_MEMBERS = frozenset((syntax.TRAIT_ITEM, syntax.IMPL_ITEM, syntax.MOD_ITEM))
_FUNCTIONS = frozenset((syntax.FUNCTION_ITEM, syntax.FUNCTION_SIGNATURE))
_IMPORTS = frozenset((syntax.USE_DECLARATION, syntax.EXTERN_CRATE))


# An item's node, what to add to its offsets to get those of the file, the macro around it ("" for none).
Source = tuple[Node, int, str]
MAX_DEPTH = 64  # of modules in modules and macros in macros; deeper ones have no members


class Surroundings(NamedTuple):
    """What the items of one list stand in."""

    base: int = 0
    macro: str = ""
    cfg: tuple[str, ...] = ()
    in_test: bool = False
    depth: int = 0


class ItemReader:
    """Reads heads and remembers in `sources`, by start offset, the tree of each item for what is asked later.

    loose: statements met among the items of the file itself; inner: texts of its inner attributes."""

    __slots__ = ("data", "inner", "loose", "sources")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.sources: dict[int, Source] = {}
        self.loose: list[Node] = []
        self.inner: list[bytes] = []

    def read(self, nodes: Iterable[Node], around: Surroundings) -> list[Item]:
        """The heads of the items among `nodes`, in order."""
        items: list[Item] = []
        attributes: list[bytes] = []
        base = around.base
        for node in nodes:
            kind = node.kind_id
            if kind in _KINDS:
                items.append(self._head(node, kind, attributes, around))
                attributes = []
            elif kind == syntax.LINE_COMMENT or kind == syntax.BLOCK_COMMENT:
                continue
            elif kind == syntax.ATTRIBUTE_ITEM:
                attributes.append(self.data[node.start_byte + base : node.end_byte + base])
            elif kind == syntax.INNER_ATTRIBUTE_ITEM:
                self.inner.append(self.data[node.start_byte + base : node.end_byte + base])
            else:
                items.extend(self._others(node, kind, attributes, around))
                attributes = []
        return items

    def _head(self, node: Node, kind: int, attributes: list[bytes], around: Surroundings) -> Item:
        data = self.data
        base, macro, cfg, in_test, depth = around
        start, end = node.byte_range
        start += base
        end += base
        first = node.child(0) if node.child_count else None
        public = first is not None and first.kind_id == syntax.VISIBILITY
        about = combine(attributes, cfg, in_test=in_test)
        members: tuple[Item, ...] = ()
        uses: tuple[UseDecl, ...] = ()
        inline = False
        receiver = ""
        if kind in _FUNCTIONS:
            receiver = _receiver(node, data, base)
        elif kind in _IMPORTS:
            read = read_use if kind == syntax.USE_DECLARATION else read_extern_crate
            uses = read(node, data, base, public=public)
        elif kind in _WITH_MEMBERS:
            body = node.child_by_field_id(syntax.F_BODY)
            inline = body is not None and kind == syntax.MOD_ITEM
            if body is not None and depth < MAX_DEPTH:
                outer, self.inner = self.inner, []
                members = tuple(self.read(body.children, Surroundings(base, macro, (), about.test, depth + 1)))
                if self.inner:
                    about = combine([*attributes, *self.inner], cfg, in_test=in_test)
                self.inner = outer
        name, name_start = "", start
        named = node.child_by_field_id(syntax.F_NAME)
        if named is not None:
            name_start = named.start_byte + base
            name = data[name_start : named.end_byte + base].decode("utf-8", "replace").removeprefix("r#")
        self.sources[start] = (node, base, macro)
        return Item(start, end, _KINDS[kind], name, name_start, public, about, members, uses, inline, receiver)

    def _others(self, node: Node, kind: int, attributes: list[bytes], around: Surroundings) -> list[Item]:
        """The items inside a node that is none itself."""
        if kind == syntax.FOREIGN_MOD_ITEM:
            body = node.child_by_field_id(syntax.F_BODY)
            cfg = around.cfg + combine(attributes).cfg
            return [] if body is None else self.read(body.children, around._replace(cfg=cfg, macro="extern"))
        if kind == syntax.ERROR:
            # A statement among the leftovers of broken code is a statement of the fragment.
            return self.read(opened_errors(node), around)
        call = item_macros.invocation(node)
        if call is not None and around.depth < MAX_DEPTH:
            wrapped = item_macros.wrapped(call, self.data, around.base)
            if wrapped is not None:
                return self._wrapped(wrapped, attributes, around)
        if around.depth == 0:
            self.loose.append(node)
        return []

    def _wrapped(self, wrapped: list[item_macros.Wrapped], attributes: list[bytes], around: Surroundings) -> list[Item]:
        outer = combine(attributes, around.cfg, in_test=around.in_test)
        items: list[Item] = []
        for part in wrapped:
            cfg = outer.cfg + part.cfg
            inside = Surroundings(part.base, part.macro, cfg, outer.test, around.depth + 8)
            items.extend(self.read(part.nodes, inside))
        return items


def opened_errors(error: Node) -> list[Node]:
    """The nodes in an ERROR, errors in errors opened up."""
    found: list[Node] = []
    pending = [error]
    while pending:
        node = pending.pop()
        if node.kind_id == syntax.ERROR:
            pending.extend(reversed(node.children))
        else:
            found.append(node)
    return found


def _receiver(function: Node, data: bytes, base: int) -> str:
    """How a function takes self: "self", "&self", "&mut self", "typed", or "" when it does not."""
    parameters = function.child_by_field_id(syntax.F_PARAMETERS)
    if parameters is None or parameters.child_count < 3:
        return ""
    first = parameters.child(1)
    assert first is not None
    if first.kind_id == syntax.SELF_PARAMETER:
        text = data[first.start_byte + base : first.end_byte + base]
        if text == b"&self" or text == b"self":
            return text.decode()
        if not text.startswith(b"&"):
            return "self"
        return "&mut self" if any(c.kind_id == syntax.MUTABLE_SPECIFIER for c in first.children) else "&self"
    if first.kind_id == syntax.PARAMETER:
        pattern = first.child_by_field_id(syntax.F_PATTERN)
        if pattern is not None and pattern.kind_id == syntax.SELF:
            return "typed"
    return ""
