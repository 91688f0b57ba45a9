"""The state of lowering one item: where its text is, and which local variable each name stands for at this point.

Lexical scope is a matter of one file, so it is settled here: names become slots while the tree is read from left to
right, and every scope takes back at its end what it bound. A name that is no local stays a path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from rustconc_lint import syntax
from rustconc_lint.facts.model import (
    Expr,
    Local,
    Path,
    PathX,
    Pattern,
    PLit,
    Scope,
    Segment,
    Slot,
    TInfer,
    TypeExpr,
    Unknown,
)
from rustconc_lint.syntax import Node

if TYPE_CHECKING:
    from rustconc_lint.facts.items import ItemReader

# Nesting of expressions, patterns or types that is read; below it everything is unknown. The deepest of two million
# lines of real code has 62, and readers of facts recurse a few frames a level.
MAX_DEPTH = 96
MAX_TYPE_DEPTH = 32


class OwnMacro(NamedTuple):
    """A `macro_rules!` of the file: its node, and the range of the text in which it is known."""

    node: Node
    start: int
    end: int


class Lowering:
    """What one item's signature and body are read with.

    base: what to add to the offsets of the tree at hand (macro text is parsed alone) to get those of the file.
    names: the locals in scope. constants: names a bare pattern refers to though they begin with a small letter.
    macros: the file's own, by name. place: where the outermost macro call that is being expanded stands, -1 in none."""

    __slots__ = (
        "_type_depth",
        "_undo",
        "base",
        "bound",
        "constants",
        "data",
        "depth",
        "expressions",
        "in_test",
        "items",
        "macros",
        "names",
        "nesting",
        "patterns",
        "place",
        "scope",
        "scopes",
        "slots",
        "types",
    )

    def __init__(
        self, items: ItemReader, base: int, tables: Tables, constants: frozenset[str], macros: Mapping[str, OwnMacro]
    ) -> None:
        self.items = items
        self.data = items.data
        self.base = base
        self.expressions, self.patterns, self.types = tables
        self.constants = constants
        self.macros = macros
        self.place = -1
        self.in_test = False
        self.nesting = 0  # of macros around what is being read
        self.depth = 0
        self.names: dict[str, int] = {}
        self.slots: list[Slot] = []
        self.scopes: list[Scope] = []
        self.scope = -1
        self.bound: dict[str, int] = {}
        self._type_depth = 0
        self._undo: list[tuple[str, int | None]] = []

    def text(self, node: Node) -> str:
        """A node's text."""
        base = self.base
        return self.data[node.start_byte + base : node.end_byte + base].decode("utf-8", "replace")

    def bytes(self, node: Node) -> bytes:
        """A node's text, undecoded."""
        return self.data[node.start_byte + self.base : node.end_byte + self.base]

    def name(self, node: Node) -> str:
        """An identifier's name, without `r#`."""
        base = self.base
        name = self.data[node.start_byte + base : node.end_byte + base].decode("utf-8", "replace")
        return name[2:] if name.startswith("r#") else name

    def range(self, node: Node) -> tuple[int, int]:
        """A node's byte range in the file."""
        start, end = node.byte_range
        return start + self.base, end + self.base

    def expr(self, node: Node) -> Expr:
        """A node as an expression; Unknown when it is none, or lies too deep."""
        kind = node.kind_id
        if kind == syntax.IDENTIFIER or kind == syntax.SELF:
            return self._identifier(node)
        handler = self.expressions.get(kind)
        if handler is None or self.depth >= MAX_DEPTH:
            return Unknown(*self.range(node), ())
        self.depth += 1
        result = handler(self, node)
        self.depth -= 1
        return result

    def _identifier(self, node: Node) -> Expr:
        start, end = node.byte_range
        start += self.base
        end += self.base
        name = self.data[start:end].decode("utf-8", "replace")
        if name.startswith("r#"):
            name = name[2:]
        slot = self.names.get(name)
        if slot is not None:
            return Local(start, end, slot)
        if name == "_":
            # The target of `_ = f()`.
            return Unknown(start, end, ())
        return PathX(start, end, Path(start, end, (Segment(name, (), (), start),)))

    def pattern(self, node: Node) -> Pattern:
        """A whole pattern. Its names are locals from here on."""
        self.bound = {}
        return self.part(node)

    def part(self, node: Node) -> Pattern:
        """A pattern inside a pattern: alternatives that bind the same name bind the same slot."""
        handler = self.patterns.get(node.kind_id)
        if handler is None or self.depth >= MAX_DEPTH:
            return PLit(*self.range(node))
        self.depth += 1
        result = handler(self, node)
        self.depth -= 1
        return result

    def type(self, node: Node) -> TypeExpr:
        """A node as a type; TInfer when it could not be read."""
        handler = self.types.get(node.kind_id)
        if handler is None or self._type_depth >= MAX_TYPE_DEPTH:
            return TInfer(*self.range(node))
        self._type_depth += 1
        result = handler(self, node)
        self._type_depth -= 1
        return result

    def optional_type(self, node: Node | None) -> TypeExpr | None:
        """The type in a field of the grammar that may be absent."""
        return None if node is None else self.type(node)

    def bind(self, name: str, start: int, *, mutable: bool) -> int:
        """The slot of a name that a pattern binds at a byte offset."""
        slot = self.bound.get(name)
        if slot is None:
            slot = len(self.slots)
            self.slots.append(Slot(name, start, mutable))
            self.bound[name] = slot
            self._undo.append((name, self.names.get(name)))
            self.names[name] = slot
        return slot

    def mark(self) -> int:
        """Begins a scope; `release` ends it."""
        return len(self._undo)

    def release(self, mark: int) -> None:
        """Ends the scope that began at `mark`: what it bound is out of scope, what it shadowed is back."""
        undo = self._undo
        while len(undo) > mark:
            name, old = undo.pop()
            if old is None:
                del self.names[name]
            else:
                self.names[name] = old


Tables = tuple[
    Mapping[int, Callable[[Lowering, Node], Expr]],
    Mapping[int, Callable[[Lowering, Node], Pattern]],
    Mapping[int, Callable[[Lowering, Node], TypeExpr]],
]
