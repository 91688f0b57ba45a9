"""What messages are: receivers that go through another channel, whose messages an iterator may then give itself
(`flatten`), and results, of which the first that is no success may end an iterator (`try_collect`).
"""

from __future__ import annotations

from collections.abc import Iterable

from rustconc_lint.facts import model as f
from rustconc_lint.program.interpret.machine import Machine
from rustconc_lint.program.interpret.tally import ONCE, PERHAPS, USES, count, least, most
from rustconc_lint.program.interpret.values import Own, Place, Stream, Value, inside
from rustconc_lint.program.types import Prim, RefTy

SUCCESS = "std::result::Result::Ok"


def note_letter(m: Machine, channel: Place, message: f.Expr | None, value: Value, surely: bool) -> None:
    """A message goes into the channel. surely: whether the call sends it in any case."""
    for item in inside(value):
        if isinstance(item, Own) and m.handles[item.handle].kind == "receiver":
            m.passed[item.handle] = channel
            count(m, "passed", letter(item.handle), ONCE if surely else PERHAPS)
    if message is not None and not isinstance(m.typed.type_of(message), Prim | RefTy) and not is_success(m, message):
        count(m, "failed", channel, PERHAPS)


def is_letter(m: Machine, value: Value) -> bool:
    """Whether it is a receiver and nothing else: nobody closes its channel who has not received it."""
    return isinstance(value, Own) and m.handles[value.handle].kind == "receiver"


def letter(handle: int) -> Place:
    return Place(("letter", handle))


def is_success(m: Machine, message: f.Expr) -> bool:
    """Whether the message is written as an `Ok`."""
    if not isinstance(message, f.Call):
        return False
    called = m.typed.paths.get(id(message.callee))
    return called is not None and called.path == SUCCESS


def letters(m: Machine, streams: Iterable[Stream]) -> list[Stream]:
    """What receiving from the receivers that surely come through these channels is."""
    outer = {stream.channel for stream in streams}
    return [
        Stream(m.handles[handle].place, channel)
        for handle, channel in m.passed.items()
        if channel in outer
        and least(m, m.state.tally, ("passed", letter(handle))) > 0
        and all(most(m, m.state.tally, (kind, channel)) == 0 for kind in USES)
    ]


def may_fail(m: Machine, channel: Place) -> bool:
    """Whether a message may be no success."""
    return most(m, m.state.tally, ("failed", channel)) != 0
