"""Copies that a thread or task changes, while the code that started it goes on to read the original.

`move` copies what is Copy. Only numbers, bools, chars and arrays and tuples of them are looked at, and only where the
changed copy stays in the thread: one that is returned, sent or passed on is a value to go on with. Which paths lead
from the copy to a read is for flow.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.program.interpret.lives import nodes_around
from rustconc_lint.program.legality.borrowing import RUNS, place_name, span
from rustconc_lint.program.legality.captures import Capture, Captures
from rustconc_lint.program.legality.flow import FLOW_HANDLERS, Flow
from rustconc_lint.program.legality.late_uses import Places
from rustconc_lint.program.legality.nesting import Nesting
from rustconc_lint.program.legality.places import Place
from rustconc_lint.program.legality.spawns import Spawn
from rustconc_lint.program.legality.uses.visit import Use, consume
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.program.types import UNIT, ArrayTy, Prim, TupleTy, Ty
from rustconc_lint.source import Span

READS = frozenset(("copy", "ref"))
COMPARISONS = frozenset(("==", "!=", "<", "<=", ">", ">=", "&&", "||"))


class ChangedCopy(msgspec.Struct, frozen=True):
    """name: the variable or field. change: the assignment in the thread. head: of the closure that copies. read: where
    the original is read later. ty: the name of its type if that is plain, else "". runs: "thread" or "task". scoped:
    the thread could borrow instead."""

    name: str
    change: Span
    head: Span
    declared: Span
    read: Span
    ty: str
    runs: str
    scoped: bool


class Changer(msgspec.Struct, frozen=True):
    """The text of a closure that is run elsewhere, and the copies that it changes and keeps to itself."""

    spawn: Spawn
    start: int
    end: int
    changes: tuple[Change, ...]


class Change(msgspec.Struct, frozen=True):
    capture: Capture
    assign: f.Assign


class Copied(msgspec.Struct, frozen=True):
    """A mark: the closure has made its copy."""

    changer: Changer
    change: Change


def changed_copies(typed: TypedBody, spawns: Sequence[Spawn], captures: Captures) -> Iterator[ChangedCopy]:
    """What the spawned code of one body changes to no effect; once for each variable and closure."""
    changers = [changer for spawn in spawns if (changer := changer_of(typed, spawn, captures)) is not None]
    if not changers:
        return
    nesting = Nesting(changers)
    around = Places(typed).repeating
    bodies: dict[int, f.Expr] = {typed.body.value.start: typed.body.value}
    for changer in changers:
        for node in around.around(changer.start, changer.end):
            if isinstance(node, f.Closure) and node.start != changer.start:
                bodies[node.body.start] = node.body
    seen: set[tuple[int, Place]] = set()
    for body in bodies.values():
        copies = Copies(typed, nesting, captures)
        copies.start()
        consume(copies, body)
        for copied, read in copies.read:
            key = (copied.changer.start, copied.change.capture.place)
            if key not in seen:
                seen.add(key)
                yield described(typed, copied, read)


def changer_of(typed: TypedBody, spawn: Spawn, captures: Captures) -> Changer | None:
    closure = spawn.closure
    if closure is None or not closure.moves or spawn.kind not in RUNS or spawn.kind == "returned":
        return None
    changes = [
        Change(capture, assign)
        for capture in captures.of(typed, closure)
        if capture.by == "value" and is_plain_data(capture.place.ty)
        for assign in first_change(typed, closure, capture)
        if not leaves_the_thread(typed, closure, capture)
    ]
    return Changer(spawn, closure.start, closure.end, tuple(changes)) if changes else None


def is_plain_data(ty: Ty) -> bool:
    match ty:
        case Prim(name=name):
            return name not in ("str", "!")
        case ArrayTy(inner=inner):
            return is_plain_data(inner)
        case TupleTy(items=items):
            return bool(items) and all(map(is_plain_data, items))
        case _:
            return False


def first_change(typed: TypedBody, closure: f.Closure, capture: Capture) -> Iterator[f.Assign]:
    """The first assignment in the closure to what it has captured."""
    changed = {(use.start, use.end) for use in capture.uses if use.mode == "mut"}
    for node in f.nodes(closure.body) if changed else ():
        if isinstance(node, f.Assign) and not changed.isdisjoint(parts(typed, node.target)):
            yield node
            return


def parts(typed: TypedBody, target: f.Expr) -> Iterator[tuple[int, int]]:
    """Where a place stands, and those that it is a part of: `counts[i].0`, `counts[i]`, `counts`."""
    yield target.start, target.end
    while isinstance(target, f.Field) or (
        isinstance(target, f.Index) and isinstance(typed.type_of(target.base), ArrayTy)
    ):
        target = target.base
        yield target.start, target.end


# ---------------------------------------------------------------- what becomes of the copy


def leaves_the_thread(typed: TypedBody, closure: f.Closure, capture: Capture) -> bool:
    """Whether the value of the copy may go anywhere: be returned, sent, passed to a function, kept."""
    slot = capture.place.slot
    mentions = (node for node in f.nodes(closure.body) if isinstance(node, f.Local) and node.slot == slot)
    return any(goes_on(typed, closure, node) for node in mentions)


def goes_on(typed: TypedBody, closure: f.Closure, local: f.Local) -> bool:
    """Whether the value that a mention of the copy has a part in goes further than its statement."""
    around = list(nodes_around(closure.body, local.start, local.end))
    inner: f.Node = local
    for node in reversed(around[:-1]):
        stays = stays_in(typed, node, inner, local.slot)
        if stays is not None:
            return not stays
        inner = node
    return True


def stays_in(typed: TypedBody, node: f.Node, inner: f.Node, slot: int) -> bool | None:
    """Whether the value ends in `node`, of which `inner` is the part that has it; None: it is a part of its value."""
    match node:
        case f.Binary(op=op):
            return True if op in COMPARISONS else None
        case f.Unary() | f.Cast() | f.Field() | f.Range():
            return None
        case f.Index(index=index):
            return True if inner is index else None
        case f.Assign(target=target):
            return inner is target or any(isinstance(one, f.Local) and one.slot == slot for one in f.nodes(target))
        case f.Macro(family="format" | "assert"):
            return typed.type_of(node) == UNIT
        case f.If(condition=condition):
            return inner is condition
        case f.Match(scrutinee=scrutinee):
            return inner is scrutinee
        case f.Loop(head=head):
            return inner is head
        case f.ExprStatement():
            return True
        case _:
            return False


# ---------------------------------------------------------------- paths


class Copies(Flow):
    """Marks are copies that a closure has made of what it changes."""

    __slots__ = ("changers", "copied", "read")

    def __init__(self, typed: TypedBody, changers: Nesting[Changer], captures: Captures) -> None:
        slots = {change.capture.place.slot for changer in changers.ranges for change in changer.changes}
        super().__init__(
            typed, slots.__contains__, captures.declared, lambda inner: captures.as_uses(typed, inner), FLOW_HANDLERS
        )
        self.changers = changers
        self.copied: list[Copied] = []
        self.read: list[tuple[Copied, Use]] = []

    def meet(self, use: Use) -> None:
        if self.state is None or use.mode == "none":
            return
        changer = self.changers.innermost(use.start, use.end)
        change = None if changer is None else change_of(changer, use)
        if changer is not None and change is not None:
            if not self.silent:
                self.copied.append(Copied(changer, change))
                self.state = {**self.state, len(self.copied) - 1: True}
            return
        met = [mark for mark in self.state if overlap(use.place, self.copied[mark].change.capture.place)]
        if use.mode in READS:
            if not self.silent:
                self.read += [(self.copied[mark], use) for mark in met]
        else:  # the original has a value of its own from here on
            self.state = {mark: sure for mark, sure in self.state.items() if mark not in met}

    def wiped(self, mark: int, place: Place) -> bool:
        return overlap(self.copied[mark].change.capture.place, place)

    def of_slot(self, mark: int, slot: int) -> bool:
        return self.copied[mark].change.capture.place.slot == slot


def change_of(changer: Changer, use: Use) -> Change | None:
    return next((one for one in changer.changes if overlap(use.place, one.capture.place)), None)


def overlap(one: Place, other: Place) -> bool:
    return one.within(other) or other.within(one)


def described(typed: TypedBody, copied: Copied, read: Use) -> ChangedCopy:
    spawn, capture, assign = copied.changer.spawn, copied.change.capture, copied.change.assign
    closure, slot, ty = spawn.closure, typed.body.slots[capture.place.slot], capture.place.ty
    head = closure.head if closure is not None else spawn.call
    return ChangedCopy(
        name=place_name(typed, capture),
        change=span(typed, assign.start, assign.end),
        head=span(typed, *head),
        declared=span(typed, slot.start, slot.start + len(slot.name.encode())),
        read=span(typed, read.start, read.end),
        ty=ty.name if isinstance(ty, Prim) else "",
        runs=RUNS.get(spawn.kind, "code"),
        scoped=spawn.kind == "scoped",
    )
