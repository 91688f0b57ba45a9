"""Items: heads, which are read at once, and details, which are read on demand."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

import msgspec

from rustconc_lint.facts.model.expressions import Call, Expr, Method, Param, expressions
from rustconc_lint.facts.model.types import Bound, Generics, Node, Path, TypeExpr

ItemKind = Literal[
    "fn", "struct", "enum", "union", "trait", "impl", "type", "static", "const", "mod", "use", "macro", "extern crate"
]  # fmt: skip


class UseDecl(Node, frozen=True, array_like=True, gc=False):
    """One leaf of a `use` tree: `segments` as written ("crate", "self", "super", "" for a leading `::`).

    `use a::b as c`: name "c". `use a::*`: name "*". `use a as _`: name "_"."""

    segments: tuple[str, ...]
    name: str
    public: bool


class Attributes(msgspec.Struct, frozen=True, array_like=True, gc=False):
    # The texts inside cfg(..), white space removed. An item inside `cfg_rt! {..}` has "cfg_rt!", one inside
    # `cfg_not_rt!` "not(cfg_rt!)", one in a branch of `cfg_if!` its condition and the negations of those before it.
    cfg: tuple[str, ...] = ()
    derives: tuple[str, ...] = ()  # last segments
    test: bool = False  # any attribute whose last segment is `test`, or inside cfg(test)
    should_panic: bool = False
    allows: tuple[str, ...] = ()  # `clippy::await_holding_lock` from allow/expect
    path: str = ""  # #[path = ".."]
    macro_use: bool = False
    thread_local: bool = False  # #[thread_local]
    macros: tuple[str, ...] = ()  # what may be an attribute macro of some crate: "tokio::main", "async_recursion"


class Item(Node, frozen=True, array_like=True, gc=False):
    """The head of an item: cheap to read, made for every item of every file. Details come from `detail`.

    The range begins behind attributes and doc comments.

    name: "" for impl and use. public: any `pub`. members: of an inline module, trait or impl.
    uses: of a `use` item, flattened. inline: a `mod` with a body. receiver: of a fn with self: "self", "&self",
    "&mut self", "typed" (`self: T`), else "".
    """

    kind: ItemKind
    name: str
    name_start: int
    public: bool
    attributes: Attributes
    members: tuple[Item, ...] = ()
    uses: tuple[UseDecl, ...] = ()
    inline: bool = False
    receiver: str = ""


class Signature(Node, frozen=True, array_like=True, gc=False):
    """self_type: for a method, the type of self as written: TPath Self for `self`, TRef for `&self`, or what `self: T`
    says; None without. params: without self. When there is a self, its slot is 0."""

    generics: Generics
    self_type: TypeExpr | None
    params: tuple[Param, ...]
    output: TypeExpr | None
    is_async: bool
    is_unsafe: bool


class Scope(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Items declared inside a block of a body: their heads; `start` is the block's. parent: enclosing scope or -1."""

    start: int
    parent: int
    items: tuple[Item, ...]


class Slot(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A local variable: its name, the byte offset of its binding, and whether it is `mut`."""

    name: str
    start: int
    mutable: bool


class Body(msgspec.Struct, frozen=True, array_like=True, dict=True):
    """slots: every local of the body and of its closures. value: usually a Block."""

    slots: tuple[Slot, ...]
    scopes: tuple[Scope, ...]
    value: Expr

    @cached_property
    def expressions(self) -> tuple[Node, ...]:
        """All that `expressions(value)` yields: the body is walked once for all who look for something in it."""
        return tuple(expressions(self.value))

    @cached_property
    def calls(self) -> tuple[Call | Method, ...]:
        """The calls and method calls among `expressions`."""
        return tuple([node for node in self.expressions if type(node) is Call or type(node) is Method])


class FnDetail(Node, frozen=True, array_like=True, tag="fn", gc=False):
    signature: Signature
    body: Body | None


class Variant(Node, frozen=True, array_like=True, gc=False):
    """hidden: names of a struct's or union's fields that have no `pub` of any kind."""

    name: str
    fields: tuple[tuple[str, TypeExpr], ...]
    hidden: tuple[str, ...] = ()


class AdtDetail(Node, frozen=True, array_like=True, tag="adt", gc=False):
    """A struct or union has one variant that bears its own name."""

    generics: Generics
    variants: tuple[Variant, ...]


class TraitDetail(Node, frozen=True, array_like=True, tag="trait", gc=False):
    generics: Generics
    supertraits: tuple[Bound, ...]


class ImplDetail(Node, frozen=True, array_like=True, tag="impl", gc=False):
    generics: Generics
    trait: Path | None
    negative: bool
    self_type: TypeExpr


class AliasDetail(Node, frozen=True, array_like=True, tag="alias", gc=False):
    """A type alias or an associated type (`aliased` None when only bounded)."""

    generics: Generics
    bounds: tuple[Bound, ...]
    aliased: TypeExpr | None


class ValueDetail(Node, frozen=True, array_like=True, tag="value", gc=False):
    """A static or a const. thread_local: declared in `thread_local!`; lazy: in `lazy_static!`."""

    annotation: TypeExpr | None
    mutable: bool
    body: Body | None
    thread_local: bool = False
    lazy: bool = False


Detail = FnDetail | AdtDetail | TraitDetail | ImplDetail | AliasDetail | ValueDetail


class FileFacts(msgspec.Struct, frozen=True, array_like=True):
    """All that one file says. details: by the start offset of their item, nested items included."""

    items: tuple[Item, ...]
    details: dict[int, Detail]
    fragment: Body | None  # statements at top level: a book listing without `fn main`
    has_errors: bool
    attributes: Attributes = Attributes()  # the file's own: `#![allow(..)]`, `#![cfg(..)]`
