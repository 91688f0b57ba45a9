"""Types that must be Send or Sync although nothing is started with them: a bound says so.

Either of a function's own parameter (`fn is_send<T: Send>() {}`, called as `is_send::<Config>()`), or of a trait
(`trait Handler: Send + Sync`, of all that implement it). rustc says E0277. Code that is handed over is for spawns.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rustconc_lint.facts import model as f
from rustconc_lint.program.cfgs import is_left_out
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.legality.borrowing import span
from rustconc_lint.program.legality.places import Declarations
from rustconc_lint.program.legality.sending import Crossing, Sending, demanded
from rustconc_lint.program.legality.spawns import SEND, SYNC, Demands, closures_in
from rustconc_lint.program.names.paths import detail_of
from rustconc_lint.program.traits.traits import Verdict
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.program.types import UNKNOWN, Param
from rustconc_lint.source import Span

AUTO = re.compile(rb"\b(?:Send|Sync)\b")


def asserted_types(typed: TypedBody, demands: Demands, sending: Sending) -> Iterator[Crossing]:
    """The types that calls are made with, and that are certainly not what the function's bounds demand."""
    for call in typed.body.calls:
        callee = typed.calls.get(id(call))
        if callee is None or (callee.model is not None and callee.model.spawns):
            continue
        for param, trait in demands.asserts(callee.definition):
            ty = callee.bindings.get((param.owner, param.name), UNKNOWN)
            if ty == UNKNOWN or closures_in(typed, ty):
                continue
            autos = demands.declared.autos
            judgement = sending.refused(typed, autos.is_send(ty) if trait == SEND else autos.is_sync(ty))
            if judgement is not None:
                yield demanded(span(typed, call.start, call.end), "function", callee.definition.name, ty, judgement)
                break


def unfit_implementors(declared: Declarations) -> Iterator[Crossing]:
    """Types that implement a trait of the project and are not as its bounds demand."""
    for trait in declared.names.traits(AUTO):
        wanted = auto_bounds(trait, declared)
        for impl in declared.names.trait_impls(trait.path) if wanted else ():
            detail = detail_of(impl)
            cfg = (*impl.module.cfg, *impl.item.attributes.cfg)
            if impl.module.crate.api or is_left_out(cfg) or not isinstance(detail, f.ImplDetail) or detail.negative:
                continue
            ty = declared.types.self_type(impl)
            for bound in wanted:
                judgement = declared.autos.is_send(ty) if bound == SEND else declared.autos.is_sync(ty)
                if judgement.verdict is Verdict.NO:
                    head = Span(impl.module.file.path, impl.item.start, impl.item.name_start)
                    yield demanded(head, "trait", trait.name, ty, judgement)
                    break


def auto_bounds(trait: Definition, declared: Declarations) -> list[str]:
    """`Send` and `Sync`, as far as the trait itself names them; nothing of one that has a twin under another `cfg`."""
    if declared.names.is_alternative(trait) or is_left_out(trait.cfg):
        return []
    bounds = declared.types.bounds_of(Param("Self", trait.path))
    return [bound.path for bound in bounds if bound.path in (SEND, SYNC)]
