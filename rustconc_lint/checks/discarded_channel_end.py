"""An end of a channel that is thrown away in the statement that makes it: the other end is of no use from then on."""

from collections.abc import Iterator

from rustconc_lint.finding import Edit, Finding, Fix, Label, Safety
from rustconc_lint.program.interpret.incidents import Lost
from rustconc_lint.program.model import Program
from rustconc_lint.source import Span

USE = {"receiver": "every `send` fails at once", "sender": "every `recv` fails at once"}
NAME = {"receiver": "_rx", "sender": "_tx"}


def check(program: Program) -> Iterator[Finding]:
    for lost in program.lost_ends():
        yield report(lost)


def report(lost: Lost) -> Finding:
    return Finding(
        span=lost.wildcard,
        message=f"the {lost.kind} is dropped at once, so that {USE[lost.kind]}",
        label="binds nothing: the end that stands here is dropped at the end of the statement",
        labels=(Label(lost.declared, f"`{lost.other}` is an end of a closed channel from here on"),),
        help=f"keep the {lost.kind}, under a name that is used or at least as `{NAME[lost.kind]}`",
        fix=renamed(lost),
    )


def renamed(lost: Lost) -> Fix | None:
    """`_` -> `_rx`. Not for `..`, whose place among the others would have to be known, nor for a sender, which would
    keep the channel open."""
    if lost.wildcard.end - lost.wildcard.start != 1 or lost.kind == "sender":
        return None
    span = Span(lost.wildcard.path, lost.wildcard.start, lost.wildcard.end)
    return Fix(f"name it `{NAME[lost.kind]}`", Safety.UNSAFE, (Edit(span, NAME[lost.kind]),))
