"""A guard that nobody keeps: the lock is released in the statement that takes it, and guards nothing."""

from collections.abc import Iterator

from rustconc_lint.finding import Edit, Finding, Fix, Safety, Severity
from rustconc_lint.program.hazards.discards import Discard
from rustconc_lint.program.model import Program

NAME = "_guard"


def check(program: Program) -> Iterator[Finding]:
    for discard in program.locking.discards():
        yield Finding(
            span=discard.taken,
            message="this lock is released at once: nothing keeps its guard",
            label="taken and released in one statement" if discard.wildcard is None else "`_` binds nothing",
            severity=Severity.ERROR if discard.denied else Severity.WARNING,
            help=f"keep the guard as long as it should guard, `let {NAME} = ..`; "
            "to wait only until the lock is free, write `drop(..)`",
            compiler=("let_underscore_lock",) if discard.denied else (),
            fix=renamed(discard),
        )


def renamed(discard: Discard) -> Fix | None:
    """`let _ = m.lock()` -> `let _guard = m.lock()`: what follows then runs with the lock held."""
    if discard.wildcard is None or not discard.bound:
        return None
    return Fix(f"name it `{NAME}`", Safety.UNSAFE, (Edit(discard.wildcard, NAME),))
