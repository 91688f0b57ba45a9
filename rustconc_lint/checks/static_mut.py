"""A `static mut` in code that starts threads."""

from collections.abc import Iterator

from rustconc_lint.finding import Finding, Label
from rustconc_lint.program.model import Program


def check(program: Program) -> Iterator[Finding]:
    for static in program.locking.mutable_statics():
        yield Finding(
            span=static.declared,
            message=f"nothing keeps two threads from `{static.name}` at once",
            label="`static mut`: each use is a promise of yours that no other thread is there",
            labels=(Label(static.touched, "used here"), Label(static.spawned, "threads are started here")),
            help="use an atomic for a number or a flag, a `Mutex` or `OnceLock` for anything else: `static` will do",
        )
