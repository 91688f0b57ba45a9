"""Threads that a lazy iterator starts and joins one by one, or never starts."""

from collections.abc import Iterator

from rustconc_lint.finding import Finding, Label
from rustconc_lint.program.interpret.incidents import LazyJoin
from rustconc_lint.program.model import Program
from rustconc_lint.source import Span


def check(program: Program) -> Iterator[Finding]:
    for lazy in program.lazy_joins():
        yield one_by_one(lazy)
    for span in program.unstarted_threads():
        yield never_started(span)


def one_by_one(lazy: LazyJoin) -> Finding:
    if lazy.lazy:
        label = "joined before the iterator is asked for the next one"
        cure = "start them all first: `.collect::<Vec<_>>()`"
    else:
        label = "joined before the next turn starts another"
        cure = "start all threads first, and join them in a second loop"
    return Finding(
        span=lazy.join,
        message="each thread is joined before the next one starts: only one runs at a time",
        label=label,
        labels=(Label(lazy.spawn, "started here"),),
        help=cure,
    )


def never_started(span: Span) -> Finding:
    return Finding(
        span=span,
        message="these threads never start: nobody runs the iterator",
        label="runs when the iterator is consumed, which nothing does",
        help="consume it: `.collect::<Vec<_>>()`, and join the handles",
    )
