"""A thread changes its own copy of a number, and the original is read afterwards as if it had changed."""

from collections.abc import Iterator

from rustconc_lint.finding import Finding, Label
from rustconc_lint.program.legality.changed_copies import ChangedCopy
from rustconc_lint.program.model import Program

READS = "spawns"

ATOMICS = {
    "bool": "AtomicBool",
    "{integer}": "AtomicI32",
    **{f"{sign}{bits}": f"Atomic{sign.upper()}{bits}" for sign in "iu" for bits in ("8", "16", "32", "64", "size")},
}


def check(program: Program) -> Iterator[Finding]:
    for found in program.changed_copies():
        yield Finding(
            span=found.change,
            message=f"the {found.runs} changes its own copy of `{found.name}`, and the original is read later",
            label="nobody else sees this change",
            labels=(
                Label(found.head, f"`move` copies `{found.name}` here"),
                Label(found.read, "this is still the old value"),
            ),
            help=cure(found),
        )


def cure(found: ChangedCopy) -> str:
    shared = f"`Arc<{ATOMICS.get(found.ty, 'Mutex<_>')}>`"
    if found.scoped:
        return f"return the value and take it from `join()`, leave out `move` if one thread is all, or share {shared}"
    end = "join()" if found.runs == "thread" else ".await"
    return f"return the value from the {found.runs} and take it from `{end}`, or share it as {shared}"
