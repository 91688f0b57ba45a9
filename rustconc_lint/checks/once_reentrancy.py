"""An initialiser that asks for what it is to initialise, and so waits for itself."""

from collections.abc import Iterator

from rustconc_lint.finding import Finding, Label
from rustconc_lint.program.hangs.reentry import Reentry
from rustconc_lint.program.model import Program

READS = "bodies"


def check(program: Program) -> Iterator[Finding]:
    for reentry in program.locking.reentries():
        yield report(reentry)


def report(reentry: Reentry) -> Finding:
    labels = [Label(reentry.begun, f"`{reentry.name}` is initialised here")]
    labels += [Label(hop.span, f"which comes to `{hop.name}`") for hop in reentry.way]
    return Finding(
        span=reentry.asked,
        message=f"the initialiser of `{reentry.name}` asks for `{reentry.name}`: it waits for itself",
        label="waits until the initialisation is over",
        labels=tuple(labels),
        help=f"make the value without `{reentry.name}`, and pass on what is needed as an argument",
    )
