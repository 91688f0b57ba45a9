"""Handles that are joined where they are: behind a reference, an index, a smart pointer. `join` takes the handle by
value, and nothing can be moved out of what is only borrowed: rustc says E0507, and E0508 of arrays and slices.

What is moved may be the handle itself or what holds it (`self.manager.unwrap().join()`, `for h in self.handles`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.gates.mentions import Mentions
from rustconc_lint.program.lang import OPTION
from rustconc_lint.program.legality.accesses import TEMPORARY, accesses, is_clear, leaves
from rustconc_lint.program.legality.borrowing import span
from rustconc_lint.program.legality.places import DEREF, Declarations, Place, Step
from rustconc_lint.program.legality.taking_out import Cure, taken_out
from rustconc_lint.program.legality.uses.visit import Use
from rustconc_lint.program.traits.shown import last, shown
from rustconc_lint.program.typeck.model import Callee, TypedBody
from rustconc_lint.program.types import Adt, ArrayTy, PtrTy, RefTy, SliceTy, TupleTy, Ty
from rustconc_lint.source import Span

HANDLES = frozenset(("thread", "scoped-thread"))
Owner = Literal["reference", "raw pointer", "element", "pointer"]
Holder = Literal["", "option", "other"]
DEEPEST = 4


class BorrowedJoin(msgspec.Struct, frozen=True):
    """place: what would be moved, `name` as written, "" for what a call returns. owner: what it is behind; owner_name:
    its type, for an element and a smart pointer. holder: "" if it is the handle itself. handle: its type as written.
    join: the call. variable: where the borrowing variable is declared, with its type. turn: it is what a loop or
    closure is given, one by one. compiler: what rustc says. cure: how to take it out, if that is known."""

    place: Span
    name: str
    owner: Owner
    owner_name: str
    holder: Holder
    handle: str
    join: Span
    variable: tuple[Span, str] | None
    turn: bool
    compiler: str
    cure: Cure | None


def may_join(mentions: Mentions, definition: Definition) -> bool:
    """A gate of speed: whether the text has a `.join()`, or a path to a `join` that is called."""
    return b"join" in mentions.words(definition) and any(
        mention.called and (mention.empty if mention.method else len(mention.path) != 1)
        for mention in mentions.of(definition, b"join")
    )


def borrowed_joins(typed: TypedBody, declared: Declarations) -> Iterator[BorrowedJoin]:
    """What one body would move out of a borrow to join it."""
    joins = [node for node in typed.body.expressions if isinstance(node, f.Call | f.Method) and joins_by(typed, node)]
    if not joins:
        return
    seen: set[tuple[int, int]] = set()
    for use in accesses(typed, declared):
        if use.mode != "move" or (use.start, use.end) in seen or not is_clear(use.place):
            continue
        last_step = next((step for step in reversed(use.place.steps) if leaves(step)), None)
        if last_step is not None and holds_handle(use.place.ty, declared):
            seen.add((use.start, use.end))
            yield described(typed, use, last_step, joins, declared)


def joins_by(typed: TypedBody, call: f.Node) -> bool:
    callee: Callee | None = typed.calls.get(id(call))
    return callee is not None and callee.model is not None and callee.model.joins and callee.receiver == "value"


def holds_handle(ty: Ty, declared: Declarations, depth: int = 0) -> bool:
    """Whether a value of the type is the handle of a thread, or owns one."""
    if isinstance(ty, TupleTy):
        return any(holds_handle(item, declared, depth + 1) for item in ty.items)
    if isinstance(ty, ArrayTy):
        return holds_handle(ty.inner, declared, depth + 1)
    if not isinstance(ty, Adt) or depth > DEEPEST:
        return False
    model = declared.names.type_model(ty.path)
    if model is not None and model.role in HANDLES:
        return True
    if any(holds_handle(arg, declared, depth + 1) for arg in ty.args):
        return True
    adt = declared.names.adt_of(ty.path)
    if adt is None or adt.module.crate.api:
        return False
    fields = (part for variant in declared.types.fields_of(ty) for _, part in variant.fields)
    return any(holds_handle(part, declared, depth + 1) for part in fields)


def described(typed: TypedBody, use: Use, out: Step, joins: Sequence[f.Node], declared: Declarations) -> BorrowedJoin:
    owner, owner_name = owner_of(out)
    join = nearest(joins, use)
    at = join.name_start if isinstance(join, f.Method) else join.start
    end = at + len("join") if isinstance(join, f.Method) else join.end
    return BorrowedJoin(
        place=span(typed, use.start, use.end),
        name=name_of(typed, use),
        owner=owner,
        owner_name=owner_name,
        holder=holder_of(use.place.ty, declared),
        handle=shown(use.place.ty),
        join=span(typed, at, end),
        variable=variable(typed, use.place),
        turn=is_given(typed, use.place),
        compiler="E0508" if isinstance(out.before, ArrayTy | SliceTy) else "E0507",
        cure=taken_out(typed, use, declared),
    )


def owner_of(step: Step) -> tuple[Owner, str]:
    match step.before:
        case RefTy() if step.name == DEREF:
            return "reference", ""
        case PtrTy():
            return "raw pointer", ""
        case ArrayTy() | SliceTy():
            return "element", "array" if isinstance(step.before, ArrayTy) else "slice"
        case Adt(path=path):
            return "pointer" if step.name == DEREF else "element", last(path)
        case other:
            return "pointer", shown(other)


def nearest(joins: Sequence[f.Node], use: Use) -> f.Node:
    """The innermost join around the place, else the next one in the text."""
    around = [join for join in joins if join.start <= use.start and use.end <= join.end]
    later = [join for join in joins if join.start >= use.start]
    return around[-1] if around else later[0] if later else joins[-1]


def name_of(typed: TypedBody, use: Use) -> str:
    if use.place.slot == TEMPORARY:
        return ""
    written = typed.module.file.source.data[use.start : use.end].decode("utf-8", "replace")
    return " ".join(written.split()).replace(" .", ".")


def holder_of(ty: Ty, declared: Declarations) -> Holder:
    model = declared.names.type_model(ty.path) if isinstance(ty, Adt) else None
    if model is not None and model.role in HANDLES:
        return ""
    return "option" if isinstance(ty, Adt) and ty.path == OPTION else "other"


def variable(typed: TypedBody, place: Place) -> tuple[Span, str] | None:
    """The variable that borrows, where one stands in the text."""
    if place.slot == TEMPORARY or not isinstance(typed.slots[place.slot], RefTy):
        return None
    slot = typed.body.slots[place.slot]
    if slot.name == "self":
        return None
    return span(typed, slot.start, slot.start + len(slot.name.encode())), shown(typed.slots[place.slot])


def is_given(typed: TypedBody, place: Place) -> bool:
    """Whether the variable is bound by the pattern of a loop or closure, and is the handle's reference itself."""
    if place.slot == TEMPORARY or len(place.steps) != 1:
        return False
    start = typed.body.slots[place.slot].start
    patterns = [node.pattern for node in typed.body.expressions if isinstance(node, f.Loop) and node.pattern]
    patterns += [param.pattern for closure in typed.closures.values() for param in closure.params]
    return any(pattern.start <= start < pattern.end for pattern in patterns)
