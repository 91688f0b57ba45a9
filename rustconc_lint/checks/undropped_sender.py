"""A receiver that waits for ever, since a sender that nobody uses any more still lives."""

from collections.abc import Iterator

from rustconc_lint.finding import Finding, Label, Severity
from rustconc_lint.program.channels import StuckDrain
from rustconc_lint.program.model import Program


def check(program: Program) -> Iterator[Finding]:
    for stuck in program.stuck_drains():
        yield report(stuck)


def report(stuck: StuckDrain) -> Finding:
    owner = stuck.owner
    name = owner.name or "a sender"
    function = stuck.where.name
    labels = [Label(owner.declared or owner.made, f"`{name}` lives to the end of {home(stuck)}")]
    labels += [Label(hop.span, f"`{hop.name}` receives until the channel is closed") for hop in stuck.drain.chain]
    if stuck.waits is None:
        return Finding(
            span=stuck.drain.span,
            message=f"this loop never ends: `{name}` keeps the channel open",
            label="receives until every sender is dropped",
            labels=tuple(labels),
            severity=Severity.ERROR,
            help=f"write `drop({name});` before the loop, or move `{name}` into the last thread that sends",
        )
    labels.append(Label(stuck.drain.span, "that thread receives until every sender is dropped"))
    waiting = "the end of this scope waits" if stuck.implied else "this `join` waits"
    cure = (
        "do not keep a sender in the thread that receives" if stuck.inside else f"write `drop({name});` before `join`"
    )
    return Finding(
        span=stuck.drain.span if stuck.implied else stuck.waits,
        message=f"{waiting} for a thread that never ends: `{name}` keeps its channel open in `{function}`",
        label="waits for ever",
        labels=tuple(labels),
        severity=Severity.WARNING,
        help=cure,
    )


def home(stuck: StuckDrain) -> str:
    return "the receiving thread itself" if stuck.inside else f"`{stuck.where.name}`"
