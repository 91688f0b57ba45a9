"""An `Rc`, or its `Weak`, crosses to another thread, which its plain reference count does not survive."""

from collections.abc import Iterator

from msgspec.structs import replace

from rustconc_lint.checks.non_send_across_threads import report
from rustconc_lint.finding import Edit, Finding, Fix, Safety
from rustconc_lint.program.legality.sending import Crossing
from rustconc_lint.program.model import Program

READS = "spawns"


def check(program: Program) -> Iterator[Finding]:
    for crossing in program.crossings():
        if crossing.counted:
            yield replace(report(crossing, cure(crossing)), fix=fix(crossing))


def cure(crossing: Crossing) -> str:
    if crossing.culprit.startswith("Weak"):
        return "use `std::sync::Arc` and its `Weak`: their counts are atomic"
    if crossing.how == "alive":
        return "use `Arc`, whose count is atomic, or let the `Rc` end in a block of its own before the `.await`"
    for cell in ("RefCell<", "Cell<"):
        if crossing.culprit.startswith(f"Rc<{cell}"):
            return f"use `Arc<Mutex<..>>` in place of `Rc<{cell}..>>`"
    return "use `Arc` in place of `Rc`: its count is atomic"


def fix(crossing: Crossing) -> Fix | None:
    """`Arc` in the whole file: it changes types that others may see, so it is never applied unasked."""
    if not crossing.arcs:
        return None
    edits = tuple(Edit(where, text) for where, text in crossing.arcs)
    return Fix("use `Arc` in place of `Rc` in this file", Safety.UNSAFE, edits)
