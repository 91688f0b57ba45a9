"""Comparisons with 0 of how many messages a call has received: none means that the channel is closed."""

from __future__ import annotations

from rustconc_lint.facts import model as f
from rustconc_lint.program.interpret.implied import compare
from rustconc_lint.program.interpret.machine import Machine
from rustconc_lint.program.interpret.supply import number
from rustconc_lint.program.interpret.values import Received, Value, inside
from rustconc_lint.program.lang import COMPARE_TRAITS

# `n == 0`, .. -> whether it holds where n is 0, and nowhere else (False: everywhere else, and not there)
NONE = {("==", 0): True, ("!=", 0): False, (">", 0): False, (">=", 1): False, ("<", 1): True, ("<=", 0): True}
MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}


def compared(m: Machine, condition: f.Expr) -> tuple[Value, bool] | None:
    """Evaluate a condition. A number of received messages that it compares with 0, and whether it holds for 0."""
    if not isinstance(condition, f.Binary) or condition.op not in COMPARE_TRAITS:
        m.value(condition)
        return None
    sides = ((condition.right, condition.op), (condition.left, MIRRORED[condition.op]))
    places = compare(m, condition)
    for place, (other, op) in zip(places, sides, strict=True):
        value, against = m.at(m.through(place)), number(m, other)
        holds = NONE.get((op, against)) if against is not None else None
        if holds is not None and any(isinstance(item, Received) and item.counts for item in inside(value)):
            return value, holds
    return None
