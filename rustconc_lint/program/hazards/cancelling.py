"""Futures that lose what they have done when `select!` drops them: the branches that were not first are dropped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.source import Span


class Cancelled(msgspec.Struct, frozen=True):
    """A branch of a `select!` that makes its future on the spot. path: of what is called."""

    span: Span
    path: str


def cancelled(bodies: Iterable[TypedBody]) -> Iterator[Cancelled]:
    """Only in a loop: there the next turn begins anew, and what was read or written is gone."""
    for typed in bodies:
        for loop in (node for node in typed.body.expressions if isinstance(node, f.Loop)):
            for node in f.nodes(loop.body):
                if isinstance(node, f.Macro) and node.family == "select" and len(node.args) > 1:
                    yield from branches(typed, node)


def branches(typed: TypedBody, select: f.Macro) -> Iterator[Cancelled]:
    for branch in select.args:
        head = branch.scrutinee if isinstance(branch, f.Match) else None
        future = head.operand if isinstance(head, f.Await) else None
        callee = typed.calls.get(id(future)) if future is not None else None
        if future is not None and callee is not None and callee.model is not None and callee.model.cancel_unsafe:
            yield Cancelled(Span(typed.module.file.path, future.start, future.end), callee.definition.path)
