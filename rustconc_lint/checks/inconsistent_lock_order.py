"""Two locks taken in one order here and in the other order there: two threads can wait for each other."""

from collections.abc import Iterator

from rustconc_lint.finding import Confidence, Finding, Label
from rustconc_lint.program.hangs.lock_order import Violation
from rustconc_lint.program.hangs.locks import Cycle, Step
from rustconc_lint.program.model import Program


def check(program: Program) -> Iterator[Finding]:
    against = set()
    for violation in program.order_violations():
        against.add(violation.step.acquire.span)
        yield disagreement(violation)
    for cycle in program.lock_cycles():
        if not any(step.acquire.span in against for step in cycle.steps):
            yield report(cycle)


def disagreement(violation: Violation) -> Finding:
    """One step against the order that the project declares."""
    step = violation.step
    first, second = f"`{step.first.name}`", f"`{step.second.name}`"
    return Finding(
        span=step.span,
        message=f"{second} is taken while {first} is held, against the declared order: {second}, then {first}",
        label=f"waits for {second} while {first} is held",
        labels=tuple(held_and_hops(step)),
        help=f"take {second} first, or release {first} before; the order is declared as `lock-order`",
    )


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
