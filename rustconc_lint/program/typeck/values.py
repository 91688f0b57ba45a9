"""Literals, tuples, arrays, field accesses and macros: values whose type their form nearly gives."""

from __future__ import annotations

from collections.abc import Callable

from rustconc_lint.facts.model import Array, Field, Lit, Local, Macro, Repeat, Tuple
from rustconc_lint.facts.model import Unknown as UnknownExpr
from rustconc_lint.program.lang import (
    BOOL,
    BOX,
    CHAR,
    FUTURE,
    OPTION,
    PIN,
    POLL,
    RESULT,
    STR,
    STRING,
    U8,
    U32,
    USIZE,
    VEC,
)
from rustconc_lint.program.typeck.coercion import autoderef, coerce
from rustconc_lint.program.typeck.constructors import adt_field
from rustconc_lint.program.typeck.obligations import known, project
from rustconc_lint.program.typeck.session import Session, check
from rustconc_lint.program.typeck.unify import FLOATS, INTEGERS, Var
from rustconc_lint.program.types import (
    NEVER,
    UNIT,
    UNKNOWN,
    Adt,
    ArrayTy,
    Prim,
    PtrTy,
    RefTy,
    SliceTy,
    TupleTy,
    Ty,
    Unknown,
)

SPAN = "tracing::span::Span"
STATIC_STR = RefTy(False, STR, "static")
_PLAIN: dict[str, Ty] = {
    "str": STATIC_STR,
    "bool": BOOL,
    "char": CHAR,
    "byte": U8,
    "bytestr": RefTy(False, ArrayTy(U8), "static"),
    "cstr": RefTy(False, Adt("std::ffi::CStr"), "static"),
}


def literal(session: Session, expr: Lit, expected: Ty | None) -> Ty:
    plain = _PLAIN.get(expr.kind)
    if plain is not None:
        return plain
    if expr.kind not in ("int", "float"):
        return Prim(expr.kind)
    hint = session.infer.shallow(expected) if expected is not None else None
    if type(hint) is Prim and hint.name in (INTEGERS if expr.kind == "int" else FLOATS):
        return hint
    return session.infer.fresh(expr.kind)


def tuple_items(session: Session, expr: Tuple, expected: Ty | None) -> Ty:
    if not expr.items:
        return UNIT
    hint = session.infer.shallow(expected) if expected is not None else None
    if type(hint) is not TupleTy or len(hint.items) != len(expr.items):
        return TupleTy(tuple([check(session, item) for item in expr.items]))
    items: list[Ty] = []
    for item, wanted in zip(expr.items, hint.items, strict=True):
        ty = check(session, item, wanted)
        coerce(session, ty, wanted)
        items.append(ty if type(session.infer.shallow(wanted)) in (Var, Unknown) else wanted)
    return TupleTy(tuple(items))


def _element_hint(session: Session, expected: Ty | None) -> Ty | None:
    hint = session.infer.shallow(expected) if expected is not None else None
    if isinstance(hint, ArrayTy | SliceTy):
        return hint.inner
    return hint.args[0] if type(hint) is Adt and hint.path in (VEC, BOX) and hint.args else None


def array(session: Session, expr: Array, expected: Ty | None) -> Ty:
    """`[a, b]`, and `vec![a, b]`."""
    hint = _element_hint(session, expected)
    element: Ty = session.infer.fresh() if hint is None or type(session.infer.shallow(hint)) is SliceTy else hint
    for item in expr.items:
        coerce(session, check(session, item, element), element)
    return Adt(VEC, (element,)) if expr.vec else ArrayTy(element)


def repeat(session: Session, expr: Repeat, expected: Ty | None) -> Ty:
    """`[a; n]`, and `vec![a; n]`."""
    hint = _element_hint(session, expected)
    element = check(session, expr.item, hint)
    if hint is not None:
        coerce(session, element, hint)
    check(session, expr.length, USIZE)
    return Adt(VEC, (element,)) if expr.vec else ArrayTy(element)


def field(session: Session, expr: Field, expected: Ty | None) -> Ty:
    """`a.b`, through references and smart pointers."""
    for ty, _ in autoderef(session, check(session, expr.base)):
        if type(ty) is TupleTy:
            if expr.name.isdecimal() and int(expr.name) < len(ty.items):
                return ty.items[int(expr.name)]
        elif type(ty) is Adt:
            found = adt_field(session, ty, expr.name)
            if found is not None:
                return found
    return UNKNOWN


def unreadable(session: Session, expr: UnknownExpr, expected: Ty | None) -> Ty:
    for part in expr.parts:
        check(session, part)
    return UNKNOWN


def macro(session: Session, expr: Macro, expected: Ty | None) -> Ty:
    """The arguments are typed; the value is known for macros of std and for those whose family says it."""
    args = [check(session, arg) for arg in expr.args]
    for late in expr.late:
        check(session, late)
    name = expr.path.segments[-1].name if expr.path.segments else ""
    if name == "pin" and _is_sole(expr):
        return Adt(PIN, (RefTy(True, args[0]),))
    return _FAMILIES.get(expr.family, _named)(session, name, args)


def _format(session: Session, name: str, args: list[Ty]) -> Ty:
    if name == "span" or name.endswith("_span"):
        return Adt(SPAN)
    return _VALUES.get(name, UNKNOWN if name in _ERRORS else UNIT)


def _write(session: Session, name: str, args: list[Ty]) -> Ty:
    """`write!` returns what the writer's method does: fmt::Result for a Formatter or String, else io::Result."""
    target = args[0] if args else UNKNOWN
    paths = [ty.path for ty, _ in autoderef(session, target) if type(ty) is Adt]
    formats = any(path in ("std::fmt::Formatter", STRING) for path in paths)
    if not formats and not paths:
        return Adt(RESULT, (UNIT, UNKNOWN))
    return Adt(RESULT, (UNIT, Adt("std::fmt::Error" if formats else "std::io::Error")))


def _dbg(session: Session, name: str, args: list[Ty]) -> Ty:
    if not args:
        return UNIT
    return args[0] if len(args) == 1 else TupleTy(tuple(args))


def _join(session: Session, name: str, args: list[Ty]) -> Ty:
    """`join!(a, b)` is the tuple of outputs; `try_join!` a Result of the tuple of successes."""
    outputs = [known(session, project(session, arg, FUTURE, "Output")) for arg in args]
    if name != "try_join":
        return TupleTy(tuple(outputs))
    results = [ty for ty in outputs if type(ty) is Adt and ty.path == RESULT and len(ty.args) == 2]
    if len(results) != len(outputs) or not results:
        return UNKNOWN
    return Adt(RESULT, (TupleTy(tuple(ty.args[0] for ty in results)), results[0].args[1]))


def pin_locals(session: Session, expr: Macro) -> None:
    """`tokio::pin!(a, b);` and `pin_mut!(a);` shadow their locals with pinned references to them."""
    if expr.path.segments and expr.path.segments[-1].name in ("pin", "pin_mut"):
        for arg in expr.args:
            if isinstance(arg, Local):
                session.slots[arg.slot] = Adt(PIN, (RefTy(True, session.slot(arg.slot)),))


def _is_sole(expr: Macro) -> bool:
    """Is the one argument all there is between the parentheses?"""
    return len(expr.args) == 1 and expr.args[0].start <= expr.path.end + 3 and expr.end <= expr.args[0].end + 2


def _named(session: Session, name: str, args: list[Ty]) -> Ty:
    if name == "ready" and len(args) == 1:
        poll = known(session, args[0])
        return poll.args[0] if type(poll) is Adt and poll.path == POLL and poll.args else UNKNOWN
    if name in ("addr_of", "addr_of_mut") and len(args) == 1:
        return PtrTy(name == "addr_of_mut", args[0])
    return _VALUES.get(name, UNKNOWN)


_FAMILIES: dict[str, Callable[[Session, str, list[Ty]], Ty]] = {
    "format": _format,
    "write": _write,
    "dbg": _dbg,
    "join": _join,
    "assert": lambda session, name, args: UNIT,
    "select": lambda session, name, args: UNKNOWN,
}
_ERRORS = frozenset(("anyhow", "bail", "ensure", "eyre", "format_err"))
_VALUES: dict[str, Ty] = {
    "format": Adt(STRING),
    "format_args": Adt("std::fmt::Arguments"),
    **dict.fromkeys(("panic", "todo", "unimplemented", "unreachable", "compile_error", "bail"), NEVER),
    **dict.fromkeys(("concat", "stringify", "include_str", "file", "module_path", "env"), STATIC_STR),
    **dict.fromkeys(("line", "column"), U32),
    "option_env": Adt(OPTION, (STATIC_STR,)),
    "include_bytes": RefTy(False, ArrayTy(U8), "static"),
    "cfg": BOOL,
}
