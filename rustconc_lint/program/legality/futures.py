"""What futures hold, and what `impl Trait` hides: async fns and blocks, and the types that functions return unnamed.

Auto traits leak: whoever starts a future is refused for an `Rc` in an async fn that it waits for, however far away, and
for one in whatever a function returns as `impl Future`. Only what is certain is told; the rest of it is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rustconc_lint.facts import model as f
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.legality.captures import Captures
from rustconc_lint.program.legality.suspensions import Alive, alive_over_await, reading_of
from rustconc_lint.program.shapes import parts, rebuilt
from rustconc_lint.program.traits.auto_traits import Parts
from rustconc_lint.program.traits.generics import bind, substitute
from rustconc_lint.program.traits.lowering import FUTURE, FUTURE_OF_FN, FnTypes
from rustconc_lint.program.traits.traits import Verdict
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.program.types import UNKNOWN, Adt, ClosureTy, Opaque, TupleTy, Ty

Bodies = Callable[[Definition], TypedBody | None]
Lives = tuple[tuple[TypedBody, Alive], ...]

DEEPEST = 16  # async fns that await one another


class Futures:
    """Answers are remembered by function. bodies: types another function's body."""

    def __init__(self, captures: Captures, bodies: Bodies) -> None:
        self.captures = captures
        self.declared = captures.declared
        self.bodies = bodies
        self.lives: dict[int, Lives] = {}
        self.hidden: dict[tuple[str, int], Ty | None] = {}

    # ------------------------------------------------------------ contents, for auto traits

    def contents(self, ty: ClosureTy | Opaque) -> Parts:
        """The parts of a future or of a hidden type that are known, beside what a block captures."""
        if isinstance(ty, ClosureTy):
            typed = self.captures.bodies.get(ty.owner)
            closure = None if typed is None else typed.closures.get(ty.start)
            if typed is None or closure is None or closure.kind != "async":
                return ()
            return tuple((alive.name, alive.ty) for _, alive in self.lives_in(typed, closure.body, 0))
        function = self.declared.types.hiding.get(ty.origin)
        signature = None if function is None else self.declared.types.signature_of(function)
        if function is None or signature is None or not self.is_sole(function):
            return ()
        if ty.at == FUTURE_OF_FN:
            found = (*self.given(function, signature), *((a.name, a.ty) for _, a in self.lives_of(function, 0)))
        else:
            hidden = self.hidden_in(function, signature, ty.at)
            found = () if hidden is None else (("", self.opened(hidden)),)
        mapping = bind(signature.generics, ty.args)
        return tuple((name, substitute(part, mapping)) for name, part in found)

    def is_sole(self, function: Definition) -> bool:
        """Whether its body is what runs: no declaration of a trait, no twin under another `cfg`, no macro over it."""
        container = function.container
        if function.item.attributes.macros:
            return False
        if container is not None and container.item.kind == "trait":
            return False
        return not self.declared.names.is_alternative(function)

    def given(self, function: Definition, signature: FnTypes) -> Parts:
        """The arguments of an async fn, which its future holds from the call on."""
        typed, detail = self.body_of(function), self.declared.names.detail(function)
        if typed is None or not isinstance(detail, f.FnDetail):
            return ()
        patterns = [param.pattern for param in detail.signature.params]
        names = [typed.body.slots[one.slot].name if isinstance(one, f.PBind) else "" for one in patterns]
        own = () if signature.self_ty is None else (("self", signature.self_ty),)
        return (*own, *zip(names, signature.params, strict=False))

    def hidden_in(self, function: Definition, signature: FnTypes, at: int) -> Ty | None:
        """The type behind the `impl` that is written at byte `at` of the function's result."""
        key = (function.path, at)
        if key not in self.hidden:
            self.hidden[key] = None  # of one that returns its own result
            typed = self.body_of(function)
            if typed is not None:
                self.hidden[key] = behind(signature.declared, typed.made, at)
        elif self.hidden[key] is not None:
            self.body_of(function)
        return self.hidden[key]

    def opened(self, ty: Ty, depth: int = 0) -> Ty:
        """The type with tuples of what they hold in the place of closures and blocks, whose own types do not tell what
        the type parameters of the function around them stand for."""
        if not isinstance(ty, ClosureTy):
            return rebuilt(ty, lambda part: self.opened(part, depth))
        captured = self.captures.held(ty) if depth < DEEPEST else None
        if captured is None:
            return ty
        inside = self.contents(ty) if ty.future else ()
        return TupleTy(tuple(self.opened(part, depth + 1) for _, part in (*captured, *inside)))

    def is_refused_code(self, ty: Ty) -> bool:
        """Whether a function's `impl FnOnce()` or `impl Future` is a closure or block that stands in its body, and that
        may not be sent, whatever the type parameters are."""
        function = self.declared.types.hiding.get(ty.origin) if isinstance(ty, Opaque) and ty.at >= 0 else None
        signature = None if function is None else self.declared.types.signature_of(function)
        if function is None or signature is None or not isinstance(ty, Opaque) or not self.is_sole(function):
            return False
        hidden = self.hidden_in(function, signature, ty.at)
        return isinstance(hidden, ClosureTy) and self.declared.autos.is_send(hidden).verdict is Verdict.NO

    def body_of(self, function: Definition) -> TypedBody | None:
        """The body, its closures to be found by their types."""
        typed = self.bodies(function)
        if typed is not None:
            self.captures.bodies[typed.owner.path] = typed
        return typed

    # ------------------------------------------------------------ lives

    def function_of(self, typed: TypedBody, expr: f.Expr) -> Definition | None:
        """The async fn of the project whose call `expr` is."""
        callee = typed.calls.get(id(expr))
        if callee is None or not callee.exact or callee.definition.module.crate.api:
            return None
        if callee.definition.item.attributes.macros:
            return None
        detail = self.declared.names.detail(callee.definition)
        return callee.definition if isinstance(detail, f.FnDetail) and detail.signature.is_async else None

    def lives_of(self, function: Definition, depth: int) -> Lives:
        """What lives over an `.await` of an async fn, or of one that it waits for, with the body it is in."""
        key = id(function)
        if key not in self.lives:
            self.lives[key] = ()  # of one that awaits itself
            typed = self.body_of(function) if depth < DEEPEST else None
            if typed is not None:
                self.lives[key] = tuple(self.lives_in(typed, typed.body.value, depth + 1))
        return self.lives[key]

    def lives_in(self, typed: TypedBody, body: f.Expr, depth: int) -> Iterator[tuple[TypedBody, Alive]]:
        """The same of the body of an async fn or block."""
        reading = reading_of(typed, body)
        for alive in alive_over_await(body, reading, self.captures):
            yield typed, alive
        for point in reading.awaits:
            function = self.function_of(typed, point.operand)
            if function is not None and depth < DEEPEST:
                yield from self.lives_of(function, depth + 1)
            ty = typed.type_of(point.operand)
            if self.is_unfit(ty):
                operand = point.operand
                yield typed, Alive("", ty, operand.start, operand.end, (point.start, point.end))

    def is_unfit(self, ty: Ty) -> bool:
        """Whether it is a future itself, which is then what is waited for, and certainly not Send."""
        match ty:
            case ClosureTy():
                pass
            case Opaque(bounds=bounds) if any(bound.path == FUTURE for bound in bounds):
                pass
            case Adt(path=path) if self.declared.names.trait_impls_for(FUTURE, path):
                pass
            case _:
                return False
        return self.declared.autos.is_send(ty).verdict is Verdict.NO


def behind(declared: Ty, made: Ty, at: int) -> Ty | None:
    """What stands in `made` where `declared` has the `impl` written at `at`."""
    if isinstance(declared, Opaque):
        return made if declared.at == at and made != UNKNOWN else None
    if type(declared) is not type(made):
        return None
    pairs = zip(parts(declared), parts(made), strict=False)
    return next((found for one, other in pairs if (found := behind(one, other, at)) is not None), None)
