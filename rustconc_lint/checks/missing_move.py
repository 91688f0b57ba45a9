"""A closure or `async` block that runs on its own borrows a variable which may die before it does."""

from collections.abc import Iterator, Sequence

from rustconc_lint.finding import Edit, Finding, Fix, Label, Safety
from rustconc_lint.program.borrowing import Borrowed, Borrowing
from rustconc_lint.program.model import Program
from rustconc_lint.program.moving import Move
from rustconc_lint.source import Span


def check(program: Program) -> Iterator[Finding]:
    for borrowing in program.borrowings():
        yield owned_here(borrowing) if borrowing.owned else owned_by_caller(borrowing)


def owned_here(found: Borrowing) -> Finding:
    """E0373: the variables belong to the fn, to the scope's closure, or to the closure that returns the block."""
    return Finding(
        span=found.head,
        message=f"{code(found)} may outlive {home(found)}, but it borrows {listed(found.owned)}",
        label=life(found),
        labels=labels(found.owned, f"owned by {owner(found)}"),
        help=cure(found),
        compiler=found.compiler,
        fix=fix(found),
    )


def owned_by_caller(found: Borrowing) -> Finding:
    """E0521: a `&self` or `&T` parameter leads to what somebody else owns."""
    before = f"`move` does not help here: clone what the {found.runs} needs (an `Arc`, a field) before the"
    return Finding(
        span=found.head,
        message=f"{code(found)} may outlive {home(found)}, but it uses {listed(found.lent)} of its caller",
        label=life(found),
        labels=labels(found.lent, f"belongs to whoever calls {home(found)}"),
        help=f"{before} block" if found.is_async else f"{before} closure, or use `thread::scope`",
        compiler=found.compiler,
    )


def labels(borrowed: Sequence[Borrowed], owned: str) -> tuple[Label, ...]:
    """Where each variable is declared and used, no place twice."""
    found = [label for one in borrowed for label in (Label(one.declared, owned), Label(one.use, "borrowed here"))]
    return tuple(dict.fromkeys(found))


def code(found: Borrowing) -> str:
    return "async block" if found.is_async else "closure"


def home(found: Borrowing) -> str:
    """Whose end the code may outlive."""
    match found.home:
        case "scope":
            return "the scope"
        case "closure":
            return "the closure that returns it"
        case "fn":
            return f"`{found.function}`" if found.function else "the current function"


def owner(found: Borrowing) -> str:
    return "the closure of the scope" if found.home == "scope" else home(found)


def life(found: Borrowing) -> str:
    if found.runs == "block":
        return "this block is returned before it runs"
    return f"this {found.runs} may still run after {owner(found)} has returned"


def listed(borrowed: Sequence[Borrowed]) -> str:
    names = list(dict.fromkeys(f"`{one.name}`" for one in borrowed))
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def cure(found: Borrowing) -> str:
    """What to write. A `move` takes everything the code mentions, so what others need is cloned or lent first."""
    written = "async move" if found.is_async else "move ||"
    text = f"write `{written}`, so that the {code(found)} takes ownership of {listed(found.owned)}"
    caller = [one for one in (*found.lent, *found.owned) if one.refers]
    if caller:
        name = caller[0].name
        return (
            f"clone what the {code(found)} needs of `{name}` and write `{written}`: `{name}` is a loan from the caller"
        )
    if found.shared:
        name = found.shared[0]
        return f"{text}, with `let {name} = &{name};` before it, since `move` would take `{name}` too"
    if found.move is not None and (names := found.move.needed_later or found.move.cloned):
        clone = f"`let {names[0]} = {names[0]}.clone();`"
        needed = "again" if found.move.needed_later else "elsewhere"
        return f"{text}; `{names[0]}` is needed {needed}, so give it a clone: {clone} in a block before"
    return text


def fix(found: Borrowing) -> Fix | None:
    """`move`, after clones of what others need, unless the caller's property would go along."""
    move = found.move
    if move is None or not move.edits or found.lent or any(one.refers for one in found.owned):
        return None
    edits = tuple(Edit(Span(found.head.path, start, end), text) for start, end, text in move.edits)
    return Fix(title(move), Safety.SAFE if move.safe and not found.shared else Safety.UNSAFE, edits)


def title(move: Move) -> str:
    given = [f"a clone of `{name}`" for name in move.cloned] + [f"a reference to `{name}`" for name in move.lent]
    return f"add `move`, with {' and '.join(given)}" if given else "add `move`"
