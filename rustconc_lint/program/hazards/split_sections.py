"""A lock that is taken twice for what is one step: a value is read under it and written under it, free in between.

From typed bodies, of what stands side by side: `let n = *m.lock(); *m.lock() = n + 1;`, and an `if` that asks under the
lock and changes under it again. What looks again under the second guard is right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.program.hazards.atomics import Object, object_of, span, written
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.source import Span

UNWRAPS = frozenset({"unwrap", "expect", "unwrap_or_else"})


class Section(msgspec.Struct, frozen=True):
    """first: where the lock is taken to read. second: where it is taken to write. name: as the lock is written."""

    name: str
    first: Span
    second: Span


def lost_updates(bodies: Iterable[TypedBody]) -> Iterator[Section]:
    """A copy is taken out, and what is computed from it put back."""
    for typed in bodies:
        for block in (node for node in typed.body.expressions if isinstance(node, f.Block)):
            for index, before in enumerate(block.statements):
                match before:
                    case f.LetStatement(pattern=f.PBind(slot=slot), value=f.Unary(op="*", operand=read)):
                        yield from put_back(typed, slot, read, block.statements[index + 1 :])


def put_back(typed: TypedBody, slot: int, read: f.Expr, after: tuple[f.Statement, ...]) -> Iterator[Section]:
    first = acquisition(typed, read)
    for statement in after if first is not None else ():
        match statement:
            case f.ExprStatement(expr=f.Assign(op="", target=f.Unary(op="*", operand=place), value=value)):
                second = acquisition(typed, place)
                computed = any(isinstance(node, f.Local) and node.slot == slot for node in f.nodes(value))
                if first is not None and second is not None and computed and same(typed, first, second):
                    yield section(typed, first, second)
                    return


def checks_then_acts(bodies: Iterable[TypedBody]) -> Iterator[Section]:
    """What the condition has found may be otherwise when the body has the lock."""
    for typed in bodies:
        for node in typed.body.expressions:
            if isinstance(node, f.If) and not any(isinstance(inner, f.Let) for inner in f.nodes(node.condition)):
                asked = list(acquisitions(typed, node.condition))
                acted = list(acquisitions(typed, node.then)) if asked and not looks_again(node.then) else []
                pairs = ((one, other) for one in asked for other in acted if same(typed, one, other))
                first = next(pairs, None)
                if first is not None and writes(typed, first[1]):
                    yield section(typed, *first)


def looks_again(body: f.Block) -> bool:
    """Whether the body asks for anything itself; `entry` and its like do so."""
    return any(
        isinstance(node, f.If | f.Match | f.Loop | f.Try) or (isinstance(node, f.Method) and node.name == "entry")
        for node in f.nodes(body)
    )


def writes(typed: TypedBody, lock: f.Method) -> bool:
    callee = typed.calls.get(id(lock))
    return callee is not None and callee.model is not None and callee.model.acquires == "exclusive"


def acquisition(typed: TypedBody, expr: f.Expr) -> f.Method | None:
    """The call that takes a lock, in what unwraps or awaits its guard."""
    while True:
        match expr:
            case f.Await(operand=inner):
                expr = inner
            case f.Method(name=name, receiver=inner) if name in UNWRAPS:
                expr = inner
            case f.Method() if takes(typed, expr):
                return expr
            case _:
                return None


def acquisitions(typed: TypedBody, root: f.Node) -> Iterator[f.Method]:
    for node in f.nodes(root):
        if isinstance(node, f.Method) and takes(typed, node):
            yield node


def takes(typed: TypedBody, call: f.Method) -> bool:
    callee = typed.calls.get(id(call))
    return callee is not None and callee.model is not None and callee.model.acquires is not None


def same(typed: TypedBody, left: f.Method, right: f.Method) -> bool:
    one: Object | None = object_of(typed, left.receiver)
    return one is not None and one == object_of(typed, right.receiver)


def section(typed: TypedBody, first: f.Method, second: f.Method) -> Section:
    return Section(".".join(written(typed, first.receiver)), span(typed, first), span(typed, second))
