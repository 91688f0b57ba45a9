"""A receive that waits for one message more than is ever sent, on a channel that an idle sender keeps open."""

from collections.abc import Iterator

from rustconc_lint.finding import Finding, Label, Severity
from rustconc_lint.program.hangs.supplies import MissingMessage
from rustconc_lint.program.model import Program


def check(program: Program) -> Iterator[Finding]:
    for missing in program.missing_messages():
        yield report(missing)


def report(missing: MissingMessage) -> Finding:
    shortage, owner = missing.shortage, missing.owner
    name = f"`{owner.name}`" if owner.name else "a sender without a name"
    few = "no message is ever sent" if shortage.sent == 0 else f"{amount(shortage.sent)} sent, and no more"
    keeps = Label(owner.declared or owner.made, f"{name} keeps the channel open, and nobody sends with it any more")
    cure = f"send what is waited for, or drop {name} before, so that the receive fails instead of waiting"
    if missing.stands is not None:
        end = "the end of a channel" if missing.stands.ends else "a message"
        few = f"the thread with {name} waits as well"
        keeps = Label(missing.stands.span, f"the thread with {name} waits here, for {end}")
        cure = "give that thread first what it waits for: a message, or the end of its channel"
    waits = f"waits for message {shortage.wanted}" if shortage.sent else "waits for a message"
    if shortage.waits is None:
        span, message, label = shortage.span, f"this receive never ends: {few}", waits
        labels: tuple[Label, ...] = (keeps,)
    else:
        span, message = shortage.waits, f"this `join` waits for a thread that never ends: {few}"
        label, labels = "waits for the thread", (keeps, Label(shortage.span, f"that thread {waits}"))
    return Finding(
        span=span,
        message=message,
        label=label,
        labels=labels,
        severity=Severity.ERROR if shortage.waits is None else Severity.WARNING,
        help=cure,
    )


def amount(messages: int) -> str:
    return "one message is" if messages == 1 else f"{messages} messages are"
