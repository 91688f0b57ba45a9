"""A value that a thread or task has taken is used again."""

from collections.abc import Iterator

from rustconc_lint.finding import Edit, Finding, Fix, Label, Safety
from rustconc_lint.program.legality.late_uses import LateUse
from rustconc_lint.program.model import Program

READS = "spawns"


def check(program: Program) -> Iterator[Finding]:
    for late in program.late_uses():
        yield report(late)


def report(late: LateUse) -> Finding:
    """A later use is underlined, as rustc does it; of a loop or closure the place where the thread takes the value."""
    taken = f"`{late.name}` moves into the {late.runs} here"
    labels = [Label(late.inside, f"by this use in the {late.runs}")] if late.inside is not None else []
    if late.how == "later":
        return Finding(
            span=late.again,
            message=f"`{late.name}` is used after it has moved into a {late.runs}",
            label="used here, where it is gone",
            labels=(Label(late.taken, taken), *labels),
            help=cure(late),
            compiler=("E0382",),
            fix=fix(late),
        )
    around = "this loop starts" if late.how == "turn" else "this closure may be called many times and starts"
    return Finding(
        span=late.taken,
        message=f"{message(late)} moves `{late.name}` into a {late.runs} each time",
        label=f"gone after the first {late.runs}",
        labels=(Label(late.again, f"{around} a {late.runs} each time"), Label(late.declared, "there is one"), *labels),
        help=cure(late),
        compiler=("E0382",) if late.how == "turn" else ("E0507",),
        fix=fix(late),
    )


def message(late: LateUse) -> str:
    return "a loop" if late.how == "turn" else "a closure that is called many times"


def cure(late: LateUse) -> str:
    if late.clone:
        return f"give the {late.runs} a clone of its own: `let {late.name} = {late.name}.clone();` in a block before it"
    return f"give each user its own: clone what can be cloned, or share it in an `Arc`, before the {late.runs} starts"


def fix(late: LateUse) -> Fix | None:
    """A clone costs something, and what is changed in one is not seen in the other: never unasked."""
    if not late.clone:
        return None
    edits = tuple(Edit(where, text) for where, text in late.clone)
    return Fix(f"clone `{late.name}` for the {late.runs}", Safety.UNSAFE, edits)
