"""References that threads and tasks take along although what they point to may be gone first.

`move` moves the reference, not what it points to. rustc says E0597 of a borrow from a variable ("does not live long
enough"), E0521 of what the caller lent. Scoped threads borrow by right what is declared outside of their scope.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.program.legality.borrowing import RUNS, span
from rustconc_lint.program.legality.captures import Capture, Captures
from rustconc_lint.program.legality.origins import Origin, Origins
from rustconc_lint.program.legality.places import DEREF
from rustconc_lint.program.legality.spawns import Spawn
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.program.types import Opaque, RefTy, Ty
from rustconc_lint.source import Span


class LostBorrow(msgspec.Struct, frozen=True):
    """name: the variable that holds the reference, "" for an argument of a future. lender: the variable that is
    borrowed, or the parameter that brings the borrow; `owned` tells them apart. head: what runs elsewhere. borrow: the
    borrow as written, use: one use of it there. function: the fn that owns or is lent. runs: "thread", "task", "code".
    scoped: the code may run until its scope ends, later than the scope's closure, which is the owner. compiler: what
    rustc says."""

    name: str
    lender: str
    owned: bool
    head: Span
    declared: Span
    borrow: Span
    use: Span
    function: str
    runs: str
    scoped: bool
    is_async: bool
    compiler: tuple[str, ...]


class Held(msgspec.Struct, frozen=True):
    """A borrow that goes along: the name it has, and where it is used."""

    name: str
    origin: Origin
    start: int
    end: int


def lost_borrows(typed: TypedBody, spawns: Iterable[Spawn], captures: Captures) -> Iterator[LostBorrow]:
    """What the spawned code of one body borrows through references, once for each lender and spawn."""
    origins: Origins | None = None
    for spawn in spawns:
        if not (spawn.forever or is_scoped(spawn)) or not may_hold(typed, spawn, captures):
            continue
        origins = origins or Origins(typed, captures.declared)
        seen: set[int] = set()
        for held in held_by(typed, spawn, captures, origins):
            if held.origin.slot not in seen and may_be_gone(typed, spawn, held.origin):
                seen.add(held.origin.slot)
                yield described(typed, spawn, held)


def is_scoped(spawn: Spawn) -> bool:
    return spawn.kind == "scoped" and spawn.outlives is not None


def may_be_gone(typed: TypedBody, spawn: Spawn, origin: Origin) -> bool:
    """Whether the code may outlive what lends: of a scope only what is declared in the scope's closure."""
    if spawn.forever or spawn.outlives is None:
        return spawn.forever
    start, end = spawn.outlives
    return origin.owned and start <= typed.body.slots[origin.slot].start < end


def may_hold(typed: TypedBody, spawn: Spawn, captures: Captures) -> bool:
    """A quick look: whether there is any reference to follow."""
    if spawn.closure is None:
        return True
    return any(c.through_reference or not is_plain(c.place.ty) for c in captures.of(typed, spawn.closure))


def is_plain(ty: Ty) -> bool:
    """Whether a type has neither parts nor lifetimes."""
    return not ty.__struct_fields__ or not any(isinstance(getattr(ty, n), Ty | tuple) for n in ty.__struct_fields__)


def held_by(typed: TypedBody, spawn: Spawn, captures: Captures, origins: Origins) -> Iterator[Held]:
    closure, argument = spawn.closure, spawn.argument
    if closure is not None:
        for capture in captures.of(typed, closure):
            held = of_capture(typed, capture, origins)
            if held is not None:
                yield held
    elif isinstance(argument, f.Local):
        found = origins.of(argument)
        if found is not None:
            yield Held(typed.body.slots[argument.slot].name, found, argument.start, argument.end)
    elif isinstance(typed.type_of(argument), Opaque):
        yield from of_future(typed, argument, origins)


def of_capture(typed: TypedBody, capture: Capture, origins: Origins) -> Held | None:
    """What a closure takes by value, or borrows again through a reference: both hold what the reference holds."""
    if capture.by not in ("ref", "mut", "value") or capture.borrows_variable:
        return None
    ty = capture.place.ty if capture.by == "value" else RefTy(capture.by == "mut", capture.place.ty)
    origin = origins.of_slot(capture.place.slot)
    if origin is None or not origins.holds(origin, ty):
        return None
    use = capture.uses[0]
    fields = [step.name for step in capture.place.steps if step.name != DEREF]
    name = ".".join((typed.body.slots[capture.place.slot].name, *fields))
    return Held(name, origin, use.start, use.end)


def of_future(typed: TypedBody, call: f.Expr, origins: Origins) -> Iterator[Held]:
    """An async fn keeps what it is called with: `spawn(serve(&config))`, `spawn(server.run())`."""
    callee = typed.calls.get(id(call))
    signature = None if callee is None else origins.declared.types.signature_of(callee.definition)
    if callee is None or signature is None or not signature.is_async or not isinstance(call, f.Call | f.Method):
        return
    if isinstance(call, f.Method) and callee.receiver != "value":
        found = origins.lent_to(call.receiver, callee)
        if found is not None:
            yield Held("", found, call.receiver.start, call.receiver.end)
    args = call.args if isinstance(call, f.Call) else (call.receiver, *call.args)
    for arg in args:
        found = origins.of(arg)
        if found is not None:
            yield Held("", found, arg.start, arg.end)


def described(typed: TypedBody, spawn: Spawn, held: Held) -> LostBorrow:
    closure, origin = spawn.closure, held.origin
    lender = typed.body.slots[origin.slot]
    argument = spawn.argument
    return LostBorrow(
        name=held.name,
        lender=lender.name,
        owned=origin.owned,
        head=span(typed, *(closure.head if closure is not None else (argument.start, argument.end))),
        declared=span(typed, lender.start, lender.start + len(lender.name.encode())),
        borrow=span(typed, origin.start, origin.end),
        use=span(typed, held.start, held.end),
        function=typed.owner.name,
        runs=RUNS.get(spawn.kind, "code"),
        scoped=is_scoped(spawn),
        is_async=closure is None or closure.kind == "async",
        compiler=codes(typed, spawn, origin),
    )


def codes(typed: TypedBody, spawn: Spawn, origin: Origin) -> tuple[str, ...]:
    """A closure that owns the lender and may be called again cannot lend it: rustc has no code for that."""
    if not origin.owned:
        return ("E0521",)
    start, end = spawn.argument.start, spawn.argument.end
    declared = typed.body.slots[origin.slot].start
    owners = [c for c in typed.closures.values() if c.moves and c.start < start and end <= c.end]
    if any(not c.start <= declared < c.end for c in owners):
        return ("E0597", "lifetime may not live long enough")
    return ("E0597",)
