"""Structs that wait for themselves: a method joins a thread in one field while another field keeps its channel open.

Two bodies make such a hang: the one that puts a sender and the thread that drains its channel into one struct, and the
one that joins (`shutdown`, `Drop::drop`). Silent when the joining body, or any other of the program, may move the
sender out of its field: then the order of calls decides, and that is not followed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from rustconc_lint.inquiry import told_by_text
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.gates.mentions import text_of
from rustconc_lint.program.hangs.channels import StuckDrain
from rustconc_lint.program.interpret.events import Bundle, OuterJoin, Owner, Trace
from rustconc_lint.program.interpret.state import ALIVE
from rustconc_lint.program.interpret.values import Place
from rustconc_lint.program.traits.lowering import Types
from rustconc_lint.program.types import Adt, Prim, RefTy, TupleTy, Ty

Ask = Callable[[Definition], Trace | None]


def stuck_fields(
    traces: Iterable[tuple[Definition, Trace]], functions: Iterable[Definition], types: Types, ask: Ask
) -> Iterator[StuckDrain]:
    """One for every join of a field's thread whose sender is another field. `ask` gives the trace of any function."""
    bundles = {(b.type, b.sender, b.handle): b for _, trace in traces for b in trace.bundles}
    if not bundles:
        return
    functions = tuple(functions)
    joining = traced(functions, {names(b.handle)[-1:] for b in bundles.values()}, ask)
    found = [
        (function, join, bundle)
        for function, trace in joining
        for join in trace.outer_joins
        if (bundle := next((b for b in bundles.values() if waits_for(join, b, function, types)), None)) is not None
    ]
    freeing = traced(functions, {names(bundle.sender)[-1:] for _, _, bundle in found}, ask)
    for function, join, bundle in found:
        before = ((f, trace) for f, trace in freeing if f is not function and not consumes(f, bundle, types))
        if not any(frees(trace.released, f, bundle, types) for f, trace in before):
            yield stuck(function, join, bundle, types)


def traced(functions: Iterable[Definition], named: set[tuple[str, ...]], ask: Ask) -> list[tuple[Definition, Trace]]:
    """The functions whose text has one of the names, with what they do."""
    words = [name.encode() for (name,) in filter(None, named)]
    near = [function for function in functions if names_any(function, words)]
    return [(function, trace) for function in near if (trace := ask(function)) is not None]


@told_by_text
def names_any(function: Definition, words: list[bytes]) -> bool:
    text = text_of(function)
    return any(word in text for word in words)


def names(fields: tuple[str, ...]) -> tuple[str, ...]:
    """The fields with names: whose elements they are of does not matter."""
    return tuple(name for name in fields if name != "[]")


def waits_for(join: OuterJoin, bundle: Bundle, function: Definition, types: Types) -> bool:
    """Whether it joins the bundle's thread, and the sender is still in its field then."""
    return (
        argument_type(function, join.place, types) == bundle.type
        and names(join.place.fields) == names(bundle.handle)
        and not frees(join.released, function, bundle, types)
    )


def frees(released: frozenset[Place], function: Definition, bundle: Bundle, types: Types) -> bool:
    """Whether one of the places is the bundle's sender, holds it, or is of a field that may be the same."""
    wanted = names(bundle.sender)
    for place in released:
        if place.owner == bundle.owner:
            return True
        fields = names(place.fields)
        if wanted[: len(fields)] == fields and argument_type(function, place, types) == bundle.type:
            return True
    return False


def consumes(function: Definition, bundle: Bundle, types: Types) -> bool:
    """Whether nobody has the struct any more once it was given to the function: `fn stop(self)`."""
    signature = types.signature_of(function)
    if signature is None:
        return False
    declared = (signature.self_ty, *signature.params) if signature.self_ty is not None else signature.params
    given = [ty for ty in declared if is_part(bundle.type, ty)]
    by_value = bool(given) and all(isinstance(ty, Adt) and ty.path == bundle.type for ty in given)
    return by_value and not is_part(bundle.type, signature.declared)


def is_part(path: str, ty: Ty) -> bool:
    """Whether a value of the type may have that struct in it."""
    match ty:
        case Prim():
            return False
        case TupleTy(items=items):
            return any(is_part(path, item) for item in items)
        case Adt(path=other, args=args) if other != path:
            return any(is_part(path, item) for item in args)
        case _:
            return True


def argument_type(function: Definition, place: Place, types: Types) -> str:
    """The path of the struct that the parameter is, or is a reference to; "" for anything else."""
    ty = argument(function, place, types)
    while isinstance(ty, RefTy):
        ty = ty.inner
    return ty.path if isinstance(ty, Adt) else ""


def argument(function: Definition, place: Place, types: Types) -> Ty | None:
    """The declared type of the parameter that the place is in; `self` counts as the first."""
    signature = types.signature_of(function)
    if signature is None or place.root[0] != "param":
        return None
    declared = (signature.self_ty, *signature.params) if signature.self_ty is not None else signature.params
    index = int(place.root[1])
    return declared[index] if index < len(declared) else None


def stuck(function: Definition, join: OuterJoin, bundle: Bundle, types: Types) -> StuckDrain:
    path = ".".join(names(bundle.sender))
    owner = Owner(-1, ALIVE, bundle.made, f"self.{path}" if join.place.root[1] == 0 else path, None)
    borrowed = isinstance(argument(function, join.place, types), RefTy)
    kept_in = bundle.type.rpartition("::")[2]
    return StuckDrain(function, owner, bundle.drain, join.span, kept_in=kept_in, borrowed=borrowed)
