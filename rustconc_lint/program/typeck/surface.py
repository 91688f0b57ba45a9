"""What declarations offer to inference, in the shape it asks for, memoised for all bodies of a run.

Impl headers grouped by trait and by head of their self type; the bounds of a fn that can teach inference something;
fields by name; heads of types. Everything is read from Names, Types and Traits; nothing here knows a body.
"""

from __future__ import annotations

from typing import Any

import msgspec

from rustconc_lint.facts.model import AliasDetail, Path
from rustconc_lint.program.definitions import Definition, Impl, Module
from rustconc_lint.program.lang import DERIVES
from rustconc_lint.program.names.names import Names, Namespace, Resolution
from rustconc_lint.program.names.paths import owner_path, written_generics
from rustconc_lint.program.shapes import head_of, parts
from rustconc_lint.program.traits.lowering import FnTypes, Types
from rustconc_lint.program.traits.traits import Traits
from rustconc_lint.program.traits.written_types import Site
from rustconc_lint.program.types import Adt, Param, Projection, TraitRef, Ty

TraitMethods = tuple[tuple[Definition, Definition], ...]


class Scope(msgspec.Struct, frozen=True, eq=False):
    """Where paths are resolved: the module (of a block, perhaps) and the owner whose generics and `Self` are meant."""

    module: Module
    owner: Definition | Impl | None


class Header(msgspec.Struct, frozen=True, eq=False):
    """An impl of a trait: what it is for, and the bounds on its parameters (subject, bound)."""

    impl: Impl
    self_ty: Ty
    trait: TraitRef
    generics: tuple[Param, ...]
    bounds: tuple[tuple[Ty, TraitRef], ...]


class Shared(msgspec.Struct, frozen=True, eq=False):
    """A fn's signature, the bounds on its type parameters that can teach something, and the parameters it declares."""

    types: FnTypes
    bounds: tuple[tuple[Ty, TraitRef], ...]
    own: tuple[Param, ...]


class Surface:
    """Declarations as inference asks for them. `Surface(names, types, traits)`."""

    def __init__(self, names: Names, types: Types, traits: Traits) -> None:
        self.names = names
        self.types = types
        self.traits = traits
        self.concrete: set[int] = set()  # ids of declared types without parameters: the same wherever they are used
        self._kept: list[Ty] = []
        self._bounds: dict[int, tuple[tuple[Ty, TraitRef], ...]] = {}
        self._impls: dict[tuple[str, str], tuple[tuple[Impl, ...], tuple[Header, ...]]] = {}
        self._shared: dict[int, Shared | None] = {}
        self._fields: dict[str, dict[str, dict[str, Ty]]] = {}
        self._generics: dict[str, tuple[Param, ...]] = {}
        self._assoc: dict[tuple[str, str], Ty | None] = {}
        self._inherent: dict[tuple[str, str], tuple[tuple[Ty, Definition], ...]] = {}
        self._unnamed: dict[tuple[str, str], tuple[tuple[Ty, Definition], ...]] = {}
        self._in_scope: dict[tuple[Module, str], bool] = {}
        self.probes: dict[tuple[Ty, str, int], Any] = {}  # the memo of probe.py
        self._near: dict[tuple[str, Module], tuple[TraitMethods, TraitMethods]] = {}
        self._interned: dict[tuple[str, tuple[int, ...]], tuple[TraitMethods, TraitMethods]] = {}
        self._methods: dict[str, tuple[tuple[Definition, Definition], ...]] = {}

    def impls(self, trait: str, head: str) -> tuple[Header, ...]:
        """The positive impls of a trait for types of this head; "" for those for a type parameter."""
        key = (trait, head)
        impls = self.names.trait_impls_for(trait, head)
        known, found = self._impls.get(key, ((), ()))
        if known is not impls:
            made = [self._header(impl) for impl in impls if not self._negative(impl)]
            found = tuple([header for header in made if header is not None])
            self._impls[key] = (impls, found)
        return found

    def has_impls(self, trait: str, ty: Ty) -> bool:
        """Whether the trait is implemented for some type with the head of `ty`."""
        head = head_of(ty)
        return bool(head) and any(not self._negative(impl) for impl in self.names.trait_impls_for(trait, head or ""))

    def _header(self, impl: Impl) -> Header | None:
        ref = self.types.trait_ref(impl)
        if ref is None:
            return None
        generics = self.types.generics_of(impl)
        return Header(impl, self.types.self_type(impl), ref, generics, self._written_bounds(impl))

    def _negative(self, impl: Impl) -> bool:
        return bool(getattr(self.names.detail(impl), "negative", False))

    def _written_bounds(self, holder: Definition | Impl) -> tuple[tuple[Ty, TraitRef], ...]:
        """The bounds that `holder` itself writes, in `<..>` and `where`; a trait's Self has that trait."""
        found = self._bounds.get(id(holder))
        if found is None:
            found = self._bounds[id(holder)] = tuple(self._lowered_bounds(holder))
        return found

    def _lowered_bounds(self, holder: Definition | Impl) -> list[tuple[Ty, TraitRef]]:
        found: list[tuple[Ty, TraitRef]] = []
        site, owner, generics = Site(holder.module, holder), owner_path(holder), written_generics(holder)
        for param in generics.params:
            if param.kind == "type":
                subject = Param(param.name, owner)
                found.extend((subject, bound) for bound in self.types.trait_refs(param.bounds, site, subject))
        for predicate in generics.where:
            ty = self.types.lower(predicate.subject, site)
            found.extend((ty, bound) for bound in self.types.trait_refs(predicate.bounds, site, ty))
        if isinstance(holder, Impl) and holder.item.kind == "trait":
            found.append((Param("Self", owner), TraitRef(owner, self.types.own_generics(holder))))
        return found

    def resolve(self, path: Path, scope: Scope, namespace: Namespace) -> Resolution | None:
        """Names.resolve at a scope."""
        return self.names.resolve(path, scope.module, namespace, scope.owner)

    def function(self, definition: Definition) -> Shared | None:
        """Signature and bounds of a fn, tuple struct or tuple variant; None for anything else."""
        key = id(definition)
        if key not in self._shared:
            self._shared[key] = self._share(definition)
        return self._shared[key]

    def _share(self, definition: Definition) -> Shared | None:
        types = self.types.signature_of(definition)
        if types is None:
            return None
        bounds = list(self._written_bounds(definition.parent or definition))
        if definition.container is not None:
            bounds += self._written_bounds(definition.container)
        for param in types.generics:
            if param.name.startswith("impl@"):
                bounds.extend((param, bound) for bound in self.types.bounds_of(param))
        for ty in (*types.params, types.output, *(() if types.self_ty is None else (types.self_ty,))):
            self._note_concrete(ty)
        teaching = tuple((subject, bound) for subject, bound in bounds if bound.args or bound.bindings)
        return Shared(types, teaching, self.types.own_generics(definition))

    def generics(self, path: str) -> tuple[Param, ...]:
        """The type parameters of the ADT or trait with this canonical path; () when it is not known."""
        found = self._generics.get(path)
        if found is None:
            definition = self.names.adt_of(path)
            found = self._generics[path] = () if definition is None else self.types.own_generics(definition)
        return found

    def fields(self, path: str) -> dict[str, dict[str, Ty]]:
        """Variant name -> field name -> type over the ADT's own parameters; {} when the ADT is not known."""
        found = self._fields.get(path)
        if found is None:
            variants = self.types.fields_of(Adt(path, self.generics(path)))
            found = self._fields[path] = {variant.name: dict(variant.fields) for variant in variants}
            for variant in variants:
                for _, ty in variant.fields:
                    self._note_concrete(ty)
        return found

    def _note_concrete(self, ty: Ty) -> None:
        if is_concrete(ty):
            self.concrete.add(id(ty))
            self._kept.append(ty)

    def associated_type(self, impl: Impl, name: str) -> Ty | None:
        """`type Name = ..` of an impl over the impl's parameters; None when it declares none."""
        key = (impl.id, name)
        if key not in self._assoc:
            self._assoc[key] = self._associated(impl, name)
        return self._assoc[key]

    def _associated(self, impl: Impl, name: str) -> Ty | None:
        definition = self.names.members(impl).get(name)
        detail = None if definition is None else self.names.detail(definition)
        if not isinstance(detail, AliasDetail) or detail.aliased is None:
            return None
        return self.types.lower_type(detail.aliased, impl.module, impl)

    def inherent(self, head: str, name: str) -> tuple[tuple[Ty, Definition], ...]:
        """Inherent members of this name, each with the self type of its impl."""
        key = (head, name)
        found = self._inherent.get(key)
        if found is None:
            impls = self.names.inherent_impls(head, name)
            found = tuple((self.types.self_type(impl), self.names.members(impl)[name]) for impl in impls)
            self._inherent[key] = found
        return found

    def of_unknown_traits(self, head: str, name: str) -> tuple[tuple[Ty, Definition], ...]:
        """The same of impls whose traits are not known."""
        key = (head, name)
        found = self._unnamed.get(key)
        if found is None:
            impls = self.names.impls_of_unknown_traits(head, name)
            found = tuple((self.types.self_type(impl), self.names.members(impl)[name]) for impl in impls)
            self._unnamed[key] = found
        return found

    def traits_with_method(self, name: str) -> tuple[tuple[Definition, Definition], ...]:
        """Traits that declare a method (with a receiver) of this name, each with its declaration."""
        found = self._methods.get(name)
        if found is None:
            pairs = ((trait, self.traits.trait_member(trait.path, name)) for trait in self.names.traits_with(name))
            found = tuple((trait, member) for trait, member in pairs if member is not None and member.item.receiver)
            self._methods[name] = found
        return found

    def traits_of_method(self, name: str, module: Module) -> tuple[TraitMethods, TraitMethods]:
        """The traits with a method of this name that are in scope in the module, and those that are not; equal answers
        are the same objects."""
        key = (name, module)
        found = self._near.get(key)
        if found is None:
            pairs = self.traits_with_method(name)
            near = tuple(pair for pair in pairs if self.in_scope(pair[0], module))
            far = tuple(pair for pair in pairs if pair not in near)
            interned = self._interned.setdefault((name, tuple(id(trait) for trait, _ in near)), (near, far))
            found = self._near[key] = interned
        return found

    def in_scope(self, trait: Definition, module: Module) -> bool:
        """May the trait's methods be called in the module without naming it? By its name there (declared, imported,
        of the prelude), or by a `use` that renames it."""
        key = (module, trait.path)
        found = self._in_scope.get(key)
        if found is None:
            by_name = self.names.resolve_segments([trait.name], module, "type")
            found = by_name is not None and by_name.path == trait.path
            found = self._in_scope[key] = found or self._renamed(trait, module)
        return found

    def _renamed(self, trait: Definition, module: Module) -> bool:
        """`use io::Write as _;` here or around the block."""
        at: Module | None = module
        while at is not None:
            for item in at.items:
                for use in item.uses:
                    if use.segments[-1] == trait.name != use.name:
                        found = self.names.resolve_segments(use.segments, at, "type")
                        if found is not None and found.path == trait.path:
                            return True
            at = at.parent if at.block else None
        return False

    def derives(self, path: str, trait: str) -> bool:
        """Does the ADT with this path derive the trait?"""
        name = DERIVES.get(trait)
        if name is None:
            return False
        definition = self.names.adt_of(path)
        return definition is not None and name in definition.item.attributes.derives


def is_concrete(ty: Ty) -> bool:
    """Does the type mention no parameter and no associated type?"""
    return type(ty) not in (Param, Projection) and all(map(is_concrete, parts(ty)))
