"""What a pattern does to an outer place that it is matched against: reads it, and binds its parts.

Default binding modes are those of the Reference ("Patterns", "Binding modes"). A part of a type with several variants
counts as the whole, since its discriminant is read.
"""

from __future__ import annotations

from rustconc_lint.facts import model as f
from rustconc_lint.program.legality.places import Place, dereferenced, field_of
from rustconc_lint.program.legality.uses.visit import PLACES, Mode, Visit, place, value
from rustconc_lint.program.types import UNKNOWN, Adt, RefTy, TupleTy, Ty


def matched(visit: Visit, scrutinee: f.Expr, patterns: tuple[f.Pattern, ...]) -> None:
    """A place that is matched is read where a pattern looks at it, and its parts are bound by each pattern's names."""
    if not isinstance(scrutinee, PLACES):
        value(visit, scrutinee)
        return
    found = place(visit, scrutinee, "ref")
    if found is None:
        return
    visit.note(found, "ref" if any(reads(visit, pattern, found.ty) for pattern in patterns) else "none", scrutinee)
    for pattern in patterns:
        bind(visit, pattern, found, "", scrutinee)


def reads(visit: Visit, pattern: f.Pattern, ty: Ty) -> bool:
    """Whether the pattern looks at the value at all: a name, a literal, or a variant among several."""
    match pattern:
        case f.PWild() | f.PRest():
            return False
        case f.PBind(sub=sub):
            return sub is None or reads(visit, sub, ty)
        case f.PTuple(items=items):
            return any(not isinstance(item, f.PBind) and reads(visit, item, UNKNOWN) for item in items)
        case f.POr(items=items):
            return any(reads(visit, item, ty) for item in items)
        case f.PRef(inner=inner):
            return reads(visit, inner, UNKNOWN)
        case f.PStruct(fields=fields):
            return not has_one_variant(visit, ty) or any(
                not isinstance(item, f.PBind) and reads(visit, item, UNKNOWN) for _, item in fields
            )
        case _:
            return True


def has_one_variant(visit: Visit, ty: Ty) -> bool:
    """Whether the type is known to be a struct or a tuple, or an enum that has no choice."""
    while isinstance(ty, RefTy):
        ty = ty.inner
    return isinstance(ty, TupleTy) or (isinstance(ty, Adt) and len(visit.declared.types.fields_of(ty)) == 1)


def bind(visit: Visit, pattern: f.Pattern, found: Place, mode: str, scrutinee: f.Expr) -> None:
    """What the names of a pattern do to their parts. mode: the default binding mode, "", "ref" or "mut"."""
    match pattern:
        case f.PBind(slot=slot, by_ref=by_ref, sub=sub):
            how = by_ref or mode
            visit.note(found, borrowed(how) if how else visit.by_value(visit.typed.slots[slot]), scrutinee)
            if sub is not None:
                bind(visit, sub, found, mode, scrutinee)
        case f.PTuple(items=items):
            fields = tuple((str(index), item) for index, item in enumerate(items))
            bind_parts(visit, fields, found, mode, scrutinee)
        case f.PStruct(fields=fields):
            bind_parts(visit, fields, found, mode, scrutinee)
        case f.PSlice(items=items):
            found, mode = through(found, mode)
            for item in items:
                bind(visit, item, found, mode, scrutinee)
        case f.PRef(inner=inner):
            bind(visit, inner, dereferenced(found) or found.step("*", UNKNOWN), "", scrutinee)
        case f.POr(items=items):
            for item in items:
                bind(visit, item, found, mode, scrutinee)


def bind_parts(
    visit: Visit, fields: tuple[tuple[str, f.Pattern], ...], found: Place, mode: str, scrutinee: f.Expr
) -> None:
    """The parts of a tuple or struct. After a `..` a field by number may be any: it counts as the whole."""
    found, mode = through(found, mode)
    divided = has_one_variant(visit, found.ty)
    for name, item in fields:
        if isinstance(item, f.PRest):
            divided = divided and not any(other.isdecimal() for other, _ in fields)
            continue
        part = field_of(found, name, visit.declared.types) if divided else None
        bind(visit, item, part or found, mode, scrutinee)


def borrowed(how: str) -> Mode:
    return "mut" if how == "mut" else "ref"


def through(found: Place, mode: str) -> tuple[Place, str]:
    """A pattern that is no reference pattern looks through references, and its names become references."""
    while isinstance(found.ty, RefTy):
        mode = "mut" if found.ty.mutable and mode != "ref" else "ref"
        found = found.step("*", found.ty.inner)
    return found, mode
