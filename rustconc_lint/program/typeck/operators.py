"""Operators, indexing, casts, borrows and assignments (Reference, "Operator expressions").

Numbers and booleans are computed here; everything else goes through the traits of std::ops, whose method is then the
callee; so is `deref` for the `*x` of a smart pointer other than Box.
"""

from __future__ import annotations

from rustconc_lint.facts.model import Assign, Binary, Call, Cast, Expr, Index, Range, Ref, StructLit, Tuple, Unary
from rustconc_lint.facts.model import Unknown as UnknownExpr
from rustconc_lint.program.lang import (
    ASSIGN_TRAITS,
    BINARY_TRAITS,
    BOOL,
    BOX,
    COMPARE_TRAITS,
    DEREF,
    INDEX,
    RANGE_PATHS,
    RANGES,
    STR,
    STRING,
    UNARY_TRAITS,
    USIZE,
    VEC,
)
from rustconc_lint.program.typeck.coercion import autoderef, coerce, deref_step
from rustconc_lint.program.typeck.model import Passing
from rustconc_lint.program.typeck.obligations import Awaits, known, project
from rustconc_lint.program.typeck.paths import lowered, trait_item
from rustconc_lint.program.typeck.selection import BOUNDED, bound_on, candidates
from rustconc_lint.program.typeck.session import Resolution, Session, check
from rustconc_lint.program.typeck.unify import FLOATS, INTEGERS, Var
from rustconc_lint.program.types import (
    UNIT,
    UNKNOWN,
    Adt,
    ArrayTy,
    Prim,
    PtrTy,
    RefTy,
    SliceTy,
    TraitRef,
    Ty,
    Unknown,
)


def unary(session: Session, expr: Unary, expected: Ty | None) -> Ty:
    if expr.op == "*":
        return _dereferenced(session, expr)
    ty = known(session, check(session, expr.operand, expected))
    number = _number(session, ty)
    if number is not None or isinstance(ty, Prim | Var | Unknown):
        return number or ty
    trait, name = UNARY_TRAITS[expr.op]
    record(session, expr, ty, TraitRef(trait), name, "value")
    return project(session, ty, trait, "Output")


def _dereferenced(session: Session, expr: Unary) -> Ty:
    """The type of `*x`; where a Deref impl is asked, it is the callee."""
    ty = known(session, check(session, expr.operand))
    if type(ty) is PtrTy:
        return ty.inner
    step = deref_step(session, ty)
    if step is None:
        return UNKNOWN
    if step[1] not in ("&", BOX):
        record(session, expr, ty, TraitRef(DEREF), "deref", "ref")
    return step[0]


def record(session: Session, expr: Expr, ty: Ty, trait: TraitRef, name: str, receiver: Passing) -> None:
    """Notes that an operator on a `ty` calls the trait's method."""
    member = session.surface.traits.trait_member(trait.path, name)
    if member is not None:
        named = trait_item(session, ty, trait, member)
        session.calls[id(expr)] = Resolution(named.definition, named.bindings, receiver, ty, (), named.exact)


def binary(session: Session, expr: Binary, expected: Ty | None) -> Ty:
    if expr.op in ("&&", "||"):
        check(session, expr.left, BOOL)
        check(session, expr.right, BOOL)
        return BOOL
    if expr.op in COMPARE_TRAITS:
        return _comparison(session, expr)
    left = known(session, check(session, expr.left, _operand_hint(session, expected)))
    right = known(session, check(session, expr.right, _operand_hint(session, left)))
    built_in = _arithmetic(session, expr.op, left, right)
    if built_in is not None:
        return built_in
    if type(left) is Var and type(right) is Adt:
        left = _literal_operand(session, expr.op, left, right)
    if type(left) is Var:
        return _postponed(session, expr, left, right)
    return _overloaded(session, expr, left, right)


def _operand_hint(session: Session, expected: Ty | None) -> Ty | None:
    """Operands of arithmetic have the result's type when that is a number."""
    if expected is None:
        return None
    expected = session.infer.shallow(expected)
    return expected if type(expected) is Prim else None


def _comparison(session: Session, expr: Binary) -> Ty:
    left = known(session, check(session, expr.left))
    right = known(session, check(session, expr.right, left if type(left) is Prim else None))
    a, b = _number(session, left), _number(session, right)
    if a is not None or b is not None:  # numbers, bools and chars are compared with their own kind only
        session.infer.unify(a or left, b or right)
    elif type(left) is RefTy and type(right) is RefTy:
        _same_pointees(session, left, right)
    elif type(left) is type(right):
        session.infer.unify(left, right)
    if type(left) is Adt:
        trait, name = COMPARE_TRAITS[expr.op]
        record(session, expr, left, TraitRef(trait, (right,)), name, "ref")
    return BOOL


def _same_pointees(session: Session, left: RefTy, right: RefTy) -> None:
    a, b = session.infer.shallow(left.inner), session.infer.shallow(right.inner)
    if type(a) is type(b):
        session.infer.unify(a, b)


def _number(session: Session, ty: Ty) -> Ty | None:
    """A number, a bool or a literal, also behind one reference: `&i32 + i32` is an i32."""
    if type(ty) is RefTy:
        ty = session.infer.shallow(ty.inner)
    if type(ty) is Prim and ty.name != "str":
        return ty
    return ty if type(ty) is Var and session.infer.kind(ty) else None


def _arithmetic(session: Session, op: str, left: Ty, right: Ty) -> Ty | None:
    """The result when both sides are primitive; None when a trait decides."""
    a, b = _number(session, left), _number(session, right)
    if a is None:
        return None
    if b is None:
        return a if type(right) is Unknown or (type(right) is Var and type(a) is Prim) else None
    if op not in ("<<", ">>"):
        session.infer.unify(a, b)
    return a


def _literal_operand(session: Session, op: str, left: Var, right: Ty) -> Ty:
    """`2.0 * v`: the literal is of the one number type that has the operator for such a right side."""
    kinds = {"int": INTEGERS, "float": FLOATS}.get(session.infer.kind(left), frozenset[str]())
    numbers = [Prim(name) for name in sorted(kinds)]
    fitting = [ty for ty in numbers if candidates(session, ty, BINARY_TRAITS[op][0], (right,), 0)]
    if len(fitting) != 1:
        return left
    session.infer.unify(left, fitting[0])
    return fitting[0]


def _postponed(session: Session, expr: Binary, left: Var, right: Ty) -> Ty:
    """`a + b` with an `a` not known yet, as in `fold(.., |a, b| a + b)`."""
    out = session.infer.fresh()

    def retry() -> None:
        ty, other = session.infer.shallow(left), session.infer.shallow(right)
        result = _arithmetic(session, expr.op, ty, other)
        session.infer.unify(out, _overloaded(session, expr, ty, other) if result is None else result)

    session.infer.watch(left, Awaits(retry))
    return out


def _overloaded(session: Session, expr: Binary, left: Ty, right: Ty) -> Ty:
    if type(left) is Adt and left.path == STRING and expr.op == "+":
        result: Ty = left
    else:
        result = project(session, left, BINARY_TRAITS[expr.op][0], "Output", (right,))
    trait, name = BINARY_TRAITS[expr.op]
    if type(left) is not Unknown:
        record(session, expr, left, TraitRef(trait, (right,)), name, "value")
    return result


def assign(session: Session, expr: Assign, expected: Ty | None) -> Ty:
    """`a = b`, `a += b`, and destructuring assignments, whose parts are typed as the values they are."""
    target = check(session, expr.target)
    if not expr.op:
        value = check(session, expr.value, None if _destructures(expr.target) else target)
        if type(expr.target) is not UnknownExpr:
            coerce(session, value, target)
        return UNIT
    target = known(session, target)
    value = known(session, check(session, expr.value, _operand_hint(session, target)))
    if isinstance(target, Prim | Var):
        number = _number(session, value)
        if number is not None and expr.op not in ("<<", ">>"):
            session.infer.unify(target, number)
    elif type(target) is not Unknown:
        trait, name = ASSIGN_TRAITS[expr.op]
        record(session, expr, target, TraitRef(trait, (value,)), name, "mut")
    return UNIT


def _destructures(target: Expr) -> bool:
    return isinstance(target, Tuple | StructLit | Call | UnknownExpr)


def index(session: Session, expr: Index, expected: Ty | None) -> Ty:
    """`a[i]`: arrays, slices and their ranges are built in; the rest is `Index::Output` after autoderef."""
    base = check(session, expr.base)
    key = known(session, check(session, expr.index))
    for ty, _ in autoderef(session, base):
        found = _element(session, ty, key)
        if found is not None:
            return found
        if not _indexable(session, ty):
            continue
        output = project(session, ty, INDEX, "Output", (key,))
        if type(session.infer.shallow(output)) is not Unknown:
            record(session, expr, ty, TraitRef(INDEX, (key,)), "index", "ref")
            return output
    return UNKNOWN


def _indexable(session: Session, ty: Ty) -> bool:
    if isinstance(ty, BOUNDED):
        return bound_on(session, ty, INDEX, ()) is not None
    return session.surface.has_impls(INDEX, ty)


def _element(session: Session, ty: Ty, key: Ty) -> Ty | None:
    ranged = type(key) is Adt and key.path in RANGE_PATHS
    if ranged and type(key) is Adt and key.args:
        session.infer.unify(key.args[0], USIZE)
    if type(ty) is ArrayTy or type(ty) is SliceTy:
        element = ty.inner
    elif type(ty) is Adt and ty.path == VEC and ty.args:
        element = ty.args[0]
    elif ranged and (ty == STR or (type(ty) is Adt and ty.path == STRING)):
        return STR
    else:
        return None
    if ranged:
        return SliceTy(element)
    session.infer.unify(key, USIZE)
    return element


def reference(session: Session, expr: Ref, expected: Ty | None) -> Ty:
    """`&x`, `&mut x`, `&raw const x`."""
    hint = session.infer.shallow(expected) if expected is not None else None
    inner = check(session, expr.operand, hint.inner if isinstance(hint, RefTy | PtrTy) else None)
    if expr.kind.startswith("raw"):
        return PtrTy(expr.kind == "raw mut", inner)
    return RefTy(expr.kind == "mut", inner)


def cast(session: Session, expr: Cast, expected: Ty | None) -> Ty:
    target = lowered(session, expr.target)
    ty = session.infer.shallow(check(session, expr.operand))
    if not isinstance(ty, Prim | Var):
        coerce(session, ty, target)
    return target


def range_struct(session: Session, expr: Range, expected: Ty | None) -> Ty:
    """`a..b` and its kin: the structs of std::ops."""
    hint = session.infer.shallow(expected) if expected is not None else None
    inner = hint.args[0] if type(hint) is Adt and hint.path in RANGE_PATHS and hint.args else None
    bound: Ty | None = None
    for end in (expr.low, expr.high):
        if end is not None:
            ty = check(session, end, inner if bound is None else bound)
            if bound is None:
                bound = ty
            else:
                session.infer.unify(bound, ty)
    path = RANGES.get((expr.low is not None, expr.high is not None, expr.inclusive), "std::ops::Range")
    return Adt(path, () if bound is None else (bound,))
