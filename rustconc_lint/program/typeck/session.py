"""The state of typing one body, and the walk's one entrance, `check`.

A session holds what has been learned so far of one fn, const or fragment; it is thrown away when the body's final types
have been read from it. What is shared by all bodies of a run (signatures, impls) is the `Surface`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rustconc_lint.facts.model import Await, Binary, Body, Closure, Expr, Field, Index, Local, Method, Try
from rustconc_lint.program.definitions import Definition, Module
from rustconc_lint.program.typeck.model import Passing
from rustconc_lint.program.typeck.unify import Inference
from rustconc_lint.program.types import NEVER, UNKNOWN, Dyn, Prim, Ty

if TYPE_CHECKING:
    from rustconc_lint.program.typeck.surface import Scope, Surface

# From this depth on, chains are typed from their beginning outwards.
LONG_CHAIN = 40
# Nested deeper than this, an expression is not looked into: Python's stack ends, and no person writes it.
DEEPEST = 150

Handler = Callable[["Session", Any, "Ty | None"], Ty]


class Target:
    """What `break` may leave: a loop or labelled block, and the type of the value it brings."""

    __slots__ = ("broken", "expected", "label", "loops", "value")

    def __init__(self, label: str, loops: bool, expected: Ty | None) -> None:
        self.label = label
        self.loops = loops
        self.expected = expected
        self.value: Ty = NEVER
        self.broken = False


class Session:
    """One body being typed. slots and types may hold variables until the end."""

    def __init__(
        self, surface: Surface, owner: Definition, body: Body, scope: Scope, handlers: dict[type[Any], Handler]
    ) -> None:
        self.surface = surface
        self.owner = owner
        self.body = body
        self.scope = scope
        self.handlers = handlers
        self.infer = Inference()
        self.types: dict[int, Ty] = {}
        self.slots: list[Ty | None] = [None] * len(body.slots)
        self.calls: dict[int, Resolution] = {}
        self.paths: dict[int, Definition] = {}
        self.closures: dict[int, Closure] = {}
        self.closure_signatures: dict[int, tuple[tuple[Ty, ...], Ty]] = {}
        self.expected: set[int] = set()  # starts of closures whose context says what they return
        self.returns: list[Ty] = []
        self.targets: list[Target] = []
        self.diverging: list[Ty] = []
        self.unsized: dict[int, list[Dyn]] = {}
        self.fn_items: dict[str, Definition] = {}
        self.depth = 0
        self.projecting = 0
        self.confirming = 0

    @property
    def module(self) -> Module:
        return self.scope.module

    def slot(self, index: int) -> Ty:
        """The type of a local; a variable until its binding has been seen."""
        ty = self.slots[index]
        if ty is None:
            ty = self.slots[index] = self.infer.fresh()
        return ty


class Resolution:
    """A callee as known when its call was typed; bindings may hold variables until the end (see model.Callee)."""

    __slots__ = ("adjusted", "bindings", "definition", "exact", "receiver", "steps")

    def __init__(
        self,
        definition: Definition,
        bindings: dict[tuple[str, str], Ty],
        receiver: Passing = "value",
        adjusted: Ty = UNKNOWN,
        steps: tuple[str, ...] = (),
        exact: bool = True,
    ) -> None:
        self.definition = definition
        self.bindings = bindings
        self.receiver = receiver
        self.adjusted = adjusted
        self.steps = steps
        self.exact = exact


def check(session: Session, expr: Expr, expected: Ty | None = None) -> Ty:
    """The type of `expr` (it may hold variables); everything below it is typed too.

    expected is a hint from the context, never a demand: `coerce` makes demands."""
    if type(expr) is Local:
        ty = session.slot(expr.slot)
    else:
        if session.depth >= LONG_CHAIN:
            typed = session.types.get(id(expr))
            if typed is not None:
                return typed
            if session.depth >= DEEPEST:
                return UNKNOWN
            _type_chain(session, expr)
        session.depth += 1
        ty = session.handlers[type(expr)](session, expr, expected)
        session.depth -= 1
    session.types[id(expr)] = ty
    return ty


def _type_chain(session: Session, expr: Expr) -> None:
    """Types what a long chain (`a.b().c()?`, `a + b + c`) begins with first: the stack does not grow with the chain."""
    chain: list[Expr] = []
    first = _FIRST.get(type(expr))
    while first is not None:
        expr = first(expr)
        if id(expr) in session.types:
            break
        chain.append(expr)
        first = _FIRST.get(type(expr))
    for link in reversed(chain):
        check(session, link)


def is_never(session: Session, ty: Ty) -> bool:
    ty = session.infer.shallow(ty)
    return type(ty) is Prim and ty.name == "!"


_FIRST: dict[type[Any], Callable[[Any], Expr]] = {
    Method: lambda expr: expr.receiver,
    Field: lambda expr: expr.base,
    Index: lambda expr: expr.base,
    Binary: lambda expr: expr.left,
    Try: lambda expr: expr.operand,
    Await: lambda expr: expr.operand,
}
