"""Calls that stop a thread, made directly by async code: all futures that should run on that thread wait as well.

From typed bodies. Closures are left out, since whoever gets one may run it elsewhere (`spawn_blocking`), and so is a
future that a thread runs by itself (`block_on(async { .. })`): it keeps nobody waiting but its own thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from rustconc_lint.apis import FnModel
from rustconc_lint.facts import model as f
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.typeck.model import Callee, TypedBody
from rustconc_lint.source import Span


class AsyncCall(msgspec.Struct, frozen=True):
    """path: of what is called, as rules/apis declares it. panics: it refuses to run in async code; certain: that
    of its own runtime, which runs this code. within: the head of
    the async block, None where the function itself is async."""

    span: Span
    path: str
    panics: bool
    certain: bool
    within: Span | None
    function: str


def stops_thread(model: FnModel) -> bool:
    """Whether a call waits for something for a time that nobody knows. A lock that is soon free does not count, nor
    does a file."""
    if model.acts == "await" or (model.gives_up and model.sends):
        return False
    if model.panics_in_async:
        return True
    if model.sends or model.brief or model.acquires is not None or model.tries is not None:
        return False
    return model.blocks or model.joins or model.receives in ("one", "many", "some", "timeout")


def async_calls(bodies: Iterable[TypedBody], is_async: Callable[[Definition], bool]) -> Iterator[AsyncCall]:
    """A `main` may block: its future is run by itself. So may a join in code that asks whether a thread has ended."""
    for typed in bodies:
        owner = typed.owner
        alone = owner.name == "main" and owner.container is None
        begins = Span(typed.module.file.path, owner.item.start, owner.item.start) if is_async(owner) else None
        joins = not any(c.model is not None and c.model.finished for c in typed.calls.values())
        for call, callee, around in calls_in(typed, typed.body.value, begins):
            if callee.model is None or (alone and around == begins and not callee.model.panics_in_async):
                continue
            if stops_thread(callee.model) and (joins or not callee.model.joins):
                yield async_call(typed, call, callee, around)


def is_trial(function: Definition) -> bool:
    """Whether the function is part of tests or benchmarks, which may block."""
    return function.item.attributes.test or function.module.crate.kind in ("test", "bench")


def async_call(typed: TypedBody, call: f.Call | f.Method, callee: Callee, around: Span | None) -> AsyncCall:
    model = callee.model
    inner = around if around is not None and around.end > around.start else None
    return AsyncCall(
        Span(typed.module.file.path, call.start, call.end),
        callee.definition.path,
        model is not None and model.panics_in_async,
        inner is None or callee.definition.module.crate.id in spawners(typed, inner.start),
        inner,
        typed.owner.name,
    )


def spawners(typed: TypedBody, head: int) -> Iterator[str]:
    """The crates of the functions that run the async block that begins there."""
    for node in typed.body.expressions:
        if isinstance(node, f.Call | f.Method) and any(isinstance(a, f.Closure) and a.start == head for a in node.args):
            callee = typed.calls.get(id(node))
            if callee is not None:
                yield callee.definition.module.crate.id


def calls_in(
    typed: TypedBody, root: Any, around: Span | None
) -> Iterator[tuple[f.Call | f.Method, Callee, Span | None]]:
    """The known calls in async code below `root`, a node or a tuple of nodes. around: see AsyncCall.within."""
    match root:
        case tuple():
            for item in root:
                yield from calls_in(typed, item, around)
            return
        case f.Closure(kind="fn"):
            yield from calls_in(typed, root.body, None)
            return
        case f.Closure():
            yield from calls_in(typed, root.body, Span(typed.module.file.path, *root.head))
            return
        case f.Call() | f.Method():
            callee = typed.calls.get(id(root))
            if callee is not None and around is not None:
                yield root, callee, around
            if callee is not None and callee.model is not None and callee.model.runs == "now" and callee.model.blocks:
                alone = [a.body if isinstance(a, f.Closure) and a.kind == "async" else a for a in root.args]
                yield from calls_in(typed, tuple(alone), None)
                return
        case f.Node() | f.Arm():
            pass
        case _:
            return
    for name in root.__struct_fields__:
        yield from calls_in(typed, getattr(root, name), around)
