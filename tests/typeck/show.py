"""Types as Rust writes them, paths shortened to their last segment and lifetimes left out."""

from __future__ import annotations

from rustconc_lint.program.types import (
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

HASHER = Adt("std::hash::RandomState")  # the default of HashMap and HashSet


def show(ty: Ty) -> str:
    """`Arc<Mutex<i32>>`; `_` for what is not known, `{closure}` for any closure or async block."""
    match ty:
        case Prim(name=name) | Param(name=name):
            return name
        case Adt(path=path, args=args):
            shown = [show(arg) for arg in args if arg != HASHER]
            return _last(path) + (f"<{', '.join(shown)}>" if shown else "")
        case RefTy(mutable=mutable, inner=inner):
            return ("&mut " if mutable else "&") + show(inner)
        case PtrTy(mutable=mutable, inner=inner):
            return ("*mut " if mutable else "*const ") + show(inner)
        case TupleTy(items=items):
            return f"({', '.join(map(show, items))}{',' if len(items) == 1 else ''})"
        case ArrayTy(inner=inner):
            return f"[{show(inner)}; _]"
        case SliceTy(inner=inner):
            return f"[{show(inner)}]"
        case FnPtr(params=params, output=output):
            return f"fn({', '.join(map(show, params))})" + _returns(output)
        case FnItem(path=path):
            return f"fn {_last(path)}"
        case Dyn(bounds=bounds):
            return "dyn " + _bounds(bounds)
        case Opaque(bounds=bounds):
            return "impl " + _bounds(bounds)
        case Projection(base=base, trait=trait, name=name):
            return f"<{show(base)} as {_last(trait)}>::{name}"
        case ClosureTy():
            return "{closure}"
    return "_"


def _last(path: str) -> str:
    return path.rsplit("::", 1)[-1]


def _returns(output: Ty) -> str:
    return "" if output == TupleTy(()) else f" -> {show(output)}"


def _bounds(bounds: tuple[TraitRef, ...]) -> str:
    return " + ".join(_bound(bound) for bound in bounds if not bound.path.startswith("'"))


def _bound(bound: TraitRef) -> str:
    name = _last(bound.path)
    if name in ("Fn", "FnMut", "FnOnce") and bound.args and isinstance(bound.args[0], TupleTy):
        output = next((ty for key, ty in bound.bindings if key == "Output"), TupleTy(()))
        return f"{name}({', '.join(map(show, bound.args[0].items))})" + _returns(output)
    inner = [*map(show, bound.args), *(f"{key} = {show(ty)}" for key, ty in bound.bindings)]
    return name + (f"<{', '.join(inner)}>" if inner else "")
