"""Blocks, statements, branches, loops and jumps: the types of values that come out of control flow.

A block whose end cannot be reached has type `!`; branches that diverge say nothing of the whole; `break` brings its
value to the loop or labelled block it leaves (Reference, "Block expressions", "Loop expressions").
"""

from __future__ import annotations

from rustconc_lint.facts.model import (
    Await,
    Block,
    Expr,
    If,
    Jump,
    Let,
    LetStatement,
    Loop,
    Macro,
    Match,
    Statement,
    Try,
)
from rustconc_lint.program.lang import (
    BOOL,
    CONTROL_FLOW,
    FUTURE,
    INTO_FUTURE,
    INTO_ITERATOR,
    OPTION,
    POLL,
    RESULT,
)
from rustconc_lint.program.typeck.coercion import coerce
from rustconc_lint.program.typeck.obligations import known, project
from rustconc_lint.program.typeck.operators import record
from rustconc_lint.program.typeck.paths import lowered
from rustconc_lint.program.typeck.patterns import bind
from rustconc_lint.program.typeck.selection import may_implement
from rustconc_lint.program.typeck.session import Session, Target, check, is_never
from rustconc_lint.program.typeck.surface import Scope
from rustconc_lint.program.typeck.unify import Var
from rustconc_lint.program.typeck.values import pin_locals
from rustconc_lint.program.types import NEVER, UNIT, UNKNOWN, Adt, Dyn, RefTy, TraitRef, Ty, Unknown


def block(session: Session, expr: Block, expected: Ty | None) -> Ty:
    if expr.scope < 0 and not expr.label:
        return _statements(session, expr, expected)
    outer = session.scope
    if expr.scope >= 0:
        names = session.surface.names
        scope = session.body.scopes[expr.scope]
        session.scope = Scope(names.block_module(outer.module, outer.module.file, scope), outer.owner)
    target = Target(expr.label, loops=False, expected=expected)
    session.targets.append(target)
    ty = _statements(session, expr, expected)
    session.targets.pop()
    session.scope = outer
    return ty if not target.broken else joined(session, target.value, ty)


def _statements(session: Session, expr: Block, expected: Ty | None) -> Ty:
    diverges = False
    for statement in expr.statements:
        diverges = _statement(session, statement) or diverges
    if expr.tail is not None:
        ty = check(session, expr.tail, expected)
        return NEVER if diverges and session.infer.shallow(ty) == UNIT else ty
    return NEVER if diverges else UNIT


def _statement(session: Session, statement: Statement) -> bool:
    """Types it; True when control does not come out of it."""
    if isinstance(statement, LetStatement):
        return _let(session, statement)
    ty = check(session, statement.expr, None if statement.semi else UNIT)
    if isinstance(statement.expr, Macro):
        pin_locals(session, statement.expr)
    return is_never(session, ty) and not statement.cfg


def _let(session: Session, statement: LetStatement) -> bool:
    annotation = None if statement.annotation is None else lowered(session, statement.annotation)
    ty: Ty | None = None
    if statement.value is not None:
        ty = check(session, statement.value, annotation)
        if annotation is not None:
            coerce(session, ty, annotation)
    bound = annotation if annotation is not None else ty
    bind(session, statement.pattern, session.infer.fresh() if bound is None else bound)
    if statement.orelse is not None:
        check(session, statement.orelse)
    return ty is not None and is_never(session, ty) and not statement.cfg


def joined(session: Session, one: Ty, other: Ty) -> Ty:
    """The type of a value that comes from either of two branches."""
    if is_never(session, one):
        return other
    if is_never(session, other):
        return one
    known_one = session.infer.shallow(one)
    if type(known_one) is Unknown:
        return other
    coerce(session, other, known_one)
    return one


def branches_hint(session: Session, expected: Ty | None) -> tuple[Ty | None, bool]:
    """What branches are told to be, and whether the whole takes that type: then each is coerced to it by itself."""
    if expected is None:
        return None, False
    expected = session.infer.shallow(expected)
    decided = type(expected) not in (Var, Unknown)
    return expected, decided and (type(expected) is RefTy or _may_be_unsized(session, expected))


def _may_be_unsized(session: Session, ty: Ty) -> bool:
    return type(ty) is Adt and any(type(session.infer.shallow(arg)) is Dyn for arg in ty.args)


def if_(session: Session, expr: If, expected: Ty | None) -> Ty:
    check(session, expr.condition, BOOL)
    then = check(session, expr.then, expected)
    if expr.orelse is None:
        return UNIT
    orelse = check(session, expr.orelse, expected)
    hint, decided = branches_hint(session, expected)
    if decided and hint is not None and not (is_never(session, then) and is_never(session, orelse)):
        coerce(session, then, hint)
        coerce(session, orelse, hint)
        return hint
    return joined(session, then, orelse)


def let_condition(session: Session, expr: Let, expected: Ty | None) -> Ty:
    bind(session, expr.pattern, known(session, check(session, expr.value)))
    return BOOL


def match(session: Session, expr: Match, expected: Ty | None) -> Ty:
    scrutinee = known(session, check(session, expr.scrutinee))
    hint, decided = branches_hint(session, expected)
    result: Ty = NEVER
    for arm in expr.arms:
        bind(session, arm.pattern, scrutinee)
        if arm.guard is not None:
            check(session, arm.guard, BOOL)
        ty = check(session, arm.body, expected)
        if decided and hint is not None and not is_never(session, ty):
            coerce(session, ty, hint)
            ty = hint
        result = joined(session, result, ty)
    return result


def loop(session: Session, expr: Loop, expected: Ty | None) -> Ty:
    if expr.kind == "for" and expr.head is not None and expr.pattern is not None:
        bind(session, expr.pattern, iterated(session, expr, known(session, check(session, expr.head))))
    elif expr.head is not None:
        check(session, expr.head, BOOL)
    target = Target(expr.label, loops=True, expected=expected if expr.kind == "loop" else None)
    session.targets.append(target)
    check(session, expr.body, UNIT)
    session.targets.pop()
    if expr.kind != "loop":
        return UNIT
    return target.value if target.broken else NEVER


def iterated(session: Session, expr: Expr, ty: Ty) -> Ty:
    """The type of the items a `for` over a value of type `ty` goes through."""
    if type(ty) is Unknown:
        return UNKNOWN
    item = known(session, project(session, ty, INTO_ITERATOR, "Item"))
    record(session, expr, ty, TraitRef(INTO_ITERATOR), "into_iter", "value")
    return item


def jump(session: Session, expr: Jump, expected: Ty | None) -> Ty:
    if expr.kind == "return":
        wanted = session.returns[-1] if session.returns else None
        ty = UNIT if expr.value is None else check(session, expr.value, wanted)
        if wanted is not None:
            coerce(session, ty, wanted)
        return NEVER
    target = _target(session, expr)
    if expr.kind == "break":
        ty = UNIT if expr.value is None else check(session, expr.value, None if target is None else target.expected)
        if target is not None:
            target.value = joined(session, target.value, ty)
            target.broken = True
    return NEVER


def _target(session: Session, expr: Jump) -> Target | None:
    for target in reversed(session.targets):
        if target.label == expr.label if expr.label else target.loops:
            return target
    return None


def question(session: Session, expr: Try, expected: Ty | None) -> Ty:
    """`x?`, the success value of an Option, Result, Poll or ControlFlow (Reference, "Try propagation expression")."""
    ty = known(session, check(session, expr.operand))
    if type(ty) is Adt and ty.args:
        if ty.path in (OPTION, RESULT):
            return ty.args[0]
        if ty.path == CONTROL_FLOW and len(ty.args) > 1:
            return ty.args[1]
        if ty.path == POLL:
            return _poll_success(session, ty)
    return session.infer.fresh() if type(ty) is Var else UNKNOWN


def _poll_success(session: Session, ty: Adt) -> Ty:
    inner = session.infer.shallow(ty.args[0])
    if type(inner) is Adt and inner.path == RESULT and inner.args:
        return Adt(POLL, (inner.args[0],))
    if type(inner) is Adt and inner.path == OPTION and inner.args:
        item = session.infer.shallow(inner.args[0])
        if type(item) is Adt and item.path == RESULT and item.args:
            return Adt(POLL, (Adt(OPTION, (item.args[0],)),))
    return UNKNOWN


def awaited(session: Session, expr: Await, expected: Ty | None) -> Ty:
    """`x.await`: the output of the future, or of what `x` turns into one."""
    ty = known(session, check(session, expr.operand))
    if type(ty) is Var:
        return project(session, ty, FUTURE, "Output")
    if may_implement(session, ty, FUTURE):
        return known(session, project(session, ty, FUTURE, "Output"))
    return known(session, project(session, ty, INTO_FUTURE, "Output"))
