"""Trait selection with inference variables: which impl (or bound) makes `T: Trait` true, and what it says.

Like rustc's, in small: bounds of parameters first, then the language's own impls, then declared impls whose header
fits. One candidate is taken, several are no answer yet. Specialisation, negative reasoning, const generics: not tried.
"""

from __future__ import annotations

from rustconc_lint.program.lang import ASYNC_FN_TRAITS, CLONE, COPY, DEFAULT, FN_TRAITS, FUTURE, MARKERS
from rustconc_lint.program.shapes import head_of, parts, rebuilt, same_head
from rustconc_lint.program.typeck.session import Session
from rustconc_lint.program.typeck.surface import Header
from rustconc_lint.program.typeck.unify import FLOATS, INTEGERS, Var
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
    Unknown,
)

Mapping = dict[tuple[str, str], Ty]

# Blanket impls that rest on blanket impls: deeper than this the answer is "yes, as far as one can see".
DEEPEST = 6
BOUNDED = (Param, Opaque, Dyn, Projection)
# Traits that primitives and types built from others have without a declared impl.
COMPARED = frozenset(("std::cmp::PartialEq", "std::cmp::PartialOrd", "std::fmt::Debug"))
TOTAL = frozenset(("std::cmp::Eq", "std::cmp::Ord", "std::hash::Hash"))
STRUCTURAL = MARKERS - {COPY}
BUILT_IN = frozenset((CLONE, COPY, DEFAULT, *MARKERS, *COMPARED, *TOTAL))


class Selected:
    """What makes `ty: trait` true. bound: a bound of a parameter, an opaque or dyn type. header: an impl, with its
    parameters in `mapping` and what is still to be made equal in `later`. Neither: the language or a derive."""

    __slots__ = ("bound", "header", "later", "mapping")

    def __init__(self, bound: TraitRef | None = None, header: Header | None = None) -> None:
        self.bound = bound
        self.header = header
        self.mapping: Mapping = {}
        self.later: list[tuple[Ty, Ty]] = []


def select(session: Session, ty: Ty, trait: str, args: tuple[Ty, ...] = (), depth: int = 0) -> Selected | None:
    """How `ty` implements the trait (of these arguments, if any are given); None: it does not, or who can say.

    Nothing is unified: see `confirm`."""
    ty = session.infer.shallow(ty)
    if isinstance(ty, BOUNDED):
        bound = bound_on(session, ty, trait, args)
        if bound is not None:
            return Selected(bound=bound)
    if trait in BUILT_IN and _built_in(session, ty, trait, depth):
        return Selected()
    found = candidates(session, ty, trait, args, depth)
    if not found and depth <= DEEPEST:  # a bound that does not hold may rest on an impl that nobody declared
        found = _fitting(session, ty, trait, args)
    if len(found) > 1 and type(ty) is Adt:
        found = _alternatives(ty, found)
    if len(found) == 1:
        return found[0]
    if not found and type(ty) is Adt and session.surface.derives(ty.path, trait):
        return Selected()
    return None


def bound_on(session: Session, ty: Ty, trait: str, args: tuple[Ty, ...]) -> TraitRef | None:
    """The bound of a Param, Opaque, Dyn or Projection that names this trait; supertraits count."""
    compatible = session.infer.compatible
    for bound in session.surface.traits.bounds_of(ty):
        if bound.path == trait and all(map(compatible, bound.args, args)):
            return bound
    return None


def candidates(session: Session, ty: Ty, trait: str, args: tuple[Ty, ...], depth: int) -> list[Selected]:
    """The impls of the trait that apply to `ty`: their headers fit, and no bound of theirs is known not to hold."""
    if type(ty) is Unknown or depth > DEEPEST:
        return []
    found = _fitting(session, ty, trait, args)
    for header in session.surface.impls(trait, ""):
        selected = _fit(session, header, ty, args)
        if selected is not None:
            found.append(selected)
    return [selected for selected in found if holds(session, selected, depth)]


def _alternatives(ty: Adt, found: list[Selected]) -> list[Selected]:
    """Two impls of a trait without arguments for one type exclude each other by `cfg`; the type's neighbour stays."""
    headers = [selected.header for selected in found if selected.header is not None]
    if any(header.trait.args or type(header.self_ty) is Param for header in headers):
        return found
    near = [selected for selected in found if selected.header and _beside(ty, selected.header)]
    return near if len(near) == 1 else found


def _beside(ty: Adt, header: Header) -> bool:
    return ty.path.rpartition("::")[0] == header.impl.module.path


def _fitting(session: Session, ty: Ty, trait: str, args: tuple[Ty, ...]) -> list[Selected]:
    """The impls whose header fits, blanket ones aside; whether their bounds hold is not asked."""
    # An integer literal is judged as an i32, a float as an f64; of any other variable nothing is known.
    head = _LITERAL_HEADS.get(session.infer.kind(ty)) if type(ty) is Var else head_of(ty)
    if not head:
        return []
    headers = session.surface.impls(trait, head)
    return [selected for header in headers if (selected := _fit(session, header, ty, args)) is not None]


_LITERAL_HEADS = {"int": "i32", "float": "f64"}


def _fit(session: Session, header: Header, ty: Ty, args: tuple[Ty, ...]) -> Selected | None:
    selected = Selected(header=header)
    owner = header.impl.id
    if not fits(session, header.self_ty, ty, owner, selected):
        return None
    for pattern, arg in zip(header.trait.args, args, strict=False):
        if not fits(session, pattern, arg, owner, selected):
            return None
    return selected


def fits(session: Session, pattern: Ty, ty: Ty, owner: str, selected: Selected) -> bool:
    """One-way matching of an impl's header: parameters of `owner` in `pattern` take parts of `ty`."""
    if type(pattern) is Param and pattern.owner == owner:
        key = (owner, pattern.name)
        known = selected.mapping.get(key)
        if known is None:
            selected.mapping[key] = ty
            return True
        selected.later.append((known, ty))
        return session.infer.compatible(known, ty)
    ty = session.infer.shallow(ty)
    if type(ty) is Var:
        selected.later.append((pattern, ty))
        return session.infer.kind(ty) == "" or _literal_fits(pattern, session.infer.kind(ty))
    if type(ty) is Unknown or type(pattern) is Unknown or type(pattern) is Projection:
        return True
    if not same_head(pattern, ty):
        return False
    return all(
        fits(session, inner, part, owner, selected) for inner, part in zip(parts(pattern), parts(ty), strict=True)
    )


def _literal_fits(pattern: Ty, kind: str) -> bool:
    if type(pattern) is not Prim:
        return type(pattern) is Projection
    return (pattern.name in INTEGERS) == (kind == "int") and (kind == "int" or pattern.name.startswith("f"))


def holds(session: Session, selected: Selected, depth: int) -> bool:
    """Do the bounds of the selected impl hold, as far as is known? What cannot be said yet counts as holding."""
    header = selected.header
    if header is None:
        return True
    for param, bound in header.bounds:
        if type(param) is not Param or bound.path in STRUCTURAL or bound.path.startswith("'"):
            continue
        subject = selected.mapping.get((param.owner, param.name))
        if subject is None:
            continue
        if type(subject) is Var:
            subject = next((ty for known, ty in selected.later if known is subject), subject)
        args = tuple([as_known(arg, selected.mapping) for arg in bound.args])
        if not may_implement(session, subject, bound.path, args, depth + 1):
            return False
    return True


def as_known(ty: Ty, mapping: Mapping) -> Ty:
    """A bound's argument with the impl's parameters replaced; what the header does not decide is unknown."""
    if type(ty) is Param:
        return mapping.get((ty.owner, ty.name), UNKNOWN)
    return UNKNOWN if type(ty) is Projection else rebuilt(ty, lambda part: as_known(part, mapping))


def implements(session: Session, ty: Ty, trait: str) -> bool:
    """True when `ty: trait` holds by a bound, the language, a derive or a declared impl, as far as is known."""
    ty = session.infer.shallow(ty)
    if isinstance(ty, BOUNDED) and bound_on(session, ty, trait, ()) is not None:
        return True
    if trait in BUILT_IN and _built_in(session, ty, trait, 0):
        return True
    if type(ty) is Adt and session.surface.derives(ty.path, trait):
        return True
    return bool(candidates(session, ty, trait, (), 0))


def has_impl(session: Session, ty: Ty, trait: str) -> bool:
    """Whether an impl is declared for types of this head, though its bounds may not hold."""
    return bool(_fitting(session, session.infer.shallow(ty), trait, ()))


def may_implement(session: Session, ty: Ty, trait: str, args: tuple[Ty, ...] = (), depth: int = 0) -> bool:
    """False only when `ty: trait<args>` is known to be untrue."""
    ty = session.infer.shallow(ty)
    if type(ty) is Unknown or depth > DEEPEST:
        return True
    if type(ty) is Var and not session.infer.kind(ty):
        return True
    if isinstance(ty, ClosureTy | FnItem | FnPtr) and _callable_implements(session, ty, trait):
        return True
    if session.surface.names.definition(trait) is None:
        return True
    if isinstance(ty, BOUNDED) and bound_on(session, ty, trait, args) is not None:
        return True
    if trait in BUILT_IN and _built_in(session, ty, trait, depth):
        return True
    if type(ty) is Adt and (session.surface.derives(ty.path, trait) or session.surface.names.adt_of(ty.path) is None):
        return True
    return bool(candidates(session, ty, trait, args, depth))


def _callable_implements(session: Session, ty: Ty, trait: str) -> bool:
    """Closures and fns implement the Fn family; an async block is a Future."""
    if type(ty) is ClosureTy and trait == FUTURE:
        closure = session.closures.get(ty.start)
        return closure is not None and closure.kind == "async"
    return trait in FN_TRAITS or trait in ASYNC_FN_TRAITS


def _built_in(session: Session, ty: Ty, trait: str, depth: int) -> bool:
    """Impls that no file declares (Reference, "Special types and traits")."""
    if trait in STRUCTURAL:
        return True
    compared = trait in COMPARED or trait in TOTAL
    if isinstance(ty, Prim):
        return trait not in TOTAL or ty.name not in FLOATS if compared else ty.name not in ("str", "!")
    if isinstance(ty, Var):
        return session.infer.kind(ty) == "int" or (session.infer.kind(ty) == "float" and trait not in TOTAL)
    if isinstance(ty, TupleTy):
        return all(may_implement(session, item, trait, (), depth + 1) for item in ty.items)
    if isinstance(ty, ArrayTy) or (compared and isinstance(ty, RefTy | SliceTy)):
        return may_implement(session, ty.inner, trait, (), depth + 1)
    if trait == DEFAULT:
        return False
    if isinstance(ty, RefTy):
        return not ty.mutable
    return isinstance(ty, PtrTy | FnItem | FnPtr | ClosureTy)
