"""`async` blocks that a closure or function returns: they run after it, and so may not borrow what it owns.

`.map(|url| async { get(&url).await })`. Only what is the value at an end of the body: the block, something that holds
it (`timeout(d, async { .. })`), or a box of it; one that goes by a variable counts where its type still shows it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rustconc_lint.facts import model as f
from rustconc_lint.program.legality.spawns import Spawn, closures_in, ends, whole_body
from rustconc_lint.program.typeck.model import TypedBody

BOXING = frozenset({"std::boxed::Box::pin", "std::boxed::Box::new"})
BOXING_METHODS = frozenset({"boxed", "boxed_local"})  # of FutureExt, in several crates
RETURNED = "returned"


def returned_blocks(typed: TypedBody) -> Iterator[Spawn]:
    """Blocks that leave the closure or fn they are in, with the range of the text whose variables they outlive."""
    if not any(c.kind == "async" and not c.moves for c in typed.closures.values()):
        return
    owners = [(c.body, (c.start, c.end)) for c in typed.closures.values() if c.kind == "fn"]
    for body, outlives in (*owners, (typed.body.value, whole_body(typed))):
        for end in ends(body):
            for block in closures_in(typed, typed.type_of(unboxed(typed, end))):
                if block.kind == "async" and not block.moves:
                    yield Spawn((end.start, end.end), block, block, RETURNED, outlives, False)


def unboxed(typed: TypedBody, expr: f.Expr) -> f.Expr:
    """What `Box::pin(..)` or `.boxed()` puts into a box, or the expression itself."""
    callee = typed.calls.get(id(expr))
    if callee is None:
        return expr
    if isinstance(expr, f.Call) and len(expr.args) == 1 and callee.definition.path in BOXING:
        return expr.args[0]
    if isinstance(expr, f.Method) and callee.definition.name in BOXING_METHODS and callee.definition.module.crate.api:
        return expr.receiver
    return expr
