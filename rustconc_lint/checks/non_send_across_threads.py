"""A value crosses to another thread, or is shared with one, although its type forbids it."""

from collections.abc import Iterator

from rustconc_lint.finding import Finding, Label
from rustconc_lint.program.legality.sending import Crossing
from rustconc_lint.program.model import Program

READS = "spawns"

FUTURE = "future cannot be sent between threads safely"


def check(program: Program) -> Iterator[Finding]:
    for crossing in program.crossings():
        if not crossing.counted:
            yield report(crossing, cure(crossing))


def report(crossing: Crossing, help_text: str) -> Finding:
    """The finding for either Send rule."""
    labels = []
    if crossing.declared is not None:
        labels.append(Label(crossing.declared, contents(crossing)))
    if crossing.use is not None:
        labels.append(Label(crossing.use, used(crossing)))
    return Finding(
        span=crossing.span,
        message=f"{refusal(crossing)}, but {deed(crossing)}",
        label=place(crossing),
        labels=tuple(labels),
        help=help_text,
        compiler=codes(crossing),
    )


def refusal(crossing: Crossing) -> str:
    if crossing.lacks == "'static":
        return f"`{crossing.culprit}` may not live long enough"
    verb = "sent" if crossing.lacks == "Send" else "shared"
    return f"`{crossing.culprit}` cannot be {verb} between threads safely"


def deed(crossing: Crossing) -> str:
    thing = f"`{crossing.name}`" if crossing.name else f"a `{crossing.whole}`"
    match crossing.how:
        case "captured":
            return f"this {crossing.runs} captures {thing}"
        case "passed":
            return f"this {crossing.runs} is given {thing}"
        case "returned":
            return f"this {crossing.runs} returns {thing}"
        case "alive":
            where = f" in `{crossing.within}`" if crossing.within else ""
            return f"{thing} lives over an `.await` of this {crossing.runs}{where}"
        case "static":
            return f"every thread can reach the static {thing}"
        case "demanded":
            return f"the {crossing.runs} {thing} demands it of `{crossing.whole}`"


def place(crossing: Crossing) -> str:
    if crossing.how == "static":
        return f"a `{crossing.whole}`"
    if crossing.how == "demanded":
        return f"`{crossing.whole}` must be {crossing.lacks}"
    return f"this {crossing.runs} needs {crossing.lacks if crossing.lacks != 'Sync' else 'Send'} values"


def contents(crossing: Crossing) -> str:
    if crossing.whole == crossing.culprit:
        return f"a `{crossing.whole}`"
    fields = ".".join(step for step in crossing.path if step != "*" and not step.startswith("<"))
    within = f" in `{fields}`" if fields else ""
    return f"a `{crossing.whole}`, which holds a `{crossing.culprit}`{within}"


def used(crossing: Crossing) -> str:
    return "still alive here" if crossing.how == "alive" else "used here"


def codes(crossing: Crossing) -> tuple[str, ...]:
    if crossing.lacks == "'static":
        return ("E0310",)
    if crossing.runs == "task":
        return ("E0277", FUTURE)
    return ("E0277",)


def cure(crossing: Crossing) -> str:
    """What to use instead, by the type that stands in the way."""
    if crossing.lacks == "'static":
        return f"add `+ 'static` to the bounds of `{crossing.culprit}`"
    if crossing.parameter:
        return f"add `+ {crossing.lacks}` to the bounds of `{crossing.culprit}`"
    if crossing.how == "alive":
        return "let it end in a block of its own before the `.await`; `drop(..)` is not enough for rustc"
    culprit = crossing.culprit
    if culprit.startswith("dyn "):
        return f"write `{culprit} + {crossing.lacks}`"
    for start, text in CURES:
        if culprit.startswith(start):
            return text
    return f"give the {crossing.runs} a value whose type is {crossing.lacks}"


CURES = (
    ("RefCell<", "use `Mutex` or `RwLock` in place of `RefCell`"),
    ("Cell<", "use an atomic or a `Mutex` in place of `Cell`"),
    ("OnceCell<", "use `std::sync::OnceLock` in place of `OnceCell`"),
    ("LazyCell<", "use `std::sync::LazyLock` in place of `LazyCell`"),
    ("UnsafeCell<", "use a `Mutex` in place of `UnsafeCell`"),
    ("Receiver<", "let one thread own the receiver, or share it as `Arc<Mutex<Receiver<..>>>`"),
    ("MutexGuard<", "lock inside of the thread: the thread that locks must unlock"),
    ("RwLockReadGuard<", "lock inside of the thread: the thread that locks must unlock"),
    ("RwLockWriteGuard<", "lock inside of the thread: the thread that locks must unlock"),
    ("*", "pass ownership of the data, as a `Box` or an `Arc`, in place of a raw pointer"),
)
