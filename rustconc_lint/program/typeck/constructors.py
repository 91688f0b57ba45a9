"""Structs and variants as they are built and taken apart: `S { a, b }`, `Some(x)`, `Self::V { .. }`."""

from __future__ import annotations

from rustconc_lint.facts.model import Path, StructLit
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.typeck.coercion import coerce
from rustconc_lint.program.typeck.obligations import instantiate
from rustconc_lint.program.typeck.paths import Named, adt_bindings, fresh_adt, named_type, named_value
from rustconc_lint.program.typeck.session import Session, check
from rustconc_lint.program.types import UNKNOWN, Adt, Ty


class Built:
    """A struct or variant: its type and its fields' types there, by name."""

    __slots__ = ("definition", "fields", "ty")

    def __init__(self, ty: Ty, fields: dict[str, Ty], definition: Definition | None) -> None:
        self.ty = ty
        self.fields = fields
        self.definition = definition


def constructed(session: Session, path: Path, tuple_like: bool) -> Built | None:
    """The struct or variant that a literal or pattern names; None when it is not known (or names a constant)."""
    if not tuple_like:
        found = named_type(session, path)
        if found is not None and type(found[0]) is Adt:
            return built(session, found[0], found[1])
    named = named_value(session, path)
    return None if named is None else _built_by(session, named)


def _built_by(session: Session, named: Named) -> Built | None:
    definition = named.definition
    variant = definition if definition.kind == "variant" else None
    adt = definition.parent if variant is not None else definition
    if adt is None or adt.kind not in ("struct", "enum", "union"):
        return None
    ty = fresh_adt(session, adt)
    for key, arg in adt_bindings(session, ty).items():
        if key in named.bindings:
            session.infer.unify(arg, named.bindings[key])
    return built(session, ty, variant)


def built(session: Session, ty: Adt, variant: Definition | None) -> Built:
    """The fields of an ADT (of one variant of it) with its arguments."""
    variants = session.surface.fields(ty.path)
    if variant is not None:
        fields = variants.get(variant.name, {})
    else:
        fields = next(iter(variants.values()), {}) if len(variants) == 1 else {}
    if ty.args:
        mapping = adt_bindings(session, ty)
        fields = {name: instantiate(session, field, mapping) for name, field in fields.items()}
    return Built(ty, fields, variant)


def adt_field(session: Session, ty: Adt, name: str) -> Ty | None:
    """The type of a struct's or union's field; None when it has none of that name, or it is private to its crate."""
    variants = session.surface.fields(ty.path)
    if len(variants) != 1 or name in session.surface.types.hidden_fields(ty.path):
        return None
    declared = next(iter(variants.values())).get(name)
    return None if declared is None else instantiate(session, declared, adt_bindings(session, ty))


def struct_literal(session: Session, expr: StructLit, expected: Ty | None) -> Ty:
    """`S { a: 1, ..base }`; fields of an unknown struct are visited all the same."""
    found = constructed(session, expr.path, tuple_like=False)
    if found is None:
        for _, value in expr.fields:
            check(session, value)
        if expr.base is not None:
            return check(session, expr.base, expected)
        return UNKNOWN
    if found.definition is not None:
        session.paths[id(expr)] = found.definition
    if expected is not None:
        session.infer.unify(found.ty, expected)
    for name, value in expr.fields:
        field = found.fields.get(name)
        ty = check(session, value, field)
        if field is not None:
            coerce(session, ty, field)
    if expr.base is not None:
        session.infer.unify(check(session, expr.base, found.ty), found.ty)
    return found.ty
