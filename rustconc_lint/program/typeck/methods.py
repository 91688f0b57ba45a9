"""Method calls: look the method up, instantiate it for the receiver, type the arguments, record the callee."""

from __future__ import annotations

from rustconc_lint.facts.model import Method, TypeExpr
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.typeck.calls import arguments, hinted, opened
from rustconc_lint.program.typeck.obligations import instantiate, known
from rustconc_lint.program.typeck.paths import freshened
from rustconc_lint.program.typeck.probe import Probe, probe
from rustconc_lint.program.typeck.selection import Mapping
from rustconc_lint.program.typeck.session import Resolution, Session, check
from rustconc_lint.program.types import UNKNOWN, Ty


def method(session: Session, expr: Method, expected: Ty | None) -> Ty:
    receiver = known(session, check(session, expr.receiver))
    found = None if session.infer.is_huge(receiver) else probe(session, receiver, expr.name)
    if found is None:
        for arg in expr.args:
            check(session, arg)
        return UNKNOWN
    return _call(session, expr, found, expected)


def _call(session: Session, expr: Method, found: Probe, expected: Ty | None) -> Ty:
    named = found.named
    shared = session.surface.function(named.definition)
    if shared is None:
        arguments(session, expr.args, ())
        return UNKNOWN
    if expr.type_args:
        named.bindings.update(_turbofish(session, expr.type_args, named.definition))
    mapping = opened(session, shared, named.bindings)
    session.calls[id(expr)] = Resolution(named.definition, mapping, found.passing, found.ty, found.steps, named.exact)
    types = shared.types
    params = tuple([instantiate(session, param, mapping) for param in types.params])
    output = instantiate(session, types.output, mapping)
    if not arguments(session, expr.args, params, hinted(session, output, expected)):
        session.calls.pop(id(expr), None)
    return output


def _turbofish(session: Session, written: tuple[TypeExpr, ...], definition: Definition) -> Mapping:
    scope = session.scope
    types = session.surface.types
    args = types.lower_args(written, definition, scope.module, scope.owner)
    own = types.own_generics(definition)
    return {(param.owner, param.name): freshened(session, arg) for param, arg in zip(own, args, strict=False)}
