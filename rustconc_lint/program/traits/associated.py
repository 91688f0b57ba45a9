"""What `Self::Name` and `T::Name` are where they are written: an impl's own type, or a Projection of a trait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rustconc_lint.facts.model import AliasDetail
from rustconc_lint.program.definitions import Definition, Impl
from rustconc_lint.program.names.names import Names
from rustconc_lint.program.names.paths import detail_of
from rustconc_lint.program.shapes import head_of
from rustconc_lint.program.traits.generics import substitute
from rustconc_lint.program.types import UNKNOWN, Param, Projection, Ty

if TYPE_CHECKING:
    from rustconc_lint.program.traits.written_types import WrittenTypes


def associated_in(types: WrittenTypes, impl: Impl, name: str, base: Ty) -> Ty | None:
    """`Self::Name` in an impl for `base`: its own `type Name = ..`, or that of a supertrait, which another impl has."""
    member = types.names.members(impl).get(name)
    detail = None if member is None or member.kind != "type" else detail_of(member)
    if member is not None and isinstance(detail, AliasDetail) and detail.aliased is not None:
        return types.aliased(member)
    trait = types.names.trait_of(impl)
    if trait is None:
        return None
    found = _through_bounds(types, Param("Self", trait.path), name)
    return None if found is None else substitute(found, {(trait.path, "Self"): base})


def associated(types: WrittenTypes, base: Ty, name: str) -> Ty:
    """`base::Name`: through the bounds of a parameter, else by the only trait with such a type that can be meant."""
    if isinstance(base, Param):
        found = _through_bounds(types, base, name)
        if found is not None:
            return found
    names = types.names
    traits = [trait for trait in names.traits_with(name) if _declares(names, trait, name)]
    head = head_of(base)
    if len(traits) > 1 and head is not None:
        traits = [t for t in traits if any(names.head_of(impl) == head for impl in names.trait_impls(t.path))]
    return Projection(base, traits[0].path, name) if len(traits) == 1 and base is not UNKNOWN else UNKNOWN


def _declares(names: Names, trait: Definition, name: str) -> bool:
    member = names.members(names.trait_body(trait)).get(name)
    return member is not None and member.kind == "type"


def _through_bounds(types: WrittenTypes, param: Param, name: str) -> Ty | None:
    """By the bound that binds the type, or whose trait (or supertrait) declares it."""
    pending = list(types.written_on(param))
    holder = types.parameters.holder(param)
    seen: set[Definition] = set()
    if param.name == "Self" and isinstance(holder, Definition) and _declares(types.names, holder, name):
        return Projection(param, holder.path, name)
    while pending:
        written = pending.pop(0)
        path = written.bound.path
        trait = None if path is None else types.trait_at(path, written.module, written.owner)
        if path is None or trait is None or trait in seen:
            continue
        seen.add(trait)
        bound = next((expr for bound, expr in path.segments[-1].bindings if bound == name), None)
        if bound is not None:
            return types.lower_type(bound, written.module, written.owner)
        if _declares(types.names, trait, name):
            return Projection(param, trait.path, name)
        pending.extend(types.written_on(Param("Self", trait.path)))
    return None
