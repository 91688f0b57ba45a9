"""A thread is joined by a handle that is only borrowed, and `join` takes the handle itself."""

from collections.abc import Iterator

from rustconc_lint.finding import Finding, Fix, Label, Safety
from rustconc_lint.program.legality.borrowed_joins import BorrowedJoin
from rustconc_lint.program.model import Program

READS = "bodies"


def check(program: Program) -> Iterator[Finding]:
    for found in program.borrowed_joins():
        yield Finding(
            span=found.place,
            message=f"{subject(found)} {position(found)}, and `join` takes {wanted(found)}",
            label="cannot be moved out",
            labels=tuple(labels(found)),
            help=cure(found),
            compiler=(found.compiler,),
            fix=fix(found),
        )


def subject(found: BorrowedJoin) -> str:
    if found.name:
        return f"`{found.name}`"
    return "this handle" if not found.holder else f"this `{found.handle}`"


def position(found: BorrowedJoin) -> str:
    match found.owner:
        case "element":
            return f"is an element of {article(found.owner_name)}"
        case "pointer":
            return f"is behind {article(found.owner_name)}"
        case _:
            return f"is behind a {found.owner}"


def article(name: str) -> str:
    """With the type's name in backticks; "array" and "slice" are words."""
    shown = f"`{name}`" if name[:1].isupper() else name
    return f"{'an' if name[:1].upper() in 'AEIOU' else 'a'} {shown}"


def wanted(found: BorrowedJoin) -> str:
    return {"": "the handle itself", "option": "the handle out of it"}.get(found.holder, "the handles out of it")


def labels(found: BorrowedJoin) -> Iterator[Label]:
    if found.variable is not None and found.variable[0] != found.place:
        yield Label(found.variable[0], f"of type `{found.variable[1]}`")
    yield Label(found.join, "takes `self` by value")


def cure(found: BorrowedJoin) -> str:
    """What leaves something behind where the handle was, or gives up what it was in."""
    if found.holder == "option":
        return "call `take()` on it: that gives the handle and leaves `None`"
    if found.turn or found.holder == "other":
        return "go over the handles themselves: `drain(..)` takes them out, `into_iter()` uses up what held them"
    match found.owner:
        case "element" if found.owner_name == "array":
            return "open the array: `let [first, second] = handles;` gives the handles themselves"
        case "element":
            return "take it out first: `swap_remove(..)` or `pop()` for one handle, `drain(..)` for all"
        case "pointer":
            return "share a `Mutex<Option<JoinHandle<_>>>`, and join what `take()` gives"
        case _:
            return f"keep it as an `Option<{found.handle}>`, and join what `take()` gives"


def fix(found: BorrowedJoin) -> Fix | None:
    """The handles are gone from where they were, which others may look at: never unasked."""
    if found.cure is None:
        return None
    titles = {
        "take": "take the handle out of its `Option`",
        "drain": "take the handles out by `drain`",
        "values": "go over the handles themselves",
    }
    return Fix(titles[found.cure.how], Safety.UNSAFE, found.cure.edits)
