"""All files together: `link` makes the Program, and checks ask it and nothing else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain

import msgspec

from rustconc_lint.apis import ApiFile
from rustconc_lint.facts.file import Reader, RustFile
from rustconc_lint.facts.model import Attributes, Body, Item
from rustconc_lint.finding import Edit
from rustconc_lint.program.cfgs import is_left_out
from rustconc_lint.program.crates import CrateInput
from rustconc_lint.program.definitions import Definition, Module
from rustconc_lint.program.gates.mentions import Mentions
from rustconc_lint.program.gates.relevance import Relevance
from rustconc_lint.program.hangs.callers import Callers
from rustconc_lint.program.hangs.channel_gate import ChannelGate
from rustconc_lint.program.hangs.channels import StuckDrain, stuck_drains
from rustconc_lint.program.hangs.expected_ends import is_end_expected
from rustconc_lint.program.hangs.fields import stuck_fields
from rustconc_lint.program.hangs.handling import (
    held_receives,
    ignored_joins,
    lazy_joins,
    lost_ends,
    unjoined_threads,
    unstarted_threads,
)
from rustconc_lint.program.hangs.handling_gate import HandlingGate
from rustconc_lint.program.hangs.lock_order import (
    DeclaredOrder,
    LockOrder,
    Violation,
    lock_order,
    odd_names,
    violations,
)
from rustconc_lint.program.hangs.locks import Cycle, Lock, Step, cycles, lock_of, steps_of
from rustconc_lint.program.hangs.relocks import Relock, relocks
from rustconc_lint.program.hangs.supplies import (
    DeafLoop,
    MissingMessage,
    deaf_loops,
    full_channels,
    missing_messages,
    uneven_meetings,
)
from rustconc_lint.program.interpret.events import Trace
from rustconc_lint.program.interpret.incidents import Full, HeldReceive, LazyJoin, Lost, Meeting
from rustconc_lint.program.interpret.summaries import Summaries
from rustconc_lint.program.legality.borrowed_joins import BorrowedJoin, borrowed_joins, may_join
from rustconc_lint.program.legality.borrowing import Borrowing
from rustconc_lint.program.legality.captures import Captures
from rustconc_lint.program.legality.change_gate import ChangeGate
from rustconc_lint.program.legality.changed_copies import ChangedCopy
from rustconc_lint.program.legality.handover_gate import HandoverGate
from rustconc_lint.program.legality.late_uses import LateUse
from rustconc_lint.program.legality.legality import Legality, is_meant_to_fail, legality
from rustconc_lint.program.legality.lost_borrows import LostBorrow
from rustconc_lint.program.legality.mending import collected, drop_before, receive_first
from rustconc_lint.program.legality.places import Declarations
from rustconc_lint.program.legality.sending import Crossing
from rustconc_lint.program.legality.shared_changes import SharedChange, shared_changes
from rustconc_lint.program.legality.spawn_gate import SpawnGate
from rustconc_lint.program.legality.spawns import Demands
from rustconc_lint.program.locking import Locking
from rustconc_lint.program.names.names import Names, link_names
from rustconc_lint.program.traits.auto_traits import AutoTraits
from rustconc_lint.program.traits.lowering import Types
from rustconc_lint.program.traits.traits import Traits
from rustconc_lint.program.typeck import Typeck
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.source import Span

DEEPEST_STACK = 30_000  # Python frames: some bounded walks within each other


class Program:
    """Answers are computed when they are asked for, once."""

    def __init__(self, names: Names, apis: tuple[ApiFile, ...], gated: bool) -> None:
        self.names = names
        self.apis = apis
        self.declared_orders: Mapping[str, DeclaredOrder] = {}  # of locks: by file, as the configuration says
        self.remarks: list[str] = []  # what was odd about those, when they were asked for
        self.types = Types(names)
        self.traits = Traits(self.types)
        self.autos = AutoTraits(self.traits)
        self.typeck = Typeck(names, self.types, self.traits)
        self.functions = tuple(names.functions())
        self.mentions = Mentions(names)
        self.relevance = Relevance(apis, self.functions, names, self.mentions, gated)
        self.summaries = Summaries(names, self.types, self.autos, self.typeck, self.relevance)
        self.relevance.concerns = self.summaries.concerns_callers

    def spawning_bodies(self, demands: Demands) -> Iterator[TypedBody]:
        """Every body that may start a thread or task, in order of crates and files, those within bodies at the end."""
        modules, spawning = tuple(self.names.modules()), self.relevance.spawning_names
        asked = demands.any_of, demands.asserts, self.relevance.runs_later
        gate = SpawnGate(self.mentions, modules, self.functions, spawning, *asked)
        handover = HandoverGate(self.names, self.mentions, demands, gate.demanding)
        for definition in chain(self.names.functions(), self.names.values()):
            if is_left_out(definition.cfg, definition.module.crate.features):
                continue
            if not self.relevance.enabled or (
                (gate.lets_through(definition) and (gate.may_demand(definition) or handover.lets_through(definition)))
                or gate.may_assert(definition)
            ):
                typed = self.summaries.body(definition)
                if typed is not None:
                    yield typed
            elif self.mentions.declares_static(definition):
                self.names.register_blocks(definition)
        for module in self.names.fragments():
            typed = self.typeck.fragment(module, statements_of(module))
            if typed is not None:
                yield typed

    def borrowings(self) -> Sequence[Borrowing]:
        """Threads and tasks that borrow what may die before them."""
        return self.legality.borrowings

    def crossings(self) -> Sequence[Crossing]:
        """What crosses to another thread although its type forbids it."""
        return self.legality.crossings

    def late_uses(self) -> Sequence[LateUse]:
        """What a thread or task has taken and the code that started it needs again."""
        return self.legality.late_uses

    def lost_borrows(self) -> Sequence[LostBorrow]:
        """References that a thread or task takes along, and what they point to may be gone first."""
        return self.legality.lost_borrows

    def changed_copies(self) -> Sequence[ChangedCopy]:
        """Copies that a thread or task changes, while the original is read as if it had changed."""
        return self.legality.changed_copies

    @cached_property
    def legality(self) -> Legality:
        """What rustc rejects about the code that runs elsewhere."""
        captures = Captures(Declarations(self.names, self.types, self.traits, self.autos))
        self.autos.captures = captures.held
        demands = Demands(captures.declared)
        return legality(self.spawning_bodies(demands), captures, demands, self.summaries.body)

    def lock_cycles(self) -> Sequence[Cycle]:
        """Contradictions in the order of locks, over the whole program."""
        return self.found_cycles

    @cached_property
    def found_cycles(self) -> list[Cycle]:
        return cycles(self.lock_steps, Callers(self.summaries, self.functions))

    @cached_property
    def lock_steps(self) -> list[Step]:
        """Every place where a lock is taken while another is held."""
        return [
            step
            for function, trace in self.traces
            if not function.module.block and any(acquire.held for acquire in trace.acquires)
            for step in steps_of(function, trace, function.item.attributes.test)
        ]

    def lock_order(self) -> LockOrder:
        """The order of locks as a graph."""
        return lock_order(self.lock_steps, self.found_cycles, self.names)

    def order_violations(self) -> Iterator[Violation]:
        """Places where locks are taken against the order that is declared for the file."""
        orders = sorted(set(self.declared_orders.values()), key=lambda order: order.place)
        self.remarks = [odd for order in orders for odd in odd_names(order, self.locks())]
        return violations(self.lock_steps, self.declared_orders) if orders else iter(())

    def locks(self) -> tuple[Lock, ...]:
        """Every lock that is taken somewhere, by name."""
        taken = {
            lock.key: lock
            for function, trace in self.traces
            for acquire in trace.acquires
            if (lock := lock_of(acquire.lock, function, trace.names)) is not None
        }
        return tuple(sorted(taken.values(), key=lambda lock: (lock.name, lock.key)))

    def relocks(self) -> Sequence[Relock]:
        """Locks that are taken again by the thread that holds them."""
        return self.found_relocks

    @cached_property
    def found_relocks(self) -> tuple[Relock, ...]:
        return tuple(relocks(self.traces, self.body_of))

    def body_of(self, function: Definition) -> Body | None:
        """The text of a function as a tree, None when it has none."""
        typed = self.summaries.body(function)
        return typed.body if typed is not None else None

    @cached_property
    def locking(self) -> Locking:
        """Questions about guards, waits and steps that belong together."""
        return Locking(self)

    def stuck_drains(self) -> Iterator[StuckDrain]:
        """Drains that wait for a sender that idles, or waits for such a drain."""
        for function, trace in self.traces:
            for stuck in stuck_drains(function, trace):
                if stuck.unsure and not self.is_end_expected(function, stuck.drain.span):
                    continue
                yield msgspec.structs.replace(stuck, remedy=self.remedy(function, stuck))
        yield from stuck_fields(self.traces, self.functions, self.types, lambda f: self.summaries.trace(f, False))

    def is_end_expected(self, function: Definition, loop: Span) -> bool:
        """Whether the code after a loop of this function shows that the loop is expected to end."""
        typed = self.summaries.body(function)
        return typed is not None and is_end_expected(typed, loop)

    def remedy(self, function: Definition, stuck: StuckDrain) -> Edit | None:
        """A `drop` of the sender before the wait, if it can go there."""
        typed, declared = self.summaries.body(function), stuck.owner.declared
        wait = stuck.waits or stuck.drain.span
        if typed is None or declared is None or stuck.inside or stuck.stands or stuck.implied or stuck.drain.within:
            return None
        return drop_before(typed, self.names, declared, wait) if wait.path == declared.path else None

    def missing_messages(self) -> Iterator[MissingMessage]:
        """Receives that wait for more messages than there can be."""
        return missing_messages(self.traces)

    def full_channels(self) -> Iterator[Full]:
        """Sends that wait for room which only their own thread could make."""
        return full_channels(self.traces)

    def deaf_loops(self) -> Iterator[DeafLoop]:
        """Loops that go on when their channel is closed, in threads that are joined."""
        return deaf_loops(self.traces)

    def uneven_meetings(self) -> Iterator[Meeting]:
        """Barriers at which somebody waits for ever."""
        return uneven_meetings(self.traces)

    def lost_ends(self) -> Iterator[Lost]:
        """Ends of channels that die in the statement that makes them."""
        return lost_ends(self.traces)

    def held_receives(self) -> Iterator[tuple[HeldReceive, tuple[Edit, ...]]]:
        """Messages that are worked on under the lock of their receiver, and how to receive first."""
        for function, held in held_receives(self.traces):
            typed = self.summaries.body(function) if held.temporary else None
            yield held, receive_first(typed, held.head) if typed is not None else ()

    def lazy_joins(self) -> Iterator[tuple[LazyJoin, Edit | None]]:
        """Threads that are joined by the turn that starts them, and how to start all first."""
        for function, lazy in lazy_joins(self.traces):
            typed = self.summaries.body(function) if lazy.lazy else None
            yield lazy, collected(typed, lazy.spawn) if typed is not None else None

    def unstarted_threads(self) -> Iterator[Span]:
        """Closures of lazy iterators that would start threads, and never run."""
        return unstarted_threads(self.traces)

    def unjoined_threads(self) -> Iterator[tuple[Definition, Span]]:
        """Threads that `main` leaves running when it ends."""
        mains = [f for f in self.functions if f.name == "main" and f.container is None and self.relevance.may_spawn(f)]
        return unjoined_threads((f, trace) for f in mains if (trace := self.summaries.trace(f, False)) is not None)

    def borrowed_joins(self) -> Iterator[BorrowedJoin]:
        """Handles that are joined although they are only borrowed."""
        declared = Declarations(self.names, self.types, self.traits, self.autos)
        for typed in self.bodies(lambda definition: may_join(self.mentions, definition)):
            yield from borrowed_joins(typed, declared)

    def shared_changes(self) -> Iterator[SharedChange]:
        """Changes of what an `Arc` or a reader's guard lends for reading only."""
        declared = Declarations(self.names, self.types, self.traits, self.autos)
        gate = ChangeGate(self.names, self.mentions, self.apis, self.functions)
        for typed in self.bodies(gate.lets_through):
            if gate.sees(typed.owner):
                yield from shared_changes(typed, declared)

    def bodies(self, gate: Callable[[Definition], bool]) -> Iterator[TypedBody]:
        """The bodies that a gate lets through, and statements at top level; not of tests that must not compile."""
        for definition in chain(self.names.functions(), self.names.values()):
            if is_meant_to_fail(definition.module.file.path) or is_left_out(
                definition.cfg, definition.module.crate.features
            ):
                continue
            if not self.relevance.enabled or gate(definition):
                typed = self.summaries.body(definition)
                if typed is not None:
                    yield typed
        for module in self.names.fragments():
            typed = self.typeck.fragment(module, statements_of(module))
            if typed is not None:
                yield typed

    def ignored_joins(self) -> Iterator[Span]:
        """Joins whose result is thrown away."""
        for function in self.functions:
            if not self.relevance.enabled or b"join" in self.mentions.words(function):
                typed = self.summaries.body(function)
                yield from ignored_joins(typed) if typed is not None else ()

    @cached_property
    def traces(self) -> list[tuple[Definition, Trace]]:
        """What each body does that acquires locks or makes channels."""
        found = []
        channels, handling = (
            ChannelGate(self.relevance),
            HandlingGate(self.relevance, self.apis, self.summaries.joins_on_drop()),
        )
        known = {id(function) for function in self.functions}
        inner = (function for function in self.names.functions_in_blocks() if id(function) not in known)
        for function in chain(self.functions, inner):
            locks = self.relevance.is_root(function) or self.relevance.may_lend(function)
            if locks or channels.lets_through(function) or handling.lets_through(function):
                trace = self.summaries.trace(function, False)
                if trace is not None:
                    found.append((function, trace))
        for module in self.names.fragments():
            statements = statements_of(module)
            trace = self.summaries.fragment(module, statements)
            if trace is not None:
                found.append((statements, trace))
        return found


def statements_of(module: Module) -> Definition:
    """The statements at top level of a file as a function without a name."""
    item = Item(0, len(module.file.source.data), "fn", "", 0, False, Attributes())
    return Definition(f"{module.path}::{{statements}}", "fn", "", module, item)


def link(
    crates: Sequence[CrateInput],
    files: Mapping[str, RustFile],
    apis: Sequence[ApiFile],
    gated: bool = True,
    reader: Reader = RustFile,
) -> Program:
    """The program that these crates make up. `files` by path; gated=False reads every body (for tests of the gate);
    reader: what gives the facts of a model's declarations.

    Every walk of a body is bounded in depth, but a walk can begin within another (a summary within a call)."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), DEEPEST_STACK))
    return Program(link_names(crates, files, apis, reader), tuple(apis), gated)
