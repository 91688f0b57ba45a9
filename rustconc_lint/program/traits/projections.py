"""What `<T as Trait>::Name` is: by a bound that binds it, by the impl that applies, or by a fn's signature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rustconc_lint.facts.model import AliasDetail
from rustconc_lint.program.lang import BOX, DEREF, FN_TRAITS
from rustconc_lint.program.names.paths import detail_of
from rustconc_lint.program.shapes import LEAVES, rebuilt
from rustconc_lint.program.traits.generics import bind, substitute
from rustconc_lint.program.traits.matching import Verdict
from rustconc_lint.program.types import (
    UNKNOWN,
    Adt,
    Dyn,
    FnItem,
    FnPtr,
    Opaque,
    Param,
    Projection,
    PtrTy,
    RefTy,
    Ty,
)  # fmt: skip

if TYPE_CHECKING:
    from rustconc_lint.program.traits.traits import Traits

_DEEPEST = 12  # of projections out of projections


def project(traits: Traits, base: Ty, trait: str, name: str, depth: int = 0) -> Ty:
    """See Traits.project."""
    base = normalise(traits, base, depth + 1)
    unknown = Projection(base, trait, name)
    # `impl<T: B<<T as A>::X>> A for T` asks for itself.
    if depth > _DEEPEST or unknown in traits.projecting or len(traits.projecting) > _DEEPEST:
        return unknown
    traits.projecting.add(unknown)
    found = _projected(traits, unknown)
    traits.projecting.discard(unknown)
    return unknown if found is None or found == unknown else normalise(traits, found, depth + 1)


def _projected(traits: Traits, asked: Projection) -> Ty | None:
    """What a projection of a normalised base is, not normalised; None when that is not known."""
    base, trait, name = asked.base, asked.trait, asked.name
    if isinstance(base, Param | Dyn | Opaque | Projection):
        bound = _bound(traits, base, trait, name)
        if bound is not None:
            return bound
        if any(ref.path == trait for ref in traits.bounds_of(base)):
            return None  # what a bound promises may be any impl's: no impl is looked for, as in rustc
    if trait in FN_TRAITS and name == "Output":
        return _output(traits, base)
    match = traits.find_impl(base, trait)
    if match is None or match.impl is None or match.verdict is not Verdict.YES:
        return None
    member = traits.names.members(match.impl).get(name)
    detail = None if member is None else detail_of(member)
    if member is None or not isinstance(detail, AliasDetail) or detail.aliased is None:
        return None
    return substitute(traits.types.lower_type(detail.aliased, member.module, member), match.bindings)


def normalise(traits: Traits, ty: Ty, depth: int = 0) -> Ty:
    """See Traits.normalise."""
    if type(ty) in LEAVES:
        return ty
    if isinstance(ty, Projection):
        return ty if depth > _DEEPEST else project(traits, ty.base, ty.trait, ty.name, depth)
    return rebuilt(ty, lambda part: normalise(traits, part, depth))


def deref(traits: Traits, ty: Ty) -> Ty | None:
    """See Traits.deref."""
    match ty:
        case RefTy(inner=inner) | PtrTy(inner=inner):
            return inner
        case Adt(path=path, args=args) if path == BOX:
            return args[0] if args else UNKNOWN
        case Adt() | Param() | Opaque() | Projection():
            target = traits.project(ty, DEREF, "Target")
            return None if isinstance(target, Projection) else target
    return None


def _bound(traits: Traits, base: Ty, trait: str, name: str) -> Ty | None:
    """`T: Iterator<Item = u8>`, where T is declared: a single method may demand it of callers who can show it."""
    for ref in traits.bounds_declared(base) if isinstance(base, Param) else traits.bounds_of(base):
        if ref.path == trait or (trait in FN_TRAITS and ref.path in FN_TRAITS):
            for bound, ty in ref.bindings:
                if bound == name:
                    return ty
    return None


def _output(traits: Traits, ty: Ty) -> Ty | None:
    """What calling a fn pointer or fn item returns."""
    if isinstance(ty, FnPtr):
        return ty.output
    definition = traits.names.definition(ty.path) if isinstance(ty, FnItem) else None
    types = None if definition is None else traits.types.signature_of(definition)
    if types is None or not isinstance(ty, FnItem):
        return None
    return substitute(types.output, bind(types.generics[-len(ty.args) :], ty.args)) if ty.args else types.output
