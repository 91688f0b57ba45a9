"""What several owners or readers share is changed without a lock."""

from collections.abc import Iterator

from rustconc_lint.finding import Finding, Label
from rustconc_lint.program.legality.shared_changes import SharedChange
from rustconc_lint.program.model import Program

READS = "bodies"


def check(program: Program) -> Iterator[Finding]:
    for found in program.shared_changes():
        yield Finding(
            span=found.place,
            message=f"{subject(found)} {position(found)}, and cannot be changed there",
            label="this would change it",
            labels=(Label(found.variable[0], f"of type `{found.variable[1]}`"),) if found.variable is not None else (),
            help=cure(found),
            compiler=(found.compiler,),
        )


def subject(found: SharedChange) -> str:
    return f"`{found.name}`" if found.name else f"this `{found.inside}`"


def position(found: SharedChange) -> str:
    article = "an" if found.keeper == "shared" else "a"
    return f"is {'in' if found.keeper == 'shared' else 'behind'} {article} `{found.keeper_name}`"


def cure(found: SharedChange) -> str:
    if found.keeper == "read-guard":
        return "a reader may only look: take the lock by `write()` to change what is in it"
    if found.keeper_name == "Rc":
        return f"put a cell inside: `Rc<RefCell<{found.inside}>>`"
    atomic = ", or an atomic in place of the number" if found.number else ""
    return f"put a lock inside: `Arc<Mutex<{found.inside}>>`{atomic}; change it before it is shared, if it changes once"
