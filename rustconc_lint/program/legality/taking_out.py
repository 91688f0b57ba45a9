"""How to take handles out of what holds them, as edits: `take()` for an `Option`, `drain(..)` for a `Vec`, a loop over
the values in place of one over references. None where that is not known to compile.
"""

from __future__ import annotations

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.finding import Edit
from rustconc_lint.program.lang import OPTION, VEC
from rustconc_lint.program.legality.accesses import TEMPORARY, is_mutable, place_at
from rustconc_lint.program.legality.places import Declarations, Place
from rustconc_lint.program.legality.uses.visit import Use
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.program.types import Adt
from rustconc_lint.source import Span

DRAINS = {
    VEC: "drain(..)",
    "std::collections::VecDeque": "drain(..)",
    "std::collections::HashMap": "drain()",
    "std::collections::HashSet": "drain()",
}
LENDS = frozenset(("iter", "iter_mut"))


class Cure(msgspec.Struct, frozen=True):
    """how: "take", "drain" or "values", what the edits write."""

    how: str
    edits: tuple[Edit, ...]


def taken_out(typed: TypedBody, use: Use, declared: Declarations) -> Cure | None:
    """How the value of a use could be moved out of what is borrowed."""
    if is_captured(typed, use):
        return None
    ty = use.place.ty
    if isinstance(ty, Adt) and ty.path == OPTION:
        return taken(typed, use) if is_mutable(typed, use.place, declared) else None
    if isinstance(ty, Adt) and ty.path in DRAINS:
        return drained(typed, use, DRAINS[ty.path]) if is_mutable(typed, use.place, declared) else None
    return of_the_loop(typed, use, declared) or of_the_option(typed, use, declared)


def is_captured(typed: TypedBody, use: Use) -> bool:
    """Whether the use is in a closure that the variable is declared outside of."""
    declared = typed.body.slots[use.place.slot].start if use.place.slot != TEMPORARY else -1
    return any(
        closure.start <= use.start and use.end <= closure.end and not closure.start <= declared
        for closure in typed.closures.values()
    )


def edit(typed: TypedBody, start: int, end: int, text: str) -> Edit:
    return Edit(Span(typed.module.file.path, start, end), text)


def called_on(typed: TypedBody, use: Use, call: str) -> tuple[Edit, ...]:
    """`place.call`; of a `*place` too, since methods follow pointers themselves."""
    behind = edit(typed, use.end, use.end, f".{call}")
    if typed.module.file.source.data[use.start : use.start + 1] == b"*":
        return edit(typed, use.start, use.start + 1, ""), behind
    return (behind,)


def taken(typed: TypedBody, use: Use) -> Cure:
    return Cure("take", called_on(typed, use, "take()"))


def drained(typed: TypedBody, use: Use, drain: str) -> Cure | None:
    """`for h in self.handles` and `self.handles.into_iter()`."""
    for node in typed.body.expressions:
        match node:
            case f.Loop(kind="for", head=head) if head is not None and is_at(head, use):
                return Cure("drain", called_on(typed, use, drain))
            case f.Method(name="into_iter", receiver=receiver) if is_at(receiver, use):
                return Cure("drain", (edit(typed, node.name_start, node.end, drain),))
            case _:
                pass
    return None


def is_at(node: f.Node, use: Use) -> bool:
    return (node.start, node.end) == (use.start, use.end)


# ---------------------------------------------------------------- loops


class Head(msgspec.Struct, frozen=True):
    """`&handles`, `handles.iter()`, `handles.iter().enumerate()`: what is looped over, the end of its `.iter()`, and
    what stands in place of that for a loop over the values."""

    looped: f.Expr
    end: int
    values: str


def of_the_loop(typed: TypedBody, use: Use, declared: Declarations) -> Cure | None:
    """`for handle in &handles`: a loop over the values, if nobody needs them later, else one that drains them."""
    loop = loop_of(typed, use)
    head = head_of(loop.head) if loop is not None and loop.head is not None else None
    if loop is None or loop.head is None or head is None or not is_used_up(loop, use):
        return None
    place = place_at(typed, head.looped, declared)
    if place is None or not isinstance(place.ty, Adt) or place.ty.path not in DRAINS:
        return None
    start = (edit(typed, loop.head.start, head.looped.start, ""),) if loop.head.start < head.looped.start else ()
    if not place.steps and isinstance(head.looped, f.Local) and is_last_use(typed, place.slot, loop):
        return Cure("values", (*start, edit(typed, head.looped.end, head.end, head.values)))
    if not is_mutable(typed, place, declared):
        return None
    return Cure("drain", (*start, edit(typed, head.looped.end, head.end, "." + DRAINS[place.ty.path])))


def loop_of(typed: TypedBody, use: Use) -> f.Loop | None:
    """The loop whose pattern binds the variable of the use."""
    declared = typed.body.slots[use.place.slot].start if use.place.slot != TEMPORARY else -1
    for node in typed.body.expressions:
        pattern = node.pattern if isinstance(node, f.Loop) else None
        if isinstance(node, f.Loop) and pattern is not None and pattern.start <= declared < pattern.end:
            return node
    return None


def head_of(head: f.Expr) -> Head | None:
    match head:
        case f.Ref(operand=operand):
            return Head(operand, operand.end, "")
        case f.Method(name=name, receiver=receiver) if name in LENDS:
            return Head(receiver, head.end, "")
        case f.Method(name="enumerate", receiver=f.Method(name=name, receiver=receiver) as inner) if name in LENDS:
            return Head(receiver, inner.end, ".into_iter()")
        case f.Local() | f.Field():
            return Head(head, head.end, "")
        case _:
            return None


def is_used_up(loop: f.Loop, use: Use) -> bool:
    """Whether the turn has no other use of the variable than method calls before the join."""
    mentions = [node for node in f.nodes(loop.body) if isinstance(node, f.Local) and node.slot == use.place.slot]
    receivers = {id(node.receiver) for node in f.nodes(loop.body) if isinstance(node, f.Method)}
    return all(id(node) in receivers and node.start <= use.start for node in mentions)


def is_last_use(typed: TypedBody, slot: int, loop: f.Loop) -> bool:
    """Whether the variable is not needed after the loop, nor by a second run of it."""
    declared = typed.body.slots[slot].start
    nodes = typed.body.expressions
    return not any(mentions_later(node, slot, loop) or repeats(node, declared, loop) for node in nodes)


def mentions_later(node: f.Node, slot: int, loop: f.Loop) -> bool:
    return isinstance(node, f.Local) and node.slot == slot and node.start >= loop.body.start


def repeats(node: f.Node, declared: int, loop: f.Loop) -> bool:
    """A loop or closure between the variable and the loop."""
    around = isinstance(node, f.Loop | f.Closure) and node is not loop and node.start <= loop.start < node.end
    return around and declared < node.start


# ---------------------------------------------------------------- options


def of_the_option(typed: TypedBody, use: Use, declared: Declarations) -> Cure | None:
    """`self.thread.as_ref().unwrap().join()`."""
    for node in typed.body.expressions:
        match node:
            case f.Method(name="unwrap" | "expect", receiver=f.Method(name="as_ref" | "as_mut") as lent):
                place = place_at(typed, lent.receiver, declared) if is_at(node, use) else None
                if place is not None and is_option(place) and is_mutable(typed, place, declared):
                    end = lent.name_start + len(lent.name)
                    return Cure("take", (edit(typed, lent.name_start, end, "take"),))
            case _:
                pass
    return None


def is_option(place: Place) -> bool:
    return isinstance(place.ty, Adt) and place.ty.path == OPTION
