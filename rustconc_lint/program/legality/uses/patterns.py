"""What a pattern does to an outer place that it is matched against: reads it, and binds its parts.

Default binding modes are those of the Reference ("Patterns", "Binding modes"). A part of a type with several variants
counts as the whole, since its discriminant is read.
"""

from __future__ import annotations

from rustconc_lint.facts import model as f
from rustconc_lint.program.lang import STR
from rustconc_lint.program.legality.places import Place, dereferenced, field_of, is_unknown
from rustconc_lint.program.legality.uses.visit import PLACES, Mode, Visit, place, value
from rustconc_lint.program.types import UNKNOWN, Adt, RefTy, SliceTy, TupleTy, Ty


def matched(visit: Visit, scrutinee: f.Expr, patterns: tuple[f.Pattern, ...], *, tested: bool = False) -> None:
    """A place that is matched is read where a pattern looks at it, and its parts are bound by each pattern's names.

    tested: `if let` and `while let`, which borrow the whole place whatever they look at."""
    if not isinstance(scrutinee, PLACES):
        value(visit, scrutinee)
        return
    found = place(visit, scrutinee, "ref")
    if found is None:
        return
    visit.note(found, "ref" if tested else "none", scrutinee)
    for pattern in patterns:
        bind(visit, pattern, found, "", scrutinee)


def has_one_variant(visit: Visit, ty: Ty) -> bool:
    """Whether the type is known to be a struct or a tuple, or an enum that has no choice."""
    while isinstance(ty, RefTy):
        ty = ty.inner
    return isinstance(ty, TupleTy) or (isinstance(ty, Adt) and len(visit.declared.types.fields_of(ty)) == 1)


def bind(visit: Visit, pattern: f.Pattern, found: Place, mode: str, scrutinee: f.Expr) -> None:
    """What a pattern reads, and what its names do to their parts. mode: the default binding mode ("", "ref", "mut")."""
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
            if not (len(items) == 1 and isinstance(items[0], f.PRest)):
                read(visit, found, scrutinee)
            for item in items:
                bind(visit, item, found, mode, scrutinee)
        case f.PRef(inner=inner):
            bind(visit, inner, dereferenced(found) or found.step("*", UNKNOWN), "", scrutinee)
        case f.POr(items=items):
            for item in items:
                bind(visit, item, found, mode, scrutinee)
        case f.PLit() | f.PPath():
            read(visit, compared(found), scrutinee)


def bind_parts(
    visit: Visit, fields: tuple[tuple[str, f.Pattern], ...], found: Place, mode: str, scrutinee: f.Expr
) -> None:
    """The parts of a tuple or struct. After a `..` a field by number may be any: it counts as the whole."""
    found, mode = through(found, mode)
    divided = has_one_variant(visit, found.ty)
    if not divided:
        read(visit, found, scrutinee)  # which variant it is
    for name, item in fields:
        if isinstance(item, f.PRest):
            divided = divided and not any(other.isdecimal() for other, _ in fields)
            continue
        part = field_of(found, name, visit.declared.types) if divided else None
        bind(visit, item, part or found, mode, scrutinee)


def read(visit: Visit, found: Place, scrutinee: f.Expr) -> None:
    """A pattern looks at a place: what is not known may be a reference, behind which it looks."""
    visit.note(found, "unknown" if is_unknown(found.ty) else "ref", scrutinee)


def compared(found: Place) -> Place:
    """What a literal or constant is compared with: behind all references, but a `&str` with `"text"` as it is."""
    while isinstance(found.ty, RefTy) and found.ty.inner != STR and not isinstance(found.ty.inner, SliceTy):
        found = found.step("*", found.ty.inner)
    return found


def borrowed(how: str) -> Mode:
    return "mut" if how == "mut" else "ref"


def through(found: Place, mode: str) -> tuple[Place, str]:
    """A pattern that is no reference pattern looks through references, and its names become references."""
    while isinstance(found.ty, RefTy):
        mode = "mut" if found.ty.mutable and mode != "ref" else "ref"
        found = found.step("*", found.ty.inner)
    return found, mode
