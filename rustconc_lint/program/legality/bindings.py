"""What the variables of a body are bound from: the values and places that reach their names.

Every way that binds counts: `let`, patterns of `match`, `if let` and `for`, assignments, and the parameter of a closure
that an iterator or Option is given (`.map(|item| ..)`), which comes out of it.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.program.typeck.model import TypedBody

BINDING = frozenset((f.LetStatement, f.Let, f.Match, f.Loop, f.Method, f.Closure, f.Assign))


class Binding(msgspec.Struct, frozen=True):
    """What a variable is bound from: values that its pattern takes apart; of a `ref` name the places it borrows."""

    by_ref: bool
    values: tuple[f.Expr, ...]


def bindings_of(typed: TypedBody) -> dict[int, Binding]:
    """The values that reach each variable of a body; parameters are not among them. A loop's variable is bound from
    what the loop goes through, a closure's parameter from what an iterator or Option holds that it is given to."""
    found: dict[int, Binding] = {}
    rebound: set[int] = set()
    for node in typed.body.expressions:
        if isinstance(node, f.Macro) and node.family == "opaque":
            rebound.update(arg.slot for arg in node.args if isinstance(arg, f.Local))
        if type(node) not in BINDING:
            continue
        for pattern, value in bound_in(typed, node):
            for name in f.nodes(pattern):
                if isinstance(name, f.PBind):
                    earlier = found[name.slot].values if name.slot in found else ()
                    values = earlier if value is None else (*earlier, value)
                    found[name.slot] = Binding(bool(name.by_ref), values)
        if isinstance(node, f.Assign) and not node.op and isinstance(node.target, f.Local):
            binding = found.get(node.target.slot)
            if binding is not None and not binding.by_ref:
                found[node.target.slot] = Binding(False, (*binding.values, node.value))
    # `pin!(stream);` binds the name anew, and so may any other macro.
    return {**found, **dict.fromkeys(rebound, Binding(False, ()))}


def bound_in(typed: TypedBody, node: f.Node) -> Iterator[tuple[f.Pattern, f.Expr | None]]:
    """The patterns of one node, each with the value it is matched against."""
    match node:
        case f.LetStatement(pattern=pattern, value=value):
            yield pattern, value
        case f.Let(pattern=pattern, value=value):
            yield pattern, value
        case f.Match(scrutinee=scrutinee, arms=arms):
            for arm in arms:
                yield arm.pattern, scrutinee
        case f.Loop(kind="for", pattern=pattern, head=head) if pattern is not None:
            yield pattern, head
        case f.Method(receiver=receiver, args=args):
            callee = typed.calls.get(id(node))
            holds = callee is not None and callee.definition.module.crate.api and callee.receiver == "value"
            for arg in args:
                if isinstance(arg, f.Closure) and len(arg.params) == 1 and holds:
                    yield arg.params[0].pattern, receiver
        case f.Closure(params=params):
            for param in params:
                yield param.pattern, None
