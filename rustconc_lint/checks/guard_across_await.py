"""A guard that lives over an `.await`: whoever wants the lock meanwhile stops a whole thread of the executor."""

from collections.abc import Iterator

from rustconc_lint.checks.double_lock import ENDS, why_alive
from rustconc_lint.finding import Finding, Label
from rustconc_lint.program.hangs.held_awaits import HeldOver
from rustconc_lint.program.model import Program

WAITING = {
    "lock": (
        "stays locked while this future waits",
        "others may run here, and who of them wants the lock blocks its thread",
    ),
    "cell": ("stays borrowed while this future waits", "others may run here, and a borrow that does not fit panics"),
    "span": ("stays entered while this future waits", "what runs here meanwhile is told as part of the span"),
}


def check(program: Program) -> Iterator[Finding]:
    for held in program.locking.held_awaits():
        if not held.model.asynchronous:
            keeps, meanwhile = WAITING[held.model.keeps]
            yield Finding(
                span=held.awaited,
                message=f"{subject(held)} {keeps}",
                label=meanwhile,
                labels=places(held),
                help=cure(held),
            )


def subject(held: HeldOver) -> str:
    if held.model.keeps == "span":
        return "a span"
    return f"`{held.name}`" if held.name else f"a {held.model.keeps}"


def places(held: HeldOver) -> tuple[Label, ...]:
    """Where the guard is taken and why it still lives, where it dies, and what else it is held over."""
    labels = [Label(held.held.span, why_alive(held.life, "the guard"))]
    if held.life.end is not None:
        labels.append(Label(held.life.end, "the guard is dropped only here"))
    labels += [Label(span, "and here") for span in held.more]
    return tuple(labels)


def cure(held: HeldOver) -> str:
    if held.model.keeps == "span":
        return "give the span to the future: `.instrument(span)`"
    found = shortening(held)
    return found if held.model.role != "borrow" else found.removesuffix(", or use an async lock")


def shortening(held: HeldOver) -> str:
    """How the guard ends before."""
    life = held.life
    match life.keeper:
        case "variable":
            return f"let `{life.name}` end in a block of its own before the `.await`, or use an async lock"
        case "borrow":
            return f"clone what is needed, or let `{life.name}` end in a block of its own before the `.await`"
        case "head":
            return f"get what is needed in a `let` before {ENDS[life.name]}: its guard dies with that statement"
        case "statement":
            return "get what the guard is for in a `let` of its own: its guard dies with that statement"
        case _:
            return "let the guard end before the `.await`, or use an async lock"
