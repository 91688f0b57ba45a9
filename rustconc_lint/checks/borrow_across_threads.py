"""A thread or task takes a reference along, and what it points to may be gone first."""

from collections.abc import Iterator

from rustconc_lint.finding import Finding, Label
from rustconc_lint.program.legality.lost_borrows import LostBorrow
from rustconc_lint.program.model import Program

READS = "spawns"


def check(program: Program) -> Iterator[Finding]:
    for lost in program.lost_borrows():
        yield report(lost)


def report(lost: LostBorrow) -> Finding:
    return Finding(
        span=lost.head,
        message=f"{lost.runs} may outlive {home(lost)}, but {what(lost)} {held(lost)}",
        label=f"this {lost.runs} may still run after {owner(lost)} has returned",
        labels=tuple(labels(lost)),
        help=cure(lost),
        compiler=lost.compiler,
    )


def home(lost: LostBorrow) -> str:
    if lost.scoped:
        return "the scope"
    return f"`{lost.function}`" if lost.function else "the current function"


def owner(lost: LostBorrow) -> str:
    return "the closure of the scope" if lost.scoped else home(lost)


def what(lost: LostBorrow) -> str:
    if not lost.name:
        return "its future"
    return f"`{lost.name}`"


def held(lost: LostBorrow) -> str:
    if lost.owned:
        return f"borrows from `{lost.lender}`"
    return "is lent by the caller" if lost.name == lost.lender else f"leads to `{lost.lender}`, which the caller lent"


def labels(lost: LostBorrow) -> Iterator[Label]:
    """Who owns it, where it was borrowed, and where the thread uses it, no place twice."""
    whose = f"owned by {owner(lost)}" if lost.owned else f"belongs to whoever calls {home(lost)}"
    yield Label(lost.declared, whose)
    if lost.owned and lost.borrow not in (lost.declared, lost.use):
        yield Label(lost.borrow, "borrowed here")
    if lost.use != lost.head:
        yield Label(lost.use, f"used in the {lost.runs}")


def cure(lost: LostBorrow) -> str:
    """`move` moves the reference only, so the value itself has to come along, or to be shared."""
    if lost.scoped:
        share = f"or declare `{lost.lender}` before the scope"
    elif lost.is_async:
        share = f"share `{lost.lender}` in an `Arc`"
    else:
        share = f"share `{lost.lender}` in an `Arc`, or start the {lost.runs} in `thread::scope`"
    if lost.name and lost.name != "self":
        return f"give the {lost.runs} a value of its own (`{lost.name}.to_owned()`, a clone) before it starts, {share}"
    return f"give the {lost.runs} a clone of what it needs before it starts, {share}"
