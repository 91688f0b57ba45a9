"""An async lock that stays taken while its future waits for something else: all who want it wait as long."""

from collections.abc import Iterator

from rustconc_lint.checks.guard_across_await import cure, places, subject
from rustconc_lint.finding import Finding
from rustconc_lint.program.model import Program


def check(program: Program) -> Iterator[Finding]:
    for held in program.locking.held_awaits():
        if held.model.asynchronous:
            yield Finding(
                span=held.awaited,
                message=f"{subject(held)} stays locked while this future waits",
                label="whoever wants the lock waits as long as this takes",
                labels=places(held),
                help=cure(held).removesuffix(", or use an async lock"),
            )
