"""A lock that is taken again while its first guard lives: the thread waits for itself."""

from collections.abc import Iterator

from rustconc_lint.finding import Finding, Label, Severity
from rustconc_lint.program.hangs.relocks import Relock
from rustconc_lint.program.interpret.lives import Life
from rustconc_lint.program.model import Program

ENDS = {"match": "the `match`", "if let": "the `if let`", "while let": "the `while let`", "for": "the `for`"}


def check(program: Program) -> Iterator[Finding]:
    for relock in program.relocks():
        if relock.kind == "again":
            yield Finding(
                span=relock.span,
                message=f"{subject(relock)} is locked again while its first guard lives: this thread waits for itself",
                label=second(relock),
                labels=places(relock),
                severity=level(relock),
                help=cure(relock),
            )


def level(relock: Relock) -> Severity:
    """A callee that takes the lock on some of its paths hangs only there."""
    return Severity.ERROR if relock.sure else Severity.WARNING


def subject(relock: Relock) -> str:
    return f"`{relock.name}`" if relock.name else "this lock"


def second(relock: Relock) -> str:
    """What happens at the second place."""
    if relock.alias is not None:
        return f"`{relock.alias.name}` is given one lock twice, and takes both"
    if not relock.way:
        return "waits for the first guard to be dropped"
    takes = "takes it" if relock.sure else "may take it"
    return f"`{relock.way[0].name}` {takes} again"


def places(relock: Relock) -> tuple[Label, ...]:
    """Where the first guard is taken, why it still lives, where it dies, and the calls between."""
    labels = [Label(relock.held.span, why_alive(relock.life, "the first guard"))]
    if relock.life.end is not None:
        labels.append(Label(relock.life.end, "the first guard is dropped only here"))
    labels += [Label(hop.span, f"which calls `{hop.name}`") for hop in relock.way[1:]]
    if relock.way or relock.alias is not None:
        labels.append(Label(relock.acquire.span, "which takes it here"))
    labels += [Label(span, "and so here") for span in relock.more]
    return tuple(labels)


def why_alive(life: Life, guard: str) -> str:
    """What keeps the guard, which is called `guard`."""
    match life.keeper:
        case "variable":
            return f"{guard} lives as long as `{life.name}`"
        case "borrow":
            return f"{guard} is a temporary that lives as long as `{life.name}`, which borrows from it"
        case "head":
            return f"{guard}, in the head, lives through the whole {ENDS[life.name][4:]}"
        case "statement":
            return f"{guard} is a temporary, and lives to the end of the statement"
        case "call":
            return f"{guard} is held while the closure runs"
        case _:
            return f"{guard} is taken here"


def cure(relock: Relock) -> str:
    """What to do about it, by what keeps the guard."""
    life = relock.life
    if relock.alias is not None:
        return "lock it once, or compare the two before you lock"
    match life.keeper:
        case "variable" if not relock.way:
            return f"use `{life.name}` in place of a second guard, or `drop({life.name})` before"
        case "variable":
            return f"`drop({life.name})` before the call, or give the callee what `{life.name}` guards"
        case "borrow":
            return f"clone what is needed, or let `{life.name}` end in a block of its own before"
        case "head" if life.name == "while let":
            return "write `loop { let .. = .. else { break }; .. }`: the guard of a `let` dies with that statement"
        case "head":
            return f"get what is needed in a `let` before {ENDS[life.name]}: its guard dies with that statement"
        case "statement":
            return "get what the first guard is for in a `let` of its own: its guard dies with that statement"
        case "call":
            return "use what the closure is given, or lock again when the call is over"
        case _:
            return "let the first guard end before the lock is taken again"
