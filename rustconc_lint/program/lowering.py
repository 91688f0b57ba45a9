"""Written types -> `Ty`: aliases expanded, generics, bounds, signatures and fields, all read from declarations.

Nothing is inferred and no impl is searched here: `T::Item` becomes a Projection, which traits.py resolves. What a name
that is not known stands for is UNKNOWN. Lifetimes are kept on references alone, const arguments nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from rustconc_lint.facts.model import TypeExpr
from rustconc_lint.program.definitions import Definition, Impl, Module
from rustconc_lint.program.names import Names
from rustconc_lint.program.types import Adt, Param, TraitRef, Ty

Bindings = Mapping[tuple[str, str], Ty]


def substitute(ty: Ty, mapping: Bindings) -> Ty:
    """`ty` with every Param found in `mapping` (by owner path and name) replaced; the rest stays."""
    raise NotImplementedError


class FnTypes(msgspec.Struct, frozen=True, eq=False):
    """A signature with its types lowered, parameters as Params.

    self_ty: declared type of self, None without one. params: without self. output: what a call returns: for an async fn
    Opaque(Future<Output = declared>); declared: what the body returns. generics: the container's, then its own (an
    argument `impl Trait` is a Param named "impl@<start>")."""

    self_ty: Ty | None
    params: tuple[Ty, ...]
    output: Ty
    declared: Ty
    generics: tuple[Param, ...]
    is_async: bool


class VariantTypes(msgspec.Struct, frozen=True, eq=False):
    """A variant (or the whole struct, under its own name) and its fields, named "0", "1".. in tuple-like ones."""

    name: str
    fields: tuple[tuple[str, Ty], ...]


class Types:
    """Types of declarations, memoised. `Types(names)`."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def lower_type(self, expr: TypeExpr, module: Module, owner: Definition | Impl | None = None) -> Ty:
        """The type `expr` stands for, written in `module` within `owner`. Defaults fill missing arguments, else UNKNOWN."""
        raise NotImplementedError

    def lower_args(
        self, args: tuple[TypeExpr, ...], target: Definition, module: Module, owner: Definition | Impl | None
    ) -> tuple[Ty, ...]:
        """Written generic arguments of `target`, const ones left out; () when none are written (turbofish: to be inferred)."""
        raise NotImplementedError

    def self_type(self, owner: Definition | Impl) -> Ty:
        """What `Self` is: an impl's self type, a trait's Param("Self", ..), an ADT applied to its own parameters."""
        raise NotImplementedError

    def trait_ref(self, of: Impl) -> TraitRef | None:
        """The trait an impl implements, with arguments; None for inherent impls and unknown traits."""
        raise NotImplementedError

    def generics_of(self, of: Definition | Impl) -> tuple[Param, ...]:
        """Type parameters in scope within `of`: the container's (a trait's Self first), then its own. A variant's are its enum's."""
        raise NotImplementedError

    def own_generics(self, of: Definition | Impl) -> tuple[Param, ...]:
        """Type parameters that `of` itself declares, in order: what a turbofish or a type's arguments fill."""
        raise NotImplementedError

    def bounds_of(self, param: Param) -> tuple[TraitRef, ...]:
        """Bounds written on a parameter: inline, in `where`, in `where` clauses of its impl's methods; a trait's Self is
        bounded by the trait. Supertraits are not expanded (Traits.bounds_of). `'static` is TraitRef("'static")."""
        raise NotImplementedError

    def signature_of(self, definition: Definition) -> FnTypes | None:
        """Of a fn, or of a tuple struct's or tuple variant's constructor; None for anything else."""
        raise NotImplementedError

    def fields_of(self, adt: Adt) -> tuple[VariantTypes, ...]:
        """The variants of an ADT with its arguments substituted; () when it is not known."""
        raise NotImplementedError

    def field_type(self, ty: Ty, name: str) -> Ty | None:
        """Type of a struct's, union's or tuple's field; None when there is none of that name (no autoderef)."""
        raise NotImplementedError

    def value_type(self, definition: Definition) -> Ty:
        """Declared type of a static or const (a `lazy_static!` one: the value it derefs to)."""
        raise NotImplementedError
