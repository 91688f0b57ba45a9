"""Calls that run code elsewhere: what they run, how long it may live, and whether another thread will run it.

A call counts by what its callee is, never by its name: an API model says that it spawns, or the bounds on its parameter
(`F: FnOnce() + Send + 'static`, also through a trait alias, and `S: Schedule + Send` when it is a closure that is
passed) demand the same of whatever is passed. Code is a closure or `async` block: written in the argument, or in a
variable that is passed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.legality.places import Declarations
from rustconc_lint.program.traits.traits import Verdict
from rustconc_lint.program.typeck.model import Callee, TypedBody
from rustconc_lint.program.types import LASTING, Adt, ClosureTy, Opaque, Param, TupleTy, Ty

SEND = "std::marker::Send"
SYNC = "std::marker::Sync"
STATIC = "'static"
DEMANDED = frozenset({SEND, SYNC, STATIC})
BOXED = "boxed"
RESULT = "result"
BOXING = frozenset({"std::boxed::Box::new", "std::boxed::Box::pin", "std::sync::Arc::new", "std::rc::Rc::new"})
CODE = frozenset(
    {
        "std::ops::Fn",
        "std::ops::FnMut",
        "std::ops::FnOnce",
        "std::ops::AsyncFn",
        "std::ops::AsyncFnMut",
        "std::ops::AsyncFnOnce",
        "std::future::Future",
        "std::future::IntoFuture",
    }
)

Range = tuple[int, int]


class Spawn(msgspec.Struct, frozen=True):
    """One argument that is run elsewhere.

    call: the call's range. argument: the expression passed, closure: what it is, if it is one of this body.
    kind: what the model says ("thread", "task", "scoped", ..), "" where only bounds speak, "boxed" where a trait
    object's do, "result" where those of `-> impl Fn() + Send` do, or of a `Box<dyn Fn() + Send + 'env>`, "returned"
    (returned.py).
    outlives: the range of text whose variables the code may outlive, None when it may borrow all.
    crosses: another thread may run it, so it must be Send. shared: several may at once, so it must be Sync."""

    call: Range
    argument: f.Expr
    closure: f.Closure | None
    kind: str
    outlives: Range | None
    crosses: bool
    shared: bool = False

    @property
    def forever(self) -> bool:
        """Whether it must be `'static`."""
        return self.outlives is not None and self.kind not in ("scoped", "returned", RESULT)


class Demand(msgspec.Struct, frozen=True):
    """What the bounds on the parameter of an argument say: `+ 'static`, `+ Send`, `+ Sync`. takes: with how many
    arguments it is called, None of a future. code: whether the bounds say that it is called or awaited at all."""

    forever: bool
    sent: bool
    shared: bool
    takes: int | None
    code: bool = True


class Demands:
    """What functions demand of their arguments, read from their bounds once each."""

    def __init__(self, declared: Declarations) -> None:
        self.declared = declared
        self.known: dict[int, tuple[Demand | None, ...]] = {}
        self.asserted: dict[int, tuple[tuple[Param, str], ...]] = {}

    def of(self, function: Definition) -> tuple[Demand | None, ...]:
        """By position of the argument of a call by path (`self` first); None where no code is demanded."""
        key = id(function)
        if key not in self.known:
            self.known[key] = self.read(function)
        return self.known[key]

    def any_of(self, function: Definition) -> bool:
        """Whether the function demands of some argument that it lives for ever, or may be sent or shared."""
        demands = (demand for demand in self.of(function) if demand is not None)
        return any(demand.forever or demand.sent or demand.shared for demand in demands)

    def read(self, function: Definition) -> tuple[Demand | None, ...]:
        signature = self.declared.types.signature_of(function)
        if signature is None:
            return ()
        params = signature.params if signature.self_ty is None else (signature.self_ty, *signature.params)
        return tuple(self.demanded(ty, function) for ty in params)

    def demanded(self, ty: Ty, function: Definition) -> Demand | None:
        demands = (self.demand(param, function) for param in parameters_in(ty))
        return next((demand for demand in demands if demand is not None), None)

    def demand(self, param: Param, function: Definition) -> Demand | None:
        """What the parameter's declaration and the function's own `where` demand; not what other methods do."""
        refs = self.declared.traits.bounds_within(param, function)
        bounds = {bound.path for bound in refs}
        if any(path.startswith("?") for path in bounds):  # a trait that may demand this or that by a feature
            types = self.declared.types
            written = {bound.path for bound in (*types.bounds_of(param), *types.bounds_in(param, function))}
            bounds -= DEMANDED - written
        code = not bounds.isdisjoint(CODE)
        if not code and bounds.isdisjoint(DEMANDED):
            return None
        inputs = next((bound.args[0] for bound in refs if bound.path in CODE and bound.args), None)
        takes = len(inputs.items) if isinstance(inputs, TupleTy) else None
        return Demand(STATIC in bounds, SEND in bounds, SYNC in bounds, takes, code)

    def asserts(self, function: Definition) -> tuple[tuple[Param, str], ...]:
        """The function's own type parameters that its bounds say are Send, or Sync; not by way of other traits, which
        nothing can implement that is not."""
        key = id(function)
        if key not in self.asserted:
            types = self.declared.types
            signature = types.signature_of(function)
            params = {} if signature is None else dict.fromkeys(types.own_generics(function))
            for ty in () if signature is None else signature.params:
                params |= dict.fromkeys(one for one in parameters_in(ty) if one.name.startswith("impl@"))
            self.asserted[key] = tuple(
                (param, bound.path)
                for param in params
                for bound in types.bounds_of(param)
                if bound.path in (SEND, SYNC)
            )
        return self.asserted[key]

    def is_not_send(self, ty: Ty) -> bool:
        return self.declared.autos.is_send(ty).verdict is Verdict.NO


def parameters_in(ty: Ty) -> Iterator[Param]:
    """The type parameters of `F`, `Option<F>`, `(F, i32)`; not of `&F`, which owns nothing."""
    match ty:
        case Param():
            yield ty
        case Adt(args=parts) | TupleTy(items=parts):
            for part in parts:
                yield from parameters_in(part)


class Given(msgspec.Struct, frozen=True):
    """An argument of a call with a known callee, and the closure that it is, or holds (`timeout(d, async { .. })`)."""

    call: f.Call | f.Method
    callee: Callee
    position: int
    argument: f.Expr
    closure: f.Closure | None
    holds: bool
    last: bool

    @property
    def kind(self) -> str:
        return "" if self.callee.model is None else self.callee.model.spawns or ""


def spawns(typed: TypedBody, demands: Demands) -> Iterator[Spawn]:
    """Every piece of code that `typed` has run elsewhere, in order of the text."""
    arguments = [given for given in given_arguments(typed) if given.closure is not None or (given.kind and given.last)]
    takers = {given.closure.start: given for given in arguments if given.closure is not None}
    for given in arguments:
        wanted = demands.of(given.callee.definition)
        demand = wanted[given.position] if given.position < len(wanted) else None
        if demand is None or not (demand.code or given.closure):
            continue
        outlives = None
        if demand.forever:
            outlives = whole_body(typed)
        elif given.kind == "scoped":
            outlives = scope_of(typed, given.call, takers)
        sent = demand.sent and (not given.holds or demands.is_not_send(typed.type_of(given.argument)))
        shared = demand.shared and not given.holds
        if outlives is not None or sent or shared:
            span = given.call.start, given.call.end
            yield Spawn(span, given.argument, given.closure, given.kind, outlives, sent, shared)


def boxed_code(typed: TypedBody) -> Iterator[Spawn]:
    """Code in a box that becomes a `Box<dyn FnOnce() + Send + 'static>`: whoever has that may run it elsewhere."""
    boxes = {id(code) for code in boxed(typed)} if typed.unsized else ()
    for start, objects in typed.unsized.items():
        closure = typed.closures[start]
        if id(closure) not in boxes:
            continue
        bounds = {bound.path for trait_object in objects for bound in trait_object.bounds}
        if bounds & {STATIC, SEND, SYNC}:
            named = not bounds & {STATIC, LASTING} and any(map(is_named, bounds)) and is_annotated(typed, closure)
            outlives = whole_body(typed) if named or bounds & {STATIC, LASTING} else None
            span = closure.start, closure.end
            yield Spawn(span, closure, closure, RESULT if named else BOXED, outlives, SEND in bounds, SYNC in bounds)


def is_named(bound: str) -> bool:
    """Whether a bound is a lifetime that some item declares."""
    return bound.startswith("'") and bound not in (STATIC, LASTING, "'_")


def is_annotated(typed: TypedBody, closure: f.Closure) -> bool:
    """Whether the box of a closure is what a `let` with a type is given: a lifetime `'env` that it names outlives the
    whole function, which cannot declare any."""
    return any(
        closure_of(typed, argument) is closure
        for statement in f.nodes(typed.body.value)
        if isinstance(statement, f.LetStatement) and statement.annotation is not None and statement.value is not None
        for end in ends(statement.value)
        if isinstance(end, f.Call)
        for argument in end.args
    )


def returned_code(typed: TypedBody, demands: Demands) -> Iterator[Spawn]:
    """A closure or `async` block that is the value of `fn f() -> impl Fn() + Send`, or that this value holds: even
    without `'static` it cannot borrow from the function, but from what the function's caller has lent."""
    bounds = promised(typed)
    for end in ends(typed.body.value) if bounds else ():
        direct = closure_of(typed, end)
        held = closures_in(typed, typed.type_of(end))
        refused = held[:1]
        if direct is None and SEND in bounds:  # rustc names one of several
            refused = [one for one in held if demands.is_not_send(type_of_code(typed, one))][:1]
            refused = refused if demands.is_not_send(typed.type_of(end)) else []
        for closure in held:
            kind, span = "" if STATIC in bounds else RESULT, (closure.start, closure.end)
            sent, shared = (
                SEND in bounds and any(closure is one for one in refused),
                SYNC in bounds and closure is direct,
            )
            yield Spawn(span, closure, closure, kind, whole_body(typed), sent, shared)


def type_of_code(typed: TypedBody, closure: f.Closure) -> ClosureTy:
    return ClosureTy(typed.owner.path, closure.start, closure.kind == "async")


def promised(typed: TypedBody) -> set[str]:
    """What the function says of its `impl Trait` that concerns threads."""
    return {bound.path for bound in typed.output.bounds} & DEMANDED if isinstance(typed.output, Opaque) else set()


class Started(msgspec.Struct, frozen=True):
    """A function of the project that says `-> impl Fn()`, what it returns being run elsewhere by a caller of it."""

    function: Definition
    crosses: bool
    shared: bool


def started_results(typed: TypedBody, demands: Demands) -> Iterator[Started]:
    """`thread::spawn(producer(tx))`: the functions whose results `typed` has run elsewhere."""
    for given in given_arguments(typed):
        made = typed.calls.get(id(given.argument))
        if made is None or not made.exact or made.definition.module.crate.api:
            continue
        wanted = demands.of(given.callee.definition)
        demand = wanted[given.position] if given.position < len(wanted) else None
        ty = typed.type_of(given.argument)
        if demand is not None and demand.forever and demand.code and isinstance(ty, Opaque):
            yield Started(made.definition, demand.sent, demand.shared)


def started_code(typed: TypedBody, started: Started) -> Iterator[Spawn]:
    """The closures that are the value of such a function's body, which cannot borrow from it, whoever runs them."""
    for end in ends(typed.body.value):
        closure = closure_of(typed, end)
        if closure is not None:
            span = closure.start, closure.end
            yield Spawn(span, closure, closure, RESULT, whole_body(typed), started.crosses, started.shared)


def ends(expr: f.Expr | None) -> Iterator[f.Expr]:
    """The expressions whose value is the value of `expr`."""
    match expr:
        case None:
            return
        case f.Block(tail=tail, label=""):
            yield from ends(tail)
        case f.If(then=then, orelse=orelse):
            yield from ends(then)
            yield from ends(orelse)
        case f.Match(arms=arms):
            for arm in arms:
                yield from ends(arm.body)
        case _:
            yield expr


def boxed(typed: TypedBody) -> Iterator[f.Expr]:
    """What is written as the argument of `Box::new` and its kin; of a variable that is a closure, the closure."""
    for call in typed.body.calls:
        callee = typed.calls.get(id(call))
        if isinstance(call, f.Call) and callee is not None and callee.definition.path in BOXING:
            for argument in call.args:
                for end in ends(argument):
                    yield closure_of(typed, end) or end


def given_arguments(typed: TypedBody) -> Iterator[Given]:
    """The arguments of all calls, a method's receiver as the first."""
    for call in typed.body.calls:
        callee = typed.calls.get(id(call))
        if callee is not None:
            args = call.args if isinstance(call, f.Call) else (call.receiver, *call.args)
            for position, argument in enumerate(args):
                last = position == len(args) - 1
                closure = closure_of(typed, argument)
                held = [] if closure is not None else closures_in(typed, typed.type_of(argument))
                if held:
                    for inner in held:
                        yield Given(call, callee, position, argument, inner, True, last)
                else:
                    yield Given(call, callee, position, argument, closure, False, last)


def closures_in(typed: TypedBody, ty: Ty) -> list[f.Closure]:
    """The closures of this body that a type has among its arguments: a value of it cannot outlive them."""
    match ty:
        case ClosureTy(owner=owner, start=start):
            closure = typed.closures.get(start) if owner == typed.owner.path else None
            return [] if closure is None else [closure]
        case Adt(args=parts) | TupleTy(items=parts):
            return [closure for part in parts for closure in closures_in(typed, part)]
        case _:
            return []


def closure_of(typed: TypedBody, argument: f.Expr) -> f.Closure | None:
    """The closure or `async` block of this body that an expression is."""
    ty = typed.types.get(id(argument))
    return typed.closures.get(ty.start) if isinstance(ty, ClosureTy) and ty.owner == typed.owner.path else None


def whole_body(typed: TypedBody) -> Range:
    return typed.owner.item.start, max(typed.owner.item.end, typed.body.value.end)


def scope_of(typed: TypedBody, call: f.Call | f.Method, takers: Mapping[int, Given]) -> Range | None:
    """What a scoped thread outlives: all that is declared in the closure that the scope was given to, since it may run
    until the scope ends; None when that closure is not found. takers: who was given which closure."""
    handles = (call.receiver, *call.args) if isinstance(call, f.Method) else call.args
    handle = next((handle for handle in handles if isinstance(handle, f.Local)), None)
    if handle is None:
        return None
    declared = typed.body.slots[handle.slot].start
    owner = next((c for c in typed.closures.values() if c.start <= declared < c.body.start), None)
    if owner is None:  # `fn f<'scope>(s: &'scope Scope<'scope, '_>)`: the scope outlives the whole fn
        return whole_body(typed) if declared < typed.body.value.start else None
    taker = takers.get(owner.start)
    if taker is None or taker.callee.model is None:
        return None
    if taker.kind == "scoped":  # `s.spawn(|s| s.spawn(..))`
        return scope_of(typed, taker.call, takers)
    return (owner.start, owner.end) if taker.callee.model.scope else None
