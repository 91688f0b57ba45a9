"""Which traits a type implements, which methods it has, what its associated types are: a small trait solver.

Impl headers are matched by one-way unification, their bounds decide; derives count as impls bounded per parameter.
Three-valued: an unknown part makes the answer UNKNOWN, never NO. Specialisation and const generics are not looked at.
"""

from __future__ import annotations

import enum
from typing import Literal

import msgspec

from rustconc_lint.program.definitions import Definition, Impl
from rustconc_lint.program.lowering import Bindings, Types
from rustconc_lint.program.types import Param, TraitRef, Ty


class Verdict(enum.Enum):
    """The answer to a question about types."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class ImplMatch(msgspec.Struct, frozen=True, eq=False):
    """An impl that applies to a type, and what its parameters (owner = impl.id) are then. `impl` is None for a derive
    or a rule of the language (`Copy` for `&T`). verdict UNKNOWN: it may apply."""

    impl: Impl | None
    bindings: Bindings
    verdict: Verdict


class MethodCandidate(msgspec.Struct, frozen=True, eq=False):
    """A method of one autoderef step. definition: of the impl when it is known, else of the trait (exact False when some
    impl decides at run time or later). bindings: the parameters of the impl or trait (Self included) as far as the
    receiver decides them. receiver: how the method takes self. trait: canonical path, None for an inherent method."""

    definition: Definition
    bindings: Bindings
    receiver: Literal["", "self", "&self", "&mut self", "typed"]
    trait: str | None
    exact: bool


class Traits:
    """Questions about traits, memoised. `Traits(types)`. Types of classes it does not know (inference variables) count
    as unknown: they match anything, and make verdicts UNKNOWN."""

    def __init__(self, types: Types) -> None:
        self.types = types
        self.names = types.names

    def implements(self, ty: Ty, trait: str | TraitRef) -> Verdict:
        """Whether `ty` implements the trait (canonical path; arguments of a TraitRef are compared, UNKNOWN ones match)."""
        raise NotImplementedError

    def find_impl(self, ty: Ty, trait: str | TraitRef) -> ImplMatch | None:
        """The impl of the trait that applies to `ty`; None when none does, or when several may."""
        raise NotImplementedError

    def inherent_methods(self, ty: Ty, name: str) -> tuple[MethodCandidate, ...]:
        """Inherent fns named `name` of this very type (no autoderef, no autoref), associated fns without self included."""
        raise NotImplementedError

    def trait_methods(self, ty: Ty, name: str) -> tuple[MethodCandidate, ...]:
        """Methods named `name` of the traits `ty` implements (a Param, Dyn or Opaque: of its bounds). All known traits
        count as in scope. Only traits known to be implemented, unless `ty` is partly unknown."""
        raise NotImplementedError

    def method_candidates(self, ty: Ty, name: str) -> tuple[MethodCandidate, ...]:
        """Inherent methods, then trait methods, for one step of autoderef (Reference, "Method-call expressions")."""
        raise NotImplementedError

    def trait_member(self, trait: str, name: str) -> Definition | None:
        """The fn, type or const a trait itself declares (for `Trait::f` and `<T as Trait>::f`)."""
        raise NotImplementedError

    def bounds_of(self, ty: Ty) -> tuple[TraitRef, ...]:
        """Bounds of a Param, Dyn, Opaque or Projection, supertraits included."""
        raise NotImplementedError

    def supertraits(self, trait: TraitRef) -> tuple[TraitRef, ...] | None:
        """The trait and all its supertraits, substituted; None when some are not known."""
        raise NotImplementedError

    def project(self, base: Ty, trait: str, name: str) -> Ty:
        """`<base as trait>::name`, through bindings of bounds, impls and closures' signatures; a Projection when not known."""
        raise NotImplementedError

    def normalise(self, ty: Ty) -> Ty:
        """`ty` with every Projection that can be resolved replaced by what it is."""
        raise NotImplementedError

    def deref(self, ty: Ty) -> Ty | None:
        """The type `*x` has: references, raw pointers, Box and other Deref impls; None when it has none or is unknown."""
        raise NotImplementedError
