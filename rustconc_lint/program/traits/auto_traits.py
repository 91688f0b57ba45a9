"""Send, Sync and Copy, structurally as the compiler computes them: fields, impls, bounds.

Sources: Reference, "Special types and traits: Auto traits"; RFC 19. A NO is certain (rustc would say E0277); whatever a
part is not known makes the answer UNKNOWN. Lifetimes are not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice

import msgspec

from rustconc_lint.facts.model import ImplDetail
from rustconc_lint.program.definitions import Definition, Impl
from rustconc_lint.program.lang import COPY
from rustconc_lint.program.names.paths import detail_of
from rustconc_lint.program.shapes import rebuilt_bound
from rustconc_lint.program.traits.attribute_macros import may_be_remade
from rustconc_lint.program.traits.generics import Bindings, substitute
from rustconc_lint.program.traits.matching import Verdict, every, fits
from rustconc_lint.program.traits.traits import AUTO_TRAITS, Traits
from rustconc_lint.program.types import (
    UNKNOWN,
    Adt,
    ArrayTy,
    ClosureTy,
    Dyn,
    FnItem,
    FnPtr,
    Opaque,
    Param,
    Prim,
    Projection,
    PtrTy,
    RefTy,
    SliceTy,
    TraitRef,
    TupleTy,
    Ty,
)  # fmt: skip

SEND, SYNC = "std::marker::Send", "std::marker::Sync"
_DEEPEST = 40  # of types in types: a type that grows as it recurs
Parts = tuple[tuple[str, Ty], ...]
Captures = Callable[[ClosureTy], Parts | None]
Contents = Callable[[ClosureTy | Opaque], Parts]


def no_captures(closure: ClosureTy) -> None:
    """Nothing is known of the closure's captures."""
    return None


def no_contents(ty: ClosureTy | Opaque) -> Parts:
    """Nothing is known of what is inside."""
    return ()


class Judgement(msgspec.Struct, frozen=True):
    """culprit: the innermost type that decides (the `Rc<i32>` in a struct), None for YES. path: fields that lead to it
    from the type asked ("inner", "0"; "*" for a reference, "[]" for items, "<T>" for a bound on a type's parameter T).
    trait: the auto trait the culprit lacks, "Send" or "Sync" (of `&T: Send` it is Sync). parameter: the verdict rests
    on an unbounded type parameter (verdict UNKNOWN): generic code, where rustc demands a bound."""

    verdict: Verdict
    culprit: Ty | None = None
    path: tuple[str, ...] = ()
    trait: str = ""
    parameter: Param | None = None


YES = Judgement(Verdict.YES)


class AutoTraits:
    """`AutoTraits(traits)`; `captures` says what a closure holds: (variable, type as captured) pairs, None unknown;
    `contents` what else a future holds while it waits, or what `impl Trait` hides: the part that is known."""

    def __init__(self, traits: Traits, captures: Captures = no_captures) -> None:
        self.traits = traits
        self.captures = captures
        self.contents: Contents = no_contents
        self._types = traits.types
        self._names = traits.names
        self._known: dict[tuple[Ty, str], Judgement] = {}
        self._open: dict[tuple[Ty, str], int] = {}
        self._assumed = _DEEPEST  # the outermost open question that the answer at hand rests on
        self._resting: dict[tuple[Ty, str], tuple[Judgement, int]] = {}  # answers that rest on open questions
        self._impls: dict[str, tuple[tuple[Impl, ...] | None, dict[str | None, list[Impl]]]] = {}
        traits.auto = lambda ty, trait: self._judge(ty, trait).verdict

    def is_send(self, ty: Ty) -> Judgement:
        """Whether `ty: Send`."""
        return self._judge(ty, SEND)

    def is_sync(self, ty: Ty) -> Judgement:
        """Whether `ty: Sync`."""
        return self._judge(ty, SYNC)

    def is_copy(self, ty: Ty) -> Verdict:
        """Whether `ty: Copy`; a closure is if all that it captures is."""
        if isinstance(ty, ClosureTy):
            captured = self.captures(ty)
            return Verdict.UNKNOWN if captured is None else every([self.is_copy(part) for _, part in captured])
        return self.traits.implements(ty, COPY)

    def _judge(self, ty: Ty, trait: str) -> Judgement:
        key = (ty, trait)
        known = self._known.get(key)
        if known is not None:
            return known
        opened = self._open.get(key)
        if opened is not None:
            # Auto traits are coinductive: a type that holds itself is Send if the rest of it is.
            self._assumed = min(self._assumed, opened)
            return YES
        resting = self._resting.get(key)
        if resting is not None:
            self._assumed = min(self._assumed, resting[1])
            return resting[0]
        if len(self._open) >= _DEEPEST:
            return _unknown(ty, trait)
        depth = self._open[key] = len(self._open)
        outer, self._assumed = self._assumed, _DEEPEST
        first = len(self._resting)
        judgement = self._by_kind(ty, trait)
        del self._open[key]
        if self._assumed >= depth:
            self._settle(first, judgement.verdict is Verdict.YES)
        if judgement.verdict is Verdict.NO or self._assumed >= depth:
            self._known[key] = judgement
        else:
            self._resting[key] = judgement, self._assumed
        self._assumed = min(outer, self._assumed) if self._assumed < depth else outer
        return judgement

    def _settle(self, first: int, holds: bool) -> None:
        """What rested on the question that is answered now is known if that is a yes, and open again if not."""
        for key in list(islice(self._resting, first, None)):
            judgement, _ = self._resting.pop(key)
            if holds:
                self._known[key] = judgement

    def _by_kind(self, ty: Ty, trait: str) -> Judgement:
        match ty:
            case Prim() | FnPtr() | FnItem():
                return YES
            case RefTy(mutable=mutable, inner=inner):
                return _through("*", self._judge(inner, trait if mutable else SYNC))
            case PtrTy():
                return _no(ty, trait)
            case TupleTy(items=items):
                return self._all([(str(index), item) for index, item in enumerate(items)], trait)
            case ArrayTy(inner=inner) | SliceTy(inner=inner):
                return _through("[]", self._judge(inner, trait))
            case Adt():
                return self._adt(ty, trait)
            case Dyn() | Opaque() | Param() | Projection():
                return self._bounded(ty, trait)
            case ClosureTy():
                captured = self.captures(ty)
                if captured is None:
                    return _unknown(ty, trait)
                judgement = self._all(captured, trait)
                return self._hiding(ty, trait, judgement) if ty.future else judgement
        return _unknown(ty, trait)

    def _hiding(self, ty: ClosureTy | Opaque, trait: str, judgement: Judgement) -> Judgement:
        """NO by what is known to be inside of it; else the judgement, which is about all the rest."""
        if judgement.verdict is Verdict.NO:
            return judgement
        inside = self._all(self.contents(ty), trait)
        return inside if inside.verdict is Verdict.NO else judgement

    def _all(self, parts: Iterable[tuple[str, Ty]], trait: str) -> Judgement:
        """NO by the first part that is not; else by the first that is not known."""
        found = YES
        for name, part in parts:
            judgement = _through(name, self._judge(part, trait))
            if judgement.verdict is Verdict.NO:
                return judgement
            if found is YES:
                found = judgement
        return found

    def _bounded(self, ty: Dyn | Opaque | Param | Projection, trait: str) -> Judgement:
        if isinstance(ty, Projection):
            resolved = self.traits.normalise(ty)
            if resolved != ty:
                return self._judge(resolved, trait)
        bounds = {ref.path for ref in self.traits.bounds_of(ty)}
        if trait in bounds:
            return YES
        if isinstance(ty, Opaque) and ty.origin:
            return self._hiding(ty, trait, _unknown(ty, trait))
        # A trait that is not known may demand Send itself.
        if any(path.startswith("?") for path in bounds):
            return _unknown(ty, trait)
        if isinstance(ty, Dyn):
            return _no(ty, trait) if bounds else _unknown(ty, trait)
        if isinstance(ty, Param) and self._types.is_declared(ty):
            return Judgement(Verdict.UNKNOWN, ty, (), _short(trait), ty)
        return _unknown(ty, trait)

    def _adt(self, ty: Adt, trait: str) -> Judgement:
        definition = self._names.adt_of(ty.path)
        if definition is None or definition.kind not in ("struct", "enum", "union"):
            return _unknown(ty, trait)
        by_head = self._impls_of(trait)
        written = by_head.get(ty.path)
        if written is not None:
            # A written impl, positive or negative, takes the place of the structural one.
            return self._by_impls(ty, trait, written)
        judgement = self._by_fields(ty, trait)
        if judgement.verdict is Verdict.NO and self._may_be_written_elsewhere(definition, trait, by_head):
            return _unknown(ty, trait)
        return judgement

    def _by_fields(self, ty: Adt, trait: str) -> Judgement:
        variants = self._types.fields_of(ty)
        return self._all(
            ((name, self.traits.normalise(part)) for variant in variants for name, part in variant.fields), trait
        )

    def _may_be_written_elsewhere(
        self, definition: Definition, trait: str, by_head: dict[str | None, list[Impl]]
    ) -> bool:
        """By a macro over the type or of its crate, or by an impl whose self type or trait could not be read."""
        crate = definition.module.crate
        if crate.api:
            return False
        if may_be_remade(definition):
            return True
        unread = (*by_head.get(None, ()), *self._names.unclear_impls(trait))
        if any(impl.module.crate is crate and self._names.head_of(impl) in (None, definition.path) for impl in unread):
            return True
        return self._names.macros_implement(crate, trait, definition.name)

    def _by_impls(self, ty: Adt, trait: str, impls: list[Impl]) -> Judgement:
        found = _no(ty, trait)
        for impl in impls:
            bindings: dict[tuple[str, str], Ty] = {}
            fit = fits(self._types.self_type(impl), ty, impl.id, bindings)
            if fit is Verdict.NO:
                continue
            detail = detail_of(impl)
            judgement = self._conditions(ty, trait, impl, bindings)
            if isinstance(detail, ImplDetail) and detail.negative:
                judgement = _no(ty, trait) if judgement.verdict is Verdict.YES else _unknown(ty, trait)
            if fit is Verdict.UNKNOWN and judgement.verdict is not Verdict.NO:
                judgement = _unknown(ty, trait)
            if judgement.verdict is Verdict.YES:
                return judgement
            if judgement.verdict is Verdict.UNKNOWN or len(impls) == 1:
                found = judgement
        return found

    def _conditions(self, ty: Adt, trait: str, impl: Impl, bindings: Bindings) -> Judgement:
        """The bounds of `unsafe impl<T: Send> Send for X<T>`, for this X."""
        found = YES
        for param in self._types.own_generics(impl):
            part = bindings.get((param.owner, param.name), UNKNOWN)
            for ref in self._types.bounds_of(param):
                judgement = self._condition(ty, trait, f"<{param.name}>", part, ref, bindings)
                if judgement.verdict is Verdict.NO:
                    return judgement
                found = judgement if found is YES else found
        for subject, ref in self._types.predicates_of(impl):
            part = self.traits.normalise(substitute(subject, bindings))
            judgement = self._condition(ty, trait, "<where>", part, ref, bindings)
            if judgement.verdict is Verdict.NO:
                return judgement
            found = judgement if found is YES else found
        return found

    def _condition(self, ty: Adt, trait: str, name: str, part: Ty, ref: TraitRef, bindings: Bindings) -> Judgement:
        if ref.path in AUTO_TRAITS:
            return _through(name, self._judge(part, ref.path))
        bound = rebuilt_bound(ref, lambda inner: self.traits.normalise(substitute(inner, bindings)))
        verdict = self.traits.implements(part, bound)
        if verdict is Verdict.YES:
            return YES
        return _no(ty, trait) if verdict is Verdict.NO else _unknown(ty, trait)

    def _impls_of(self, trait: str) -> dict[str | None, list[Impl]]:
        impls = self._names.trait_impls(trait)
        known, found = self._impls.get(trait, (None, {}))
        if known is not impls:
            # First asked, or a block has been registered that has impls of its own.
            found = {}
            self._impls[trait] = (impls, found)
            for impl in impls:
                found.setdefault(self._names.head_of(impl), []).append(impl)
        return found


def _short(trait: str) -> str:
    return trait.rpartition("::")[2]


def _no(ty: Ty, trait: str) -> Judgement:
    return Judgement(Verdict.NO, ty, (), _short(trait))


def _unknown(ty: Ty, trait: str) -> Judgement:
    return Judgement(Verdict.UNKNOWN, ty, (), _short(trait))


def _through(name: str, judgement: Judgement) -> Judgement:
    """The same, told of what holds the part under this name."""
    if judgement.verdict is Verdict.YES:
        return judgement
    return msgspec.structs.replace(judgement, path=(name, *judgement.path))
