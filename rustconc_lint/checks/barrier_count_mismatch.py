"""A barrier that waits for more threads than ever come, or leaves a rest that waits for ever."""

from collections.abc import Iterator

from rustconc_lint.finding import Finding, Label
from rustconc_lint.program.interpret.incidents import Meeting
from rustconc_lint.program.model import Program


def check(program: Program) -> Iterator[Finding]:
    for meeting in program.uneven_meetings():
        yield report(meeting)


def report(meeting: Meeting) -> Finding:
    parties = sum(many for _, many, _ in meeting.parties)
    come = "only one thread waits" if parties == 1 else f"{parties} threads wait"
    labels = [Label(span, "waits once" if n == 1 else f"{n} threads wait here") for span, n, _ in meeting.parties]
    stays = Label(meeting.stays, "waits for a thread that waits at the barrier for ever")
    return Finding(
        span=meeting.made,
        message=f"this barrier lets {meeting.needed} threads pass together, and {come} at it",
        label=f"needs {meeting.needed}, or a multiple",
        labels=(*labels, *([] if any(label.span == meeting.stays for label in labels) else [stays])),
        help=f"make it for {parties}, or let as many threads wait as it needs; the one that spawns counts if it waits",
    )
