"""A lock for readers and writers that a thread wants to write while it reads, or to read while it writes."""

from collections.abc import Iterator

from rustconc_lint.checks.double_lock import cure, level, places, second, subject
from rustconc_lint.finding import Finding
from rustconc_lint.program.hangs.relocks import Relock
from rustconc_lint.program.model import Program


def check(program: Program) -> Iterator[Finding]:
    for relock in program.relocks():
        if relock.kind == "upgrade":
            yield Finding(
                span=relock.span,
                message=message(relock),
                label=second(relock),
                labels=places(relock),
                severity=level(relock),
                help=cure(relock),
            )


def message(relock: Relock) -> str:
    name = subject(relock)
    if relock.acquire.mode == "exclusive":
        return f"{name} is locked for writing while this thread still reads it: it waits for itself"
    return f"{name} is locked for reading while this thread still writes it: it waits for itself"
