"""Types as a message shows them: last segments of paths, no lifetimes, `_` for what is not known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rustconc_lint.program.types import (
    LASTING,
    Adt,
    ArrayTy,
    ClosureTy,
    Dyn,
    FnItem,
    FnPtr,
    Opaque,
    Param,
    Prim,
    Projection,
    PtrTy,
    RefTy,
    SliceTy,
    TraitRef,
    TupleTy,
    Ty,
)


def shown(ty: Ty) -> str:
    """The type in Rust's syntax."""
    handler = SHOWN.get(type(ty))
    return "_" if handler is None else handler(ty)


def last(path: str) -> str:
    return path.rpartition("::")[2]


def prim(ty: Prim) -> str:
    return {"{integer}": "i32", "{float}": "f64"}.get(ty.name, ty.name)


def adt(ty: Adt) -> str:
    return last(ty.path) + arguments(tuple(shown(arg) for arg in ty.args))


def arguments(args: tuple[str, ...]) -> str:
    return f"<{', '.join(args)}>" if args else ""


def tuple_of(items: tuple[Ty, ...]) -> str:
    inside = ", ".join(map(shown, items))
    return f"({inside},)" if len(items) == 1 else f"({inside})"


def fn_pointer(ty: FnPtr) -> str:
    return f"fn{tuple_of(ty.params)}{returning(ty.output)}"


def returning(output: Ty) -> str:
    return "" if output == TupleTy(()) else f" -> {shown(output)}"


def bound(of: TraitRef) -> str:
    if of.path.startswith("'"):
        return of.path
    name = last(of.path)
    if name in ("Fn", "FnMut", "FnOnce") and of.args and isinstance(of.args[0], TupleTy):
        items = of.args[0].items
        output = next((ty for key, ty in of.bindings if key == "Output"), TupleTy(()))
        return f"{name}({', '.join(map(shown, items))}){returning(output)}"
    return name + arguments((*map(shown, of.args), *(f"{key} = {shown(ty)}" for key, ty in of.bindings)))


def bounds(ty: Dyn | Opaque) -> str:
    return " + ".join(bound(one) for one in ty.bounds if one.path != LASTING)


SHOWN: dict[type[Any], Callable[[Any], str]] = {
    Prim: prim,
    Adt: adt,
    RefTy: lambda ty: f"&{'mut ' if ty.mutable else ''}{shown(ty.inner)}",
    PtrTy: lambda ty: f"*{'mut' if ty.mutable else 'const'} {shown(ty.inner)}",
    TupleTy: lambda ty: tuple_of(ty.items),
    ArrayTy: lambda ty: f"[{shown(ty.inner)}; _]",
    SliceTy: lambda ty: f"[{shown(ty.inner)}]",
    FnPtr: fn_pointer,
    FnItem: lambda ty: f"fn {last(ty.path)}",
    Dyn: lambda ty: f"dyn {bounds(ty)}",
    Opaque: lambda ty: f"impl {bounds(ty)}",
    Param: lambda ty: ty.name if not ty.name.startswith("impl@") else "impl Trait",
    Projection: lambda ty: f"{shown(ty.base)}::{ty.name}",
    ClosureTy: lambda ty: "a closure",
}
