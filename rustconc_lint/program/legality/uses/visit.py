"""How code uses places of variables, a closure those of outer ones: rustc's ExprUseVisitor over typed expressions.

Every use is a place and a mode: read by copy, borrowed, moved, or "none" for what is mentioned and not touched
(`let _ = x`). What is not known, above all whether an unknown method takes `self` by value, is "unknown". References
that may be reborrowed by a coercion (`f(r)`, `S { r }`) are unknown too, unless the function's parameter says it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.program.legality.places import (
    DEREF,
    Declarations,
    Place,
    dereferenced,
    field_of,
    is_unknown,
    reached,
)
from rustconc_lint.program.traits.traits import Verdict
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.program.types import UNKNOWN, Param, RefTy, Ty

Mode = Literal["none", "copy", "ref", "mut", "move", "unknown"]
Borrow = Literal["ref", "mut"]
Inner = Callable[[f.Closure], tuple["Use", ...]]
Matters = Callable[[int], bool]
Handlers = Mapping[type[Any], Callable[["Visit", Any], None]]

PLACES = (f.Local, f.Field, f.Index, f.Unary)  # a Unary only as `*x`, which `place` sees to


class Use(msgspec.Struct, frozen=True, gc=False):
    """One use of an outer place; `start..end` is the expression that names it."""

    place: Place
    mode: Mode
    start: int
    end: int


class Visit:
    """One piece of code being read. `found` grows in the order of the text.

    is_outer: which slots matter. inner: what a closure within takes from its surroundings. coercing: a block's tail is
    at a coercion site. modes: of calls, by the start of the closure that is called."""

    __slots__ = ("coercing", "declared", "found", "handlers", "inner", "is_outer", "modes", "typed")

    def __init__(
        self, typed: TypedBody, is_outer: Matters, declared: Declarations, inner: Inner, handlers: Handlers
    ) -> None:
        self.typed = typed
        self.is_outer = is_outer
        self.declared = declared
        self.inner = inner
        self.handlers = handlers
        self.coercing = False
        self.modes: dict[int, Mode] = {}
        self.found: list[Use] = []

    def inside(self, closure: f.Closure) -> list[Use]:
        """The uses in the body of a closure of the same fn, of all that is outer to it."""
        other = Visit(self.typed, outer_to(self.typed, closure), self.declared, self.inner, self.handlers)
        other.coercing = closure.output is not None or closure.start in self.typed.expected
        other.modes = self.modes
        self.declared.nested.append(closure.start)
        (coerced if other.coercing else consume)(other, closure.body)
        self.declared.nested.pop()
        return other.found

    def note(self, place: Place, mode: Mode, expr: f.Node) -> None:
        self.found.append(Use(place, mode, expr.start, expr.end))

    def beyond(self, base: Place | None, step: str, expr: f.Expr) -> Place | None:
        """Where the path of a place goes on that is nobody's capture, None where it ends: behind an index of `base`
        ("[]"), a call of its `deref` ("*") or that and a field's name; of an `expr` that is no place, base is None."""
        return None

    def by_value(self, ty: Ty) -> Mode:
        """The mode of a use by value."""
        if is_unknown(ty):
            return "unknown"
        return BY_VALUE[self.declared.autos.is_copy(ty)]


def outer_to(typed: TypedBody, closure: f.Closure) -> Matters:
    """Whether a slot is declared outside of `closure`."""
    slots = typed.body.slots
    return lambda slot: not closure.start <= slots[slot].start < closure.end


BY_VALUE: dict[Verdict, Mode] = {Verdict.YES: "copy", Verdict.NO: "move", Verdict.UNKNOWN: "unknown"}


def place(visit: Visit, expr: f.Expr, how: Borrow) -> Place | None:
    """The outer place that `expr` names, None when it names none (then its parts have been visited).

    `how` is the borrow to note where the path to it goes through a call (an overloaded `*` or an index)."""
    match expr:
        case f.Local(slot=slot):
            return Place(slot, (), visit.typed.slots[slot]) if visit.is_outer(slot) else None
        case f.Field(base=base, name=name):
            inner = place(visit, base, how)
            return None if inner is None else _field(visit, inner, name, expr, how)
        case f.Index(base=base, index=index):
            inner = place(visit, base, how)
            coerced(visit, index)
            return None if inner is None else _index(visit, inner, expr, how)
        case f.Unary(op="*", operand=operand):
            inner = place(visit, operand, how)
            return None if inner is None else _star(visit, inner, expr, how)
        case _:
            value(visit, expr)
            return visit.beyond(None, "", expr)


def _index(visit: Visit, base: Place, expr: f.Index, how: Borrow) -> Place | None:
    further = visit.beyond(base, "[]", expr)
    if further is None:
        end = reached(base)
        visit.note(end, "unknown" if is_unknown(end.ty) else how, expr.base)
    return further


def _field(visit: Visit, base: Place, name: str, expr: f.Field, how: Borrow) -> Place | None:
    found = field_of(base, name, visit.declared.types)
    found = found or visit.beyond(base, name, expr)
    if found is not None:
        return found
    end = reached(base)
    through_call = not is_unknown(end.ty) and visit.declared.traits.deref(end.ty) is not None
    result = visit.typed.type_of(expr)
    if through_call or visit.by_value(result) == "copy":
        visit.note(end, how, expr)
    else:
        visit.note(end, "unknown", expr)
    return None


def _star(visit: Visit, inner: Place, expr: f.Unary, how: Borrow) -> Place | None:
    found = dereferenced(inner) or visit.beyond(inner, DEREF, expr)
    if found is None:
        visit.note(inner, "unknown" if is_unknown(inner.ty) else how, expr.operand)
    return found


def consume(visit: Visit, expr: f.Expr) -> None:
    """A use by value: places are copied or moved, everything else is evaluated."""
    if not isinstance(expr, PLACES):
        value(visit, expr)
        return
    found = place(visit, expr, "ref")
    if found is not None:
        visit.note(found, visit.by_value(found.ty), expr)


def borrow(visit: Visit, expr: f.Expr, how: Borrow) -> None:
    found = place(visit, expr, how)
    if found is not None:
        visit.note(found, how, expr)


def coerced(visit: Visit, expr: f.Expr, declared: Ty | None = None) -> None:
    """A use by value at a coercion site whose declared type is `declared` (None: not known).

    A reference is reborrowed where a reference is wanted: `f(r)` uses `*r`. Of one type and lifetime it is copied
    instead, which only `'static` can bring about."""
    if not isinstance(expr, PLACES):
        coercing, visit.coercing = visit.coercing, True
        value(visit, expr)
        visit.coercing = coercing
        return
    found = place(visit, expr, "ref")
    if found is None:
        return
    mode = visit.by_value(found.ty)
    if isinstance(found.ty, RefTy) and not isinstance(declared, Param):
        wanted = declared if isinstance(declared, RefTy) and declared.lifetime != "static" else None
        if wanted is None:
            visit.note(found, "unknown", expr)
            return
        found, mode = found.step("*", found.ty.inner), "mut" if wanted.mutable else "ref"
    visit.note(found, mode, expr)


def unknown(visit: Visit, expr: f.Expr) -> None:
    """Nothing is known of how the variables in `expr` are used."""
    for node in f.nodes(expr):
        if isinstance(node, f.Local) and visit.is_outer(node.slot):
            visit.note(Place(node.slot, (), UNKNOWN), "unknown", node)


def untouched(visit: Visit, expr: f.Expr) -> None:
    """`_ = x` mentions a place and does nothing to it."""
    if not isinstance(expr, PLACES):
        value(visit, expr)
        return
    found = place(visit, expr, "ref")
    if found is not None:
        visit.note(found, "none", expr)


def value(visit: Visit, expr: f.Expr) -> None:
    """Visits the parts of an expression that is no place."""
    handler = visit.handlers.get(type(expr))
    if handler is not None:
        handler(visit, expr)
