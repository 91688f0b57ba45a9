"""The interpreter's memory and scopes: reading, writing, moving and dropping places; where temporaries die.

Drop scopes follow the Reference ("Destructors"): a block is a scope of variables and of extended temporaries; a
statement, the condition of `if` and `while`, each operand of `&&` and `||`, an arm, and (2024) a block's tail and the
head of `if let` are scopes of temporaries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from rustconc_lint.facts.model import Expr, Node
from rustconc_lint.program.interpret.events import Acquire, Bundle, Drain, Held, Invoke, Join, OuterJoin, Thread
from rustconc_lint.program.interpret.incidents import Incidents
from rustconc_lint.program.interpret.state import ALIVE, ENDED, ESCAPED, LEAKED, Handle, HandleKind, State, Status
from rustconc_lint.program.interpret.tally import Halt, Key, Tally, forget
from rustconc_lint.program.interpret.values import (
    CONTENT,
    MOVED,
    NOTHING,
    Bag,
    Code,
    Feed,
    Moved,
    Nothing,
    Own,
    Parts,
    Pending,
    Place,
    Pointer,
    Root,
    Shared,
    Symbol,
    Value,
    inside,
    part,
    with_part,
)
from rustconc_lint.program.interpret.world import World
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.source import Span

# Each function takes the expression type it stands for in the table, which `type` keys cannot say.
Evaluate = Callable[["Machine", Any], Value]

OUTSIDE = (0, -1)  # of any turn
OTHERS = frozenset({"param", "static", "opaque"})  # roots of places that others may have, too
MOST_JUMPS = 8  # references to references: enough for real code, and cycles end


class Scope(msgspec.Struct):
    """What dies together, in order of declaration. temporaries: False for a block's variables."""

    temporaries: bool
    roots: list[Root]


class Target(msgspec.Struct):
    """What `break`, `continue` or `return` can leave. depth: how many scopes stay when it is left."""

    kind: Literal["loop", "block", "body"]
    label: str
    depth: int
    exits: list[State]
    turns: list[State]
    results: list[Value]


class Exit(msgspec.Struct, frozen=True):
    """One way out of the target with that index (or of something outside of it), and what is closed there."""

    target: int
    closed: frozenset[Place]


class Machine:
    """One body being interpreted."""

    def __init__(self, typed: TypedBody, table: dict[type, Evaluate], world: World, deep: bool) -> None:
        self.typed = typed
        self.path = typed.module.file.path
        self.table = table
        self.world = world
        self.deep = deep
        self.short_tails = typed.edition in ("2024", "")  # a loose file: the shortest life of all editions
        self.state = State()
        self.scopes: list[Scope] = [Scope(True, [])]
        self.targets: list[Target] = []
        self.handles: list[Handle] = []
        self.pending: list[tuple[Node, Callable[[Machine, tuple[Value, ...]], Value]]] = []
        self.thread = 0
        self.asked: frozenset[int] = frozenset()  # threads a condition asks about: have they ended?
        self.slots: dict[int, int] = {}  # handle -> slot it was bound to last
        self.places: dict[Root, int] = {}  # allocation -> slot it was bound to first
        self.parameters: dict[int, int] = {}  # parameter -> its slot
        self.steady: dict[int, int] = {}  # slot -> its parameter, unless something else is assigned to it
        self.touched: list[Place] = []  # channels whose senders were used, in order
        self.exits: list[Exit] = []  # ways out of targets, in order
        self.stops: list[frozenset[Place]] = []  # calls that end the process: what is closed there
        self.open_scopes: list[list[int]] = []  # threads spawned in each running `thread::scope`
        self.drained_by: dict[int, list[tuple[Place, frozenset[Place]]]] = {}  # thread -> see Drain: channel, unless
        self.acquires: list[Acquire] = []
        self.drains: list[Drain] = []
        self.joins: list[Join] = []
        self.outer_joins: list[OuterJoin] = []
        self.bundles: list[Bundle] = []
        self.released: set[Place] = set()  # see State.released: on any path
        self.threads: list[Thread] = []
        self.endless: set[int] = set()
        self.running: set[int] = set()  # closures being run: recursion ends here
        self.nested_runs = 0  # of closures by closures
        self.extended: dict[int, Scope] = {}  # expressions whose temporary lives to the end of that block
        self.calls: set[tuple[str, int]] = set()
        self.invokes: list[Invoke] = []
        self.cfg: tuple[str, ...] = ()  # of the statements around this point
        self.born: dict[Root, int] = {}  # root -> the thread that made it
        self.exits_process = False
        self.results: dict[int, Value] = {}  # what each thread returns to its join
        self.generators: set[int] = set()  # closures that end an iterator by their None
        self.cancellable = 0  # what is around this point and may not run to its end, or not here
        self.incidents = Incidents()
        self.counted: list[Key] = []  # everything counted so far, in order
        self.spread: set[Place] = set()  # of callers: what unknown code may do anything with
        self.used: set[Place] = set()  # channels that the body itself sends into or receives from
        self.tallies: dict[int, Tally] = {}  # what each thread has counted
        self.halts: dict[int, dict[Halt, tuple[Tally, Span]]] = {}  # thread -> its waits, what it has counted before
        self.queues: dict[Place, int | None] = {}  # channels made here whose messages go to one receiver -> room
        self.feeds: dict[Place, Feed] = {}  # of channels made here whose messages go to every receiver
        self.passed: dict[int, Place] = {}  # receivers in messages -> the channel of the message
        self.closable: set[Place] = set()  # channels that a call may close
        self.barriers: dict[Place, int] = {}  # barriers made here -> how many they wait for
        self.numbers: dict[int, int] = {}  # slots that are never assigned -> the number in them
        self.last: dict[tuple[int, str, Place], Node] = {}  # thread, what is counted, where -> the last such call
        self.got: list[tuple[Place, Node]] = []  # receives whose result is matched, in order
        self.under: dict[Place, tuple[int, ...]] = {}  # channel -> guards through which was received last
        self.told: list[tuple[Place, bool, Node]] = []  # receives whose Err or None the code has a way for; tried?
        self.panics: list[frozenset[Place]] = []  # what is closed where a thread panics
        self.turns = 0  # of lazy iterators
        self.stage = OUTSIDE  # of the turn of a lazy iterator that is under way: which turn, which of its closures
        self.staged: dict[int, tuple[int, int]] = {}  # thread -> the stage that has started it
        self.limited: set[int] = set()  # closures of iterators that run in parallel, or stop early
        self.unstarted: dict[int, Node] = {}  # closures of lazy iterators that start threads, until they run
        self.unwaited: set[int] = set()  # threads started since the body has waited for anything
        self.glue: Callable[[Machine, Root], None] | None = None  # what dying variables run
        self.fresh = 0
        self.by_value: set[tuple[int, int]] | None = None  # ranges of receivers taken by value

    def value(self, expr: Expr) -> Value:
        """Evaluate and consume: what it owns is moved out of its place."""
        if not self.state.reachable:
            return NOTHING
        return self.table[type(expr)](self, expr)

    def span(self, node: Node) -> Span:
        return Span(self.path, node.start, node.end)

    # ------------------------------------------------------------ handles

    def make(self, kind: HandleKind, place: Place, site: Node, mode: str = "") -> Own:
        """A new live handle."""
        number = len(self.handles)
        self.handles.append(Handle(kind, place, site, self.thread, mode))
        self.state.status[number] = ALIVE
        return Own(number)

    def held(self, given: frozenset[int] = frozenset()) -> tuple[Held, ...]:
        """The guards that live on every path to here, taken by the running thread, those in `given` left out."""
        found = []
        for number, status in self.state.status.items():
            handle = self.handles[number]
            if status not in (ALIVE, LEAKED) or handle.kind != "guard" or number in given:
                continue
            if handle.thread == self.thread:
                slot = self.slots.get(number, -1)
                found.append(Held(self.identity(handle.place), handle.mode, self.span(handle.site), (), slot))
        return tuple(found)

    def identity(self, place: Place) -> Place:
        """The lock at `place`; one that a spawned thread has made for itself is not that of another thread."""
        born = self.born.get(place.root, 0)
        return Place((f"{place.root[0]} of {born}", place.root[1]), place.fields, place.owner) if born else place

    def set_status(self, value: Value, status: Status, keep: Status = "") -> None:
        """All handles the value owns change to that status; those whose status is `keep` stay so."""
        for item in inside(value):
            if isinstance(item, Own):
                if self.state.status.get(item.handle) != keep:
                    self.state.status[item.handle] = status
            elif isinstance(item, Shared):
                self.state.status[item.share] = status
                if not self.shares(item.place):
                    self.set_status(self.state.memory.get(item.place.root, NOTHING), status, keep)

    def drop(self, value: Value) -> None:
        """The value's life ends here, but for what was leaked."""
        self.set_status(value, ENDED, LEAKED)

    def escape(self, value: Value) -> None:
        """The value goes where we cannot follow."""
        forget(self, value)
        self.will_run(value)
        self.set_status(value, ESCAPED)

    def will_run(self, value: Value) -> None:
        """Closures inside are in hands that may run them."""
        if self.unstarted:
            for item in inside(value):
                inner = self.behind(item)
                for code in inside(self.at(inner)) if inner is not None else (item,):
                    if isinstance(code, Code):
                        self.unstarted.pop(code.closure.start, None)

    def shares(self, place: Place) -> bool:
        """Whether any Arc still keeps the value at `place` alive."""
        status = self.state.status
        return any(
            handle.kind == "share" and handle.place == place and status.get(number, ENDED) != ENDED
            for number, handle in enumerate(self.handles)
        )

    # ------------------------------------------------------------ places

    def at(self, place: Place) -> Value:
        """What the place holds; a `Symbol` of itself when that is a caller's or unknown."""
        for _ in range(MOST_JUMPS):
            value = self.state.memory.get(place.root)
            if value is None:
                return Symbol(place) if place.root[0] in OTHERS else NOTHING
            for index, name in enumerate(place.fields):
                inner = self.behind(value)
                if inner is not None:
                    place = Place(inner.root, (*inner.fields, *place.fields[index:]), place.owner)
                    break
                if name == CONTENT:
                    continue
                if isinstance(value, Parts) and place.root[0] in OTHERS and name not in dict(value.items):
                    return Symbol(place)  # beside what was assigned here it is as it was
                value = part(value, name)
            else:
                return value
        return NOTHING

    def behind(self, value: Value) -> Place | None:
        """The place a reference, Arc, guard or parameter leads to."""
        match value:
            case Pointer(place=place) | Shared(place=place) | Symbol(place=place):
                return place
            case Own(handle=number) if self.handles[number].kind in ("guard", "borrow", "content"):
                handle = self.handles[number]
                return handle.place.content if handle.kind == "guard" else handle.place
            case _:
                return None

    def target(self, value: Value) -> Place | None:
        """The place that `*value` is: of a struct with a `Deref` of its own, what its only guard leads to. Of several
        guards that may be meant it is not known which; they stay where they are."""
        if isinstance(value, Parts | Bag):
            guards = [item for item in inside(value) if isinstance(item, Own) and self.behind(item) is not None]
            if len(guards) > 1 and isinstance(value, Bag):
                return self.hold(NOTHING)
            return self.behind(guards[0]) if len(guards) == 1 else None
        return self.behind(value)

    def through(self, place: Place) -> Place:
        """The place after following every reference and Arc from it: what a method's `self` finally is."""
        for _ in range(MOST_JUMPS):
            inner = self.behind(self.at(place))
            if inner is None or inner == place:
                return place
            place = inner
        return place

    def unknown_place(self, site: Node) -> Place:
        self.fresh += 1
        return Place(("opaque", f"{site.start}.{self.fresh}"))

    def write(self, place: Place, value: Value) -> None:
        """Put the value there; what was there must have been dropped or moved."""
        memory = self.state.memory
        for _ in range(MOST_JUMPS):
            holders = [memory.get(place.root, NOTHING)]
            for name in place.fields:
                inner = self.behind(holders[-1])
                if inner is not None:
                    break
                holders.append(part(holders[-1], name) if name != CONTENT else holders[-1])
            else:
                for name, holder in zip(reversed(place.fields), reversed(holders[:-1]), strict=True):
                    value = with_part(holder, name, value) if name != CONTENT else value
                memory[place.root] = value
                return
            if isinstance(holders[-1], Symbol):
                return
            place = Place(inner.root, (*inner.fields, *place.fields[len(holders) - 1 :]))

    def take(self, place: Place) -> Value:
        """Move the value out of its place, or copy it when it owns nothing."""
        value = self.at(place)
        if isinstance(value, Own | Shared | Parts | Bag | Code | Pending):
            self.write(place, MOVED)
        elif isinstance(value, Symbol) and value.place.root[0] == "param":
            self.spread.add(value.place)  # it is not followed any further
        return value

    # ------------------------------------------------------------ scopes

    def scope(self, temporaries: bool) -> Opened:
        """A `with` block: what is registered inside dies, in reverse order, at its end."""
        return Opened(self, Scope(temporaries, []))

    def end(self, scope: Scope) -> None:
        """Drop what the scope holds. On an unreachable path there is nothing to drop."""
        if scope.roots and self.state.reachable:
            end_roots(self, scope)

    def name(self, value: Value, slot: int) -> None:
        """Remember the variable for messages."""
        for item in inside(value):
            if isinstance(item, Own):
                self.slots[item.handle] = slot
            elif isinstance(item, Shared):
                self.slots[item.share] = slot
                self.places.setdefault(item.place.root, slot)
            elif isinstance(item, Pointer) and item.place.root[0] == "temp":
                self.places.setdefault(item.place.root, slot)

    def mark_many(self, first: int) -> None:
        """A turn of a loop ends: the threads it has spawned and not joined run beside those of the next turn."""
        running = frozenset(thread.number for thread in self.threads[first:] if thread.number in self.state.live)
        for number in running:
            thread = self.threads[number - 1]
            self.threads[number - 1] = msgspec.structs.replace(thread, many=True, beside=thread.beside | running)

    def is_handle(self, value: Value) -> bool:
        """Whether the value is a guard, an end of a channel or a thread."""
        return isinstance(value, Own) and self.handles[value.handle].kind != "content"

    def hold(self, value: Value, scope: Scope | None = None) -> Place:
        """Put an rvalue into a new temporary of that scope, or of the innermost scope of temporaries."""
        self.fresh += 1
        root: Root = ("temp", self.fresh)
        self.state.memory[root] = value
        (scope or self.innermost(True)).roots.append(root)
        return Place(root)

    def innermost(self, temporaries: bool) -> Scope:
        """The innermost scope of temporaries, or block."""
        for scope in reversed(self.scopes):
            if scope.temporaries is temporaries:
                return scope
        return self.scopes[0]

    def declare(self, slot: int) -> None:
        """The slot's value dies with the innermost block."""
        self.born[("slot", slot)] = self.thread
        self.innermost(False).roots.append(("slot", slot))

    def leave(self, target: Target) -> State:
        """A copy of the state as it is outside of `target`: all scopes above it ended."""
        state = self.state
        self.state = state.copy()
        for scope in reversed(self.scopes[target.depth :]):
            end_roots(self, scope)
        outside, self.state = self.state, state
        return outside


class Opened:
    """A scope for the length of a `with` block."""

    __slots__ = ("machine", "scope")

    def __init__(self, machine: Machine, scope: Scope) -> None:
        self.machine = machine
        self.scope = scope

    def __enter__(self) -> Scope:
        self.machine.scopes.append(self.scope)
        return self.scope

    def __exit__(self, *_: object) -> None:
        self.machine.scopes.pop()
        self.machine.end(self.scope)


def end_roots(machine: Machine, scope: Scope) -> None:
    """Drop the roots of a scope in reverse order of declaration."""
    for root in reversed(scope.roots):
        value = machine.state.memory.get(root, MOVED)
        if not isinstance(value, Moved | Nothing):
            if machine.glue is not None and not isinstance(value, Pointer):
                machine.glue(machine, root)
            machine.drop(value)
            machine.state.memory[root] = MOVED
