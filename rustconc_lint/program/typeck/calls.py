"""Calls and paths as values: instantiating signatures, typing arguments against them, recording the callee.

Arguments that are closures are typed last, as rustc does, so that the other arguments decide what the closures take
(Reference, "Call expressions"; rustc's two-phase argument check).
"""

from __future__ import annotations

from rustconc_lint.facts.model import Call, Closure, Expr, PathX
from rustconc_lint.program.typeck.callables import callable_signature
from rustconc_lint.program.typeck.coercion import POINTERS, autoderef, coerce
from rustconc_lint.program.typeck.obligations import discharge, instantiate, instantiate_bound, known, require
from rustconc_lint.program.typeck.paths import Named, adt_bindings, fresh_adt, named_value
from rustconc_lint.program.typeck.selection import Mapping
from rustconc_lint.program.typeck.session import Resolution, Session, check
from rustconc_lint.program.typeck.surface import Shared
from rustconc_lint.program.typeck.unify import Var
from rustconc_lint.program.types import UNKNOWN, Adt, Dyn, FnItem, SliceTy, TraitRef, TupleTy, Ty

# Variables that an unsized type is wanted for, by index.
Hints = dict[int, Ty]


def path_value(session: Session, expr: PathX, expected: Ty | None) -> Ty:
    """A path that is not called: a constant, static, unit struct or variant, or a fn taken as a value."""
    named = named_value(session, expr.path)
    if named is None:
        return UNKNOWN
    definition = named.definition
    session.paths[id(expr)] = definition
    if definition.kind in ("static", "const"):
        return _constant(session, named)
    shared = session.surface.function(definition)
    if shared is not None:
        mapping = opened(session, shared, named.bindings)
        session.fn_items[definition.path] = definition
        return FnItem(definition.path, tuple(mapping[p.owner, p.name] for p in shared.types.generics))
    return _unit_value(session, named)


def _constant(session: Session, named: Named) -> Ty:
    return instantiate(session, session.surface.types.value_type(named.definition), named.bindings)


def _unit_value(session: Session, named: Named) -> Ty:
    """`None`, `Ordering::Less`, a unit struct."""
    definition = named.definition
    adt = definition.parent if definition.kind == "variant" else definition
    if adt is None or adt.kind not in ("struct", "enum"):
        return UNKNOWN
    ty = fresh_adt(session, adt)
    for key, arg in adt_bindings(session, ty).items():
        if key in named.bindings:
            session.infer.unify(arg, named.bindings[key])
    return ty


def opened(session: Session, shared: Shared, given: Mapping) -> Mapping:
    """What each type parameter of a signature stands for in one use: as given, else a new variable; bounds required."""
    mapping = given
    for param in shared.types.generics:
        key = (param.owner, param.name)
        if key not in mapping:
            mapping[key] = session.infer.fresh()
    for subject, bound in shared.bounds:
        require(session, instantiate(session, subject, mapping), instantiate_bound(session, bound, mapping))
    return mapping


def call(session: Session, expr: Call, expected: Ty | None) -> Ty:
    callee = expr.callee
    if isinstance(callee, PathX):
        named = named_value(session, callee.path)
        if named is not None:
            return _call_named(session, expr, callee, named, expected)
        session.types[id(callee)] = UNKNOWN
        return _call_unknown(session, expr.args)
    ty = known(session, check(session, callee))
    return _call_value(session, expr, ty)


def _call_named(session: Session, expr: Call, callee: PathX, named: Named, expected: Ty | None) -> Ty:
    definition = named.definition
    session.paths[id(callee)] = definition
    shared = session.surface.function(definition)
    if shared is None:
        ty = _constant(session, named) if definition.kind in ("static", "const") else UNKNOWN
        session.types[id(callee)] = ty
        return _call_value(session, expr, known(session, ty))
    mapping = opened(session, shared, named.bindings)
    session.calls[id(expr)] = Resolution(definition, mapping, exact=named.exact)
    session.fn_items[definition.path] = definition
    session.types[id(callee)] = FnItem(definition.path, tuple(mapping[p.owner, p.name] for p in shared.types.generics))
    types = shared.types
    declared = types.params if types.self_ty is None else (types.self_ty, *types.params)
    params = tuple([instantiate(session, param, mapping) for param in declared])
    output = instantiate(session, types.output, mapping)
    hints = hinted(session, output, expected)
    if not arguments(session, expr.args, params, hints):
        session.calls.pop(id(expr), None)
    return output


def hinted(session: Session, output: Ty, expected: Ty | None) -> Hints:
    """Lets the expected type decide parameters of the output, where no coercion can lie between (`let v: Vec<u8> =
    Vec::new()`); rustc does so by fudging, here only generic ADTs of one name take part. Returned are parameters that
    an unsized type is wanted for: `Box::new(|x| ..)` where a `Box<dyn Fn(u8)>` is."""
    hints: Hints = {}
    if expected is None:
        return hints
    output, expected = session.infer.shallow(output), session.infer.shallow(expected)
    if type(output) is Adt and type(expected) is Adt and output.path == expected.path:
        _unsized_hints(session, output, expected, hints)
        coerce(session, output, expected)
    return hints


def _unsized_hints(session: Session, output: Adt, expected: Adt, hints: Hints) -> None:
    if output.path not in POINTERS:
        return
    for arg, wanted in zip(
        map(session.infer.shallow, output.args), map(session.infer.shallow, expected.args), strict=False
    ):
        if type(arg) is Var and isinstance(wanted, Dyn | SliceTy):
            hints[arg.index] = wanted
        elif type(arg) is Adt and type(wanted) is Adt and arg.path == wanted.path:
            _unsized_hints(session, arg, wanted, hints)


def _call_value(session: Session, expr: Call, ty: Ty) -> Ty:
    """Calling a closure, a fn pointer, or a value of a type bounded by the Fn family."""
    for step, _ in autoderef(session, ty):
        signature = callable_signature(session, step, instantiate)
        if signature is not None:
            if isinstance(step, FnItem):
                _record_item(session, expr, step)
            arguments(session, expr.args, signature[0])
            return signature[1]
        if type(step) is Var:
            return _call_variable(session, expr, step)
    return _call_unknown(session, expr.args)


def _record_item(session: Session, expr: Call, item: FnItem) -> None:
    definition = session.fn_items.get(item.path)
    shared = None if definition is None else session.surface.function(definition)
    if definition is not None and shared is not None:
        mapping = {(param.owner, param.name): arg for param, arg in zip(shared.types.generics, item.args, strict=False)}
        session.calls[id(expr)] = Resolution(definition, mapping)


def _call_variable(session: Session, expr: Call, var: Var) -> Ty:
    """Calling something that turns out to be callable later."""
    output = session.infer.fresh()
    args = tuple([check(session, arg) for arg in expr.args])
    require(session, var, TraitRef("std::ops::FnOnce", (TupleTy(args),), (("Output", output),)))
    return output


def _call_unknown(session: Session, args: tuple[Expr, ...]) -> Ty:
    for arg in args:
        check(session, arg)
    return UNKNOWN


def arguments(session: Session, args: tuple[Expr, ...], params: tuple[Ty, ...], hints: Hints | None = None) -> bool:
    """Types the arguments against the parameters: closures after all others. False where one does not fit: then it is
    another function that is called."""
    fit = True
    delayed: list[tuple[Expr, Ty | None]] = []
    for index, arg in enumerate(args):
        param = params[index] if index < len(params) else None
        if _is_closure(arg):
            delayed.append((arg, param))
        else:
            fit = _argument(session, arg, param, hints) and fit
    for arg, param in delayed:
        discharge(session)
        fit = _argument(session, arg, param, hints) and fit
    return fit


def _is_closure(arg: Expr) -> bool:
    return isinstance(arg, Closure) and arg.kind != "async"


def _argument(session: Session, arg: Expr, param: Ty | None, hints: Hints | None) -> bool:
    wanted = param
    if hints and param is not None:
        var = session.infer.shallow(param)
        wanted = hints.get(var.index, param) if type(var) is Var else param
    ty = check(session, arg, wanted)
    return param is None or coerce(session, ty, param)
