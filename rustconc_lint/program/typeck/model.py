"""What type inference says of one body: a type for every expression and slot, and what every call calls.

Expressions are looked up by `id(node)`: the facts nodes of a body live as long as its TypedBody. What is not known is
`UNKNOWN`; a callee that is not known is absent.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from rustconc_lint.apis import FnModel
from rustconc_lint.facts.model import Body, Closure, Expr
from rustconc_lint.program.definitions import Definition, Module
from rustconc_lint.program.types import UNKNOWN, Dyn, Ty

Passing = Literal["value", "ref", "mut"]


class Callee(msgspec.Struct, frozen=True, eq=False):
    """A resolved call: a function, method, operator method (`+`, `+=`, `==`, `-x`, `a[i]`) or constructor.

    definition: declared in the project or in rules/apis. model: its effects when an API model names it.
    bindings: type parameters of the callee and its impl or trait -> types, keyed by (owner path, name).
    receiver: how `self` is passed after autoref ("value" for an explicit call). adjusted: the type of self as the
    method takes it, without that reference (after the deref steps); steps: the smart pointers and references passed
    through (canonical paths, "&" for a reference, "Deref" for a type parameter's), so `arc_mutex.lock()` has steps
    ("std::sync::Arc",).
    exact: False for a trait's method whose impl is not known; then `definition` is the trait's declaration.
    """

    definition: Definition
    model: FnModel | None
    bindings: dict[tuple[str, str], Ty]
    receiver: Passing = "value"
    adjusted: Ty = UNKNOWN
    steps: tuple[str, ...] = ()
    exact: bool = True


class TypedBody(msgspec.Struct, eq=False):
    """owner: the fn, static or const the body belongs to. edition: of its crate ("" for a loose file).

    slots: types by slot, final. closures: by start offset. parameters: slot of self (if any) and patterns are in
    `definition`'s signature. expected: closures, by start, whose context says what they return. unsized: by start of a
    closure, the trait objects that a pointer to it becomes. output: declared return type; made: the same with what the
    body shows to be behind its `impl Trait`. calls: by id(expr) for Call,
    Method, Binary, Assign, Index, Unary, Loop(for: IntoIterator::into_iter), Macro none. paths: what a PathX or a
    StructLit's variant names: a static, const, fn, struct, variant (by id(expr)).
    """

    owner: Definition
    module: Module
    body: Body
    edition: str
    types: dict[int, Ty]
    slots: list[Ty]
    calls: dict[int, Callee]
    paths: dict[int, Definition]
    closures: dict[int, Closure]
    closure_outputs: dict[int, Ty]
    expected: frozenset[int]
    unsized: dict[int, list[Dyn]]
    output: Ty
    made: Ty

    def type_of(self, expr: Expr) -> Ty:
        """The type of the expression before any adjustment, UNKNOWN when it is not known."""
        return self.types.get(id(expr), UNKNOWN)
