"""A `select!` in a loop drops a future that has read or written a part, and begins anew."""

from collections.abc import Iterator

from rustconc_lint.finding import Finding
from rustconc_lint.program.model import Program


def check(program: Program) -> Iterator[Finding]:
    for branch in program.locking.cancelled():
        method = branch.path.rpartition("::")[2]
        yield Finding(
            span=branch.span,
            message=f"what `{method}` has done is lost when another branch is first: `select!` drops this future",
            label="begins anew in the next turn of the loop",
            help="make the future before the loop, pin it, and select on `&mut` of it; or let a task of its own do it",
        )
