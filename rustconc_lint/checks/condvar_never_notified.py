"""A wait at a condition variable in a crate that never notifies any."""

from collections.abc import Iterator

from rustconc_lint.finding import Finding
from rustconc_lint.program.model import Program


def check(program: Program) -> Iterator[Finding]:
    for wait in program.locking.unheard_waits():
        yield Finding(
            span=wait,
            message="nobody ends this wait: nothing in this crate notifies a condition variable",
            label="waits for a `notify_one` or `notify_all`",
            help="notify after each change of what is waited for, while the lock is held or soon after",
        )
