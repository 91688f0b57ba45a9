"""Types that implement a trait of the project and are not as the trait demands: `trait Handler: Send + Sync`.

rustc says E0277 where they implement it, and again wherever a method of the trait is called on them; of a method that
the trait declares as `-> impl Future + Send`, where an `async fn` takes its place whose future cannot be sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.program.cfgs import is_left_out
from rustconc_lint.program.definitions import Definition, Impl
from rustconc_lint.program.gates.mentions import finds
from rustconc_lint.program.legality.borrowing import span
from rustconc_lint.program.legality.places import Declarations
from rustconc_lint.program.legality.sending import Crossing, demanded
from rustconc_lint.program.legality.spawns import SEND, SYNC
from rustconc_lint.program.names.paths import detail_of
from rustconc_lint.program.traits.auto_traits import Judgement
from rustconc_lint.program.traits.traits import Verdict
from rustconc_lint.program.typeck.model import Callee, TypedBody
from rustconc_lint.program.types import UNKNOWN, Opaque, Param, Ty
from rustconc_lint.source import Span

AUTO = re.compile(rb"\b(?:Send|Sync)\b")
RETURNED = re.compile(rb"->\s*impl\b[^;{}]*\bSend\b")
Bodies = Callable[[Definition], TypedBody | None]


class Unfit(msgspec.Struct, frozen=True, eq=False):
    """A type that implements a trait, and why it should not."""

    trait: Definition
    impl: Impl
    ty: Ty
    judgement: Judgement


def unfit_implementors(declared: Declarations) -> Iterator[Unfit]:
    """Of traits that demand Send or Sync themselves."""
    for trait in declared.names.traits(AUTO):
        wanted = auto_bounds(trait, declared)
        for impl in impls_of(trait, declared) if wanted else ():
            ty = declared.types.self_type(impl)
            refused = refusal_of(ty, trait, declared)
            if refused is not None:
                yield Unfit(trait, impl, ty, refused)


def refusal_of(ty: Ty, trait: Definition, declared: Declarations) -> Judgement | None:
    """Why a type is certainly not what the trait itself demands."""
    wanted = auto_bounds(trait, declared)
    judgements = (declared.autos.is_send(ty) if one == SEND else declared.autos.is_sync(ty) for one in wanted)
    return next((one for one in judgements if one.verdict is Verdict.NO), None)


def auto_bounds(trait: Definition, declared: Declarations) -> list[str]:
    """`Send` and `Sync`, as far as the trait itself names them; nothing of one that has a twin under another `cfg`."""
    if declared.names.is_alternative(trait) or is_left_out(trait.cfg, trait.module.crate.features):
        return []
    bounds = declared.types.bounds_of(Param("Self", trait.path))
    return [bound.path for bound in bounds if bound.path in (SEND, SYNC)]


def impls_of(trait: Definition, declared: Declarations) -> Iterator[Impl]:
    """The project's impls of a trait that are compiled."""
    for impl in declared.names.trait_impls(trait.path):
        detail = detail_of(impl)
        cfg = (*impl.module.cfg, *impl.item.attributes.cfg)
        written = isinstance(detail, f.ImplDetail) and not detail.negative and not impl.module.crate.api
        if written and not is_left_out(cfg, impl.module.crate.features):
            yield impl


def at_impl(unfit: Unfit) -> Crossing:
    """The finding where the type implements the trait."""
    item = unfit.impl.item
    where = Span(unfit.impl.module.file.path, item.start, item.name_start)
    return demanded(where, "trait", unfit.trait.name, unfit.ty, unfit.judgement)


# ---------------------------------------------------------------- calls


def at_calls(
    unfit: Iterable[Unfit], functions: Iterable[Definition], body_of: Bodies, declared: Declarations
) -> Iterator[Crossing]:
    """The findings where methods of the traits are called on types that are unfit, or are by what they hold. Of
    programs that compile no body is read."""
    traits = {one.trait.path: one.trait for one in unfit}
    methods = {name for one in traits.values() for name in declared.names.members(declared.names.trait_body(one))}
    called = re.compile(rb"\b(?:%b)\b" % b"|".join(sorted(name.encode() for name in methods)))
    for function in functions if methods else ():
        if not finds(function, called):
            continue
        typed = body_of(function)
        for call in () if typed is None else typed.body.calls:
            callee = typed.calls.get(id(call)) if typed is not None else None
            trait = None if callee is None else traits.get(trait_of(callee, declared))
            refused = None if callee is None or trait is None else refusal_of(callee.adjusted, trait, declared)
            if typed is not None and callee is not None and trait is not None and refused is not None:
                where = span(typed, call.start, call.end)
                yield demanded(where, "trait", trait.name, callee.adjusted, refused)


def trait_of(callee: Callee, declared: Declarations) -> str:
    """The path of the trait that a called method is of, "" of another function."""
    container = callee.definition.container
    if container is None or container.item.kind == "trait":
        return "" if container is None else container.id
    trait = declared.names.trait_of(container)
    return "" if trait is None else trait.path


# ---------------------------------------------------------------- futures


def unfit_futures(declared: Declarations) -> Iterator[Crossing]:
    """The methods of impls whose futures cannot be sent though the trait says that they can."""
    for trait in declared.names.traits(RETURNED, whole=True):
        if declared.names.is_alternative(trait) or is_left_out(trait.cfg, trait.module.crate.features):
            continue
        declarations = declared.names.members(declared.names.trait_body(trait))
        wanted = [name for name, member in declarations.items() if is_sent(member, declared)]
        for impl in impls_of(trait, declared) if wanted else ():
            members = declared.names.members(impl)
            for name in wanted:
                member = members.get(name)
                signature = None if member is None else declared.types.signature_of(member)
                if member is None or signature is None or is_left_out(member.cfg, member.module.crate.features):
                    continue
                judgement = declared.autos.is_send(signature.output)
                if judgement.verdict is Verdict.NO:
                    start, end = member.item.start, member.item.name_start + len(name.encode())
                    where = Span(member.module.file.path, start, end)
                    yield demanded(where, "trait", trait.name, signature.output, judgement)


def is_sent(member: Definition, declared: Declarations) -> bool:
    """Whether the trait declares a fn whose result is `impl .. + Send`."""
    signature = declared.types.signature_of(member)
    output = UNKNOWN if signature is None else signature.declared
    return isinstance(output, Opaque) and any(bound.path == SEND for bound in output.bounds)
