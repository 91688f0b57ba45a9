"""A closure or `async` block that runs on its own borrows a variable which may die before it does."""

from collections.abc import Iterable, Iterator, Sequence

from rustconc_lint.finding import Edit, Finding, Fix, Label, Safety
from rustconc_lint.program.legality.borrowing import Borrowed, Borrowing
from rustconc_lint.program.legality.moving import Move
from rustconc_lint.program.model import Program
from rustconc_lint.source import Span

READS = "spawns"


def check(program: Program) -> Iterator[Finding]:
    for borrowing in program.borrowings():
        yield owned_here(borrowing) if borrowing.owned else owned_by_caller(borrowing)


def owned_here(found: Borrowing) -> Finding:
    """E0373: the variables belong to the fn, to the scope's closure, or to the closure that returns the block."""
    return Finding(
        span=found.head,
        message=f"{code(found)} may outlive {home(found)}, but it borrows {listed(one.name for one in found.owned)}",
        label=life(found),
        labels=labels(found.owned, f"owned by {owner(found)}"),
        help=cure(found),
        compiler=found.compiler,
        fix=fix(found),
    )


def owned_by_caller(found: Borrowing) -> Finding:
    """E0521: a `&self` or `&T` parameter leads to what somebody else owns."""
    before = f"`move` does not help here: clone what the {found.runs} needs (an `Arc`, a field) before the"
    names = listed(one.name for one in found.lent)
    return Finding(
        span=found.head,
        message=f"{code(found)} may outlive {home(found)}, but it uses {names} of its caller",
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


def listed(names: Iterable[str]) -> str:
    names = list(dict.fromkeys(f"`{name}`" for name in names))
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def cure(found: Borrowing) -> str:
    """What to write. A `move` takes everything the code mentions, so what others need is cloned or lent first."""
    written = "async move" if found.is_async else "move ||"
    text = f"write `{written}`, so that the {code(found)} takes ownership of {listed(one.name for one in found.owned)}"
    caller = [one for one in (*found.lent, *found.owned) if one.refers]
    if caller:
        name = caller[0].name
        return (
            f"clone what the {code(found)} needs of `{name}` and write `{written}`: `{name}` is a loan from the caller"
        )
    if found.shared:
        name = found.shared[0]
        return f"{text}, with `let {name} = &{name};` before it, since `move` would take `{name}` too"
    needed = needed_elsewhere(found.move) if found.move is not None else ""
    return f"{text}; {needed}" if needed else text


def needed_elsewhere(move: Move) -> str:
    """What to do about a variable that something else needs as well, "" if there is none."""
    names = move.needed_later or tuple(shadow.name for shadow in move.clones)
    if not names:
        return ""
    needed = f"{'are' if names[1:] else 'is'} needed {'again' if move.needed_later else 'elsewhere'}"
    clones = [shadow.text for shadow in move.clones if shadow.name in names]
    if len(clones) < len(names):
        cure = ": share what cannot be cloned in an `Arc`, and what changes in an `Arc<Mutex<..>>`"
    else:
        cure = f", so give it {'clones' if names[1:] else 'a clone'}: `{' '.join(clones)}` in a block before"
    return f"{listed(names)} {needed}{cure}"


def fix(found: Borrowing) -> Fix | None:
    """`move`, after clones of what others need, unless the caller's property would go along."""
    move = found.move
    if move is None or not move.edits or found.lent or any(one.refers for one in found.owned):
        return None
    edits = tuple(Edit(Span(found.head.path, start, end), text) for start, end, text in move.edits)
    return Fix(title(move), Safety.SAFE if move.safe and not found.shared else Safety.UNSAFE, edits)


def title(move: Move) -> str:
    given = [f"a clone of `{shadow.name}`" for shadow in move.clones]
    given += [f"a reference to `{shadow.name}`" for shadow in move.loans]
    return f"add `move`, with {' and '.join(given)}" if given else "add `move`"
