"""Two locks taken in one order here and in the other order there: two threads can wait for each other."""

from collections.abc import Iterator

from rustconc_lint.finding import Confidence, Finding, Label
from rustconc_lint.program.locks import Cycle, Step
from rustconc_lint.program.model import Program


def check(program: Program) -> Iterator[Finding]:
    for cycle in program.lock_cycles():
        yield report(cycle)


def report(cycle: Cycle) -> Finding:
    first = cycle.steps[0]
    names = [f"`{step.first.name}`" for step in cycle.steps]
    labels = [*held_and_hops(first)]
    for step in cycle.steps[1:]:
        labels += held_and_hops(step)
        labels.append(
            Label(step.span, f"another thread waits for `{step.second.name}` here, holding `{step.first.name}`")
        )
    order = ", then ".join(names)
    return Finding(
        span=first.span,
        message=f"{' and '.join(names)} are locked in different orders, so threads can wait for each other for ever",
        label=f"waits for `{first.second.name}` while `{first.first.name}` is held",
        labels=tuple(labels),
        confidence=Confidence.HIGH if cycle.certain else Confidence.MEDIUM,
        help=f"lock them in one order everywhere: {order}; or release the first before you take the second",
    )


def held_and_hops(step: Step) -> list[Label]:
    """Where the first lock was taken, and the calls that lead to the second."""
    labels = [Label(step.held.span, f"`{step.first.name}` is taken here")]
    labels += [Label(hop.span, f"`{hop.name}` is called here") for hop in step.held.chain]
    labels += [Label(hop.span, f"`{hop.name}` is called here") for hop in step.way[1:]]
    if step.way:
        labels.append(Label(step.acquire.span, f"`{step.second.name}` is taken here"))
    return labels
