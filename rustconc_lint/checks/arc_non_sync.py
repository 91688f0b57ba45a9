"""An `Arc` of what must stay with its thread."""

from collections.abc import Iterator

from rustconc_lint.finding import Finding
from rustconc_lint.program.model import Program

CURES = {
    "RefCell": "use `Rc` for one thread, or a `Mutex` in place of the `RefCell` for several",
    "Cell": "use `Rc` for one thread, or an atomic in place of the `Cell` for several",
    "OnceCell": "use `Rc` for one thread, or a `OnceLock` in place of the `OnceCell` for several",
    "Rc": "share what is in the `Rc` in an `Arc` alone",
}


def check(program: Program) -> Iterator[Finding]:
    for arc in program.locking.lone_arcs():
        yield Finding(
            span=arc.span,
            message=f"this `Arc` can never reach another thread: `{arc.holds}` may not",
            label="counts atomically for one thread",
            help=CURES.get(arc.holds, "use `Rc` for one thread, or a `Mutex` for several"),
        )
