"""A call in async code that stops the thread: every future that should run there waits as well."""

from collections.abc import Iterator

from rustconc_lint.finding import Finding, Label, Severity
from rustconc_lint.program.hangs.async_calls import AsyncCall
from rustconc_lint.program.model import Program

READS = "bodies"

# What async code does in its place, by the beginning of the path.
CURES = (
    ("std::thread::sleep", "wait without the thread: `tokio::time::sleep(..).await`, or the timer of your runtime"),
    ("std::process::", "use `tokio::process`, or wait in `spawn_blocking`"),
    ("std::net::", "use the sockets of your runtime, `tokio::net`"),
    ("std::sync::mpsc::", "use a channel whose `recv` is awaited, `tokio::sync::mpsc`"),
)


def check(program: Program) -> Iterator[Finding]:
    for call in program.locking.async_calls():
        yield refused(call) if call.panics else blocking(call)


def blocking(call: AsyncCall) -> Finding:
    return Finding(
        span=call.span,
        message=f"`{shown(call.path)}` blocks the thread that runs this future",
        label="no other future runs on this thread meanwhile",
        labels=around(call),
        severity=Severity.WARNING,
        help=next((cure for start, cure in CURES if call.path.startswith(start)), "wait for it in `spawn_blocking`"),
    )


def refused(call: AsyncCall) -> Finding:
    starts = call.path.endswith("block_on")
    return Finding(
        span=call.span,
        message=f"`{shown(call.path)}` panics here: a thread that runs futures may not block"
        if call.certain
        else f"`{shown(call.path)}` blocks the thread that runs this future, and panics where tokio runs it",
        label="called from async code",
        labels=around(call),
        severity=Severity.ERROR if call.certain else Severity.WARNING,
        help="write `.await` in place of `block_on`" if starts else "await the method without `blocking_` in its name",
    )


def shown(path: str) -> str:
    """The last two segments of a path: `thread::sleep`, `Receiver::recv`."""
    return "::".join(path.split("::")[-2:])


def around(call: AsyncCall) -> tuple[Label, ...]:
    return (Label(call.within, "in this async block"),) if call.within is not None else ()
