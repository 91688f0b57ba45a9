"""A receiver that waits for ever, since a sender that nobody uses any more still lives."""

from collections.abc import Iterator

from rustconc_lint.finding import Finding, Fix, Label, Safety, Severity
from rustconc_lint.program.hangs.channels import StuckDrain
from rustconc_lint.program.model import Program


def check(program: Program) -> Iterator[Finding]:
    for stuck in program.stuck_drains():
        yield endless_loop(stuck) if stuck.waits is None else endless_wait(stuck)


def endless_loop(stuck: StuckDrain) -> Finding:
    """The loop itself waits, or a call of the function that has the loop."""
    name, chain = name_of(stuck), stuck.drain.chain
    waits = f"`{chain[-1].name}` receives" if chain else "waits" if stuck.drain.once else "receives"
    place = "call" if chain else "receive" if stuck.drain.once else "loop"
    return Finding(
        span=stuck.drain.span,
        message=f"this {place} never ends: {name} keeps the channel open",
        label=f"{waits} until every sender is dropped; {when(stuck)}",
        labels=(*lives(stuck), *(Label(hop.span, f"which calls `{hop.name}`") for hop in chain[1:])),
        severity=Severity.WARNING if stuck.unsure else Severity.ERROR,
        help=cure(stuck, f"the {place}"),
        fix=dropped(stuck, Safety.UNSAFE if stuck.unsure else Safety.SAFE),
    )


def endless_wait(stuck: StuckDrain) -> Finding:
    """A join, or the end of a scope, waits for the thread that has the loop."""
    name, loop = name_of(stuck), stuck.drain.span
    receives = "receives until every sender is dropped"
    if stuck.implied == "scope" or stuck.waits is None:
        span, waits, label = loop, "the end of this scope", f"this thread {receives}"
    else:
        span, waits, label = stuck.waits, "this `join`", f"waits for the thread; {name} is dropped only after it"
    return Finding(
        span=span,
        message=f"{waits} waits for a thread that never ends: {name} keeps its channel open",
        label=label if not stuck.inside or stuck.implied == "scope" else "waits for the thread",
        labels=(*lives(stuck), *([Label(loop, f"that thread {receives}")] if span != loop else ())),
        severity=Severity.WARNING,
        help=cure(stuck, "the scope ends" if stuck.implied == "scope" else "`join`"),
        fix=dropped(stuck, Safety.UNSAFE),
    )


def when(stuck: StuckDrain) -> str:
    """Why the sender does not die before."""
    return (
        f"the thread with {name_of(stuck)} never ends" if stuck.stands else f"{name_of(stuck)} is dropped only after it"
    )


def dropped(stuck: StuckDrain, safety: Safety) -> Fix | None:
    """`drop(tx);` before the wait: of a loop that surely never ends, it changes no run that does."""
    return Fix(f"drop `{stuck.owner.name}` before", safety, (stuck.remedy,)) if stuck.remedy is not None else None


def cure(stuck: StuckDrain, wait: str) -> str:
    name = stuck.owner.name
    if stuck.stands is not None:
        return "give that thread first what it waits for: a message, or the end of its channel"
    if stuck.inside:
        return "do not keep a sender in the thread that receives: move it out, or drop it before the loop"
    if stuck.implied == "drop":
        return "let the sender die first: variables die in reverse order of declaration, fields from top to bottom"
    if not name:
        return f"give the sender a name, and drop it before {wait}"
    if stuck.kept_in and stuck.borrowed:
        return f"write `drop({name}.take());` before {wait}; the field must be an `Option` for that"
    if stuck.waits is not None or "." in name:
        return f"write `drop({name});` before {wait}"
    return f"write `drop({name});` before {wait}, or move `{name}` itself into the last thread, not a clone"


def lives(stuck: StuckDrain) -> Iterator[Label]:
    """Which sender it is, where it comes from, and how long it lives."""
    owner, name = stuck.owner, name_of(stuck)
    if stuck.stands is not None:
        end = "the end of a channel" if stuck.stands.ends else "a message"
        yield Label(stuck.stands.span, f"the thread with {name} waits here, for {end}")
        return
    if stuck.kept_in:
        yield Label(owner.made, f"`{stuck.kept_in}` keeps the sender and the thread's handle")
        return
    yield Label(owner.declared or owner.made, f"{name} lives {home(stuck)}")


def name_of(stuck: StuckDrain) -> str:
    """As it stands in a sentence."""
    return f"`{stuck.owner.name}`" if stuck.owner.name else "a sender without a name"


def home(stuck: StuckDrain) -> str:
    if stuck.inside:
        return "as long as the thread that receives"
    function = stuck.drain.within or stuck.where.name
    return f"to the end of `{function}`" if function else "to the end of these statements"
