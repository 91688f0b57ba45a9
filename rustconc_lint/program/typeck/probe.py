"""Method lookup (Reference, "Method-call expressions"): which method `receiver.name(..)` means, and how it takes self.

For each type the receiver derefs to: by value, then by `&`, then by `&mut`; inherent methods before trait methods.
Traits that are not in scope are asked when nothing else has the method: an import may have been missed. So are impls
whose bounds do not hold: an impl they rest on may have been missed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.shapes import same_head
from rustconc_lint.program.typeck.coercion import autoderef
from rustconc_lint.program.typeck.model import Passing
from rustconc_lint.program.typeck.obligations import discharge
from rustconc_lint.program.typeck.paths import Named, inherent_member, member_of_unknown_trait, trait_item
from rustconc_lint.program.typeck.selection import BOUNDED, bound_on, has_impl, implements
from rustconc_lint.program.typeck.session import Session
from rustconc_lint.program.typeck.unify import Var
from rustconc_lint.program.types import Adt, ArrayTy, RefTy, SliceTy, TraitRef, Ty, Unknown

Step = tuple[Ty, tuple[str, ...]]
Traits = Sequence[tuple[Definition, Definition]]
Applies = Callable[[Session, Ty, str], bool]

# Within one step of autoderef: by value, by `&`, by `&mut`.
VALUE, REF, MUT = 0, 1, 2
_PASSING: dict[str, Passing] = {"self": "value", "typed": "value", "&self": "ref", "&mut self": "mut"}


class Probe:
    """A method found. rank: (step, VALUE | REF | MUT, inherent 0 or trait 1), the smaller the earlier rustc looks
    there. ty: the type of self as the method takes it, without that reference; steps: the pointers passed through."""

    __slots__ = ("named", "passing", "rank", "steps", "ty")

    def __init__(self, named: Named, rank: tuple[int, int, int], passing: Passing, step: Step) -> None:
        self.named = named
        self.rank = rank
        self.passing = passing
        self.ty, self.steps = step

    def copied(self) -> Probe:
        """The same, with bindings of its own."""
        named = Named(self.named.definition, dict(self.named.bindings), self.named.exact)
        return Probe(named, self.rank, self.passing, (self.ty, self.steps))


def probe(session: Session, receiver: Ty, name: str) -> Probe | None:
    """The method that `receiver.name(..)` calls; None when it is not known."""
    discharge(session)
    near, far = session.surface.traits_of_method(name, session.scope.module)
    closed = session.infer.closed(receiver)
    if closed is None:
        return _probed(session, receiver, name, near, far)
    memo, key = session.surface.probes, (closed, name, id(near))
    if key in memo:
        found = memo[key]
        return None if found is None else found.copied()
    before = session.infer.extent
    found = _probed(session, closed, name, near, far)
    if session.infer.extent == before:
        memo[key] = None if found is None else found.copied()
    return found


def _probed(session: Session, receiver: Ty, name: str, near: Traits, far: Traits) -> Probe | None:
    steps = _steps(session, receiver)
    found = _search(session, steps, name, near, far, implements)
    if found is None and far:
        found = _search(session, steps, name, far, (), implements)
    if found is not None and _has_rival(session, steps, found, (*near, *far)):
        found = None  # `x.clone()` of an `x: &T` is a `&T` only if `T: Clone` is known to be untrue
    if found is None and (near or far):
        found = _search(session, steps, name, (*near, *far), (), has_impl)
    return found if found is not None else _of_unknown_trait(session, steps, name)


def _of_unknown_trait(session: Session, steps: list[Step], name: str) -> Probe | None:
    """`executor.execute(..)` where an impl of the program is all that is known of the trait: nothing else has the
    method."""
    for index, (ty, _) in enumerate(steps):
        if type(ty) is Unknown or type(ty) is Var:
            return None
        named = member_of_unknown_trait(session, ty, name)
        if named is not None and named.definition.item.receiver:
            (at, how), step = _place(session, steps, index, named.definition)
            return Probe(named, (at, how, 1), _PASSING[named.definition.item.receiver], step)
    return None


def _search(
    session: Session, steps: list[Step], name: str, near: Traits, far: Traits, applies: Applies
) -> Probe | None:
    """The best method among inherent ones, those of `near` traits that apply to the type, and of `far` ones that a
    bound gives it."""
    best: Probe | None = None
    for index, (ty, _) in enumerate(steps):
        if best is not None and best.rank[0] < index - 1:
            break
        if type(ty) is Unknown or (type(ty) is Var and not session.infer.kind(ty)):
            # `x.clone()` of an `x: &?`: what `?` has comes before what `&?` has, but after what `Arc<?>` has.
            last = VALUE if index and type(steps[index - 1][0]) is RefTy else MUT
            return best if best is not None and best.rank[:2] <= (index - 1, last) else None
        best = _better(best, _inherent(session, steps, index, name))
        for trait, member in near:
            best = _through_trait(session, steps, index, trait, member, best, applies)
        if far and isinstance(ty, BOUNDED):
            for trait, member in far:
                if bound_on(session, ty, trait.path, ()) is not None:
                    best = _through_trait(session, steps, index, trait, member, best, applies)
    return best


def _has_rival(session: Session, steps: list[Step], found: Probe, traits: Traits) -> bool:
    """Whether a trait's method that would come before the one found is declared for a type, so that only its bounds are
    not known to hold, or perhaps by a macro, or for a parameter whose bounds are not all known."""
    if found.rank[2] == 0:
        return False
    return any(
        _place(session, steps, index, member)[0] < found.rank[:2] and _may_have(session, ty, trait)
        for index, (ty, _) in enumerate(steps)
        if (type(ty) is Adt or isinstance(ty, BOUNDED)) and index <= found.rank[0] + 1
        for trait, member in traits
    )


def _may_have(session: Session, ty: Ty, trait: Definition) -> bool:
    if type(ty) is Adt:
        if has_impl(session, ty, trait.path):
            return True
        adt = session.surface.names.adt_of(ty.path)
        if adt is None or adt.module.crate.api:
            return False
        return session.surface.traits.may_be_implemented_by_a_macro(adt, trait)
    return any(bound.path.startswith("?") for bound in session.surface.traits.bounds_of(ty))


def _steps(session: Session, receiver: Ty) -> list[Step]:
    steps = autoderef(session, receiver)
    last, via = steps[-1]
    if type(last) is ArrayTy:  # the last step of all: an array is unsized to a slice
        steps.append((SliceTy(last.inner), via))
    return steps


def _better(best: Probe | None, found: Probe | None) -> Probe | None:
    if best is None or found is None:
        return best or found
    return found if found.rank < best.rank else best


def _inherent(session: Session, steps: list[Step], index: int, name: str) -> Probe | None:
    named = inherent_member(session, steps[index][0], name)
    if named is None or not named.definition.item.receiver:
        return None
    (at, how), step = _place(session, steps, index, named.definition)
    return Probe(named, (at, how, 0), _PASSING[named.definition.item.receiver], step)


def _through_trait(
    session: Session,
    steps: list[Step],
    index: int,
    trait: Definition,
    member: Definition,
    best: Probe | None,
    applies: Applies,
) -> Probe | None:
    (at, how), step = _place(session, steps, index, member)
    rank = (at, how, 1)
    if best is not None and best.rank <= rank:
        return best
    ty = steps[index][0]
    if not applies(session, ty, trait.path):
        return best
    named = trait_item(session, ty, TraitRef(trait.path), member)
    return Probe(named, rank, _PASSING[member.item.receiver], step)


def _place(session: Session, steps: list[Step], index: int, method: Definition) -> tuple[tuple[int, int], Step]:
    """Where the search meets a method whose Self is the type of step `index`, and the step whose type self has.

    A `&self` method of T is met by value at the step whose type is &T."""
    receiver = method.item.receiver
    if receiver == "typed":
        return _typed_place(session, steps, index, method)
    if receiver == "self":
        return (index, VALUE), steps[index]
    outer = steps[index - 1][0] if index else None
    if type(outer) is RefTy and (receiver == "&self" or outer.mutable):
        return (index - 1, VALUE), steps[index]
    return (index, REF if receiver == "&self" else MUT), steps[index]


def _typed_place(session: Session, steps: list[Step], index: int, method: Definition) -> tuple[tuple[int, int], Step]:
    """`self: Arc<Self>` is met at the step whose type is an Arc."""
    shared = session.surface.function(method)
    declared = None if shared is None else shared.types.self_ty
    if declared is not None:
        for at in range(index + 1):
            if same_head(steps[at][0], declared):
                return (at, VALUE), steps[at]
    return (index, VALUE), steps[index]
