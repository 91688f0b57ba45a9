"""Recording of guards that are alive while their future waits: at an `.await`, and at `join!`."""

from __future__ import annotations

from rustconc_lint.facts import model as f
from rustconc_lint.program.interpret.events import Held
from rustconc_lint.program.interpret.incidents import HeldAwait
from rustconc_lint.program.interpret.machine import Machine
from rustconc_lint.program.interpret.state import ALIVE


def note_await(m: Machine, expr: f.Await | f.Macro) -> None:
    """The future waits here, and with it whoever wants a lock whose guard it keeps on every path to here."""
    for number, status in m.state.status.items():
        handle = m.handles[number]
        if status != ALIVE or handle.kind not in ("guard", "borrow") or handle.thread != m.thread:
            continue
        site = handle.site
        if site.end > site.start and future_around(m, site) == future_around(m, expr) is not None:
            held = Held(m.identity(handle.place), handle.mode, m.span(site), (), m.slots.get(number, -1))
            m.incidents.awaits.append(HeldAwait(held, site, m.span(expr)))


def future_around(m: Machine, node: f.Node) -> int | None:
    """Where the innermost future begins that the code belongs to (-1 is the body itself), None for that of a closure,
    or of a function that is not async."""
    around = [c for c in m.typed.closures.values() if c.body.start <= node.start and node.end <= c.body.end]
    if not around:
        return -1 if m.world.is_async(m.typed.owner) else None
    inner = max(around, key=lambda closure: closure.start)
    return inner.start if inner.kind != "fn" else None
