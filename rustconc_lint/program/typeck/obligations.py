"""What must hold between types, now or once a variable is known: bounds, associated types, and instantiation with both.

An obligation whose subject is still a variable waits for it and is tried again when the variable is bound, so
`thread::spawn(f)` ties the thread's result to what the closure `f` returns, in whatever order they become known.
"""

from __future__ import annotations

from collections.abc import Callable

from rustconc_lint.program.lang import ASYNC_FN_TRAITS, DEREF, FN_TRAITS, FUTURE, PIN
from rustconc_lint.program.shapes import LEAVES, parts, rebuilt, rebuilt_bound
from rustconc_lint.program.typeck.callables import callable_signature
from rustconc_lint.program.typeck.selection import BOUNDED, Mapping, Selected, as_known, select
from rustconc_lint.program.typeck.session import Session
from rustconc_lint.program.typeck.unify import Var
from rustconc_lint.program.types import (
    UNKNOWN,
    Adt,
    ClosureTy,
    Param,
    Projection,
    RefTy,
    TraitRef,
    TupleTy,
    Ty,
    Unknown,
)

# Associated types defined by associated types: deeper than this nothing is known.
DEEPEST = 24


class Requires:
    """`subject: bound`."""

    __slots__ = ("bound", "subject")

    def __init__(self, subject: Ty, bound: TraitRef) -> None:
        self.subject = subject
        self.bound = bound

    def attempt(self, session: Session) -> None:
        require(session, self.subject, self.bound)


class Projects:
    """`<base as trait<args>>::name == out`."""

    __slots__ = ("args", "base", "name", "out", "trait")

    def __init__(self, base: Ty, trait: str, args: tuple[Ty, ...], name: str, out: Ty) -> None:
        self.base = base
        self.trait = trait
        self.args = args
        self.name = name
        self.out = out

    def attempt(self, session: Session) -> None:
        session.infer.unify(project(session, self.base, self.trait, self.name, self.args), self.out)


class Awaits:
    """Something to be done once a variable is bound."""

    __slots__ = ("act",)

    def __init__(self, act: Callable[[], None]) -> None:
        self.act = act

    def attempt(self, session: Session) -> None:
        self.act()


Obligation = Requires | Projects | Awaits


def discharge(session: Session) -> None:
    """Tries again what waited for variables that are bound by now."""
    infer = session.infer
    while infer.woken:
        woken, infer.woken = infer.woken, []
        for obligation in woken:
            obligation.attempt(session)


def known(session: Session, ty: Ty) -> Ty:
    """The type with its outermost variable followed, after trying what may bind it."""
    ty = session.infer.shallow(ty)
    if type(ty) is Var and session.infer.woken:
        discharge(session)
        ty = session.infer.shallow(ty)
    return ty


def require(session: Session, subject: Ty, bound: TraitRef) -> None:
    """Learns what `subject: bound` teaches; waits while the subject is a variable."""
    infer = session.infer
    subject = infer.shallow(subject)
    if type(subject) is Var:
        infer.watch(subject, Requires(subject, bound))
    elif bound.path in FN_TRAITS:
        _require_call(session, subject, bound)
    elif bound.path in ASYNC_FN_TRAITS:
        _require_async_call(session, subject, bound)
    else:
        if bound.args:
            _require_arguments(session, subject, bound)
        for name, ty in bound.bindings:
            infer.unify(project(session, subject, bound.path, name, bound.args), ty)


def _require_call(session: Session, subject: Ty, bound: TraitRef) -> None:
    signature = callable_signature(session, subject, instantiate)
    if signature is None:
        return
    if bound.args:
        session.infer.unify(bound.args[0], TupleTy(signature[0]))
    for _, ty in bound.bindings:
        session.infer.unify(ty, signature[1])


def _require_async_call(session: Session, subject: Ty, bound: TraitRef) -> None:
    signature = callable_signature(session, subject, instantiate)
    if signature is None:
        return
    if bound.args:
        session.infer.unify(bound.args[0], TupleTy(signature[0]))
    for _, ty in bound.bindings:
        session.infer.unify(ty, project(session, signature[1], FUTURE, "Output"))


def _require_arguments(session: Session, subject: Ty, bound: TraitRef) -> None:
    """`Vec<?a>: FromIterator<i32>` makes ?a an i32, when one impl alone fits."""
    selected = select(session, subject, bound.path, bound.args)
    if selected is None:
        var = _free(session, (subject, *bound.args))
        if var is not None:
            session.infer.watch(var, Requires(subject, TraitRef(bound.path, bound.args)))
        return
    if selected.bound is not None:
        for mine, theirs in zip(selected.bound.args, bound.args, strict=False):
            session.infer.unify(mine, theirs)
    confirm(session, selected)


def _free(session: Session, types: tuple[Ty, ...]) -> Var | None:
    """The first unbound variable in the types, looking three levels deep."""
    level = types
    for _ in range(3):
        below: list[Ty] = []
        for ty in map(session.infer.shallow, level):
            if type(ty) is Var:
                return ty
            below.extend(parts(ty))
        level = tuple(below)
    return None


def confirm(session: Session, selected: Selected) -> Mapping:
    """Takes the selected impl: what its parameters stand for, its bounds required, its header made equal."""
    header, mapping = selected.header, selected.mapping
    if header is None:
        return mapping
    for param in header.generics:
        key = (param.owner, param.name)
        if key not in mapping:
            mapping[key] = session.infer.fresh()
    for pattern, ty in selected.later:
        session.infer.unify(instantiate(session, pattern, mapping), ty)
    # `impl<T> A<u8> for T where Wrap<T>: A<u8>` asks for more and more.
    if session.confirming < DEEPEST:
        session.confirming += 1
        for subject, bound in header.bounds:
            if bound.args or bound.bindings:
                require(session, instantiate(session, subject, mapping), instantiate_bound(session, bound, mapping))
        session.confirming -= 1
    return mapping


def project(session: Session, base: Ty, trait: str, name: str, args: tuple[Ty, ...] = ()) -> Ty:
    """`<base as trait<args>>::name`: its type, a variable that waits for it, a Projection of a generic, or UNKNOWN."""
    base = session.infer.shallow(base)
    if type(base) is Var:
        return _postponed(session, base, base, trait, name, args)
    if type(base) is Unknown or session.projecting >= DEEPEST:
        return UNKNOWN
    session.projecting += 1
    try:
        return _project(session, base, trait, name, args)
    finally:
        session.projecting -= 1


def _postponed(session: Session, var: Var, base: Ty, trait: str, name: str, args: tuple[Ty, ...]) -> Ty:
    out = session.infer.fresh()
    session.infer.watch(var, Projects(base, trait, args, name, out))
    return out


def _project(session: Session, base: Ty, trait: str, name: str, args: tuple[Ty, ...]) -> Ty:
    built_in = _built_in(session, base, trait, name)
    if built_in is not None:
        return built_in
    if isinstance(base, BOUNDED):
        bound = _binding(session, base, trait, name, args)
        if bound is not None:
            return instantiate(session, bound, {})
    selected = select(session, base, trait, args)
    if selected is None:
        var = _free(session, (base, *args))
        if var is not None:
            return _postponed(session, var, base, trait, name, args)
    elif selected.header is not None:
        ty = session.surface.associated_type(selected.header.impl, name)
        return UNKNOWN if ty is None else instantiate(session, ty, confirm(session, selected))
    return Projection(base, trait, name) if isinstance(base, BOUNDED) else UNKNOWN


def _binding(session: Session, base: Ty, trait: str, name: str, args: tuple[Ty, ...]) -> Ty | None:
    """What a bound on `base` says the associated type is: `I: Iterator<Item = T>`. What other methods demand of a
    parameter of their impl or trait does not hold here."""
    traits, owner = session.surface.traits, session.owner
    if isinstance(base, Param) and owner.kind == "fn":
        bounds = traits.bounds_within(base, owner)
    else:
        bounds = traits.bounds_of(base)
    for bound in bounds:
        if bound.path == trait or (trait in FN_TRAITS and bound.path in FN_TRAITS):
            for binding, ty in bound.bindings:
                if binding == name and all(map(session.infer.compatible, bound.args, args)):
                    return ty
    return None


def _built_in(session: Session, base: Ty, trait: str, name: str) -> Ty | None:
    """Associated types of impls that no file declares."""
    if trait == FUTURE:
        return _future_output(session, base)
    if trait in FN_TRAITS and not isinstance(base, BOUNDED):
        signature = callable_signature(session, base, instantiate)
        return None if signature is None else signature[1]
    if trait == DEREF and type(base) is RefTy:
        return base.inner
    return None


def _future_output(session: Session, base: Ty) -> Ty | None:
    if type(base) is ClosureTy:
        signature = session.closure_signatures.get(base.start)
        return None if signature is None else signature[1]
    if type(base) is RefTy:
        return project(session, base.inner, FUTURE, "Output")
    if type(base) is Adt and base.path == PIN and base.args:
        return project(session, project(session, base.args[0], DEREF, "Target"), FUTURE, "Output")
    return None


def instantiate(session: Session, ty: Ty, mapping: Mapping) -> Ty:
    """`ty` with parameters replaced by what they stand for and associated types looked up."""
    if id(ty) in session.surface.concrete:
        return ty

    def change(part: Ty) -> Ty:
        if type(part) is Param:
            return mapping.get((part.owner, part.name), part)
        if type(part) in LEAVES or type(part) is Var:
            return part
        if type(part) is Projection:
            args = _trait_arguments(session, part, mapping)
            return project(session, change(part.base), part.trait, part.name, args)
        return rebuilt(part, change)

    return change(ty)


def instantiate_bound(session: Session, bound: TraitRef, mapping: Mapping) -> TraitRef:
    """The same for a bound's arguments and bindings."""
    return rebuilt_bound(bound, lambda ty: instantiate(session, ty, mapping))


def _trait_arguments(session: Session, part: Projection, mapping: Mapping) -> tuple[Ty, ...]:
    """Within `trait Add<Rhs>`, `Self::Output` means that of the very Rhs the trait is used with; `I::Output` where
    `I: SliceIndex<[T]>` that of this bound's arguments."""
    base = part.base
    if type(base) is not Param:
        return ()
    if base.name != "Self" or base.owner != part.trait:
        bounds = session.surface.types.bounds_of(base)
        written = next((bound.args for bound in bounds if bound.path == part.trait), ())
        return tuple([as_known(arg, mapping) for arg in written])
    generics = session.surface.generics(part.trait)
    found = tuple(mapping.get((param.owner, param.name), UNKNOWN) for param in generics if param.name != "Self")
    return () if UNKNOWN in found else found
