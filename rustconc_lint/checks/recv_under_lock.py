"""A message is worked on while the lock of the receiver is still held, so that all other workers wait."""

from collections.abc import Iterator

from rustconc_lint.finding import Edit, Finding, Fix, Label, Safety
from rustconc_lint.program.interpret.incidents import HeldReceive
from rustconc_lint.program.model import Program


def check(program: Program) -> Iterator[Finding]:
    for held, edits in program.held_receives():
        yield report(held, edits)


def report(held: HeldReceive, edits: tuple[Edit, ...]) -> Finding:
    until = "turn of the loop" if held.loop else "`match` or `if let`"
    label = f"the guard lives to the end of the {until}" if held.temporary else "received through a guard that stays"
    return Finding(
        span=held.head,
        message="the lock of the receiver is held while the message is worked on: only one thread works at a time",
        label=label,
        labels=(Label(held.guard, "the lock is taken here"),),
        help="receive in a `let` of its own, `let job = rx.lock().unwrap().recv();`: its end releases the lock",
        fix=Fix("receive in a statement of its own", Safety.UNSAFE, edits) if edits else None,
    )
