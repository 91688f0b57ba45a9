"""Waits at a condition variable that do not look again whether they may go on.

A wait can end although nobody has notified, and between a notification and the moment the lock is taken again another
thread may have been first. From typed bodies; a wait in a function that is called in a loop is looked at by its caller.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.source import Span

Callers = Callable[[Definition], Iterable[f.Body]]


class BareWait(msgspec.Struct, frozen=True):
    """condition: of the `if` around the wait that looks at what the guard guards, None where nothing does. timed: the
    wait ends by itself."""

    span: Span
    condition: Span | None
    timed: bool


class Around(msgspec.Struct, frozen=True):
    """Where an expression stands. looped: in a loop, or in code that may be run in one. conditions: of the `if`s."""

    looped: bool = False
    conditions: tuple[f.Expr, ...] = ()


def bare_waits(bodies: Iterable[TypedBody], callers: Callers) -> Iterator[BareWait]:
    """callers: the bodies that may call a function, by its name."""
    for typed in bodies:
        found = list(waits_in(typed, typed.body.value, Around()))
        if found and not called_in_loops(typed.owner, callers):
            yield from found


def unheard_waits(bodies: Iterable[TypedBody]) -> Iterator[Span]:
    """The waits without a limit, of crates in which nothing notifies."""
    for typed in bodies:
        for node in typed.body.expressions:
            callee = typed.calls.get(id(node)) if isinstance(node, f.Method) else None
            if callee is not None and callee.model is not None and callee.model.waits and not callee.model.gives_up:
                yield Span(typed.module.file.path, node.start, node.end)


def waits_in(typed: TypedBody, root: Any, around: Around) -> Iterator[BareWait]:
    """The waits outside of loops below `root`, a node or a tuple of nodes."""
    match root:
        case tuple():
            for item in root:
                yield from waits_in(typed, item, around)
            return
        case f.Loop():
            inner = Around(looped=True)
        case f.Closure():
            inner = Around(looped=True)  # who knows how often it is run
        case f.If(condition=condition, then=then, orelse=orelse):
            yield from waits_in(typed, condition, around)
            inner = Around(around.looped, (*around.conditions, condition))
            yield from waits_in(typed, (then, *([orelse] if orelse is not None else [])), inner)
            return
        case f.Method():
            inner = around
            wait = bare_wait(typed, root, around)
            if wait is not None:
                yield wait
        case f.Node() | f.Arm():
            inner = around
        case _:
            return
    for name in root.__struct_fields__:
        yield from waits_in(typed, getattr(root, name), inner)


def bare_wait(typed: TypedBody, call: f.Method, around: Around) -> BareWait | None:
    callee = typed.calls.get(id(call))
    if around.looped or callee is None or callee.model is None or not callee.model.spurious or not call.args:
        return None
    guard = call.args[0]
    looks = [c for c in around.conditions if isinstance(guard, f.Local) and mentions(c, guard.slot)]
    timed = callee.model.gives_up
    if timed and not looks:
        return None  # a sleep that can be cut short
    path = typed.module.file.path
    condition = Span(path, looks[-1].start, looks[-1].end) if looks else None
    return BareWait(Span(path, call.start, call.end), condition, timed)


def mentions(expr: f.Expr, slot: int) -> bool:
    return any(isinstance(node, f.Local) and node.slot == slot for node in f.nodes(expr))


def called_in_loops(function: Definition, callers: Callers) -> bool:
    """Whether any function or method of that name is called in a loop or closure, anywhere."""
    for body in callers(function):
        for node in body.expressions:
            if isinstance(node, f.Loop | f.Closure) and any(calls(inner, function.name) for inner in f.nodes(node)):
                return True
    return False


def calls(node: f.Node, name: str) -> bool:
    if isinstance(node, f.Method):
        return node.name == name
    return isinstance(node, f.PathX) and node.path.segments[-1].name == name
