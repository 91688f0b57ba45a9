"""Whether the code around a loop shows that the loop is expected to end: something is done after it, or with its
result.

Many loops over a channel are meant to run as long as the program does; they stand at the end of a function.
"""

from __future__ import annotations

from rustconc_lint.facts import model as f
from rustconc_lint.program.interpret.lives import nodes_around
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.program.types import NEVER, UNIT
from rustconc_lint.source import Span

CONSTRUCTORS = frozenset({"struct", "variant"})


def is_end_expected(typed: TypedBody, loop: Span) -> bool:
    """Of a loop, or a call that runs an iterator to its end, at that place of the body."""
    around = list(nodes_around(typed.body.value, loop.start, loop.end))
    consumed = any(
        isinstance(node, f.Method | f.Call) and node.end == loop.end and typed.type_of(node) != UNIT for node in around
    )
    for node in reversed(around):
        if isinstance(node, f.Closure):
            return False
        if isinstance(node, f.Loop) and node.head is not None and node.head.end >= loop.end:
            consumed = False
        if isinstance(node, f.Block) and consumed:
            return True
        if isinstance(node, f.Block):
            later = [item for item in (*node.statements, node.tail) if item is not None and item.start >= loop.end]
            if any(acts(typed, item) for item in later):
                return True
    return False


def acts(typed: TypedBody, code: f.Node) -> bool:
    """Whether the code does more than to make a value or to say that it is never reached."""
    for node in f.nodes(code):
        if isinstance(node, f.Method) or (isinstance(node, f.Macro) and typed.type_of(node) != NEVER):
            return True
        if isinstance(node, f.Call):
            called = typed.paths.get(id(node.callee))
            if called is None or called.kind not in CONSTRUCTORS:
                return True
    return False
