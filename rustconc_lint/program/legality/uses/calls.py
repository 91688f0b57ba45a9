"""Calls: what they do to an outer place that is an argument, a receiver, or what is called.

A receiver goes through the dereferences and the autoref that method lookup found; an argument is used by value, where a
reference is reborrowed if the parameter's declared type is a reference (Reference, "Coercion sites").
"""

from __future__ import annotations

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.program.legality.places import BOX, DEREF, MOST_NESTED, Place, dereferenced, is_unknown
from rustconc_lint.program.legality.uses.visit import PLACES, Borrow, Mode, Visit, coerced, place, value
from rustconc_lint.program.typeck.model import Callee
from rustconc_lint.program.types import UNKNOWN, Adt, ClosureTy, Dyn, FnItem, FnPtr, Opaque, Param, RefTy, Ty

# What is called as an Fn is borrowed, as an FnMut borrowed mutably; what is FnOnce only is used up.
CALLS: tuple[tuple[str, Mode], ...] = (
    ("std::ops::Fn", "ref"),
    ("std::ops::FnMut", "mut"),
    ("std::ops::FnOnce", "move"),
)


def call(visit: Visit, expr: f.Call) -> None:
    callee = visit.typed.calls.get(id(expr))
    if not isinstance(expr.callee, f.PathX):
        called(visit, expr.callee)
    signature = None if callee is None else visit.declared.types.signature_of(callee.definition)
    if signature is None:
        arguments(visit, expr.args, (), None)
    else:
        own = signature.params if signature.self_ty is None else (signature.self_ty, *signature.params)
        arguments(visit, expr.args, own, signature.output)


def arguments(visit: Visit, args: tuple[f.Expr, ...], params: tuple[Ty, ...], output: Ty | None) -> None:
    """Arguments against declared types of parameters, generic ones as Params; output None: the callee is unknown."""
    wanted = visit.coercing  # of the result
    for index, arg in enumerate(args):
        declared = params[index] if index < len(params) else None
        # What a generic parameter is may depend on what is wanted of the result, or on an argument before; then a
        # coercion decides.
        if isinstance(declared, Param) and (
            output is None or (wanted and mentions(output, declared)) or mentions(params[:index], declared)
        ):
            declared = None
        coerced(visit, arg, declared)


def declared_by(callee: Callee, params: tuple[Ty, ...]) -> tuple[Ty, ...]:
    """The declared types of a method's parameters: what the receiver's type decides (`push` of a `Vec<&str>`) may be
    a reference, and then the argument is reborrowed."""
    own = callee.definition.path
    return tuple(UNKNOWN if isinstance(param, Param) and param.owner != own else param for param in params)


def mentions(ty: object, param: Param) -> bool:
    """Whether a type has `param` in it."""
    if ty == param:
        return True
    if isinstance(ty, tuple):
        return any(mentions(part, param) for part in ty)
    if isinstance(ty, msgspec.Struct):
        return any(mentions(getattr(ty, name), param) for name in ty.__struct_fields__)
    return False


def called(visit: Visit, callee: f.Expr) -> None:
    """`f()` of a value. A reference to something callable is followed first."""
    if not isinstance(callee, PLACES):
        value(visit, callee)
        return
    found = place(visit, callee, "ref")
    if found is None:
        return
    while isinstance(found.ty, RefTy):
        found = found.step("*", found.ty.inner)
    visit.note(found, call_mode(visit, found.ty), callee)


def call_mode(visit: Visit, ty: Ty) -> Mode:
    """How calling a value of this type uses it."""
    if isinstance(ty, FnItem | FnPtr):
        return "copy"
    if isinstance(ty, ClosureTy):
        closure = visit.typed.closures.get(ty.start) if ty.owner == visit.typed.owner.path else None
        return "unknown" if closure is None or closure.kind != "fn" else closure_mode(visit, closure)
    if isinstance(ty, Adt) and ty.path == BOX and ty.args:
        ty = ty.args[0]
    if isinstance(ty, Param | Dyn | Opaque):
        bounds = {bound.path for bound in visit.declared.traits.bounds_of(ty)}
        return next((mode for path, mode in CALLS if path in bounds), "unknown")
    return "unknown"


def closure_mode(visit: Visit, closure: f.Closure) -> Mode:
    """Fn, FnMut or FnOnce, by what the body does to what it captured (Reference, "Closure types: Call traits")."""
    if closure.start not in visit.modes:
        visit.modes[closure.start] = "unknown"
        too_deep = len(visit.declared.nested) >= MOST_NESTED
        modes = {"unknown"} if too_deep else {use.mode for use in visit.inside(closure)}
        strongest: tuple[Mode, ...] = ("unknown", "move", "mut")
        visit.modes[closure.start] = next((mode for mode in strongest if mode in modes), "ref")
    return visit.modes[closure.start]


def method(visit: Visit, expr: f.Method) -> None:
    callee = visit.typed.calls.get(id(expr))
    receiver(visit, expr.receiver, callee)
    signature = None if callee is None else visit.declared.types.signature_of(callee.definition)
    if callee is None or signature is None:
        arguments(visit, expr.args, (), None)
    else:
        arguments(visit, expr.args, declared_by(callee, signature.params), signature.output)


def receiver(visit: Visit, expr: f.Expr, callee: Callee | None) -> None:
    how: Borrow = "mut" if callee is not None and callee.receiver == "mut" else "ref"
    found = place(visit, expr, how)
    if found is None:
        return
    if callee is None:
        copied = not isinstance(found.ty, RefTy) and visit.by_value(found.ty) == "copy"
        visit.note(found, "copy" if copied else "unknown", expr)
        return
    for pointer in callee.steps:
        inner = (dereferenced(found) if pointer in ("&", BOX) else None) or visit.beyond(found, DEREF, expr)
        if inner is None:  # an overloaded dereference: the pointer is borrowed for its `deref`
            visit.note(found, "unknown" if is_unknown(found.ty) else how, expr)
            return
        found = inner
    passed(visit, expr, callee, found)


def passed(visit: Visit, expr: f.Expr, callee: Callee, found: Place) -> None:
    """The receiver after its dereferences: a reference that is taken by value is reborrowed."""
    if callee.receiver != "value":
        visit.note(found, callee.receiver, expr)
    elif isinstance(found.ty, RefTy):
        visit.note(found.step("*", found.ty.inner), "mut" if found.ty.mutable else "ref", expr)
    else:
        visit.note(found, visit.by_value(found.ty), expr)
