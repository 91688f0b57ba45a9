"""What lives for ever: references and type parameters that are `'static`, or may be by a bound that says so.

Bounds count where they are written, where a supertrait has them, and where they are implied: a type in the signature
that demands `T: 'static` (Reference, "Implied bounds"). Relations between lifetimes are not followed; where a bound
might make something `'static`, it is taken to be.
"""

from __future__ import annotations

from collections.abc import Iterator

from rustconc_lint.facts import model as f
from rustconc_lint.program.definitions import Definition, Impl
from rustconc_lint.program.legality.places import Declarations
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.program.types import Adt, ArrayTy, Param, PtrTy, RefTy, SliceTy, TupleTy, Ty

STATIC = "'static"


def lives_for_ever(typed: TypedBody, lifetime: str, declared: Declarations) -> bool:
    """Whether a reference of this lifetime in the signature of `typed` is, or by a bound may be, `'static`."""
    if lifetime in ("", "_"):
        return False
    if lifetime == "static":
        return True
    for owner in owners(typed):
        detail = declared.names.detail(owner)
        generics = detail.signature.generics if isinstance(detail, f.FnDetail) else getattr(detail, "generics", None)
        if not isinstance(generics, f.Generics):
            continue
        if generics.where:
            return True  # a `where 'a: 'static` is not told from others
        if any(param.name == f"'{lifetime}" and param.bounds for param in generics.params):
            return True
    return False


def owners(typed: TypedBody) -> list[Definition | Impl]:
    """The fn, and the impl or trait it stands in."""
    container = typed.owner.container
    return [typed.owner] if container is None else [typed.owner, container]


def may_die(typed: TypedBody, param: Param, declared: Declarations) -> bool:
    """Whether nothing makes values of the type parameter live for ever (rustc's E0310)."""
    # A trait that is not known, its path starts with "?", might demand it.
    if any(bound.path.startswith(("'", "?")) for bound in declared.traits.bounds_of(param)):
        return False
    if any(ref.path == STATIC for owner in owners(typed) for _, ref in declared.types.predicates_of(owner)):
        return False
    return not any(implies(ty, param, declared) for ty in signature_types(typed, declared))


def signature_types(typed: TypedBody, declared: Declarations) -> Iterator[Ty]:
    signature = declared.types.signature_of(typed.owner)
    if signature is not None:
        yield from signature.params
        yield signature.output
        if signature.self_ty is not None:
            yield signature.self_ty
    if typed.owner.container is not None:
        yield declared.types.self_type(typed.owner.container)


def implies(ty: Ty, param: Param, declared: Declarations) -> bool:
    """Whether a type that is well-formed only if `param: 'static` is part of `ty`: `Runner<R>` of a `struct Runner<R:
    'static>`, also `&'static R`."""
    match ty:
        case RefTy(inner=inner, lifetime=lifetime):
            return implies(inner, param, declared) or (lifetime == "static" and holds(inner, param))
        case PtrTy(inner=inner) | ArrayTy(inner=inner) | SliceTy(inner=inner):
            return implies(inner, param, declared)
        case TupleTy(items=items):
            return any(implies(item, param, declared) for item in items)
        case Adt(args=args):
            return demands_of(ty, param, declared) or any(implies(arg, param, declared) for arg in args)
        case _:
            return False


def demands_of(ty: Adt, param: Param, declared: Declarations) -> bool:
    if not any(holds(arg, param) for arg in ty.args):
        return False
    definition = declared.names.adt_of(ty.path)
    if definition is None:
        return True
    own = declared.types.own_generics(definition)
    return any(
        holds(arg, param) and any(bound.path.startswith(("'", "?")) for bound in declared.traits.bounds_of(declared_as))
        for declared_as, arg in zip(own, ty.args, strict=False)
    )


def holds(ty: Ty, param: Param) -> bool:
    """Whether the type has the parameter in it."""
    match ty:
        case Param():
            return ty == param
        case RefTy(inner=inner) | PtrTy(inner=inner) | ArrayTy(inner=inner) | SliceTy(inner=inner):
            return holds(inner, param)
        case TupleTy(items=parts) | Adt(args=parts):
            return any(holds(part, param) for part in parts)
        case _:
            return False
