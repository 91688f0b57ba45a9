"""What functions do, each interpreted once: bottom-up over the calls, with recursion cut at the first turn.

A summary is asked for at a call. Where the caller holds no lock and passes no handle, the callee's own acquisitions
matter only to the caller's callers: such a call is followed when one of them holds something (`deep`).
"""

from __future__ import annotations

import msgspec

from rustconc_lint.facts.model import Lit, Path, ValueDetail
from rustconc_lint.program.definitions import Definition, Module
from rustconc_lint.program.gates.relevance import LOCKS, Relevance
from rustconc_lint.program.interpret.drops import Drops
from rustconc_lint.program.interpret.events import Trace
from rustconc_lint.program.interpret.reach import Reach
from rustconc_lint.program.interpret.run import interpret
from rustconc_lint.program.interpret.supply import MOST_DIGITS
from rustconc_lint.program.names.names import Names
from rustconc_lint.program.traits.auto_traits import AutoTraits
from rustconc_lint.program.traits.lowering import FnTypes, Types
from rustconc_lint.program.traits.matching import Verdict
from rustconc_lint.program.typeck import Typeck
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.program.types import (
    UNKNOWN,
    Adt,
    ArrayTy,
    ClosureTy,
    Dyn,
    FnItem,
    FnPtr,
    Opaque,
    Param,
    Prim,
    Projection,
    RefTy,
    SliceTy,
    TupleTy,
    Ty,
    Unknown,
)

POINTERS = frozenset({"shared", "guard", "read-guard", "borrow"})
BOXES = frozenset({"std::boxed::Box", "std::pin::Pin"})
TRANSPARENT = BOXES | {"std::option::Option", "std::result::Result"}
ENDS = frozenset({"sender", "receiver"})
HANDLES = LOCKS | frozenset({"guard", "read-guard", "sender", "receiver", "thread", "scoped-thread", "task", "barrier"})
CELLS = frozenset(
    f"std::{path}" for path in ("cell::RefCell", "cell::OnceCell", "sync::OnceLock", "sync::LazyLock", "cell::LazyCell")
)
Key = tuple[int, bool]  # a function's identity, and whether with all that it calls

DEEPEST = 5  # calls within calls
TOO_DEEP: Key = (0, False)


class Summary(msgspec.Struct, frozen=True):
    """What a function does. depth: for how many callers in a row it was made. cut: calls under a lock that were not
    followed, since they lead to a function that was being interpreted, or were TOO_DEEP."""

    trace: Trace | None
    depth: int
    cut: frozenset[Key]


class Summaries:
    """The `World` of the interpreter, and the cache of typed bodies and traces."""

    def __init__(self, names: Names, types: Types, autos: AutoTraits, typeck: Typeck, relevance: Relevance) -> None:
        self.names = names
        self.types = types
        self.autos = autos
        self.typeck = typeck
        self.relevance = relevance
        self.reach = Reach(types, relevance)
        self.known: dict[Key, Summary] = {}
        self.running: set[Key] = set()
        self.cut: set[Key] = set()  # calls that were not followed in the function that is being interpreted
        self.holding: dict[Ty, bool] = {}
        self.owning: dict[tuple[Ty, frozenset[str]], bool] = {}
        self.acting: dict[int, bool] = {}
        self.roles: dict[str, str] = {}
        self.bodies: dict[int, TypedBody | None] = {}
        self.drops = Drops(relevance, types)
        self.depth = 0

    def body(self, definition: Definition) -> TypedBody | None:
        key = id(definition)
        if key not in self.bodies:
            self.bodies[key] = self.typeck.body(definition)
        return self.bodies[key]

    def trace(self, definition: Definition, deep: bool) -> Trace | None:
        """What the function does; None while it is being interpreted (recursion) or when it has no body.

        One from which calls were cut off is made again when it is asked for by fewer callers: nearer to the root of
        the question more of it counts, and what is reported must not depend on who asked first."""
        key = (id(definition), deep)
        if key in self.running:
            self.cut |= {key} if deep else set()
            return None
        known = self.known.get(key)
        if known is None or (known.cut and known.depth > self.depth):
            known = self.known[key] = self.summarise(definition, key)
        self.cut |= known.cut
        return known.trace

    def summarise(self, definition: Definition, key: Key) -> Summary:
        typed = self.body(definition)
        if typed is None:
            return Summary(None, self.depth, frozenset())
        around, self.cut = self.cut, set()
        self.running.add(key)
        self.depth += 1
        trace = interpret(typed, self.names.detail(definition), self, key[1])
        self.depth -= 1
        self.running.discard(key)
        cut, self.cut = frozenset(self.cut - {key}), around
        return Summary(trace, self.depth, cut)

    def concerns_callers(self, function: Definition) -> bool:
        """Whether a caller may add to the order of locks of a function: it runs a closure that it was given under a
        lock, or takes one lock while it holds another, and they are not both known here or of one argument."""
        trace = self.trace(function, False)
        if trace is None:
            return True
        orders = [(acquire.lock.root, held.lock.root) for acquire in trace.acquires for held in acquire.held]
        return any(invoke.held for invoke in trace.invokes) or any(
            taken != kept and "param" in (taken[0], kept[0]) for taken, kept in orders
        )

    def fragment(self, module: Module, owner: Definition) -> Trace | None:
        """What the statements at top level of a listing do."""
        typed = self.typeck.fragment(module, owner)
        return interpret(typed, None, self, False) if typed is not None else None

    # ------------------------------------------------------------ the World

    def summary(self, definition: Definition, deep: bool, flows: bool) -> Trace | None:
        if not (flows or self.relevance.has_effect(definition)):
            return None
        if self.depth > DEEPEST:
            self.cut |= {TOO_DEEP} if deep else set()
            return None
        return self.trace(definition, deep)

    def may_lock(self, definition: Definition) -> bool:
        return self.reach.may_lock(definition)

    def function(self, path: str) -> Definition | None:
        found = self.names.definition(path)
        return found if found is not None and found.kind == "fn" and not found.module.crate.api else None

    def number_of(self, constant: Definition) -> int | None:
        detail = self.names.detail(constant) if constant.kind in ("const", "static") else None
        steady = isinstance(detail, ValueDetail) and not detail.mutable and not constant.module.crate.api
        typed = self.body(constant) if steady else None
        literal = typed.body.value if typed is not None else None
        if not isinstance(literal, Lit) or not literal.text.isdigit() or len(literal.text) > MOST_DIGITS:
            return None
        return int(literal.text)

    def closes(self, ty: Ty) -> bool:
        items = ty.items if isinstance(ty, TupleTy) else (ty,)
        models = [self.names.type_model(item.path) for item in items if isinstance(item, Adt)]
        return all(model is not None and model.closes for model in models) and bool(models)

    def closable(self, ty: Ty) -> bool:
        items = ty.items if isinstance(ty, TupleTy) else (ty,)
        models = (self.names.type_model(item.path) for item in items if isinstance(item, Adt))
        return any(model is not None and model.closable for model in models)

    def joins_on_drop(self) -> bool:
        return bool(self.drops.joining)

    def acts_on_drop(self) -> bool:
        return bool(self.drops.acting)

    def acts_when_dropped(self, ty: Ty) -> bool:
        return self.drops.acts(ty)

    def returns_acting(self, definition: Definition) -> bool:
        known = self.acting.get(id(definition))
        if known is None:
            signature = self.types.signature_of(definition)
            known = self.acting[id(definition)] = signature is not None and self.drops.acts(signature.declared)
        return known

    def drop_of(self, path: str) -> Definition | None:
        return self.drops.acting.get(path)

    def method_of(self, ty: Adt, trait: str, method: str) -> Definition | None:
        definition = self.names.adt_of(ty.path)
        if definition is None or definition.module.crate.api:
            return None
        found = self.autos.traits.find_impl(ty, trait)
        impl = found.impl if found is not None and found.verdict is Verdict.YES else None
        return self.names.members(impl).get(method) if impl is not None else None

    def fields(self, ty: Adt) -> tuple[tuple[str, Ty], ...]:
        return self.drops.fields(ty)

    def owned(self, path: str, args: tuple[Ty, ...]) -> tuple[Ty, ...]:
        return self.drops.owned(path, args)

    def signature(self, definition: Definition) -> FnTypes | None:
        return self.types.signature_of(definition)

    def is_struct(self, path: Path, module: Module) -> bool:
        found = self.names.resolve(path, module, "type")
        return (
            found is not None
            and found.used == len(path.segments)
            and isinstance(found.target, Definition)
            and found.target.kind == "struct"
        )

    def stores(self, definition: Definition, index: int) -> bool:
        signature = self.types.signature_of(definition)
        if signature is None:
            return False
        declared = signature.params if signature.self_ty is None else (signature.self_ty, *signature.params)
        ty = declared[index] if index < len(declared) else None
        return isinstance(ty, Param) and ty.owner != definition.path and not self.types.bounds_of(ty)

    def is_async(self, definition: Definition) -> bool:
        signature = self.types.signature_of(definition)
        return signature is not None and signature.is_async

    def is_clone(self, definition: Definition) -> bool:
        return definition.name == "clone" and definition.path.startswith("std::")

    def is_pointer(self, path: str) -> bool:
        return path in TRANSPARENT or self.role_of(path) in POINTERS

    def role(self, ty: Ty) -> str:
        while isinstance(ty, RefTy):
            ty = ty.inner
        return self.role_of(ty.path) if isinstance(ty, Adt) else ""

    def role_of(self, path: str) -> str:
        role = self.roles.get(path)
        if role is None:
            model = self.names.type_model(path)
            role = self.roles[path] = model.role if model is not None else ""
        return role

    def peeled(self, ty: Ty) -> Ty:
        """The type behind references and smart pointers."""
        while True:
            if isinstance(ty, RefTy):
                ty = ty.inner
            elif isinstance(ty, Adt) and ty.args and self.is_pointer(ty.path):
                ty = ty.args[0]
            else:
                return ty

    def pointee(self, ty: Ty) -> Ty:
        while True:
            if isinstance(ty, RefTy):
                ty = ty.inner
            elif isinstance(ty, Adt) and ty.args and (ty.path in BOXES or self.role_of(ty.path) in POINTERS):
                ty = ty.args[0]
            else:
                return ty

    def is_result(self, ty: Ty) -> bool:
        return isinstance(ty, Adt) and ty.path in ("std::result::Result", "std::option::Option")

    def is_reference(self, ty: Ty) -> bool:
        while isinstance(ty, Adt) and ty.args and ty.path in TRANSPARENT:
            ty = ty.args[0]
        return isinstance(ty, RefTy)

    def same_inside(self, left: Ty, right: Ty) -> bool:
        """Whether two types are the same once references, smart pointers, locks and cells are seen through."""
        inner_left, inner_right = self.core(left), self.core(right)
        return inner_left == inner_right and not isinstance(inner_left, Unknown)

    def core(self, ty: Ty) -> Ty:
        while True:
            ty = self.peeled(ty)
            if not (isinstance(ty, Adt) and ty.args and (ty.path in CELLS or self.role(ty) in LOCKS)):
                return ty
            ty = ty.args[0]

    def can_hold(self, ty: Ty) -> bool:
        """Whether a value of the type may own a handle, or lead to a place that matters."""
        known = self.holding.get(ty)
        if known is None:
            self.holding[ty] = True  # of a recursive type
            known = self.holding[ty] = self.holds(ty)
        return known

    def returns_handle(self, definition: Definition) -> bool:
        signature = self.types.signature_of(definition)
        return signature is not None and self.owns_handle(signature.declared)

    def is_wrapper(self, ty: Adt, field: str) -> bool:
        definition = self.names.adt_of(ty.path) if ty.args else None
        declared = self.types.self_type(definition) if definition is not None else UNKNOWN
        if not isinstance(declared, Adt):
            return False
        fields = [entry for variant in self.types.fields_of(declared) for entry in variant.fields]
        locks = [(name, self.peeled(part)) for name, part in fields if self.role(self.peeled(part)) in LOCKS]
        if len(locks) != 1 or locks[0][0] != field:
            return False
        inner = locks[0][1]
        return isinstance(inner, Adt) and isinstance(inner.args[-1], Param)

    def takes_lock(self, definition: Definition) -> bool:
        signature = self.types.signature_of(definition)
        if signature is None:
            return False
        inner = [self.peeled(ty) for ty in signature.params]
        return any(self.role(ty) in LOCKS for ty in inner) or sum(map(self.owns_handle, inner)) > 1

    def borrows_handle(self, definition: Definition) -> bool:
        signature = self.types.signature_of(definition)
        if signature is None:
            return False
        given = signature.params if signature.self_ty is None else (signature.self_ty, *signature.params)
        return any(isinstance(ty, RefTy) and ty.mutable and self.owns_handle(ty.inner, ENDS) for ty in given)

    def owns_handle(self, ty: Ty, roles: frozenset[str] = HANDLES) -> bool:
        known = self.owning.get((ty, roles))
        if known is None:
            self.owning[ty, roles] = False  # of a recursive type
            known = self.owning[ty, roles] = self.finds_handle(ty, roles)
        return known

    def finds_handle(self, ty: Ty, roles: frozenset[str]) -> bool:
        """Whether a handle is among the parts of the type; of what a reference leads to, only a lock counts."""
        match ty:
            case RefTy():
                return self.role(self.peeled(ty)) in LOCKS & roles
            case TupleTy(items=items):
                return any(self.owns_handle(item, roles) for item in items)
            case ArrayTy(inner=inner) | SliceTy(inner=inner):
                return self.owns_handle(inner, roles)
            case Adt(path=path, args=args):
                if self.role(ty) in roles or any(self.owns_handle(item, roles) for item in args):
                    return True
                definition = self.names.adt_of(path)
                if definition is None or definition.module.crate.api:
                    return False
                parts = (part for variant in self.types.fields_of(ty) for _, part in variant.fields)
                return any(self.owns_handle(part, roles) for part in parts)
            case Opaque() | ClosureTy() | Projection():
                return True
            case _:
                return False

    def holds(self, ty: Ty) -> bool:
        match ty:
            case Prim() | FnItem() | FnPtr():
                return False
            case RefTy(inner=Prim()):
                return False
            case TupleTy(items=items):
                return any(self.can_hold(item) for item in items)
            case ArrayTy(inner=inner) | SliceTy(inner=inner):
                return self.can_hold(inner)
            case Adt(path=path, args=args):
                definition = self.names.adt_of(path)
                if definition is None or not definition.module.crate.api or self.role(ty):
                    return True
                return any(self.can_hold(item) for item in args)
            case RefTy() | Unknown() | Param() | Opaque() | Dyn() | Projection() | ClosureTy():
                return True
            case _:
                return True
