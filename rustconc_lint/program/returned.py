"""`async` blocks that a closure or function returns: they run after it, and so may not borrow what it owns.

`.map(|url| async { get(&url).await })`. Only blocks that are the value at an end of the body, as they stand or in
`Box::pin(..)`; that they are passed on by way of a variable is not followed.
"""

from __future__ import annotations

from collections.abc import Iterator

from rustconc_lint.facts import model as f
from rustconc_lint.program.spawns import Spawn, whole_body
from rustconc_lint.program.typeck.model import TypedBody

BOXES = frozenset({"std::boxed::Box::pin", "std::boxed::Box::new"})
RETURNED = "returned"


def returned_blocks(typed: TypedBody) -> Iterator[Spawn]:
    """Blocks that leave the closure or fn they are in, with the range of the text whose variables they outlive."""
    blocks = [c for c in typed.closures.values() if c.kind == "async" and not c.moves]
    if not blocks:
        return
    owners = [
        (closure.body, (closure.start, closure.end)) for closure in typed.closures.values() if closure.kind == "fn"
    ]
    for body, outlives in (*owners, (typed.body.value, whole_body(typed))):
        for end in ends(body):
            block = boxed(typed, end)
            if isinstance(block, f.Closure) and block.kind == "async" and not block.moves:
                yield Spawn((block.start, block.end), block, block, RETURNED, outlives, False)


def ends(expr: f.Expr | None) -> Iterator[f.Expr]:
    """The expressions whose value is the value of `expr`."""
    match expr:
        case None:
            return
        case f.Block(tail=tail, label=""):
            yield from ends(tail)
        case f.If(then=then, orelse=orelse):
            yield from ends(then)
            yield from ends(orelse)
        case f.Match(arms=arms):
            for arm in arms:
                yield from ends(arm.body)
        case _:
            yield expr


def boxed(typed: TypedBody, expr: f.Expr) -> f.Expr:
    """What `Box::pin(..)` holds, or the expression itself."""
    if isinstance(expr, f.Call) and len(expr.args) == 1:
        callee = typed.calls.get(id(expr))
        if callee is not None and callee.definition.path in BOXES:
            return expr.args[0]
    return expr
