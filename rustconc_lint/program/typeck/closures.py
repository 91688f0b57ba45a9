"""Closures and async blocks: parameters from what the callee's bound expects, outputs from their bodies.

A closure's type is ClosureTy(owner, start); its signature is known to the session before the body is typed, so that the
bound it is checked against (`F: FnOnce(A) -> B`) and the body teach one another (Reference, "Closure expressions").
"""

from __future__ import annotations

from rustconc_lint.facts.model import Closure
from rustconc_lint.program.lang import ASYNC_FN_TRAITS, BOX, FN_TRAITS, FUTURE
from rustconc_lint.program.typeck.callables import Signature, bound_signature, callable_signature
from rustconc_lint.program.typeck.coercion import coerce
from rustconc_lint.program.typeck.obligations import Requires, instantiate
from rustconc_lint.program.typeck.paths import lowered
from rustconc_lint.program.typeck.patterns import bind
from rustconc_lint.program.typeck.session import Session, check, is_never
from rustconc_lint.program.typeck.unify import Var
from rustconc_lint.program.types import Adt, ClosureTy, FnPtr, Opaque, TraitRef, Ty


def closure(session: Session, expr: Closure, expected: Ty | None) -> Ty:
    """`|a, b| ..`, `async move { .. }`, `async |a| ..`."""
    wanted = _expected_signature(session, expected) if expr.kind != "async" else None
    output = session.infer.fresh() if expr.output is None else lowered(session, expr.output)
    params: list[Ty] = []
    for index, param in enumerate(expr.params):
        ty: Ty = session.infer.fresh() if param.annotation is None else lowered(session, param.annotation)
        if wanted is not None and index < len(wanted[0]):
            session.infer.unify(ty, wanted[0][index])
        params.append(ty)
    returned = future_of(output) if expr.kind == "async fn" else output
    if wanted is not None and expr.kind == "fn":
        if type(session.infer.shallow(wanted[1])) is not Var:
            session.expected.add(expr.start)
        session.infer.unify(output, wanted[1])
    if wanted is not None and expr.kind == "async fn":
        session.infer.unify(returned, wanted[1])
    session.closures[expr.start] = expr
    session.closure_signatures[expr.start] = (tuple(params), returned)
    for param, ty in zip(expr.params, params, strict=True):
        bind(session, param.pattern, ty)
    _body(session, expr, output)
    return ClosureTy(session.owner.path, expr.start, expr.kind == "async")


def _body(session: Session, expr: Closure, output: Ty) -> None:
    targets, session.targets = session.targets, []
    session.returns.append(output)
    ty = check(session, expr.body, output)
    session.returns.pop()
    session.targets = targets
    if is_never(session, ty):
        session.diverging.append(output)
    else:
        coerce(session, ty, output)


def future_of(output: Ty) -> Opaque:
    """The future that an async fn or closure returns."""
    return Opaque((TraitRef(FUTURE, (), (("Output", output),)),))


def _expected_signature(session: Session, expected: Ty | None) -> Signature | None:
    """What the context wants of a closure: the Fn bound on the variable it is to become, or a callable type."""
    if expected is None:
        return None
    expected = session.infer.shallow(expected)
    if type(expected) is Var:
        return _awaited_signature(session, expected)
    if isinstance(expected, FnPtr) or (type(expected) is Adt and expected.path == BOX):
        return callable_signature(session, expected, instantiate)
    return callable_signature(session, expected, instantiate) if type(expected) is not ClosureTy else None


def _awaited_signature(session: Session, var: Var) -> Signature | None:
    for obligation in session.infer.watchers.get(var.index, ()):
        if isinstance(obligation, Requires) and obligation.bound.path in FN_TRAITS | ASYNC_FN_TRAITS:
            return bound_signature(obligation.bound)
    return None
