"""`Typeck(names, types, traits).body(definition)`: every expression's type and every call's callee in one body.

rustc's typeck in small, over the expression tree: one walk forward with inference variables, expected types pushed
down, obligations that wait for variables, defaults for literals, and at the end every type resolved. What is not known
stays UNKNOWN. Lifetimes, visibility and const generics are not looked at; nothing is ever reported as a type error.
"""

from __future__ import annotations

from typing import Any

from rustconc_lint.facts.model import (
    Array,
    Assign,
    Await,
    Binary,
    Block,
    Body,
    Call,
    Cast,
    Closure,
    Field,
    FnDetail,
    If,
    Index,
    Jump,
    Let,
    Lit,
    Loop,
    Macro,
    Match,
    Method,
    PathX,
    Range,
    Ref,
    Repeat,
    StructLit,
    Try,
    Tuple,
    Unary,
    Unknown,
    ValueDetail,
)
from rustconc_lint.program.definitions import Definition, Module
from rustconc_lint.program.names.names import Names
from rustconc_lint.program.shapes import LEAVES, rebuilt
from rustconc_lint.program.traits.lowering import Types
from rustconc_lint.program.traits.traits import Traits
from rustconc_lint.program.typeck import calls, closures, constructors, control, methods, operators, values
from rustconc_lint.program.typeck.coercion import coerce
from rustconc_lint.program.typeck.model import Callee, TypedBody
from rustconc_lint.program.typeck.obligations import discharge, instantiate, require
from rustconc_lint.program.typeck.paths import trait_item
from rustconc_lint.program.typeck.patterns import bind
from rustconc_lint.program.typeck.selection import BOUNDED, Mapping
from rustconc_lint.program.typeck.session import Handler, Resolution, Session, check
from rustconc_lint.program.typeck.surface import Scope, Surface
from rustconc_lint.program.types import NEVER, UNIT, UNKNOWN, Opaque, TraitRef, Ty
from rustconc_lint.program.types import Unknown as UnknownTy

# Types whose impl of a trait is chosen elsewhere, or by nobody.
UNDECIDED = (*BOUNDED, UnknownTy)

HANDLERS: dict[type[Any], Handler] = {
    PathX: calls.path_value,
    Lit: values.literal,
    Field: values.field,
    Index: operators.index,
    Unary: operators.unary,
    Ref: operators.reference,
    Binary: operators.binary,
    Assign: operators.assign,
    Call: calls.call,
    Method: methods.method,
    Macro: values.macro,
    Tuple: values.tuple_items,
    Array: values.array,
    Repeat: values.repeat,
    StructLit: constructors.struct_literal,
    Range: operators.range_struct,
    Cast: operators.cast,
    Closure: closures.closure,
    Let: control.let_condition,
    If: control.if_,
    Match: control.match,
    Loop: control.loop,
    Jump: control.jump,
    Try: control.question,
    Await: control.awaited,
    Unknown: values.unreadable,
    Block: control.block,
}


class Typeck:
    """Types bodies on demand; remembers declarations, not bodies (the caller does)."""

    def __init__(self, names: Names, types: Types, traits: Traits) -> None:
        self.surface = Surface(names, types, traits)

    def body(self, definition: Definition) -> TypedBody | None:
        """The types within a fn, static or const; None when it has no body."""
        detail = self.surface.names.detail(definition)
        if isinstance(detail, FnDetail) and detail.body is not None:
            return self._function(definition, detail, detail.body)
        if isinstance(detail, ValueDetail) and detail.body is not None:
            declared = self.surface.types.value_type(definition)
            return self._value(definition, detail.body, declared)
        return None

    def fragment(self, module: Module, owner: Definition) -> TypedBody | None:
        """The types of a file's statements at top level; `owner` is what the TypedBody says they belong to."""
        body = module.file.fragment
        if body is None:
            return None
        session = self._session(owner, body, Scope(module, None))
        check(session, body.value)
        return finished(session, UNIT, UNIT)

    def _session(self, owner: Definition, body: Body, scope: Scope) -> Session:
        return Session(self.surface, owner, body, scope, HANDLERS)

    def _function(self, definition: Definition, detail: FnDetail, body: Body) -> TypedBody:
        session = self._session(definition, body, Scope(definition.module, definition))
        types = self.surface.types.signature_of(definition)
        output: Ty = UNKNOWN if types is None else instantiate(session, types.declared, {})
        if types is not None and types.self_ty is not None and session.slots:
            session.slots[0] = instantiate(session, types.self_ty, {})
        params = () if types is None else types.params
        for param, ty in zip(detail.signature.params, params, strict=False):
            bind(session, param.pattern, instantiate(session, ty, {}))
        made = unveiled(session, output, definition.path)
        session.returns.append(made)
        coerce(session, check(session, body.value, made), made)
        return finished(session, output, made)

    def _value(self, definition: Definition, body: Body, declared: Ty) -> TypedBody:
        session = self._session(definition, body, Scope(definition.module, definition))
        coerce(session, check(session, body.value, declared), declared)
        return finished(session, declared, declared)


def unveiled(session: Session, ty: Ty, function: str) -> Ty:
    """A declared result with a variable for each of its `impl Trait`: within the function it is what the body makes."""
    if isinstance(ty, Opaque) and ty.origin == function:
        made = session.infer.fresh()
        for bound in ty.bounds:
            require(session, made, bound)
        return made
    return ty if type(ty) in LEAVES else rebuilt(ty, lambda part: unveiled(session, part, function))


def finished(session: Session, output: Ty, made: Ty) -> TypedBody:
    """Everything the session learned, with all variables resolved."""
    discharge(session)
    _default_literals(session)
    resolve = session.infer.resolve
    return TypedBody(
        owner=session.owner,
        module=session.scope.module,
        body=session.body,
        edition=session.scope.module.crate.edition,
        types={key: ty if type(ty) in LEAVES else resolve(ty) for key, ty in session.types.items()},
        slots=[UNKNOWN if ty is None else resolve(ty) for ty in session.slots],
        calls={key: _callee(session, found) for key, found in session.calls.items()},
        paths=session.paths,
        closures=session.closures,
        closure_outputs={start: resolve(output) for start, (_, output) in session.closure_signatures.items()},
        unsized=session.unsized,
        expected=frozenset(session.expected),
        output=output,
        made=resolve(made),
    )


def _default_literals(session: Session) -> None:
    """Literals nobody decided are i32 and f64, which may wake what waited for them; then closures that never return."""
    infer = session.infer
    for index in list(infer.watchers):
        if infer.values[index] is None and infer.kinds[index]:
            infer.default(index)
    discharge(session)
    for output in session.diverging:
        infer.unify(output, NEVER)


def _callee(session: Session, found: Resolution) -> Callee:
    resolve = session.infer.resolve
    definition, bindings, exact = found.definition, found.bindings, found.exact
    if not exact:
        definition, bindings, exact = _decided(session, found)
    return Callee(
        definition=definition,
        model=session.surface.names.function_model(definition),
        bindings={key: ty if type(ty) in LEAVES else resolve(ty) for key, ty in bindings.items()},
        receiver=found.receiver,
        adjusted=resolve(found.adjusted),
        steps=found.steps,
        exact=exact,
    )


def _decided(session: Session, found: Resolution) -> tuple[Definition, Mapping, bool]:
    """A trait's method whose `Self` was not known at the call (`Clone::clone(&x)`): the impl's, now that it is."""
    body = found.definition.container
    ty = found.bindings.get((body.id, "Self")) if body is not None else None
    if body is None or ty is None or isinstance(session.infer.resolve(ty), UNDECIDED):
        return found.definition, found.bindings, False
    args = tuple(found.bindings[body.id, p.name] for p in session.surface.generics(body.id) if p.name != "Self")
    named = trait_item(session, session.infer.resolve(ty), TraitRef(body.id, args), found.definition)
    return named.definition, {**found.bindings, **named.bindings}, named.exact
