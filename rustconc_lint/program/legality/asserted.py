"""Types that must be Send or Sync although nothing is started with them: a function says so, of a type parameter or of
its result.

`fn is_send<T: Send>() {}`, called as `is_send::<Config>()`, and `fn numbers() -> impl Iterator<Item = u32> + Send`.
rustc says E0277. Code that is handed over is for spawns.py, what a trait demands of those that implement it for
implementors.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from rustconc_lint.facts.model import FnDetail
from rustconc_lint.program.legality.borrowing import span
from rustconc_lint.program.legality.sending import Crossing, Sending, demanded
from rustconc_lint.program.legality.spawns import SEND, SYNC, Demands, closures_in, promised
from rustconc_lint.program.shapes import parts
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.program.types import UNKNOWN, Opaque, Ty


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
            wanted = demands.demand(param, callee.definition)
            # A closure is blamed where it is written; of other code this is about what functions return unnamed.
            told = wanted is not None and wanted.forever and sending.futures.is_refused_code(ty)
            if wanted is not None and wanted.code and (told or not hides(ty)):
                continue
            autos = demands.declared.autos
            judgement = sending.refused(typed, autos.is_send(ty) if trait == SEND else autos.is_sync(ty))
            if judgement is not None:
                yield demanded(span(typed, call.start, call.end), "function", callee.definition.name, ty, judgement)
                break


def hides(ty: Ty) -> bool:
    """Whether the type, or a part of it, is one that a function of the program returns unnamed."""
    return (isinstance(ty, Opaque) and bool(ty.origin)) or any(map(hides, parts(ty)))


def asserted_result(typed: TypedBody, sending: Sending) -> Iterator[Crossing]:
    """What a function returns as `impl Trait + Send`, and what certainly is not; closures in it aside, which are blamed
    themselves."""
    autos = sending.declared.autos
    for bound in sorted(promised(typed) & {SEND, SYNC}):
        judgement = sending.refused(typed, autos.is_send(typed.made) if bound == SEND else autos.is_sync(typed.made))
        if judgement is not None and not sending.is_refused_for_code(typed.made, bound == SYNC):
            detail = sending.declared.names.detail(typed.owner)
            output = detail.signature.output if isinstance(detail, FnDetail) else None
            where = typed.body.value if output is None else output
            yield demanded(span(typed, where.start, where.end), "function", typed.owner.name, typed.made, judgement)
            break
