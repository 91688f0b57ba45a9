"""A `join` whose result is thrown away, and with it the news that the thread has panicked."""

from collections.abc import Iterator

from rustconc_lint.finding import Finding
from rustconc_lint.program.model import Program


def check(program: Program) -> Iterator[Finding]:
    for span in program.ignored_joins():
        yield Finding(
            span=span,
            message="nobody learns whether this thread has panicked",
            label="an `Err` here holds what the thread panicked with",
            help="`unwrap()` it, so that the panic goes on here, or say what to do about it",
        )
