"""A condition is asked under a lock, and acted on under the lock as it is taken again."""

from collections.abc import Iterator

from rustconc_lint.finding import Finding, Label
from rustconc_lint.program.model import Program


def check(program: Program) -> Iterator[Finding]:
    for section in program.locking.checks_then_acts():
        yield Finding(
            span=section.second,
            message=f"`{section.name}` may have changed since the condition was asked: the lock was free in between",
            label="locked again, and not asked again",
            labels=(Label(section.first, "the condition is asked under this guard"),),
            help="lock once before the `if`, or ask again under the second guard",
        )
