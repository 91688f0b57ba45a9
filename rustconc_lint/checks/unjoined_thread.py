"""A thread that `main` does not wait for: the end of `main` is the end of the process, and of all threads."""

from collections.abc import Iterator

from rustconc_lint.finding import Finding
from rustconc_lint.program.model import Program


def check(program: Program) -> Iterator[Finding]:
    for _, span in program.unjoined_threads():
        yield Finding(
            span=span,
            message="this thread may never finish, or never start: `main` does not wait for it",
            label="ends when `main` does, wherever it is then",
            help="keep the handle and `join` it before `main` ends, or use `thread::scope`",
        )
