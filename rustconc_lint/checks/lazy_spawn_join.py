"""Threads that a lazy iterator starts and joins one by one, or never starts."""

from collections.abc import Iterator

from rustconc_lint.finding import Edit, Finding, Fix, Label, Safety
from rustconc_lint.program.interpret.incidents import LazyJoin
from rustconc_lint.program.model import Program
from rustconc_lint.source import Span


def check(program: Program) -> Iterator[Finding]:
    for lazy, edit in program.lazy_joins():
        yield one_by_one(lazy, edit)
    for span in program.unstarted_threads():
        yield never_started(span)


def one_by_one(lazy: LazyJoin, edit: Edit | None) -> Finding:
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
        fix=Fix("start all threads before the first join", Safety.UNSAFE, (edit,)) if edit is not None else None,
    )


def never_started(span: Span) -> Finding:
    return Finding(
        span=span,
        message="these threads never start: nobody runs the iterator",
        label="runs when the iterator is consumed, which nothing does",
        help="consume it: `.collect::<Vec<_>>()`, and join the handles",
    )
