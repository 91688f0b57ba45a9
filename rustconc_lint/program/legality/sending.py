"""What may not cross to another thread, and yet does: captures, results, what lives over an `.await`, statics.

Only a certain "no" of auto_traits.py counts. rustc says E0277 ("cannot be sent", "cannot be shared between threads
safely"), of a future often without a code, and E0310 where a type parameter may not live long enough.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.program.cfgs import is_left_out
from rustconc_lint.program.legality.borrowing import RUNS, described, place_name, span
from rustconc_lint.program.legality.captures import Capture, Captures
from rustconc_lint.program.legality.futures import Futures
from rustconc_lint.program.legality.lifetimes import STATIC, holds, may_die, owners
from rustconc_lint.program.legality.places import Declarations
from rustconc_lint.program.legality.rc_rewrite import arc_edits
from rustconc_lint.program.legality.spawns import Spawn, closures_in
from rustconc_lint.program.names.paths import owner_path
from rustconc_lint.program.shapes import parts
from rustconc_lint.program.traits.auto_traits import Judgement
from rustconc_lint.program.traits.shown import shown
from rustconc_lint.program.traits.traits import AUTO_TRAITS, Verdict
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.program.types import Adt, ClosureTy, FnItem, Param, TraitRef, Ty
from rustconc_lint.source import Span

How = Literal["captured", "passed", "returned", "alive", "static", "demanded"]

COUNTED = ("std::rc::Rc", "std::rc::Weak")


class Crossing(msgspec.Struct, frozen=True):
    """Something that crosses although it may not.

    span: what an editor underlines. how it crosses; name: the variable or static, "" for a value without a name.
    whole, culprit: the type of what crosses, and the part of it that decides, as text; path: the fields between.
    lacks: "Send", "Sync", or "'static" of a type parameter. counted: the culprit is an Rc or its Weak. parameter: the
    culprit is a type parameter. runs: "thread", "task" or "code"; "function" or "trait" where a bound demands it, whose
    name `name` is then. declared: where the variable is declared. use: one use of it, or the `.await` that it lives
    over. within: the function of that `.await`, if it is another one.
    arcs: what to change for `Arc` in place of `Rc`, if that is all there is to do.
    """

    span: Span
    how: How
    name: str
    whole: str
    culprit: str
    path: tuple[str, ...]
    lacks: str
    counted: bool
    parameter: bool
    runs: str
    head: str = ""
    declared: Span | None = None
    use: Span | None = None
    within: str = ""
    arcs: tuple[tuple[Span, str], ...] = ()


class Sending:
    """Questions about what spawned code takes with it. generic: the type parameters of the code are anything that its
    bounds allow; False: they are what some caller knows."""

    def __init__(self, captures: Captures, futures: Futures, generic: bool = True) -> None:
        self.generic = generic
        self.captures = captures
        self.declared = captures.declared
        self.futures = futures

    def crossings(self, typed: TypedBody, spawn: Spawn, captured: tuple[Capture, ...]) -> Iterator[Crossing]:
        """What of the code of `spawn` may not cross, the first thing first."""
        if spawn.crosses or spawn.shared:
            for capture in captured:
                yield from self.of_capture(typed, spawn, capture)
        if spawn.crosses:
            yield from self.of_argument(typed, spawn)
            yield from self.of_result(typed, spawn)
            yield from self.of_life(typed, spawn)
        if spawn.forever:
            yield from self.of_lifetime(typed, spawn, captured)

    # ------------------------------------------------------------ captures

    def of_capture(self, typed: TypedBody, spawn: Spawn, capture: Capture) -> Iterator[Crossing]:
        judgement = self.judged(typed, spawn, capture)
        if judgement is not None:
            yield self.captured(typed, spawn, capture, judgement)

    def judged(self, typed: TypedBody, spawn: Spawn, capture: Capture) -> Judgement | None:
        """Why a capture may not cross, None when it may or nobody knows."""
        autos = self.declared.autos
        ty = capture.place.ty
        sent = self.refused(typed, autos.is_send(ty)) if spawn.crosses else None
        if capture.by in ("value", "mut") and not spawn.shared:
            return sent
        shared = self.refused(typed, autos.is_sync(ty))
        if spawn.shared:
            return sent if sent is not None and capture.by in ("value", "mut") else shared
        if capture.by == "unknown":
            return sent if shared is not None else None
        if shared is not None and self.move_cures(typed, spawn, capture):
            return sent
        return shared

    def refused(self, typed: TypedBody, judgement: Judgement) -> Judgement | None:
        """A certain no, an unbounded type parameter included unless a `where Arc<T>: Send` is about it."""
        param = judgement.parameter
        if param is None:
            return judgement if judgement.verdict is Verdict.NO else None
        if not self.generic or param.owner not in map(owner_path, owners(typed)):  # another function's is no answer
            return None
        written = (found for owner in owners(typed) for found in self.declared.types.predicates_of(owner))
        return None if any(holds(subject, param) and self.may_imply(ref) for subject, ref in written) else judgement

    def may_imply(self, bound: TraitRef) -> bool:
        """Whether what has this bound is Send or Sync by it, or may be by a trait that is not known."""
        above = self.declared.traits.supertraits(bound)
        return above is None or any(ref.path in AUTO_TRAITS for ref in above)

    def move_cures(self, typed: TypedBody, spawn: Spawn, capture: Capture) -> bool:
        """A borrow that `move` would turn into a move: that is missing-move's, if the type may move at all."""
        if spawn.outlives is None or not capture.borrows_variable:
            return False
        return spawn.outlives[0] <= typed.body.slots[capture.place.slot].start < spawn.outlives[1]

    def captured(self, typed: TypedBody, spawn: Spawn, capture: Capture, judgement: Judgement) -> Crossing:
        said = described(typed, capture, self.declared)
        return msgspec.structs.replace(
            crossing(spawn, "captured", said.name, capture.place.ty, judgement, self.head(typed, spawn)),
            declared=said.declared,
            use=said.use,
            arcs=self.arcs(typed, judgement),
        )

    def arcs(self, typed: TypedBody, judgement: Judgement) -> tuple[tuple[Span, str], ...]:
        """What to rewrite for an `Arc`, if one could share what the `Rc` holds."""
        culprit = judgement.culprit
        if not (isinstance(culprit, Adt) and culprit.path == COUNTED[0] and culprit.args):
            return ()
        autos, held = self.declared.autos, culprit.args[0]
        if {autos.is_send(held).verdict, autos.is_sync(held).verdict} != {Verdict.YES}:
            return ()
        return tuple((span(typed, start, end), text) for start, end, text in arc_edits(typed.module.file))

    def head(self, typed: TypedBody, spawn: Spawn) -> Span:
        if spawn.closure is not None:
            return span(typed, *spawn.closure.head)
        return span(typed, spawn.argument.start, spawn.argument.end)

    # ------------------------------------------------------------ what is passed and returned

    def of_argument(self, typed: TypedBody, spawn: Spawn) -> Iterator[Crossing]:
        """A value that is no closure of this body, though it may hold some; of a call of an async fn, what the future
        is given."""
        argument = spawn.argument
        if spawn.closure is not None:
            ty = typed.type_of(argument)
            if not isinstance(ty, ClosureTy) and closures_in(typed, ty)[:1] == [spawn.closure]:
                yield from () if self.is_refused_for_code(ty) else self.of_value(typed, spawn, argument, ty)
            return
        if spawn.forever and self.futures.is_refused_code(typed.type_of(argument)):
            return  # blamed where it is written
        if self.futures.function_of(typed, argument) is None:
            yield from self.of_value(typed, spawn, argument, typed.type_of(argument))
        elif isinstance(argument, f.Call):
            for given in argument.args:
                yield from self.of_value(typed, spawn, given, typed.type_of(given))

    def is_refused_for_code(self, ty: Ty, shared: bool = False) -> bool:
        """Whether a closure or block that the type holds may not be sent, or shared, itself."""
        if isinstance(ty, ClosureTy):
            autos = self.declared.autos
            return (autos.is_sync(ty) if shared else autos.is_send(ty)).verdict is Verdict.NO
        return any(self.is_refused_for_code(part, shared) for part in parts(ty))

    def of_value(self, typed: TypedBody, spawn: Spawn, value: f.Expr, ty: Ty) -> Iterator[Crossing]:
        judgement = self.refused(typed, self.declared.autos.is_send(ty))
        if judgement is not None:
            name = typed.body.slots[value.slot].name if isinstance(value, f.Local) else ""
            found = crossing(spawn, "passed", name, ty, judgement, self.head(typed, spawn))
            yield msgspec.structs.replace(found, use=span(typed, value.start, value.end))

    def of_result(self, typed: TypedBody, spawn: Spawn) -> Iterator[Crossing]:
        if spawn.kind not in ("thread", "task", "blocking", "scoped"):
            return
        output = self.output_of(typed, spawn)
        judgement = None if output is None else self.refused(typed, self.declared.autos.is_send(output))
        if output is not None and judgement is not None:
            yield crossing(spawn, "returned", "", output, judgement, self.head(typed, spawn))

    def output_of(self, typed: TypedBody, spawn: Spawn) -> Ty | None:
        if spawn.closure is not None:
            return typed.closure_outputs.get(spawn.closure.start)
        ty = typed.type_of(spawn.argument)
        definition = self.declared.names.definition(ty.path) if isinstance(ty, FnItem) else None
        signature = None if definition is None else self.declared.types.signature_of(definition)
        if signature is not None:
            return None if signature.generics else signature.output
        function = self.futures.function_of(typed, spawn.argument)
        signature = None if function is None else self.declared.types.signature_of(function)
        return None if signature is None or signature.generics else signature.declared

    # ------------------------------------------------------------ futures

    def of_life(self, typed: TypedBody, spawn: Spawn) -> Iterator[Crossing]:
        """What lives over an `.await` in the future, or in one that it waits for."""
        closure = spawn.closure
        if closure is not None and closure.kind == "async":
            lives = tuple(self.futures.lives_in(typed, closure.body, 0))
        elif closure is None and (function := self.futures.function_of(typed, spawn.argument)) is not None:
            lives = self.futures.lives_of(function, 0)
        else:
            return
        for where, alive in lives:
            judgement = self.declared.autos.is_send(alive.ty)
            found = crossing(spawn, "alive", alive.name, alive.ty, judgement, self.head(typed, spawn))
            yield msgspec.structs.replace(
                found,
                declared=span(where, alive.start, alive.end),
                use=span(where, *alive.awaited),
                within="" if where is typed else where.owner.name,
            )

    # ------------------------------------------------------------ lifetimes

    def of_lifetime(self, typed: TypedBody, spawn: Spawn, captured: tuple[Capture, ...]) -> Iterator[Crossing]:
        """A type parameter without `'static` may hold references that die before the thread does."""
        owned = [
            (c.place.ty, place_name(typed, c), described(typed, c, self.declared).use)
            for c in captured
            if c.by == "value"
        ]
        argument = spawn.argument
        if spawn.closure is None and isinstance(argument, f.Local):
            name = typed.body.slots[argument.slot].name
            owned.append((typed.slots[argument.slot], name, span(typed, argument.start, argument.end)))
        for ty, name, use in owned:
            if isinstance(ty, Param) and may_die(typed, ty, self.declared):
                judgement = Judgement(Verdict.NO, ty, (), STATIC, ty)
                found = crossing(spawn, "captured", name, ty, judgement, self.head(typed, spawn))
                yield msgspec.structs.replace(found, use=use)


def crossing(spawn: Spawn, how: How, name: str, ty: Ty, judgement: Judgement, where: Span) -> Crossing:
    return refusal(where, how, name, ty, judgement, RUNS.get(spawn.kind, "code"))


def demanded(where: Span, by: str, name: str, ty: Ty, judgement: Judgement) -> Crossing:
    """A type that a bound of a function or trait of this name refuses."""
    return refusal(where, "demanded", name, ty, judgement, by)


def refusal(where: Span, how: How, name: str, ty: Ty, judgement: Judgement, runs: str) -> Crossing:
    culprit = judgement.parameter or judgement.culprit or ty
    return Crossing(
        span=where,
        how=how,
        name=name,
        whole=shown(ty),
        culprit=shown(culprit),
        path=judgement.path,
        lacks=judgement.trait or "Send",
        counted=isinstance(culprit, Adt) and culprit.path in COUNTED,
        parameter=judgement.parameter is not None,
        runs=runs,
    )


def unshareable_statics(declared: Declarations) -> Iterator[Crossing]:
    """Statics of a type that is not Sync: every thread can see a static. A `static mut` needs no Sync."""
    for definition in declared.names.values():
        if definition.kind != "static" or is_left_out(definition.cfg, definition.module.crate.features):
            continue
        detail = declared.names.detail(definition)
        if not isinstance(detail, f.ValueDetail) or detail.mutable or detail.thread_local or detail.body is None:
            continue  # without a value: declared in an `extern` block, whose unsafety covers this
        ty = declared.types.value_type(definition)
        judgement = declared.autos.is_sync(ty)
        if judgement.verdict is Verdict.NO:
            start = definition.item.name_start
            where = Span(definition.module.file.path, start, start + len(definition.name.encode()))
            culprit = judgement.culprit or ty
            yield Crossing(
                span=where,
                how="static",
                name=definition.name,
                whole=shown(ty),
                culprit=shown(culprit),
                path=judgement.path,
                lacks=judgement.trait or "Sync",
                counted=isinstance(culprit, Adt) and culprit.path in COUNTED,
                parameter=False,
                runs="thread",
            )
