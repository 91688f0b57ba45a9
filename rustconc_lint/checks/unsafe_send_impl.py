"""`unsafe impl Send` or `Sync` for a struct with a field that cannot keep that promise."""

from collections.abc import Iterator

from rustconc_lint.finding import Finding
from rustconc_lint.program.model import Program

CURES = {
    "Rc": "use `Arc`, whose count is atomic, and let the compiler say it",
    "Weak": "use `Arc` and its `Weak`, and let the compiler say it",
    "Cell": "use an atomic, and let the compiler say it",
    "OnceCell": "use `OnceLock`, and let the compiler say it",
}


def check(program: Program) -> Iterator[Finding]:
    for promise in program.locking.unsafe_impls():
        yield Finding(
            span=promise.span,
            message=f"`{promise.of}` is not {promise.trait} of itself, since its field `{promise.field}` is "
            f"`{promise.holds}`: threads may meet there",
            label="a promise that nothing keeps",
            help=CURES.get(promise.holds, "use `Mutex` or `RwLock`, and let the compiler say it"),
        )
