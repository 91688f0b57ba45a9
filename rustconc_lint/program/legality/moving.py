"""Whether writing `move` before a closure cures it, and whether that is all there is to do.

`move` takes every captured variable. That is safe when nothing else needs them afterwards and nothing stands in the way
of taking them: conditions are in `hindrances`, each a reason the reader may be told.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.program.legality.captures import Capture
from rustconc_lint.program.legality.places import DEREF, Declarations
from rustconc_lint.program.legality.shadowing import Edit, Shadow, clone_of, loan_of, shadowed, written_name
from rustconc_lint.program.legality.spawns import Spawn
from rustconc_lint.program.traits.traits import Verdict
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.program.types import (
    Adt,
    ArrayTy,
    FnItem,
    FnPtr,
    Param,
    Prim,
    RefTy,
    SliceTy,
    TupleTy,
    Ty,
)


class Move(msgspec.Struct, frozen=True):
    """edits: `move`, and what has to stand before it, as (start, end, text); () where that would not cure it. safe:
    nothing hinders it. clones, loans: what it is given in place of variables that others need. needed_later: captured
    variables that are used again."""

    edits: tuple[Edit, ...]
    safe: bool
    clones: tuple[Shadow, ...]
    loans: tuple[Shadow, ...]
    needed_later: tuple[str, ...]


def move_of(
    typed: TypedBody, spawn: Spawn, captures: tuple[Capture, ...], shared: Sequence[Capture], declared: Declarations
) -> Move | None:
    """How `move` would do for the closure of `spawn`. shared: the captures that it may borrow."""
    closure = spawn.closure
    if closure is None:
        return None
    surroundings = Surroundings(typed, closure)
    later = [c for c in captures if not is_copy(c, declared) and surroundings.needs_again(c)]
    safe = not later and all(
        not any(hinders(typed, capture, surroundings, declared) for hinders in HINDRANCES) for capture in captures
    )
    names = dict.fromkeys(written_name(typed, c.place.slot) for c in later)
    lent = {c.place.slot: c for c in shared if not is_copy(c, declared)}
    kept = {c.place.slot: c for c in captures if c.place.slot not in lent and is_kept(typed, c, surroundings, declared)}
    changed = {c.place.slot for c in captures if c.by == "mut"}
    loans = [loan_of(typed, closure, slot) for slot in lent if slot not in changed]
    clones = [clone_of(typed, slot, declared) for slot in kept if slot not in changed]
    shadows = [shadow for shadow in (*loans, *clones) if shadow is not None]
    cures = len(shadows) == len(lent) + len(kept) and not any(stays(c, declared) for c in captures)
    return Move(
        edits=shadowed(typed, closure, shadows) if cures else (),
        safe=safe and not lent,
        clones=tuple(shadow for shadow in shadows if shadow.slot in kept),
        loans=tuple(shadow for shadow in shadows if shadow.slot in lent),
        needed_later=tuple(names),
    )


def is_kept(typed: TypedBody, capture: Capture, around: Surroundings, declared: Declarations) -> bool:
    """Whether the variable cannot be given away: it is needed again, or lent to something that lives on."""
    if is_copy(capture, declared):
        return False
    return around.needs_again(capture) or any(
        keeps(typed, capture, around, declared) for keeps in (in_repeated_closure, is_borrowed)
    )


def stays(capture: Capture, declared: Declarations) -> bool:
    """Whether it is certain that the value may not go to another thread at all."""
    judgement = declared.autos.is_send(capture.place.ty)
    return judgement.verdict is Verdict.NO or judgement.parameter is not None


class Surroundings:
    """What stands around a closure in its body: loops, other closures, and uses of variables, by slot."""

    def __init__(self, typed: TypedBody, closure: f.Closure) -> None:
        self.closure = closure
        self.slots = typed.body.slots
        self.uses: dict[int, list[int]] = {}
        self.fields: dict[int, tuple[str, ...]] = {}  # of a use, by its start: `pair.text.0` uses ("text", "0")
        self.loops: list[f.Loop] = []
        self.closures: list[f.Closure] = []
        self.lets: list[f.LetStatement] = []
        self.borrowers: list[f.Closure] = []
        for node in typed.body.expressions:
            self.note(node)

    def note(self, node: f.Node) -> None:
        around = node.start <= self.closure.start and self.closure.end <= node.end
        if isinstance(node, f.Local):
            if not self.closure.start <= node.start < self.closure.end:
                self.uses.setdefault(node.slot, []).append(node.start)
        elif isinstance(node, f.Field):
            fields = path_of(node)
            self.fields.setdefault(node.start, fields)  # the longest comes first
        elif isinstance(node, f.Loop) and around and (node.kind == "while" or node.body.start <= self.closure.start):
            self.loops.append(node)  # the head of a `for` runs once
        elif isinstance(node, f.Closure) and around and node is not self.closure:
            self.closures.append(node)
        elif isinstance(node, f.Closure) and node.end <= self.closure.start and not node.moves:
            self.borrowers.append(node)
        elif isinstance(node, f.LetStatement) and node.end <= self.closure.start:
            self.lets.append(node)

    def needs_again(self, capture: Capture) -> bool:
        """Whether what `move` takes is used after the closure, or the closure is made again and again."""
        slot = capture.place.slot
        taken = taken_fields(capture)
        later = [start for start in self.uses.get(slot, ()) if start > self.closure.end]
        if any(overlaps(taken, self.fields.get(start, ())) for start in later):
            return True
        declared = self.slots[slot].start
        return any(not loop.start <= declared < loop.end for loop in self.loops)


def path_of(field: f.Field) -> tuple[str, ...]:
    """The fields from a variable, () when they are those of something else."""
    names: list[str] = []
    expr: f.Expr = field
    while isinstance(expr, f.Field):
        names.append(expr.name)
        expr = expr.base
    return tuple(reversed(names)) if isinstance(expr, f.Local) else ()


def taken_fields(capture: Capture) -> tuple[str, ...]:
    """The fields up to the first dereference, which is where a move stops."""
    names = [step.name for step in capture.place.steps]
    return tuple(names[: names.index(DEREF)] if DEREF in names else names)


def overlaps(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return all(a == b for a, b in zip(one, other, strict=False))


def is_copy(capture: Capture, declared: Declarations) -> bool:
    return declared.autos.is_copy(capture.place.ty) is Verdict.YES


# ---------------------------------------------------------------- what stands in the way


def behind_reference(typed: TypedBody, capture: Capture, around: Surroundings, declared: Declarations) -> bool:
    """What is behind a reference stays there: `move` takes the reference."""
    return capture.through_reference and not all(
        step.before.lifetime == "static" for step in capture.place.steps if isinstance(step.before, RefTy)
    )


def may_not_travel(typed: TypedBody, capture: Capture, around: Surroundings, declared: Declarations) -> bool:
    """Moved into the thread, the whole value must be Send, and must not hold a borrow itself."""
    ty = capture.place.ty
    return declared.autos.is_send(ty).verdict is not Verdict.YES or may_borrow(ty, declared)


def copy_is_changed(typed: TypedBody, capture: Capture, around: Surroundings, declared: Declarations) -> bool:
    """`move || n += 1` would count in a copy."""
    if not is_copy(capture, declared):
        return False
    used = any(start > around.closure.end for start in around.uses.get(capture.place.slot, ()))
    return capture.by == "mut" or (typed.body.slots[capture.place.slot].mutable and (used or bool(around.loops)))


def in_repeated_closure(typed: TypedBody, capture: Capture, around: Surroundings, declared: Declarations) -> bool:
    """`.map(|i| spawn(|| s))` cannot give `s` away twice."""
    start = typed.body.slots[capture.place.slot].start
    return not is_copy(capture, declared) and any(not c.start <= start < c.end for c in around.closures)


def is_borrowed(typed: TypedBody, capture: Capture, around: Surroundings, declared: Declarations) -> bool:
    """A borrow made earlier, `let first = &v[0];`, that is used later."""
    if is_copy(capture, declared):
        return False
    for let in around.lets:
        if let.value is None or not mentions(let.value, capture.place.slot):
            continue
        for slot in bound_slots(let.pattern):
            used_later = any(start > around.closure.start for start in around.uses.get(slot, ()))
            if used_later and may_borrow(typed.slots[slot], declared):
                return True
    return False


def is_lent_to_closure(typed: TypedBody, capture: Capture, around: Surroundings, declared: Declarations) -> bool:
    """An earlier closure without `move` may borrow it still: another thread that has the same mistake."""
    starts = around.uses.get(capture.place.slot, ())
    return not is_copy(capture, declared) and any(
        c.start <= start < c.end for c in around.borrowers for start in starts
    )


HINDRANCES = (
    behind_reference,
    may_not_travel,
    copy_is_changed,
    in_repeated_closure,
    is_borrowed,
    is_lent_to_closure,
)


def mentions(expr: f.Node, slot: int) -> bool:
    return any(isinstance(node, f.Local) and node.slot == slot for node in f.nodes(expr))


def bound_slots(pattern: f.Pattern) -> list[int]:
    return [node.slot for node in f.nodes(pattern) if isinstance(node, f.PBind)]


def may_borrow(ty: Ty, declared: Declarations) -> bool:
    """Whether a value of the type may hold a reference to something that is not `'static`."""
    match ty:
        case Prim() | FnPtr() | FnItem():
            return False
        case RefTy(lifetime=lifetime):
            return lifetime != "static"
        case TupleTy(items=items):
            return any(may_borrow(item, declared) for item in items)
        case ArrayTy(inner=inner) | SliceTy(inner=inner):
            return may_borrow(inner, declared)
        case Adt(path=path, args=args):
            return has_lifetime(path, declared) or any(may_borrow(arg, declared) for arg in args)
        case Param():
            return not any(bound.path == "'static" for bound in declared.traits.bounds_of(ty))
        case _:
            return True


def has_lifetime(path: str, declared: Declarations) -> bool:
    definition = declared.names.adt_of(path)
    detail = declared.names.detail(definition) if definition is not None else None
    if not isinstance(detail, f.AdtDetail):
        return True
    return any(param.kind == "lifetime" for param in detail.generics.params)
