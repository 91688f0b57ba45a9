"""An atomic that is read and written back in two steps, between which another thread may write."""

from collections.abc import Iterator

from rustconc_lint.finding import Finding, Fix, Label, Safety
from rustconc_lint.program.hazards.atomics import Split
from rustconc_lint.program.model import Program

READS = "bodies"


def check(program: Program) -> Iterator[Finding]:
    for split in program.locking.atomic_splits():
        yield report(split)


def report(split: Split) -> Finding:
    once = f"`{split.method}`" if split.method else "`fetch_update`"
    return Finding(
        span=split.store,
        message=f"`{split.name}` is read and written in two steps: what another thread writes in between is lost",
        label="written here, from what was read before",
        labels=(Label(split.load, "read here"),),
        help=f"do both in one step: {once}",
        fix=Fix(f"use `{split.method}`", Safety.UNSAFE, split.edits) if split.edits else None,
    )
