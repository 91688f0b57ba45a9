"""A closure or `async` block that runs on its own borrows a variable which may die before it does."""

from collections.abc import Iterator, Sequence

from rustconc_lint.finding import Edit, Finding, Fix, Label, Safety
from rustconc_lint.program.borrowing import Borrowed, Borrowing
from rustconc_lint.program.model import Program
from rustconc_lint.source import Span


def check(program: Program) -> Iterator[Finding]:
    for borrowing in program.borrowings():
        yield owned_here(borrowing) if borrowing.owned else owned_by_caller(borrowing)


def owned_here(found: Borrowing) -> Finding:
    """E0373: the variables belong to the fn, or to the scope's closure."""
    owner = "the scope" if found.scoped else home(found)
    labels: list[Label] = []
    for borrowed in found.owned:
        labels.append(Label(borrowed.declared, f"owned by {'the closure of the scope' if found.scoped else owner}"))
        labels.append(Label(borrowed.use, "borrowed here"))
    end = "the closure of its scope" if found.scoped else owner
    return Finding(
        span=found.head,
        message=f"{code(found)} may outlive {owner}, but it borrows {listed(found.owned)}",
        label=f"this {found.runs} may still run after {end} has returned",
        labels=tuple(dict.fromkeys(labels)),
        help=cure(found),
        compiler=found.compiler,
        fix=fix(found),
    )


def owned_by_caller(found: Borrowing) -> Finding:
    """E0521: a `&self` or `&T` parameter leads to what somebody else owns."""
    labels: list[Label] = []
    for borrowed in found.lent:
        labels.append(Label(borrowed.declared, f"belongs to whoever calls {home(found)}"))
        labels.append(Label(borrowed.use, "borrowed here"))
    return Finding(
        span=found.head,
        message=f"{code(found)} may outlive {home(found)}, but it uses {listed(found.lent)} of its caller",
        label=f"this {found.runs} may still run after {home(found)} has returned",
        labels=tuple(dict.fromkeys(labels)),
        help=f"`move` does not help here: clone what the {found.runs} needs (an `Arc`, a field) before the "
        f"{'block' if found.is_async else 'closure'}" + ("" if found.is_async else ", or use `thread::scope`"),
        compiler=found.compiler,
    )


def code(found: Borrowing) -> str:
    return "async block" if found.is_async else "closure"


def home(found: Borrowing) -> str:
    return f"`{found.function}`" if found.function else "the current function"


def listed(borrowed: Sequence[Borrowed]) -> str:
    names = list(dict.fromkeys(f"`{one.name}`" for one in borrowed))
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def cure(found: Borrowing) -> str:
    """What to write. A `move` takes everything the code mentions, so what others need is cloned or lent first."""
    written = "async move" if found.is_async else "move ||"
    text = f"write `{written}`, so that the {code(found)} takes ownership of {listed(found.owned)}"
    if found.lent:
        lent = listed(found.lent)
        return f"{text}, and clone what it uses of {lent} first: that belongs to the caller"
    if found.shared:
        name = found.shared[0]
        return f"{text}, with `let {name} = &{name};` before it, since `move` would take `{name}` too"
    if found.move is not None and found.move.needed_later:
        name = found.move.needed_later[0]
        return f"{text}; `{name}` is needed again, so give it a clone: `let {name} = {name}.clone();` in a block before"
    return text


def fix(found: Borrowing) -> Fix | None:
    if found.move is None or found.lent:
        return None
    at = Span(found.head.path, found.move.insert, found.move.insert)
    safety = Safety.SAFE if found.move.safe and not found.shared else Safety.UNSAFE
    return Fix("add `move`", safety, (Edit(at, "move "),))
