"""One file as facts: the lazy view `RustFile`, whose complete frozen value is `FileFacts`.

A file's facts depend on its bytes alone. Heads of items are read at once, in one walk; signatures, fields and bodies
when they are asked for, each once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from rustconc_lint import syntax
from rustconc_lint.facts.attributes import combine, read_attribute
from rustconc_lint.facts.bodies import fragment
from rustconc_lint.facts.control import CONTROL
from rustconc_lint.facts.details import body_of, finished, read_detail, read_signature
from rustconc_lint.facts.dialect import tree_of
from rustconc_lint.facts.expressions import EXPRESSIONS
from rustconc_lint.facts.item_macros import invocation, macro_name
from rustconc_lint.facts.items import ItemReader, Surroundings, opened_errors
from rustconc_lint.facts.lowering import Lowering, OwnMacro, Tables
from rustconc_lint.facts.macros import EXPRESSION_MACROS, MACROS
from rustconc_lint.facts.model import Body, Detail, FileFacts, FnDetail, Item, Signature, ValueDetail
from rustconc_lint.facts.patterns import PATTERNS
from rustconc_lint.facts.types import TYPES
from rustconc_lint.source import SourceFile
from rustconc_lint.syntax import Node

_TABLES: Tables = ({**EXPRESSIONS, **CONTROL, **MACROS}, PATTERNS, TYPES)
_DETAILED = frozenset(("fn", "struct", "enum", "union", "trait", "impl", "type", "static", "const"))


_OPENED = frozenset((syntax.FUNCTION_ITEM, syntax.IMPL_ITEM, syntax.MOD_ITEM))


class Piece(NamedTuple):
    """A part of a file's text. function: of the inside of a body, where its item starts; else -1."""

    start: int
    end: int
    function: int = -1


class RustFile:
    """What one file says. items: the heads of its items. attributes: its own (`#![allow(..)]`)."""

    __slots__ = (
        "_constants",
        "_details",
        "_fragment",
        "_in_test",
        "_loose",
        "_macros",
        "_root",
        "_signatures",
        "_sources",
        "attributes",
        "has_errors",
        "items",
        "source",
    )

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self._root = tree_of(source.data)
        reader = ItemReader(source.data)
        self.items = tuple(reader.read(self._root.children, Surroundings()))
        self.attributes = combine(reader.inner)
        self.has_errors = self._root.has_error
        self._loose = any(map(self._is_statement, reader.loose))
        self._sources = reader
        self._details: dict[int, Detail | None] = {}
        self._signatures: dict[int, tuple[Signature, Lowering, Node]] = {}  # of fns whose bodies have not been read
        self._constants: frozenset[str] | None = None
        self._macros: dict[str, OwnMacro] = {}
        self._fragment: Body | None = None

    @property
    def path(self) -> str:
        """The path of the source file."""
        return self.source.path

    @property
    def fragment(self) -> Body | None:
        """The statements at top level as a body (a listing without `fn main`); None for a file of items."""
        if self._fragment is None and self._loose:
            low = self._lowering(0)
            nodes: list[Node] = []
            for node in self._root.children:
                nodes.extend(opened_errors(node))
            value = fragment(low, nodes, 0, len(self.source.data))
            self._fragment = body_of(low, value)
        return self._fragment

    def detail(self, item: Item) -> Detail | None:
        """What an item of this file says beyond its head; None for kinds that have no detail. Memoised by `item.start`.

        Items declared in blocks (`Scope.items`) are known once the body around them has been read."""
        start = item.start
        if start not in self._details:
            begun = self._signatures.pop(start, None)
            if begun is not None:
                signature, low, node = begun
                self._details[start] = finished(low, node, signature)
                return self._details[start]
            source = self._sources.sources.get(start)
            if source is None:
                return None
            node, base, macro = source
            self._details[start] = read_detail(self._lowering_of(item, base), node, item, macro)
        return self._details[start]

    def signature(self, item: Item) -> Signature | None:
        """The signature of a fn of this file, as in its detail, without reading the body; None for other items."""
        detail = self._details.get(item.start)
        if isinstance(detail, FnDetail):
            return detail.signature
        begun = self._signatures.get(item.start)
        source = self._sources.sources.get(item.start) if begun is None and item.kind == "fn" else None
        if source is not None:
            node, base, _ = source
            low = self._lowering_of(item, base)
            begun = self._signatures[item.start] = read_signature(low, node), low, node
        return None if begun is None else begun[0]

    def bodies_read(self) -> dict[int, Body]:
        """The bodies that have been read so far, by the start of their item."""
        read = self._details.items()
        return {
            start: one.body for start, one in read if isinstance(one, FnDetail | ValueDetail) and one.body is not None
        }

    def pieces(self) -> Iterator[Piece]:
        """The text of the file without line comments between items: bodies of functions, and what is around them."""
        return _pieces(self._root.children)

    def mentions(self, pattern: re.Pattern[bytes], start: int, end: int) -> bool:
        """Whether the raw bytes `start..end` match: a gate of speed, which knows nothing of comments or strings."""
        return pattern.search(self.source.data, start, end) is not None

    def allowed_at(self, offset: int) -> frozenset[str]:
        """The lints that `#[allow(..)]` or `#[expect(..)]` above a statement or expression around the offset name."""
        found: set[str] = set()
        node = self._root.descendant_for_byte_range(offset, offset)
        while node is not None:
            before = node.prev_sibling
            while before is not None and before.kind_id in (syntax.ATTRIBUTE_ITEM, *syntax.COMMENTS):
                if before.kind_id == syntax.ATTRIBUTE_ITEM:
                    found.update(read_attribute(before.text or b"").allows)
                before = before.prev_sibling
            node = node.parent
        return frozenset(found)

    def facts(self) -> FileFacts:
        """Everything this file says, forced."""
        body = self.fragment
        pending = list(self.items) + _nested(body)
        details: dict[int, Detail] = {}
        while pending:
            item = pending.pop()
            pending.extend(item.members)
            detail = self.detail(item) if item.kind in _DETAILED else None
            if detail is None:
                continue
            details[item.start] = detail
            if isinstance(detail, FnDetail | ValueDetail):
                pending.extend(_nested(detail.body))
        return FileFacts(self.items, details, body, self.has_errors, self.attributes)

    def _lowering_of(self, item: Item, base: int) -> Lowering:
        low = self._lowering(base)
        low.in_test = item.attributes.test
        return low

    def _lowering(self, base: int) -> Lowering:
        if self._constants is None:
            self._constants = frozenset(_small_constants(self.items))
            self._macros = self._own_macros()
        return Lowering(self._sources, base, _TABLES, self._constants, self._macros)

    def _own_macros(self) -> dict[str, OwnMacro]:
        """The macros that items of this file declare, by name, but those of several definitions."""
        found: dict[str, list[OwnMacro]] = {}
        pending = [(item, len(self.source.data)) for item in self.items]
        for item, end in pending:  # grows while it is walked
            inner = end if item.attributes.macro_use else item.end
            if item.kind == "mod":
                pending.extend([(member, inner) for member in item.members])
            elif item.kind == "macro":
                node, _, _ = self._sources.sources[item.start]
                found.setdefault(item.name, []).append(OwnMacro(node, item.end, end))
        return {name: macros[0] for name, macros in found.items() if len(macros) == 1}

    def _is_statement(self, node: Node) -> bool:
        """Whether a node at top level makes this file a fragment: a statement, or a macro that is none of items."""
        if node.kind_id == syntax.LET:
            return True
        if node.kind_id == syntax.EMPTY_STATEMENT:
            return False
        call = invocation(node)
        if call is not None:
            return macro_name(call, self.source.data, 0) in EXPRESSION_MACROS
        return node.kind_id == syntax.EXPRESSION_STATEMENT or node.kind_id in EXPRESSIONS or node.kind_id in CONTROL


Reader = Callable[[SourceFile], RustFile]
"""What gives the facts of a file: `RustFile` itself, or one that keeps them."""


def _pieces(nodes: Iterable[Node]) -> Iterator[Piece]:
    for node in nodes:
        kind = node.kind_id
        block = node.child_by_field_id(syntax.F_BODY) if kind in _OPENED else None
        if kind == syntax.LINE_COMMENT:
            continue
        if block is None:
            yield Piece(node.start_byte, node.end_byte)
            continue
        yield Piece(node.start_byte, block.start_byte + 1)
        if kind == syntax.FUNCTION_ITEM:
            yield Piece(block.start_byte + 1, block.end_byte - 1, node.start_byte)
        else:
            yield from _pieces(block.children[1:-1])
        yield Piece(block.end_byte - 1, node.end_byte)


def _nested(body: Body | None) -> list[Item]:
    """The items declared in the blocks of a body."""
    return [] if body is None else [item for scope in body.scopes for item in scope.items]


def _small_constants(items: Iterable[Item]) -> list[str]:
    """Constants, statics and structs whose names begin with a small letter, so that a bare pattern may mean them."""
    names: list[str] = []
    pending = list(items)
    while pending:
        item = pending.pop()
        pending.extend(item.members)
        if item.kind in ("const", "static", "struct") and item.name[:1].islower():
            names.append(item.name)
    return names
