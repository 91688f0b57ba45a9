"""Types that must be Send or Sync although nothing is started with them: a function's bound says so.

`fn is_send<T: Send>() {}`, called as `is_send::<Config>()`. rustc says E0277. Code that is handed over is for
spawns.py, what a trait demands of those that implement it for implementors.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from rustconc_lint.program.legality.borrowing import span
from rustconc_lint.program.legality.sending import Crossing, Sending, demanded
from rustconc_lint.program.legality.spawns import SEND, Demands, closures_in
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.program.types import UNKNOWN


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
            if wanted is not None and wanted.forever and wanted.code and sending.futures.is_refused_code(ty):
                continue  # blamed where it is written
            autos = demands.declared.autos
            judgement = sending.refused(typed, autos.is_send(ty) if trait == SEND else autos.is_sync(ty))
            if judgement is not None:
                yield demanded(span(typed, call.start, call.end), "function", callee.definition.name, ty, judgement)
                break
