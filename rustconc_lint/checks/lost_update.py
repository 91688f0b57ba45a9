"""A value is read under a lock and written back under it, and the lock is free in between."""

from collections.abc import Iterator

from rustconc_lint.finding import Finding, Label
from rustconc_lint.program.model import Program


def check(program: Program) -> Iterator[Finding]:
    for section in program.locking.lost_updates():
        yield Finding(
            span=section.second,
            message=f"`{section.name}` is free between read and write: what another thread writes meanwhile is lost",
            label="locked again to write",
            labels=(Label(section.first, "locked to read, and released at the end of this statement"),),
            help="keep one guard for both: `let mut value = ..lock()..;`, and read and write through it",
        )
