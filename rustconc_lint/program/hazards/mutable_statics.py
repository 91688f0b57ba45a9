"""`static mut` in code that starts threads: nothing keeps two of them from being there at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.names.names import Names
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.source import Span

Bodies = Callable[[Definition], TypedBody | None]


class MutableStatic(msgspec.Struct, frozen=True):
    """declared: its name. touched: where a function uses it. spawned: where a function of the same file starts a
    thread or task."""

    name: str
    declared: Span
    touched: Span
    spawned: Span


def mutable_statics(
    names: Names, spawning: Iterable[Definition], near: Callable[[Definition, str], Iterable[Definition]], body: Bodies
) -> Iterator[MutableStatic]:
    """spawning: functions that may start threads. near: those that may use a static, by its name."""
    spawns: dict[str, Span] = {}
    for function in spawning:
        typed = body(function) if function.module.file.path not in spawns else None
        started = next(starts(typed), None) if typed is not None else None
        if started is not None:
            spawns[function.module.file.path] = started
    for static in names.values() if spawns else ():
        path, item = static.module.file.path, static.item
        detail = names.detail(static) if path in spawns and static.kind == "static" else None
        if isinstance(detail, f.ValueDetail) and detail.mutable and not detail.thread_local:
            touched = next((at for one in near(static, path) for at in uses(body(one), static)), None)
            if touched is not None:
                declared = Span(path, item.name_start, item.name_start + len(item.name.encode()))
                yield MutableStatic(static.name, declared, touched, spawns[path])


def starts(typed: TypedBody) -> Iterator[Span]:
    for node in typed.body.expressions:
        callee = typed.calls.get(id(node)) if isinstance(node, f.Call | f.Method) else None
        if callee is not None and callee.model is not None and callee.model.spawns is not None:
            yield Span(typed.module.file.path, node.start, node.end)


def uses(typed: TypedBody | None, static: Definition) -> Iterator[Span]:
    for node in typed.body.expressions if typed is not None else ():
        if typed is not None and isinstance(node, f.PathX) and typed.paths.get(id(node)) is static:
            yield Span(typed.module.file.path, node.start, node.end)
