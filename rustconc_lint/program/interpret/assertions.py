"""Assertions that a receive gives no message: `assert!(rx.recv().is_err())`, `assert_eq!(rx.recv().await, None)`.

Nothing but the end of the channel makes them true, so that they wait for it like a loop does. Those that a receive
which does not wait gives one show that there was a message: `assert_eq!(rx.try_recv(), Ok(1))`.
"""

from __future__ import annotations

from rustconc_lint.facts import model as f
from rustconc_lint.program.interpret import implied
from rustconc_lint.program.interpret.control import test
from rustconc_lint.program.interpret.drains import note_drained, record_drain
from rustconc_lint.program.interpret.machine import Machine
from rustconc_lint.program.interpret.places import place_of
from rustconc_lint.program.interpret.tally import Count, count, least, most
from rustconc_lint.program.interpret.values import NOTHING, Place, Received, Value, inside

EQUAL = frozenset({"assert_eq", "debug_assert_eq"})
ENDS = frozenset({"None", "Err"})
MESSAGES = frozenset({"Some", "Ok"})
A_TRY_MORE: Count = (1, 0)  # that has surely got a message: at most as many have as before
VARIANT_TESTS = frozenset({"is_none", "is_err", "is_some", "is_ok"})


def macro(m: Machine, expr: f.Macro) -> Value:
    """The operands of an assertion are used by reference; what it shows of a channel is known from here on."""
    if expr.family != "assert" or not (is_variant_test(expr) or is_equation(expr)):
        return implied.macro(m, expr)
    entry, first = m.state.copy(), len(m.counted)
    if is_variant_test(expr):
        m.panics.append(test(m, expr.args[0]).closed)
        ended = m.state.closed - entry.closed
    else:
        places = [place_of(m, arg) for arg in expr.args]
        implied.compare_and_show(m, expr, places)
        ended = frozenset(demanded(m, expr, places, ENDS)) - entry.closed
        for channel in demanded(m, expr, places, MESSAGES, tried=True):
            count(m, "received", channel, A_TRY_MORE)
    received = {place for kind, place in m.counted[first:] if kind == "received"}
    for channel in sorted(ended & received, key=repr):
        if channel in m.queues and not has_message(m, channel):
            node = m.last.get((m.thread, "received", channel), expr)
            record_drain(m, channel, node, entry, False, once=True)
            note_drained(m, channel, node)
    m.state.closed |= ended
    return NOTHING


def is_variant_test(expr: f.Macro) -> bool:
    """`assert!(!result.is_ok())`."""
    tested = expr.args[0] if len(expr.args) == 1 else None
    inner = tested.operand if isinstance(tested, f.Unary) and tested.op == "!" else tested
    return isinstance(inner, f.Method) and inner.name in VARIANT_TESTS


def is_equation(expr: f.Macro) -> bool:
    return len(expr.args) == 2 and expr.path.segments[-1].name in EQUAL


def demanded(
    m: Machine, expr: f.Macro, places: list[Place], variants: frozenset[str], tried: bool = False
) -> list[Place]:
    """The channels from which was received what is written as one of the variants on the other side."""
    written = [is_written_as(m, arg, variants) for arg in expr.args]
    values = [m.at(m.through(place)) for place in places]
    results = [item for value in values for item in inside(value) if isinstance(item, Received)]
    if written[0] == written[1] or len(results) != 1:
        return []
    return [item.channel for item in results if item.tried == tried and not (item.sent or item.counts)]


def is_written_as(m: Machine, expr: f.Expr, variants: frozenset[str]) -> bool:
    called = m.typed.paths.get(id(expr.callee if isinstance(expr, f.Call) else expr))
    return called is not None and called.kind == "variant" and called.name in variants


def has_message(m: Machine, channel: Place) -> bool:
    """Whether the receive surely gets a message, or is known to get none and told of already."""
    taken = most(m, m.state.tally, ("received", channel))
    sent = least(m, m.state.tally, ("sent", channel))
    told = any(missing.channel == channel for missing in m.incidents.shortages)
    return told or (taken is not None and sent >= taken)
