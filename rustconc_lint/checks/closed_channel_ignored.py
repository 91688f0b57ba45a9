"""A loop that receives and has no way out, so that the thread that is joined never ends once its channel is closed."""

from collections.abc import Iterator

from rustconc_lint.finding import Finding, Label
from rustconc_lint.program.hangs.supplies import DeafLoop
from rustconc_lint.program.model import Program


def check(program: Program) -> Iterator[Finding]:
    for loop in program.deaf_loops():
        yield report(loop)


def report(loop: DeafLoop) -> Finding:
    over = "`Disconnected` is taken for `Empty`" if loop.spin.tried else "the error is passed over"
    cure = "break on `Disconnected`" if loop.spin.tried else "leave the loop then: `while let`, or `Err(_) => break`"
    return Finding(
        span=loop.spin.receive,
        message="this loop goes on for ever when the channel is closed",
        label=f"fails at once from then on, and {over}",
        labels=(Label(loop.join, "waits for the thread with the loop, which never ends"),),
        help=cure,
    )
