"""What a path through a body takes for granted of its parameters: `if force {..}`, `match mode { Mode::Fast => .. }`.

A caller that writes `false`, or another variant, does not go that way: what lies on it is none of its affair.
"""

from __future__ import annotations

from rustconc_lint.facts import model as f
from rustconc_lint.program.interpret.machine import Machine
from rustconc_lint.program.interpret.patterns import exhausts, variant_names
from rustconc_lint.program.interpret.state import Assumption, State

WRITTEN = (f.Call, f.Method)


def assume(m: Machine, holds: State, refuted: State, condition: f.Expr) -> None:
    """A condition about a parameter: `holds` is the state where it is true."""
    match condition:
        case f.Local(slot=slot):
            name = "true"
        case f.Binary(op="==", left=f.Local(slot=slot), right=right) if named(m, right):
            name = named(m, right)
        case _:
            return
    note(m, holds, slot, name, True)
    note(m, refuted, slot, name, False)


def assume_matched(m: Machine, state: State, subject: f.Expr, pattern: f.Pattern) -> None:
    """A parameter has matched a pattern."""
    names = variant_names(pattern)
    if isinstance(subject, f.Local) and len(names) == 1:
        note(m, state, subject.slot, next(iter(names)), True)


def assume_refused(m: Machine, state: State, subject: f.Expr, pattern: f.Pattern) -> None:
    """A parameter has not matched a pattern."""
    names = variant_names(pattern)
    if isinstance(subject, f.Local) and (exhausts(m, pattern) or isinstance(pattern, f.PPath)):
        for name in names:
            note(m, state, subject.slot, name, False)


def note(m: Machine, state: State, slot: int, name: str, positive: bool) -> None:
    index = m.steady.get(slot)
    if index is not None:
        state.assumed |= {(index, name, positive)}


def named(m: Machine, expr: f.Expr) -> str:
    """`true`, `false` or the variant that an expression is for certain, "" when that is not known."""
    while isinstance(expr, f.Ref):
        expr = expr.operand
    match expr:
        case f.Lit(kind="bool", text=text):
            return text
        case f.PathX(path=path) | f.Call(callee=f.PathX(path=path)):
            definition = m.typed.paths.get(id(expr if isinstance(expr, f.PathX) else expr.callee))
            is_variant = definition is not None and definition.kind == "variant"
            return path.segments[-1].name if is_variant else ""
        case _:
            return ""


def carried(m: Machine, node: f.Node, assumed: frozenset[Assumption]) -> frozenset[Assumption] | None:
    """What the caller assumes of its own parameters where the callee assumes `assumed`; None when it calls with what
    contradicts it."""
    if not isinstance(node, WRITTEN):
        return frozenset()
    written = (node.receiver, *node.args) if isinstance(node, f.Method) else node.args
    found: set[Assumption] = set()
    for index, name, positive in assumed:
        argument = written[index] if index < len(written) else None
        if argument is None:
            continue
        known = named(m, argument)
        if known and (known == name) is not positive:
            return None
        if isinstance(argument, f.Local) and argument.slot in m.steady:
            found.add((m.steady[argument.slot], name, positive))
    return frozenset(found)
