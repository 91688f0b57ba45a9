"""An `Arc` of what no other thread may have: its atomic count is paid for and of no use.

From typed bodies, where the cell is made in the call itself, `Arc::new(RefCell::new(..))`: what a type parameter or a
foreign handle stands for, the caller may know better.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.program.gates.mentions import Mentions
from rustconc_lint.program.traits.auto_traits import AutoTraits
from rustconc_lint.program.traits.traits import Verdict
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.program.types import Adt
from rustconc_lint.source import Span

NEW = "std::sync::Arc::new"
CELLS = ("Cell", "RefCell", "OnceCell", "UnsafeCell")
BOUND = frozenset(("std::rc::Rc", *(f"std::cell::{name}" for name in CELLS)))


class LoneArc(msgspec.Struct, frozen=True):
    """An `Arc` of a value of a type that is not Sync, or not Send; `holds`: the last segment of its path."""

    span: Span
    holds: str


def near_words(mentions: Mentions) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """Words that may name `Arc`, and words that may name what it should not hold."""
    arcs = mentions.meanings({b"Arc"}, types=True)
    bound = mentions.meanings({path.rpartition("::")[2].encode() for path in BOUND}, types=True)
    return frozenset(arcs), frozenset(bound)


def lone_arcs(bodies: Iterable[TypedBody], autos: AutoTraits) -> Iterator[LoneArc]:
    for typed in bodies:
        for node in typed.body.expressions:
            callee = typed.calls.get(id(node)) if isinstance(node, f.Call) else None
            if isinstance(node, f.Call) and callee is not None and callee.definition.path == NEW:
                held = typed.type_of(node.args[0]) if node.args and isinstance(node.args[0], f.Call) else None
                if isinstance(held, Adt) and is_bound(held, autos):
                    yield LoneArc(Span(typed.module.file.path, node.start, node.end), held.path.rpartition("::")[2])


def is_bound(held: Adt, autos: AutoTraits) -> bool:
    """Whether a value of the type stays with its thread."""
    return held.path in BOUND and Verdict.NO in (autos.is_sync(held).verdict, autos.is_send(held).verdict)
