"""Guards that a future keeps while it waits: nobody can take the lock meanwhile, and whoever tries stops a thread of
the executor, perhaps the one that should go on with this future.

From traces. What rustc rejects already, since the future must be Send and the guard is not, is told by other rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from rustconc_lint.apis import TypeModel
from rustconc_lint.facts import model as f
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.hangs.locks import lock_of
from rustconc_lint.program.hangs.relocks import written_name
from rustconc_lint.program.interpret.events import Held, Trace
from rustconc_lint.program.interpret.incidents import HeldAwait
from rustconc_lint.program.interpret.lives import Life, life
from rustconc_lint.program.interpret.values import Place
from rustconc_lint.program.names.names import Names
from rustconc_lint.program.traits.lowering import Types
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.program.types import Adt, ArrayTy, RefTy, TupleTy, Ty
from rustconc_lint.source import Span

MOST_PARTS = 40  # of a type that are looked at for a guard


class HeldOver(msgspec.Struct, frozen=True):
    """A guard and the first `.await` that it lives over. name: of its lock, "" when it has none. more: other `.await`s.
    model: of the guard's type. where: the function; life: what keeps the guard alive."""

    name: str
    held: Held
    awaited: Span
    more: tuple[Span, ...]
    model: TypeModel
    life: Life
    where: Definition


class Guards:
    """Which guard a value of a type is, or has in it."""

    def __init__(self, names: Names, types: Types) -> None:
        self.names = names
        self.types = types

    def within(self, ty: Ty) -> TypeModel | None:
        """The model of the guard, None when none is seen."""
        waiting, seen = [ty], {ty}
        while waiting and len(seen) < MOST_PARTS:
            part = waiting.pop(0)
            if isinstance(part, Adt):
                model = self.names.type_model(part.path)
                if model is not None and model.role in ("guard", "read-guard", "borrow"):
                    return model
            for inner in self.parts(part):
                if inner not in seen:
                    seen.add(inner)
                    waiting.append(inner)
        return None

    def parts(self, ty: Ty) -> Iterator[Ty]:
        if isinstance(ty, TupleTy):
            yield from ty.items
        elif isinstance(ty, RefTy | ArrayTy):
            yield ty.inner
        elif isinstance(ty, Adt):
            yield from ty.args
            definition = self.names.adt_of(ty.path)
            if definition is not None and not definition.module.crate.api:
                yield from (field for variant in self.types.fields_of(ty) for _, field in variant.fields)

    def taken_by(self, typed: TypedBody, call: f.Node) -> TypeModel | None:
        """What the call gives, for an async function when it is awaited: see `within`."""
        callee = typed.calls.get(id(call))
        signature = self.types.signature_of(callee.definition) if callee is not None else None
        if signature is None:
            return None
        written, declared = typed.types.get(id(call)), self.within(signature.declared)
        exact = self.within(written) if written is not None else None
        return exact or declared


def held_awaits(
    traces: Iterable[tuple[Definition, Trace]], guards: Guards, body: Callable[[Definition], TypedBody | None]
) -> Iterator[HeldOver]:
    """One for each guard. Not in tests, whose tasks seldom meet, and by `Mutex<()>` take turns as they should."""
    for where, trace in traces:
        if not trace.incidents.awaits or where.item.attributes.test:
            continue
        typed = body(where)
        groups: dict[tuple[Span, int], list[HeldAwait]] = {}
        for incident in trace.incidents.awaits:
            groups.setdefault((incident.held.span, incident.held.slot), []).append(incident)
        for group in groups.values() if typed is not None else ():
            found = guards.taken_by(typed, group[0].taken) if typed is not None else None
            if typed is not None and found is not None and may_meet(found, group[0].held):
                yield held_over(where, trace, typed, group, found)


def may_meet(model: TypeModel, held: Held) -> bool:
    """Whether others can get at what is kept: a cell of one's own is borrowed by nobody else."""
    return model.keeps != "cell" or held.lock.root[0] in ("param", "static")


def held_over(where: Definition, trace: Trace, typed: TypedBody, group: list[HeldAwait], model: TypeModel) -> HeldOver:
    held = group[0].held
    first, *others = sorted({incident.awaited for incident in group})
    lock = lock_of(held.lock, where, trace.names)
    place = Place(held.lock.root, tuple(name for name in held.lock.fields if name != "[]"))
    name = lock.name if lock is not None else written_name(place, trace.names)
    return HeldOver(name, held, first, tuple(others), model, life(typed.body, held, first), where)
