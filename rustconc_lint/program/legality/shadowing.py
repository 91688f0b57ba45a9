"""Shadows: bindings just before a closure that bear the name of an outer variable, for the closure to take instead.

`let name = Arc::clone(&name);` gives it a clone, `let total = &total;` a loan. They stand before the statement, as one
writes them in a loop, where the block has no other use for the variable from there on; else in a block of their own
around the closure: `{ let name = name.clone(); move || .. }`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.program.lang import CLONE
from rustconc_lint.program.legality.places import Declarations
from rustconc_lint.program.traits.traits import Verdict
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.program.types import Adt

ARC = "std::sync::Arc"

Edit = tuple[int, int, str]  # start and end byte, and the text in place of them


class Shadow(msgspec.Struct, frozen=True):
    """`let name = value;` for the variable of a slot, `let mut name` if the closure changes it."""

    slot: int
    name: str
    value: str
    changed: bool = False

    @property
    def text(self) -> str:
        return f"let {'mut ' if self.changed else ''}{self.name} = {self.value};"


def clone_of(typed: TypedBody, slot: int, declared: Declarations, changed: bool = False) -> Shadow | None:
    """The clone of a variable, None when it is not known to have one. changed: does the closure change it?"""
    name, ty = written_name(typed, slot), typed.slots[slot]
    if name == "self" or declared.traits.implements(ty, CLONE) is not Verdict.YES:
        return None
    is_arc = isinstance(ty, Adt) and ty.path == ARC and is_in_scope(typed, "Arc", ARC, declared)
    return Shadow(slot, name, f"Arc::clone(&{name})" if is_arc else f"{name}.clone()", changed)


def loan_of(typed: TypedBody, closure: f.Closure, slot: int) -> Shadow | None:
    """A reference to a variable, None when the closure would not do with one as it is written."""
    name = written_name(typed, slot)
    iterated = (
        node.head.operand
        for node in f.nodes(closure.body)
        if isinstance(node, f.Loop) and node.kind == "for" and isinstance(node.head, f.Ref)
    )
    if name == "self" or any(isinstance(head, f.Local) and head.slot == slot for head in iterated):
        return None
    by_itself = all(use.fields or use.mode in ("method", "ref") for use in closure.uses if use.slot == slot)
    return Shadow(slot, name, f"&{name}") if by_itself else None


def written_name(typed: TypedBody, slot: int) -> str:
    """The variable as it is written: `r#type`."""
    start, name = typed.body.slots[slot].start, typed.body.slots[slot].name
    return f"r#{name}" if typed.module.file.source.data.startswith(b"r#", start) else name


def is_in_scope(typed: TypedBody, name: str, path: str, declared: Declarations) -> bool:
    """Whether the name stands for that type wherever it is written in the body."""
    items = [item for scope in typed.body.scopes for item in scope.items]
    if any(item.name == name or any(use.name == name for use in item.uses) for item in items):
        return False
    found = declared.names.resolve_segments((name,), typed.module, "type")
    return found is not None and found.path == path


def shadowed(typed: TypedBody, closure: f.Closure, shadows: Sequence[Shadow]) -> tuple[Edit, ...]:
    """What to write for a `move` closure that takes the shadows."""
    move = "" if closure.moves else "move "
    lets = [shadow.text for shadow in shadows]
    if not lets:
        return ((closure.insert, closure.insert, move),)
    statement = statement_of(typed, closure, {shadow.slot for shadow in shadows})
    if statement is not None:
        start = statement.start
        break_ = indentation(typed.module.file.source.data, start)
        edits = [(start, start, "".join(f"{let}{break_}" for let in lets)), (closure.insert, closure.insert, move)]
    elif closure.insert == closure.start:
        edits = [(closure.start, closure.start, f"{{ {' '.join(lets)} {move}"), (closure.end, closure.end, " }")]
    else:  # `async move`
        edits = [(closure.start, closure.start, f"{{ {' '.join(lets)} ")]
        edits += [(closure.insert, closure.insert, move), (closure.end, closure.end, " }")]
    return tuple(edit for edit in edits if edit[2])


def indentation(data: bytes, start: int) -> str:
    """What separates a statement from one written before it: a line break and its indentation, or a blank."""
    before = data[data.rfind(b"\n", 0, start) + 1 : start]
    return " " if before.strip() else f"\n{before.decode()}"


def statement_of(typed: TypedBody, closure: f.Closure, slots: set[int]) -> f.Node | None:
    """The statement before which the shadows can stand; None where only a block around the closure will do."""
    outside = list(around(typed, closure))
    blocks = [index for index, node in enumerate(outside) if isinstance(node, f.Block)]
    if not blocks:
        return None
    block, inner = outside[blocks[-1]], outside[blocks[-1] + 1 :]
    statement = inner[0] if inner else closure
    if any(isinstance(node, f.Loop | f.Closure) for node in inner) or has_attribute(typed, statement):
        return None
    if any(statement.start <= typed.body.slots[slot].start for slot in slots):
        return None
    uses = (node.start for node in f.nodes(block) if isinstance(node, f.Local) and node.slot in slots)
    elsewhere = (start for start in uses if not closure.start <= start < closure.end)
    return None if any(start >= statement.start for start in elsewhere) else statement


def around(typed: TypedBody, closure: f.Closure) -> Iterator[f.Node]:
    """The nodes that the closure is in, the outermost first."""
    for node in typed.body.expressions:
        if node.start <= closure.start and closure.end <= node.end and node is not closure:
            yield node


def has_attribute(typed: TypedBody, statement: f.Node) -> bool:
    """Whether something that ends in `]` stands before it, which would be about the new statement then."""
    return typed.module.file.source.data[: statement.start].rstrip().endswith(b"]")
