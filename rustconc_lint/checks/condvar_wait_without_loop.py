"""A wait at a condition variable that does not look again whether it may go on."""

from collections.abc import Iterator

from rustconc_lint.finding import Finding, Label
from rustconc_lint.program.hazards.condvars import BareWait
from rustconc_lint.program.model import Program


def check(program: Program) -> Iterator[Finding]:
    for wait in program.locking.bare_waits():
        yield report(wait)


def report(wait: BareWait) -> Finding:
    method = "wait_timeout_while" if wait.timed else "wait_while"
    looked = "this is asked once, before the wait" if wait.condition is not None else ""
    return Finding(
        span=wait.span,
        message="this wait may end although what it waits for has not happened",
        label="may wake up without a notification, or when another thread was first",
        labels=(Label(wait.condition, looked),) if wait.condition is not None else (),
        help=f"ask again each time: `while` in place of `if`, or `{method}` with a closure that says how long to wait",
    )
