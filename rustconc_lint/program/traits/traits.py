"""Which traits a type implements, which methods it has, what its associated types are: a small trait solver.

Impl headers are matched by one-way unification, their bounds decide; derives count as impls bounded per parameter.
Three-valued: an unknown part makes the answer UNKNOWN, never NO. Specialisation and const generics are not looked at;
auto traits are judged by auto_traits.py, which registers itself here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from rustconc_lint.facts.model import AliasDetail, ImplDetail
from rustconc_lint.program.definitions import Definition, Impl
from rustconc_lint.program.lang import COPY, DERIVES
from rustconc_lint.program.names.paths import detail_of
from rustconc_lint.program.shapes import head_of, is_known, rebuilt_bound
from rustconc_lint.program.traits import projections
from rustconc_lint.program.traits.attribute_macros import ADDED, may_be_remade, may_have_supertraits
from rustconc_lint.program.traits.built_in import built_in
from rustconc_lint.program.traits.generics import Bindings, bind, substitute
from rustconc_lint.program.traits.lowering import Types
from rustconc_lint.program.traits.matching import Verdict, every, fits
from rustconc_lint.program.types import (
    UNKNOWN,
    Adt,
    ClosureTy,
    Dyn,
    Opaque,
    Param,
    Prim,
    Projection,
    TraitRef,
    Ty,
)  # fmt: skip

__all__ = ["ImplMatch", "Traits", "Verdict"]

AUTO_TRAITS = frozenset(("std::marker::Send", "std::marker::Sync"))
_DEEPEST = 24  # of bounds on bounds
_BOUNDED = (Param, Dyn, Opaque, Projection)


class ImplMatch(msgspec.Struct, frozen=True, eq=False):
    """An impl that applies to a type, and what its parameters (owner = impl.id) are then. `impl` is None for a derive
    or a rule of the language (`Copy` for `&T`). verdict UNKNOWN: it may apply."""

    impl: Impl | None
    bindings: Bindings
    verdict: Verdict


class Traits:
    """Questions about traits, memoised. `Traits(types)`. Types of classes it does not know (inference variables) count
    as unknown: they match anything, and make verdicts UNKNOWN. auto: the judge of Send and Sync."""

    def __init__(self, types: Types) -> None:
        self.types = types
        self.names = types.names
        self.auto: Callable[[Ty, str], Verdict] | None = None
        self._verdicts: dict[tuple[Ty, TraitRef], Verdict] = {}
        self._open: set[tuple[Ty, TraitRef]] = set()
        self._cut = False
        self.projecting: set[Projection] = set()  # the open questions of projections.py
        self._heads: dict[str, tuple[tuple[Impl, ...] | None, dict[str | None, list[Impl]]]] = {}

    # ------------------------------------------------------------ implements

    def implements(self, ty: Ty, trait: str | TraitRef) -> Verdict:
        """Whether `ty` implements the trait (canonical path; arguments of a TraitRef are compared, UNKNOWN ones
        match)."""
        ref = TraitRef(trait) if isinstance(trait, str) else TraitRef(trait.path, trait.args)
        if ref.path.startswith("'"):
            return Verdict.YES  # lifetimes are not looked at
        if ref.path.startswith("?") or not is_known(ty):
            return Verdict.UNKNOWN
        if ref.path in AUTO_TRAITS:
            return Verdict.UNKNOWN if self.auto is None else self.auto(ty, ref.path)
        key = (ty, ref)
        known = self._verdicts.get(key)
        if known is not None:
            return known
        if key in self._open or len(self._open) > _DEEPEST:
            self._cut = True
            return Verdict.UNKNOWN
        self._open.add(key)
        verdict = self._judge(ty, ref)
        self._open.discard(key)
        # What was cut short may be answered when it is asked by itself.
        if not (self._cut and verdict is Verdict.UNKNOWN):
            self._verdicts[key] = verdict
        if not self._open:
            self._cut = False
        return verdict

    def _judge(self, ty: Ty, ref: TraitRef) -> Verdict:
        if isinstance(ty, Projection):
            resolved = self.project(ty.base, ty.trait, ty.name)
            if resolved != ty:
                return self.implements(resolved, ref)
        if isinstance(ty, _BOUNDED):
            bound = self._by_bounds(ty, ref)
            if bound is Verdict.YES:
                return bound
        told = built_in(self, ty, ref)
        if told is not None:
            return told
        best = Verdict.NO
        for match in self.matches(ty, ref):
            if match.verdict is Verdict.YES:
                return Verdict.YES
            best = Verdict.UNKNOWN
        if best is Verdict.NO and not self._is_complete(ty, ref):
            return Verdict.UNKNOWN
        return best

    def _by_bounds(self, ty: Ty, ref: TraitRef) -> Verdict:
        found = Verdict.NO
        for bound in self.bounds_of(ty):
            if bound.path == ref.path:
                args = [fits(left, right, "", {}) for left, right in zip(bound.args, ref.args, strict=False)]
                found = max(found, every(args), key=_STRENGTH.__getitem__)
            elif bound.path.startswith("?") and found is Verdict.NO:
                found = Verdict.UNKNOWN
        return found

    def _is_complete(self, ty: Ty, ref: TraitRef) -> bool:
        """Whether no impl can be hidden: in a macro, behind a derive of another crate, or left out of an API model."""
        trait = self.names.adt_of(ref.path)
        if trait is None or isinstance(ty, Opaque | Projection | ClosureTy):
            return False
        if isinstance(ty, Param | Dyn):
            return self._by_bounds(ty, ref) is Verdict.NO
        adt = self.names.adt_of(ty.path) if isinstance(ty, Adt) else None
        if adt is None or adt.module.crate.api:
            if trait.module.crate.api:
                return ref.path == COPY or not isinstance(ty, Adt)
            name = ty.name if isinstance(ty, Prim) else adt.name if adt is not None else ""
            return not self.names.macros_implement(trait.module.crate, ref.path, name)
        return not self.may_be_implemented_by_a_macro(adt, trait)

    def may_be_implemented_by_a_macro(self, adt: Definition, trait: Definition) -> bool:
        """Whether a type of the project may have the trait from a macro: an attribute, a derive of another crate
        (Derivative, Educe), or a call of a crate's own."""
        if may_be_remade(adt):
            return True
        for derive in adt.item.attributes.derives:
            if derive not in DERIVES.values() and trait.path in _DERIVES_OF_CRATES.get(derive, (trait.path,)):
                return True
        crates = (adt.module.crate, trait.module.crate)
        return any(self.names.macros_implement(crate, trait.path, adt.name) for crate in crates)

    # ------------------------------------------------------------ impls

    def find_impl(self, ty: Ty, trait: str | TraitRef) -> ImplMatch | None:
        """The impl of the trait that applies to `ty`; None when none does, or when several may."""
        ref = TraitRef(trait) if isinstance(trait, str) else trait
        found = list(self.matches(ty, ref))
        certain = [match for match in found if match.verdict is Verdict.YES]
        if len(certain) == 1:
            return certain[0]
        return found[0] if len(found) == 1 else None

    def matches(self, ty: Ty, ref: TraitRef) -> Iterator[ImplMatch]:
        """All impls and derives of the trait that may apply to `ty`; of negative impls none."""
        if not is_known(ty):
            return
        derived = self._derived(ty, ref)
        if derived is not None:
            yield derived
        by_head = self._impls_by_head(ref.path)
        for head in (head_of(ty), "", None):
            for impl in by_head.get(head, ()) if head is not None or not isinstance(ty, Param) else ():
                match = self.match(impl, ty, ref)
                if match is not None:
                    yield match

    def match(self, impl: Impl, ty: Ty, ref: TraitRef) -> ImplMatch | None:
        """Whether a positive impl of a trait applies to `ty`; None when it does not."""
        bindings: dict[tuple[str, str], Ty] = {}
        verdict = fits(self.types.self_type(impl), ty, impl.id, bindings)
        if verdict is Verdict.NO:
            return None
        header = self.types.trait_ref(impl)
        if header is not None:
            args = zip(header.args, ref.args, strict=False)
            verdict = every([verdict, *(fits(left, right, impl.id, bindings) for left, right in args)])
        if verdict is not Verdict.NO:
            verdict = every([verdict, self.conditions(impl, bindings)])
        return None if verdict is Verdict.NO else ImplMatch(impl, bindings, verdict)

    def conditions(self, impl: Impl, bindings: Bindings) -> Verdict:
        """Whether the bounds of an impl hold for these parameters."""
        verdicts: list[Verdict] = []
        for param in self.types.own_generics(impl):
            ty = bindings.get((param.owner, param.name), UNKNOWN)
            verdicts.extend(self.implements(ty, self._bound(ref, bindings)) for ref in self.types.bounds_of(param))
        for subject, ref in self.types.predicates_of(impl):
            ty = self.normalise(substitute(subject, bindings))
            verdicts.append(self.implements(ty, self._bound(ref, bindings)))
        return every(verdicts)

    def _bound(self, ref: TraitRef, bindings: Bindings) -> TraitRef:
        return rebuilt_bound(ref, lambda part: self.normalise(substitute(part, bindings)))

    def _derived(self, ty: Ty, ref: TraitRef) -> ImplMatch | None:
        """`#[derive(Trait)]`: an impl if every type argument has the trait."""
        name = DERIVES.get(ref.path)
        definition = self.names.adt_of(ty.path) if isinstance(ty, Adt) and name is not None else None
        if definition is None or not isinstance(ty, Adt) or name not in definition.item.attributes.derives:
            return None
        verdict = every([self.implements(arg, ref.path) for arg in ty.args])
        return None if verdict is Verdict.NO else ImplMatch(None, {}, verdict)

    def _impls_by_head(self, trait: str) -> dict[str | None, list[Impl]]:
        impls = self.names.trait_impls(trait)
        known, found = self._heads.get(trait, (None, {}))
        if known is not impls:
            # First asked, or a block has been registered that has impls of its own.
            found = {}
            self._heads[trait] = (impls, found)
            for impl in impls:
                detail = detail_of(impl)
                if isinstance(detail, ImplDetail) and not detail.negative:
                    found.setdefault(self.names.head_of(impl), []).append(impl)
        return found

    # ------------------------------------------------------------ bounds

    def bounds_of(self, ty: Ty) -> tuple[TraitRef, ...]:
        """Bounds of a Param, Dyn, Opaque or Projection, supertraits included; an unknown trait is "?Name". What single
        methods demand of their impl's parameters counts everywhere."""
        match ty:
            case Param():
                written = (*self.types.bounds_of(ty), *self.types.method_bounds_of(ty))
            case Dyn(bounds=written) | Opaque(bounds=written):
                pass
            case Projection():
                written = self._bounds_of_projection(ty)
            case _:
                return ()
        return tuple(self._elaborated(written, ty))

    def bounds_declared(self, param: Param) -> tuple[TraitRef, ...]:
        """Bounds of a parameter's declaration, supertraits included, without those of single methods."""
        return tuple(self._elaborated(self.types.bounds_of(param), param))

    def bounds_within(self, param: Param, function: Definition) -> tuple[TraitRef, ...]:
        """Bounds that hold on a parameter inside one function: its declaration's and the function's own."""
        written = (*self.types.bounds_of(param), *self.types.bounds_in(param, function))
        return tuple(self._elaborated(written, param))

    def _bounds_of_projection(self, ty: Projection) -> tuple[TraitRef, ...]:
        """`type Item: Send;` in the trait, and `where T::Item: Send` where T is declared."""
        found: list[TraitRef] = []
        member = self.trait_member(ty.trait, ty.name)
        detail = None if member is None else detail_of(member)
        if member is not None and isinstance(detail, AliasDetail):
            mapping = {(ty.trait, "Self"): ty.base}
            refs = self.types.bounds_at(detail.bounds, member, ty)
            found.extend(_substituted(ref, mapping) for ref in refs)
        holder = self.types.parameters.holder(ty.base) if isinstance(ty.base, Param) else None
        if holder is not None:
            found.extend(ref for subject, ref in self.types.predicates_of(holder) if subject == ty)
        return tuple(found)

    def supertraits(self, trait: TraitRef) -> tuple[TraitRef, ...] | None:
        """The trait and all its supertraits, with its arguments (Self stays a Param); None when some are not known."""
        found = tuple(self._elaborated((trait,), None))
        return None if any(ref.path.startswith("?") for ref in found) else found

    def _elaborated(self, refs: Iterable[TraitRef], subject: Ty | None) -> Iterator[TraitRef]:
        pending = list(refs)
        seen: set[TraitRef] = set()
        for ref in pending:  # grows while it is walked
            if ref in seen or len(pending) > 200:
                continue
            seen.add(ref)
            yield ref
            trait = None if ref.path[:1] in "'?" else self.names.adt_of(ref.path)
            if trait is None:
                continue
            if self.names.is_alternative(trait):  # `#[cfg(threads)] trait Job: Send` beside one without: which is it?
                yield TraitRef(f"?{trait.name}")
            mapping = bind(self.types.own_generics(trait), ref.args)
            if subject is not None:
                mapping[ref.path, "Self"] = subject
            above = self.types.bounds_of(Param("Self", ref.path))[1:]
            written = not may_have_supertraits(trait)
            pending.extend(_substituted(bound, mapping) for bound in above if not (written and bound == ADDED))

    def trait_member(self, trait: str, name: str) -> Definition | None:
        """The fn, type or const a trait itself declares (for `Trait::f` and `<T as Trait>::f`)."""
        definition = self.names.adt_of(trait)
        if definition is None or definition.kind != "trait":
            return None
        return self.names.members(self.names.trait_body(definition)).get(name)

    # ------------------------------------------------------------ associated types

    def project(self, base: Ty, trait: str, name: str) -> Ty:
        """`<base as trait>::name`, through bindings of bounds, impls and signatures; a Projection when not known."""
        return projections.project(self, base, trait, name)

    def normalise(self, ty: Ty) -> Ty:
        """`ty` with every Projection that can be resolved replaced by what it is."""
        return projections.normalise(self, ty)

    def deref(self, ty: Ty) -> Ty | None:
        """The type `*x` has: references, raw pointers, Box and other Deref impls; None when it has none or is
        unknown."""
        return projections.deref(self, ty)


def _substituted(ref: TraitRef, mapping: Bindings) -> TraitRef:
    return rebuilt_bound(ref, lambda part: substitute(part, mapping))


_STRENGTH = {Verdict.NO: 0, Verdict.UNKNOWN: 1, Verdict.YES: 2}
# Well-known derives of other crates, and the traits of std that they may implement besides their own crate's.
_DERIVES_OF_CRATES: dict[str, frozenset[str]] = {
    **dict.fromkeys(("Serialize", "Deserialize", "Parser", "Subcommand", "Args", "ValueEnum", "EnumIter"), frozenset()),
    "Error": frozenset(("std::error::Error", "std::fmt::Display", "std::convert::From")),
    "Display": frozenset(("std::fmt::Display",)),
}
