"""Written types -> `Ty`: aliases expanded, generics, bounds, signatures and fields, all read from declarations.

Nothing is inferred and no impl is searched here: `T::Item` becomes a Projection, which traits.py resolves. What a name
that is not known stands for is UNKNOWN, and an unknown trait has a path that begins with `?`. Lifetimes are kept on
references alone, const arguments nowhere.
"""

from __future__ import annotations

import msgspec

from rustconc_lint.facts.model import AdtDetail, ValueDetail
from rustconc_lint.program.definitions import Definition, Impl
from rustconc_lint.program.names.names import Names
from rustconc_lint.program.names.paths import detail_of, signature_of
from rustconc_lint.program.traits.generics import Bindings, bind, substitute
from rustconc_lint.program.traits.written_types import Site, WrittenTypes
from rustconc_lint.program.types import UNIT, UNKNOWN, Adt, Param, TraitRef, TupleTy, Ty

__all__ = ["Bindings", "FnTypes", "Types", "VariantTypes", "substitute"]

FUTURE = "std::future::Future"
FUTURE_OF_FN = -1  # where an async fn writes the `impl Future` that it returns
LOCAL_KEY = "std::thread::LocalKey"


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


class Types(WrittenTypes):
    """Types of declarations, memoised. `Types(names)`."""

    def __init__(self, names: Names) -> None:
        super().__init__(names)
        self._signatures: dict[Definition, FnTypes | None] = {}
        self._fields: dict[Definition, tuple[VariantTypes, ...]] = {}
        self._hidden: dict[str, frozenset[str]] = {}

    def generics_of(self, of: Definition | Impl) -> tuple[Param, ...]:
        """Type parameters in scope within `of`: the container's (a trait's Self first), then its own. A variant's are
        its enum's."""
        return self.parameters.generics_of(of)

    def own_generics(self, of: Definition | Impl) -> tuple[Param, ...]:
        """Type parameters that `of` itself declares, in order: what a turbofish or a type's arguments fill."""
        return self.parameters.own_generics(of)

    def signature_of(self, definition: Definition) -> FnTypes | None:
        """Of a fn, or of a tuple struct's or tuple variant's constructor; None for anything else."""
        if definition not in self._signatures:
            self._signatures[definition] = self._signature(definition)
        return self._signatures[definition]

    def _signature(self, definition: Definition) -> FnTypes | None:
        if definition.kind != "fn":
            return self._constructor(definition)
        written = signature_of(definition)
        if written is None:
            return None
        inside = Site(definition.module, definition, definition, declares=True)
        generics = self.generics_of(definition)
        self_ty = None if written.self_type is None else self.lower(written.self_type, inside)
        params = tuple(
            UNKNOWN if param.annotation is None else self.lower(param.annotation, inside) for param in written.params
        )
        implicit = self.arguments.get(definition, ())
        outside = Site(definition.module, definition, declares=True, result=True)
        declared = UNIT if written.output is None else self.lower(written.output, outside)
        future = (TraitRef(FUTURE, (), (("Output", declared),)),)
        output = self.hidden_type(future, definition, FUTURE_OF_FN) if written.is_async else declared
        return FnTypes(self_ty, params, output, declared, (*generics, *implicit), written.is_async)

    def _constructor(self, definition: Definition) -> FnTypes | None:
        adt = definition.parent if definition.kind == "variant" else definition
        if adt is None or adt.kind not in ("struct", "enum"):
            return None
        variant = next((v for v in self._variants(adt) if v.name == definition.name), None)
        if variant is None or not variant.fields or variant.fields[0][0] != "0":
            return None
        generics = self.own_generics(adt)
        output = Adt(adt.path, generics)
        return FnTypes(None, tuple(ty for _, ty in variant.fields), output, output, generics, False)

    def fields_of(self, adt: Adt) -> tuple[VariantTypes, ...]:
        """The variants of an ADT with its arguments substituted; () when it is not known."""
        definition = self.names.adt_of(adt.path)
        if definition is None or definition.kind not in ("struct", "enum", "union"):
            return ()
        variants = self._variants(definition)
        params = self.own_generics(definition)
        if not params or adt.args == params:
            return variants
        mapping = bind(params, adt.args)
        return tuple(
            VariantTypes(variant.name, tuple((name, substitute(ty, mapping)) for name, ty in variant.fields))
            for variant in variants
        )

    def _variants(self, definition: Definition) -> tuple[VariantTypes, ...]:
        found = self._fields.get(definition)
        if found is None:
            detail = detail_of(definition)
            site = Site(definition.module, definition, declares=True)
            variants = detail.variants if isinstance(detail, AdtDetail) else ()
            found = tuple(
                VariantTypes(variant.name, tuple((name, self.lower(expr, site)) for name, expr in variant.fields))
                for variant in variants
            )
            self._fields[definition] = found
        return found

    def field_type(self, ty: Ty, name: str) -> Ty | None:
        """Type of a struct's, union's or tuple's field; None when there is none of that name (no autoderef)."""
        if isinstance(ty, TupleTy):
            return ty.items[int(name)] if name.isdecimal() and len(name) < 9 and int(name) < len(ty.items) else None
        if not isinstance(ty, Adt):
            return None
        definition = self.names.adt_of(ty.path)
        if definition is None or definition.kind not in ("struct", "union") or name in self.hidden_fields(ty.path):
            return None
        for variant in self._variants(definition):
            for field, declared in variant.fields:
                if field == name:
                    return substitute(declared, bind(self.own_generics(definition), ty.args))
        return None

    def hidden_fields(self, path: str) -> frozenset[str]:
        """Fields of a struct that API models declare, which its users cannot see: `arc.0` is a field behind the Arc."""
        found = self._hidden.get(path)
        if found is None:
            definition = self.names.adt_of(path)
            detail = None if definition is None or not definition.module.crate.api else detail_of(definition)
            variants = detail.variants if isinstance(detail, AdtDetail) else ()
            found = self._hidden[path] = frozenset(name for variant in variants for name in variant.hidden)
        return found

    def value_type(self, definition: Definition) -> Ty:
        """Declared type of a static or const (a `lazy_static!` one: the value it derefs to; a `thread_local!` one: its
        LocalKey)."""
        detail = detail_of(definition)
        if not isinstance(detail, ValueDetail) or detail.annotation is None:
            return UNKNOWN
        ty = self.lower(detail.annotation, Site(definition.module, definition, declares=True))
        return Adt(LOCAL_KEY, (ty,)) if detail.thread_local else ty
