"""Guards that nobody keeps: the lock is free again before the next statement begins.

From typed bodies. Only calls that take a lock count, so that what `Condvar::wait` gives back may be thrown away.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.program.names.names import Names
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.program.types import UNIT, Adt, Ty
from rustconc_lint.source import Span

RESULTS = ("std::result::Result", "std::option::Option")
GUARDS = frozenset({"guard", "read-guard", "permit"})
UNWRAPS = frozenset({"unwrap", "expect", "unwrap_or_else", "ok"})


class Discard(msgspec.Struct, frozen=True):
    """taken: what takes the lock. wildcard: the `_` that stands for a variable, None in an expression statement.
    bound: it is the pattern of a `let`. denied: rustc rejects it by a lint that is deny by default."""

    taken: Span
    wildcard: Span | None
    bound: bool
    denied: bool


def discards(bodies: Iterable[TypedBody], names: Names, granting: Container[str]) -> Iterator[Discard]:
    """granting: the crates that give semaphores more permits, so that a permit may be a signal."""
    for typed in bodies:
        lasts: frozenset[int] | None = None
        for wildcard, value in thrown_away(typed.body.value):
            guard = guard_of(typed.type_of(value), names)
            if guard is not None and takes_lock(typed, value, names):
                place = span(typed, wildcard) if wildcard is not None else None
                denied = wildcard is not None and is_denied(typed.type_of(value), guard)
                lasts = last_values(typed) if lasts is None else lasts
                if not denied and (is_trial(typed) or is_gate(typed, value, guard) or id(value) in lasts):
                    continue
                model = names.type_model(guard.path)
                if model is not None and model.role == "permit" and typed.module.crate.id in granting:
                    continue
                yield Discard(span(typed, value), place, isinstance(wildcard, f.PWild), denied)


def is_gate(typed: TypedBody, value: f.Expr, guard: Adt) -> bool:
    """`let _ = gate.lock().await;`: waits until whoever holds the lock, which guards nothing, lets go of it."""
    return guard.args[-1:] == (UNIT,) and any(isinstance(node, f.Await) for node in f.nodes(value))


def last_values(typed: TypedBody) -> frozenset[int]:
    """What the last statements of blocks evaluate, by id: a guard with a name would live no longer there."""
    found: set[int] = set()
    for node in f.nodes(typed.body.value):
        if isinstance(node, f.Block) and node.tail is None and node.statements:
            match node.statements[-1]:
                case f.LetStatement(value=last) | f.ExprStatement(expr=f.Assign(value=last) | last):
                    found.add(id(last))
    return frozenset(found)


def is_trial(typed: TypedBody) -> bool:
    """Whether the code tests or measures the lock."""
    return typed.owner.item.attributes.test or typed.module.crate.kind == "bench"


def span(typed: TypedBody, node: f.Node) -> Span:
    return Span(typed.module.file.path, node.start, node.end)


def thrown_away(root: f.Expr) -> Iterator[tuple[f.Node | None, f.Expr]]:
    """`let _ = value;`, `let (_, b) = (value, 1);`, `_ = value;`, `value;`: the wildcard and the value."""
    for node in f.nodes(root):
        match node:
            case f.LetStatement(pattern=f.PWild() as wildcard, value=value) if value is not None:
                yield wildcard, value
            case f.LetStatement(pattern=f.PTuple(items=patterns), value=f.Tuple(items=values)):
                if len(patterns) == len(values):
                    yield from ((p, v) for p, v in zip(patterns, values, strict=True) if isinstance(p, f.PWild))
            case f.Assign(op="", target=f.Unknown(parts=()) as target, value=value):
                yield target, value
            case f.ExprStatement(expr=value, semi=True):
                yield None, value


def takes_lock(typed: TypedBody, value: f.Expr, names: Names) -> bool:
    """`m.lock()`, perhaps awaited and unwrapped; or a call of a function of the project that is given no guard."""
    while True:
        match value:
            case f.Await(operand=inner) | f.Try(operand=inner):
                value = inner
            case f.Method(name=name, receiver=inner) if name in UNWRAPS:
                value = inner
            case f.Call() | f.Method():
                callee = typed.calls.get(id(value))
                if callee is None:
                    return False
                if callee.definition.module.crate.api:
                    # Whoever takes many permits may wait until all others are back.
                    waits = callee.model is not None and callee.model.blocks and not value.args
                    return waits or (callee.model is not None and callee.model.acquires is not None)
                return not any(guard_of(typed.type_of(argument), names) for argument in value.args)
            case _:
                return False


def guard_of(ty: Ty, names: Names) -> Adt | None:
    """The guard, or permit of a semaphore, that a value of the type is, also in an Option or Result."""
    while isinstance(ty, Adt) and ty.path in RESULTS and ty.args:
        ty = ty.args[0]
    model = names.type_model(ty.path) if isinstance(ty, Adt) else None
    return ty if isinstance(ty, Adt) and model is not None and model.role in GUARDS else None


def is_denied(ty: Ty, guard: Adt) -> bool:
    """Whether rustc's `let_underscore_lock` looks for it: a guard of std, or the Result of one."""
    return guard.path.startswith("std::") and (ty == guard or (isinstance(ty, Adt) and ty.path == RESULTS[0]))
