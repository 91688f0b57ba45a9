"""A written type, bound or trait -> `Ty` and `TraitRef`: names resolved, aliases expanded, defaults filled in.

`T::Item` becomes a Projection by the bounds of T; no impl is searched. What is not known is UNKNOWN; an unknown trait
has a path that begins with `?`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from rustconc_lint.facts.model import (
    AliasDetail,
    Bound,
    ImplDetail,
    Path,
    Segment,
    TArray,
    TDyn,
    TFn,
    TImpl,
    TInfer,
    TNever,
    TPath,
    TPtr,
    TRef,
    TSlice,
    TTuple,
    TypeExpr,
)  # fmt: skip
from rustconc_lint.program.definitions import Definition, Impl, Module
from rustconc_lint.program.names.names import Names, SelfOf
from rustconc_lint.program.names.paths import detail_of, owner_path, written_generics
from rustconc_lint.program.shapes import is_huge
from rustconc_lint.program.traits.associated import associated, associated_in
from rustconc_lint.program.traits.attribute_macros import ADDED, may_have_bounds
from rustconc_lint.program.traits.generics import Parameters, bind, substitute
from rustconc_lint.program.traits.written_bounds import Written, bounds_on, method_bounds_on, other_predicates
from rustconc_lint.program.types import (
    LASTING,
    NEVER,
    UNIT,
    UNKNOWN,
    Adt,
    ArrayTy,
    Dyn,
    FnPtr,
    Opaque,
    Param,
    Projection,
    PtrTy,
    RefTy,
    SliceTy,
    TraitRef,
    TupleTy,
    Ty,
)  # fmt: skip

Owner = Definition | Impl | None
_DEEPEST = 64  # of types in types; broken or hostile code only


class Site(msgspec.Struct, frozen=True, eq=False):
    """Where a type is written. arguments: the fn whose parameters are read, where `impl Trait` is a parameter.
    result: whether it is a fn's result, where it is what the fn hides.
    declares: whether that is a declaration, where a `Box<dyn Trait>` is one of a `dyn Trait + 'static`; bodies infer
    lifetimes (Reference, "Lifetime elision: Default trait object lifetimes")."""

    module: Module
    owner: Owner
    arguments: Definition | None = None
    declares: bool = False
    result: bool = False


class WrittenTypes:
    """Lowers what is written, memoised by declaration."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.parameters = Parameters(names)
        self._implicit: dict[Param, tuple[TImpl, Site]] = {}
        self.arguments: dict[Definition, list[Param]] = {}  # `impl Trait` arguments of each fn
        self._defaults: dict[Definition, tuple[Ty, ...]] = {}
        self._aliases: dict[Definition, Ty] = {}
        self._selves: dict[Impl, Ty] = {}
        self._written: dict[Param, tuple[Written, ...]] = {}
        self._bounds: dict[Param, tuple[TraitRef, ...]] = {}
        self._method_bounds: dict[Param, tuple[TraitRef, ...]] = {}
        self._depth = 0
        self.hiding: dict[str, Definition] = {}  # the fns whose results are hidden, by path

    def lower_type(self, expr: TypeExpr, module: Module, owner: Owner = None) -> Ty:
        """The type `expr` stands for, written in `module` within `owner`. Defaults fill missing arguments, failing
        that UNKNOWN."""
        return self.lower(expr, Site(module, owner))

    def lower_args(
        self, args: tuple[TypeExpr, ...], target: Definition, module: Module, owner: Owner
    ) -> tuple[Ty, ...]:
        """Written generic arguments of `target`, const ones left out; () when none are written (to be inferred)."""
        return self._arguments(args, target, Site(module, owner))

    def lower(self, expr: TypeExpr, site: Site) -> Ty:
        if self._depth > _DEEPEST:
            return UNKNOWN
        self._depth += 1
        try:
            return _READERS[type(expr)](self, expr, site)
        finally:
            self._depth -= 1

    def each(self, exprs: tuple[TypeExpr, ...], site: Site) -> tuple[Ty, ...]:
        return tuple([self.lower(expr, site) for expr in exprs])

    def abstract_type(self, expr: TImpl, site: Site) -> Ty:
        if site.arguments is None:
            bounds = self.trait_refs(expr.bounds, site, UNKNOWN)
            return self.hidden_type(bounds, site.owner, expr.start) if site.result else Opaque(bounds)
        param = Param(f"impl@{expr.start}", site.arguments.path)
        if param not in self._implicit:
            self._implicit[param] = (expr, site)
            self.arguments.setdefault(site.arguments, []).append(param)
        return param

    def hidden_type(self, bounds: tuple[TraitRef, ...], owner: Owner, at: int) -> Opaque:
        """What a fn returns of which these bounds alone are known, with the way back to the fn if it has a body."""
        if not isinstance(owner, Definition) or owner.kind != "fn" or owner.module.crate.api:
            return Opaque(bounds)
        generics = (*self.parameters.generics_of(owner), *self.arguments.get(owner, ()))
        self.hiding[owner.path] = owner
        return Opaque(bounds, owner.path, at, generics)

    def path_type(self, expr: TPath, site: Site) -> Ty:
        path = expr.path
        if path.qself is not None:
            return self._qualified(path, path.qself, site)
        found = self.names.resolve(path, site.module, "type", site.owner)
        if found is None:
            return UNKNOWN
        target = found.target
        rest = path.segments[found.used :]
        if isinstance(target, Definition):
            return self._named(target, path, found.used, site) if not rest else UNKNOWN
        if isinstance(target, Param) and site.owner is not None:
            self.parameters.register(site.owner)
        base = self.self_type(target.owner) if isinstance(target, SelfOf) else target
        if rest and isinstance(target, SelfOf) and isinstance(target.owner, Impl):
            own = associated_in(self, target.owner, rest[0].name, base)
            if own is not None:
                base, rest = own, rest[1:]
        for segment in rest:
            base = associated(self, base, segment.name)
        return base

    def _named(self, target: Definition, path: Path, used: int, site: Site) -> Ty:
        segment = path.segments[used - 1]
        match target.kind:
            case "struct" | "enum" | "union":
                return Adt(target.path, self._filled(segment.args, target, site, UNKNOWN))
            case "type":
                args = self._filled(segment.args, target, site, UNKNOWN)
                expanded = substitute(self.aliased(target), bind(self.parameters.own_generics(target), args))
                unsure = not target.module.crate.api and self.names.is_alternative(target)
                return UNKNOWN if unsure or is_huge(expanded) else expanded
            case "trait":  # a trait object as it was written before `dyn`
                return Dyn((self._trait_ref_of(target, segment, site, UNKNOWN),))
        return UNKNOWN

    def _qualified(self, path: Path, qself: TypeExpr, site: Site) -> Ty:
        """`<T as Trait>::Item` and `<T>::Item`."""
        base = self.lower(qself, site)
        rest = path.segments
        if path.qtrait:
            found = self.names.resolve(path, site.module, "type", site.owner)
            if found is None or not isinstance(found.target, Definition) or found.used >= len(path.segments):
                return UNKNOWN
            base = Projection(base, found.target.path, path.segments[found.used].name)
            rest = path.segments[found.used + 1 :]
        for segment in rest:
            base = associated(self, base, segment.name)
        return base

    def _arguments(self, args: tuple[TypeExpr, ...], target: Definition, site: Site) -> tuple[Ty, ...]:
        if not args:
            return ()
        kinds = [param.kind for param in written_generics(target).params if param.kind != "lifetime"]
        # Constants that are names look like types; those that are literals are gone.
        if "const" in kinds and len(args) == len(kinds):
            args = tuple(arg for arg, kind in zip(args, kinds, strict=True) if kind == "type")
        lowered = self.each(args, site)
        return tuple(map(_lasting, lowered)) if site.declares and not _lends(target) else lowered

    def _filled(self, written: tuple[TypeExpr, ...], target: Definition, site: Site, subject: Ty) -> tuple[Ty, ...]:
        """As many arguments as `target` has type parameters. subject: what Self is in a trait's defaults."""
        params = self.parameters.own_generics(target)
        args = self._arguments(written, target, site)[: len(params)]
        if len(args) == len(params):
            return args
        defaults = self._defaults_of(target)
        mapping = {(target.path, "Self"): subject, **bind(params, args)}
        for param, default in list(zip(params, defaults, strict=True))[len(args) :]:
            mapping[param.owner, param.name] = substitute(default, mapping)
        return tuple(mapping[param.owner, param.name] for param in params)

    def _defaults_of(self, target: Definition) -> tuple[Ty, ...]:
        found = self._defaults.get(target)
        if found is None:
            self._defaults[target] = tuple(UNKNOWN for _ in self.parameters.own_generics(target))
            written = [param.default for param in written_generics(target).params if param.kind == "type"]
            site = Site(target.module, target)
            found = tuple(UNKNOWN if default is None else self.lower(default, site) for default in written)
            self._defaults[target] = found
        return found

    def aliased(self, alias: Definition) -> Ty:
        """What an alias stands for, over its own parameters."""
        found = self._aliases.get(alias)
        if found is None:
            self._aliases[alias] = UNKNOWN  # an alias of itself
            detail = detail_of(alias)
            if isinstance(detail, AliasDetail) and detail.aliased is not None:
                self._aliases[alias] = self.lower(detail.aliased, Site(alias.module, alias, declares=True))
            found = self._aliases[alias]
        return found

    # ------------------------------------------------------------ traits and bounds

    def trait_at(self, path: Path, module: Module, owner: Owner) -> Definition | None:
        """The trait that a path names."""
        found = self.names.resolve(path, module, "type", owner)
        if found is None or found.used < len(path.segments) or not isinstance(found.target, Definition):
            return None
        return found.target if found.target.kind == "trait" else None

    def trait_refs(self, bounds: tuple[Bound, ...], site: Site, subject: Ty) -> tuple[TraitRef, ...]:
        return tuple(self._bound(bound, site, subject) for bound in bounds if not bound.maybe)

    def _bound(self, bound: Bound, site: Site, subject: Ty) -> TraitRef:
        if bound.path is None:
            return TraitRef(f"'{bound.lifetime}")
        trait = self.trait_at(bound.path, site.module, site.owner)
        segment = bound.path.segments[-1]
        return TraitRef(f"?{segment.name}") if trait is None else self._trait_ref_of(trait, segment, site, subject)

    def _trait_ref_of(self, trait: Definition, segment: Segment, site: Site, subject: Ty) -> TraitRef:
        bindings = tuple((name, self.lower(expr, site)) for name, expr in segment.bindings)
        return TraitRef(trait.path, self._filled(segment.args, trait, site, subject), bindings)

    def trait_ref(self, of: Impl) -> TraitRef | None:
        """The trait an impl implements, with arguments; None for inherent impls and unknown traits."""
        detail = detail_of(of)
        trait = self.names.trait_of(of)
        if trait is None or not isinstance(detail, ImplDetail) or detail.trait is None:
            return None
        self.parameters.register(of)
        return self._trait_ref_of(trait, detail.trait.segments[-1], Site(of.module, of), self.self_type(of))

    def written_on(self, param: Param) -> tuple[Written, ...]:
        """The bounds that the declaration of a parameter puts on it, unlowered."""
        found = self._written.get(param)
        if found is None:
            holder = self.parameters.holder(param)
            if param in self._implicit:
                expr, site = self._implicit[param]
                owner = site.arguments or site.owner
                found = () if owner is None else tuple(Written(bound, site.module, owner) for bound in expr.bounds)
            else:
                found = () if holder is None else tuple(bounds_on(param, holder))
            self._written[param] = found
        return found

    def bounds_of(self, param: Param) -> tuple[TraitRef, ...]:
        """Bounds that the declaration of a parameter puts on it: inline and in `where`; a trait's Self is bounded by
        the trait. Supertraits of others are not expanded. `'static` is TraitRef("'static"), an unknown one "?Name"."""
        found = self._bounds.get(param)
        if found is None:
            self._bounds[param] = ()  # `T: Into<T::Item>` asks for T's bounds again
            refs = self._bounds_written(self.written_on(param), param)
            holder = self.parameters.holder(param)
            if param.name == "Self" and holder is not None and holder.item.kind == "trait":
                refs.insert(0, TraitRef(owner_path(holder), self.parameters.own_generics(holder)))
            if holder is not None and may_have_bounds(holder):
                refs.append(ADDED)
            found = self._bounds[param] = tuple(dict.fromkeys(refs))
        return found

    def bounds_in(self, param: Param, function: Definition) -> tuple[TraitRef, ...]:
        """Bounds that the `where` clause of one function puts on a parameter of its impl or trait."""
        return tuple(self._bounds_written(tuple(bounds_on(param, function)), param))

    def method_bounds_of(self, param: Param) -> tuple[TraitRef, ...]:
        """Bounds that `where` clauses of single methods put on a parameter of their impl or trait (`Copy` left out)."""
        found = self._method_bounds.get(param)
        if found is None:
            holder = self.parameters.holder(param)
            written = () if holder is None else tuple(method_bounds_on(param, holder, self.names))
            found = self._method_bounds[param] = tuple(self._bounds_written(written, param))
        return found

    def predicates_of(self, of: Definition | Impl) -> tuple[tuple[Ty, TraitRef], ...]:
        """The `where` predicates of an item on other types than its bare parameters, as (subject, bound) pairs."""
        site = Site(of.module, of)
        self.parameters.register(of)
        found: list[tuple[Ty, TraitRef]] = []
        for predicate in other_predicates(of):
            subject = self.lower(predicate.subject, site)
            found.extend((subject, bound) for bound in self.trait_refs(predicate.bounds, site, subject))
        return tuple(found)

    def bounds_at(self, bounds: tuple[Bound, ...], owner: Definition, subject: Ty) -> tuple[TraitRef, ...]:
        """Bounds written at a definition, on `subject`."""
        return self.trait_refs(bounds, Site(owner.module, owner), subject)

    def _bounds_written(self, written: tuple[Written, ...], param: Param) -> list[TraitRef]:
        return [self._bound(w.bound, Site(w.module, w.owner), param) for w in written if not w.bound.maybe]

    def is_declared(self, param: Param) -> bool:
        """Whether the declaration of a parameter is known, so that its bounds are all there are."""
        return param in self._implicit or self.parameters.holder(param) is not None

    def self_type(self, owner: Definition | Impl) -> Ty:
        """What `Self` is: an impl's self type, a trait's Param("Self", ..), an ADT applied to its own parameters; of a
        method what it is in its impl. Where an API's impl serves several built-in types: Param("Self", impl id)."""
        if isinstance(owner, Definition):
            if owner.container is not None:
                return self.self_type(owner.container)
            return (
                Param("Self", owner.path)
                if owner.kind == "trait"
                else Adt(owner.path, self.parameters.own_generics(owner))
            )
        if owner.item.kind == "trait":
            return Param("Self", owner.id)
        found = self._selves.get(owner)
        if found is None:
            detail = detail_of(owner)
            self.parameters.register(owner)
            found = UNKNOWN
            if isinstance(detail, ImplDetail):
                shared = detail.trait is None and self.names.is_shared(owner)
                site = Site(owner.module, owner)
                found = Param("Self", owner.id) if shared else self.lower(detail.self_type, site)
            self._selves[owner] = found
        return found


def _lasting(ty: Ty) -> Ty:
    """A trait object of which no lifetime is said lives for ever."""
    if type(ty) is not Dyn or any(bound.path.startswith("'") for bound in ty.bounds):
        return ty
    return Dyn((*ty.bounds, TraitRef(LASTING)))


def _lends(target: Definition) -> bool:
    """Whether a type has lifetimes, which may be those of what it holds: `Ref<'b, dyn Trait>`."""
    return any(param.kind == "lifetime" for param in written_generics(target).params)


def _reference(types: WrittenTypes, expr: TRef, site: Site) -> Ty:
    return RefTy(expr.mutable, types.lower(expr.inner, site), "" if expr.lifetime == "_" else expr.lifetime)


def _pointer(types: WrittenTypes, expr: TPtr, site: Site) -> Ty:
    return PtrTy(expr.mutable, types.lower(expr.inner, site))


def _function(types: WrittenTypes, expr: TFn, site: Site) -> Ty:
    output = UNIT if expr.output is None else types.lower(expr.output, site)
    return FnPtr(types.each(expr.params, site), output)


# `Any` is the price of a table by kind, which is what keeps this path short.
_READERS: dict[type[TypeExpr], Callable[[WrittenTypes, Any, Site], Ty]] = {
    TPath: WrittenTypes.path_type,
    TRef: _reference,
    TPtr: _pointer,
    TTuple: lambda types, expr, site: TupleTy(types.each(expr.items, site)) if expr.items else UNIT,
    TArray: lambda types, expr, site: ArrayTy(types.lower(expr.inner, site)),
    TSlice: lambda types, expr, site: SliceTy(types.lower(expr.inner, site)),
    TFn: _function,
    TDyn: lambda types, expr, site: Dyn(types.trait_refs(expr.bounds, site, UNKNOWN)),
    TImpl: WrittenTypes.abstract_type,
    TNever: lambda types, expr, site: NEVER,
    TInfer: lambda types, expr, site: UNKNOWN,
}
