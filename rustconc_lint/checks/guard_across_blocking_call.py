"""A thread is waited for under a lock that it takes: it waits for the guard, and the guard for it."""

from collections.abc import Iterator

from rustconc_lint.finding import Finding, Label, Severity
from rustconc_lint.program.hangs.held_joins import HeldJoin
from rustconc_lint.program.model import Program

RUNS = {"task": "task", "local": "task", "branch": "future"}


def check(program: Program) -> Iterator[Finding]:
    for found in program.locking.held_joins():
        yield report(found)


def report(found: HeldJoin) -> Finding:
    lock = f"`{found.name}`" if found.name else "a lock"
    runs = RUNS.get(found.kind, "thread")
    ends = "never ends" if found.certain else "may never end"
    return Finding(
        span=found.waits,
        message=f"{place(found)} {ends}: it waits for a {runs} that wants {lock}, which is held here",
        label=f"waits for the {runs} with the guard in hand",
        labels=tuple(labels(found, runs)),
        severity=Severity.ERROR if found.certain else Severity.WARNING,
        help=cure(found),
    )


def place(found: HeldJoin) -> str:
    if found.implied == "drop":
        return "this end of a value"
    if found.kind == "branch":
        return "this `join!`"
    if found.implied == "scope":
        return "this scope"
    return "this `.await`" if found.kind in RUNS else "this `join`"


def labels(found: HeldJoin, runs: str) -> Iterator[Label]:
    named = found.life.keeper in ("variable", "borrow") and found.life.name
    kept = f"the guard lives as long as `{found.life.name}`" if named else "the guard is taken here, and lives on"
    yield Label(found.held.span, kept)
    if found.life.end is not None:
        yield Label(found.life.end, "the guard is dropped only here")
    for hop in found.way:
        yield Label(hop.span, f"the {runs} calls `{hop.name}`")
    yield Label(found.taken, f"the {runs} takes the lock here")


def cure(found: HeldJoin) -> str:
    if found.life.keeper == "variable" and not found.implied:
        return f"`drop({found.life.name})` before, or let it end in a block of its own"
    return "let the guard end before: take what is needed out of it in a statement or block of its own"
