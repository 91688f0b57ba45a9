"""A send that waits for room in a channel whose receiver is in the hands of whoever waits."""

from collections.abc import Iterator

from rustconc_lint.finding import Finding, Label
from rustconc_lint.program.interpret.incidents import Full
from rustconc_lint.program.model import Program


def check(program: Program) -> Iterator[Finding]:
    for full in program.full_channels():
        yield report(full)


def report(full: Full) -> Finding:
    name, declared = full.receiver
    labels = [Label(declared, f"nobody receives from `{name}` meanwhile")]
    if full.waits is None:
        what = "call" if full.called else "`send`"
        span, message, label = full.span, f"this {what} never ends: {room(full)}", "waits until a message is received"
        cure = f"receive from `{name}` in another thread, or make room for all messages"
    else:
        span, message = full.waits, f"this `join` waits for a thread that never ends: {room(full)}"
        label = f"waits for the thread, and only then is anything received from `{name}`"
        labels.append(Label(full.span, "that thread waits here until a message is received"))
        cure = f"receive everything from `{name}` first, and join then"
    return Finding(span=span, message=message, label=label, labels=tuple(labels), help=cure)


def room(full: Full) -> str:
    if full.room == 0:
        return "a channel of capacity 0 hands each message over to a `recv`"
    messages = "1 message" if full.room == 1 else f"{full.room} messages"
    return f"the channel holds {messages}, and {full.sent} are sent"
