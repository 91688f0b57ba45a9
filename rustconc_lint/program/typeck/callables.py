"""What calling a value takes and gives: closures, fn items and pointers, and types bounded by the Fn family."""

from __future__ import annotations

from collections.abc import Callable

from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.lang import ASYNC_FN_TRAITS, FN_TRAITS, FUTURE
from rustconc_lint.program.typeck.selection import BOUNDED, Mapping
from rustconc_lint.program.typeck.session import Session
from rustconc_lint.program.types import UNKNOWN, Adt, ClosureTy, FnItem, FnPtr, Opaque, RefTy, TraitRef, TupleTy, Ty

Instantiate = Callable[[Session, Ty, Mapping], Ty]
Signature = tuple[tuple[Ty, ...], Ty]

# `Box<dyn FnOnce()>` and its like are called as what they hold.
HOLDERS = frozenset(("std::boxed::Box", "std::sync::Arc", "std::rc::Rc"))


def callable_signature(session: Session, ty: Ty, instantiate: Instantiate) -> Signature | None:
    """Parameter types and output of calling `ty`; None when it is not known to be callable."""
    ty = session.infer.shallow(ty)
    if type(ty) is ClosureTy:
        return session.closure_signatures.get(ty.start)
    if type(ty) is FnItem:
        return _item_signature(session, ty, instantiate)
    if type(ty) is FnPtr:
        return ty.params, ty.output
    if isinstance(ty, BOUNDED):
        return _bounded_signature(session, ty)
    if type(ty) is RefTy:
        return callable_signature(session, ty.inner, instantiate)
    if type(ty) is Adt and ty.path in HOLDERS and ty.args:
        return callable_signature(session, ty.args[0], instantiate)
    return None


def item_definition(session: Session, item: FnItem) -> Definition | None:
    """The fn, tuple struct or variant that a FnItem names."""
    return session.fn_items.get(item.path) or session.surface.names.definition(item.path)


def _item_signature(session: Session, item: FnItem, instantiate: Instantiate) -> Signature | None:
    definition = item_definition(session, item)
    shared = None if definition is None else session.surface.function(definition)
    if shared is None:
        return None
    types = shared.types
    params = types.params if types.self_ty is None else (types.self_ty, *types.params)
    generics = types.generics
    mapping = {(param.owner, param.name): arg for param, arg in zip(generics, item.args, strict=False)}
    return tuple(instantiate(session, param, mapping) for param in params), instantiate(session, types.output, mapping)


def _bounded_signature(session: Session, ty: Ty) -> Signature | None:
    for bound in session.surface.traits.bounds_of(ty):
        if bound.path in FN_TRAITS or bound.path in ASYNC_FN_TRAITS:
            return bound_signature(bound)
    return None


def bound_signature(bound: TraitRef) -> Signature:
    """`FnOnce(A, B) -> C` as ((A, B), C); of an async one, what the call returns is the future of C."""
    args = bound.args[0].items if bound.args and type(bound.args[0]) is TupleTy else ()
    output = next((ty for name, ty in bound.bindings if name == "Output"), UNKNOWN)
    if bound.path in ASYNC_FN_TRAITS:
        output = Opaque((TraitRef(FUTURE, (), (("Output", output),)),))
    return args, output
