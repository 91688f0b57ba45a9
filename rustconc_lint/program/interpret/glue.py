"""Drop glue: what dies runs its own `Drop::drop`, then its fields die from top to bottom (Reference, "Destructors").

Only of types that may join a thread that way. For all others it does not matter in which order handles end.
"""

from __future__ import annotations

from collections.abc import Iterable

from rustconc_lint.program.interpret.events import Trace
from rustconc_lint.program.interpret.machine import Machine
from rustconc_lint.program.interpret.substitute import Call, replay_joins
from rustconc_lint.program.interpret.values import MOVED, NOTHING, Moved, Nothing, Own, Place, Pointer, Root
from rustconc_lint.program.types import Adt, ArrayTy, SliceTy, TupleTy, Ty

DEEPEST = 6  # structs in structs


def drop_root(m: Machine, root: Root) -> None:
    """A variable dies."""
    if root[0] == "slot" and 0 <= int(root[1]) < len(m.typed.slots):
        drop_place(m, Place(root), m.typed.slots[int(root[1])], 0)


def drop_place(m: Machine, place: Place, ty: Ty, depth: int) -> None:
    """What is at `place` dies as a value of its type does."""
    value = m.at(place)
    if depth > DEEPEST or isinstance(value, Moved | Nothing | Pointer) or not m.world.joins_when_dropped(ty):
        return
    match ty:
        case TupleTy(items=items):
            drop_fields(m, place, [(str(index), item) for index, item in enumerate(items)], depth)
        case ArrayTy(inner=inner) | SliceTy(inner=inner):
            drop_place(m, place.field("[]", ""), inner, depth + 1)
        case Adt(path=path, args=args):
            function = m.world.drop_of(path)
            if function is not None:
                run_drop(m, place, function.name, m.world.summary(function, m.deep, True))
            drop_fields(m, place, m.world.fields(ty), depth)
            for arg in args if not m.world.fields(ty) else ():
                elements = not isinstance(arg, SliceTy) and m.at(place.field("[]", "")) != NOTHING
                holder = place.field("[]", "") if elements else place
                drop_place(m, holder, arg, depth + 1)
        case _:
            pass


def drop_fields(m: Machine, place: Place, fields: Iterable[tuple[str, Ty]], depth: int) -> None:
    """Each field dies before the next one does."""
    whole = m.at(place)
    for name, ty in fields:
        inner = place if isinstance(whole, Own) else place.field(name, "")
        drop_place(m, inner, ty, depth + 1)
        m.drop(m.at(inner))
        m.write(inner, MOVED)


def run_drop(m: Machine, place: Place, name: str, trace: Trace | None) -> None:
    """What the type's own `Drop::drop` joins and moves out."""
    if trace is not None and m.state.reachable:
        call = Call(m, m.typed.body.value, name, trace, (Pointer(place),))
        replay_joins(call, dropped=True)
