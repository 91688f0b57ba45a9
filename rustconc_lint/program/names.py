"""Paths -> definitions: crates, modules, `use`, globs, re-exports, preludes, block scopes and impls of all files.

Computed lazily from the item heads of every file; details (generics, fields, impl headers) are read only when a path
leads through them. A name that cannot be followed to its declaration is None (unknown), never a guess: an imported path
does not fall back to its last segment. Macro-generated items and privacy errors are not looked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from rustconc_lint.apis import ApiFile, FnModel, TypeModel
from rustconc_lint.facts.file import RustFile
from rustconc_lint.facts.model import Detail, Path, Scope
from rustconc_lint.program.definitions import Crate, CrateInput, Definition, Impl, Module
from rustconc_lint.program.types import Param, Prim

Namespace = Literal["type", "value", "macro"]


class SelfOf(msgspec.Struct, frozen=True):
    """`Self` in an impl (its self type) or inside a struct, enum or union declaration; see Types.self_type."""

    owner: Impl | Definition


class Resolution(msgspec.Struct, frozen=True):
    """What a path leads to. `used` counts the leading segments that name `target`; the rest, `path.segments[used:]`,
    are associated items to be looked up on it (`Vec::<T>::new`: target is Vec, used 1; `T::Item`: a Param, used 1).

    Generic arguments of target stand in segments[used - 1] (a variant's may stand in segments[used - 2]). `Self` of a
    trait is Param("Self", trait path). `<Q as Trait>::f`: target is Trait, used counts its segments, Q is in
    `path.qself`; `<Q>::f` has no target and is not asked for."""

    target: Definition | Param | Prim | SelfOf
    used: int


class Names:
    """All names of a run. Made by `link_names`; everything is memoised, nothing changes but by `block_module`."""

    crates: dict[str, Crate]

    def functions(self) -> Iterator[Definition]:
        """Every project fn with a body: free ones, methods, trait default methods; in order of crates and files. Fns
        inside blocks appear once their block is registered (iterate, register, and they are yielded in turn)."""
        raise NotImplementedError

    def values(self) -> Iterator[Definition]:
        """Project statics and consts, associated ones included."""
        raise NotImplementedError

    def fragments(self) -> Iterator[Module]:
        """Root modules of project files that have statements at top level (book listings)."""
        raise NotImplementedError

    def modules(self) -> Iterator[Module]:
        """Project modules, inline ones included, parents first."""
        raise NotImplementedError

    def module(self, path: str) -> Module | None:
        """The module with this canonical path (a crate's id is its root)."""
        raise NotImplementedError

    def definition(self, path: str) -> Definition | None:
        """The definition with this canonical path: items, variants, associated items (`std::sync::Mutex::lock`)."""
        raise NotImplementedError

    def detail(self, of: Definition | Impl) -> Detail | None:
        """The facts' detail: a fn's signature and body, an ADT's fields (a variant's is its enum's), an impl's header."""
        raise NotImplementedError

    def resolve(
        self, path: Path, module: Module, namespace: Namespace, owner: Definition | Impl | None = None
    ) -> Resolution | None:
        """What `path`, written in `module` within `owner` (whose generic parameters and `Self` are in scope), names.

        The value namespace is that of expressions and patterns (fns, statics, consts, variants, unit and tuple
        structs), "type" that of types, traits, modules and struct literals. None: not known. Reference, "Names"."""
        raise NotImplementedError

    def resolve_segments(self, segments: Sequence[str], module: Module, namespace: Namespace) -> Definition | None:
        """The definition that plain segments name in full, None when they name none."""
        raise NotImplementedError

    def block_module(self, parent: Module, file: RustFile, scope: Scope) -> Module:
        """The anonymous module of a block that declares items (`scope` of a body in `file`; `parent` is the module of
        the enclosing scope or of the fn). Registers its items and impls; memoised by file and scope.start."""
        raise NotImplementedError

    def variants(self, enum: Definition) -> Mapping[str, Definition]:
        """The variants of an enum by name, in order; a type alias of an enum is seen through."""
        raise NotImplementedError

    def members(self, of: Impl) -> Mapping[str, Definition]:
        """fns, associated types and consts that stand in an impl or trait body, by name."""
        raise NotImplementedError

    def trait_body(self, trait: Definition) -> Impl:
        """The body of a trait; its id is the trait's path, so that generics_of works on either."""
        raise NotImplementedError

    def adt_of(self, path: str) -> Definition | None:
        """Definition of a struct, enum, union or trait by the canonical path in an Adt or TraitRef."""
        raise NotImplementedError

    def inherent_impls(self, head: str, member: str) -> tuple[Impl, ...]:
        """Inherent impls with a member of that name whose self type has this head: the path of an ADT, a primitive's
        name, "&", "&mut", "*const", "*mut", "[]" (slice), "[_]" (array), "()" (tuples), "fn", "dyn Path"."""
        raise NotImplementedError

    def trait_impls(self, trait: str) -> tuple[Impl, ...]:
        """All impls of the trait with this canonical path, negative ones included."""
        raise NotImplementedError

    def head_of(self, of: Impl) -> str | None:
        """Head of an impl's self type (see inherent_impls); "" for a type parameter (a blanket impl), None unknown."""
        raise NotImplementedError

    def trait_of(self, of: Impl) -> Definition | None:
        """The trait an impl implements; None for an inherent impl, and when the trait is unknown."""
        raise NotImplementedError

    def traits_with(self, member: str) -> tuple[Definition, ...]:
        """All known traits that declare a member of this name."""
        raise NotImplementedError

    def function_model(self, definition: Definition) -> FnModel | None:
        """What an API model says of a declared fn (a method of a trait impl falls back to the trait's method)."""
        raise NotImplementedError

    def type_model(self, path: str) -> TypeModel | None:
        """What an API model says of the type with this canonical path."""
        raise NotImplementedError


def link_names(crates: Sequence[CrateInput], files: Mapping[str, RustFile], apis: Sequence[ApiFile]) -> Names:
    """Names over project crates and API models. `files` by path; a crate's `mod` tree is followed from its root.

    An API becomes a crate whose id is its name; where a project crate already has that id, ` [api]` is appended. Paths
    of project crates reach APIs through their externs (None and missing names included, when an API of that name
    exists); `core` and `alloc` are `std`."""
    raise NotImplementedError
