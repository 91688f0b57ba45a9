"""A second read lock beside the first one of the same thread: a writer that waits between them stops both."""

from collections.abc import Iterator

from rustconc_lint.checks.double_lock import cure, places, second, subject
from rustconc_lint.finding import Finding, Severity
from rustconc_lint.program.model import Program


def check(program: Program) -> Iterator[Finding]:
    for relock in program.relocks():
        if relock.kind == "read again":
            yield Finding(
                span=relock.span,
                message=f"{subject(relock)} is read again while its first guard lives: a writer in between stops both",
                label=second(relock),
                labels=places(relock),
                severity=Severity.WARNING,
                help=cure(relock),
            )
