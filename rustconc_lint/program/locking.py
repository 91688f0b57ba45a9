"""What checks ask about guards, what waits under them, and steps that belong together: readers of traces and bodies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from rustconc_lint.facts.model import Body, FnDetail
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.gates.relevance import last_segments
from rustconc_lint.program.hangs.async_calls import AsyncCall, async_calls, is_trial, stops_thread
from rustconc_lint.program.hangs.async_gate import AsyncGate
from rustconc_lint.program.hangs.held_awaits import Guards, HeldOver, held_awaits
from rustconc_lint.program.hangs.held_joins import HeldJoin, held_joins
from rustconc_lint.program.hangs.once_gate import OnceGate
from rustconc_lint.program.hangs.reentry import Initialisers, Reentry
from rustconc_lint.program.hazards.arcs import LoneArc, lone_arcs, near_words
from rustconc_lint.program.hazards.atomics import Split, may_split, splits
from rustconc_lint.program.hazards.cancelling import Cancelled, cancelled
from rustconc_lint.program.hazards.condvars import BareWait, bare_waits, unheard_waits
from rustconc_lint.program.hazards.discards import Discard, discards
from rustconc_lint.program.hazards.mutable_statics import MutableStatic, mutable_statics
from rustconc_lint.program.hazards.promises import Promise, unsafe_impls
from rustconc_lint.program.hazards.split_sections import Section, checks_then_acts, lost_updates
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.source import Span

if TYPE_CHECKING:
    from rustconc_lint.program.model import Program


class Locking:
    """Answers are computed when they are asked for."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.names = program.names
        self.types = program.types
        self.autos = program.autos
        self.apis = program.apis
        self.mentions = program.mentions
        self.relevance = program.relevance
        self.summaries = program.summaries
        self.functions = program.functions

    def bodies(self, functions: Iterable[Definition]) -> Iterator[TypedBody]:
        """The typed bodies of those of them that have one."""
        return (typed for typed in map(self.summaries.body, functions) if typed is not None)

    @cached_property
    def found_held_awaits(self) -> tuple[HeldOver, ...]:
        found = tuple(held_awaits(self.program.traces, Guards(self.names, self.types), self.summaries.body))
        rejected = (
            {crossing.use for crossing in self.program.crossings() if crossing.how == "alive"} if found else set()
        )
        return tuple(held for held in found if rejected.isdisjoint((held.awaited, *held.more)))

    def held_awaits(self) -> Sequence[HeldOver]:
        """Guards that live while their future waits, but for those that rustc rejects."""
        return self.found_held_awaits

    def discards(self) -> Iterator[Discard]:
        """Guards and permits that die in the statement that takes them."""
        locking = [function for function, trace in self.program.traces if trace.acquires or not self.relevance.enabled]
        known = {id(function) for function in locking}
        waiting = [f for f in self.functions if id(f) not in known and self.relevance.may_discard_permit(f)]
        granting = frozenset(self.mentions.meanings(last_segments(self.apis, lambda model: model.grants)))
        crates = {f.module.crate.id for f in self.functions if not self.mentions.words(f).isdisjoint(granting)}
        return discards(self.bodies(chain(locking, waiting)), self.names, crates)

    def bare_waits(self) -> Iterator[BareWait]:
        """Waits at a condition variable that nothing repeats, in functions that take the lock themselves."""
        locking = [f for f, trace in self.program.traces if trace.acquires and self.relevance.may_wait_bare(f)]
        return bare_waits(self.bodies(locking), self.bodies_naming)

    def bodies_naming(self, called: Definition) -> Iterator[Body]:
        """The bodies with the name of a function in their text, of its crate, or of all where others may call it."""
        crate, word = called.module.crate, called.name.encode()
        for function in self.functions:
            near = function.module.crate is crate or (called.item.public and crate.kind != "loose")
            if near and word in self.mentions.words(function):
                detail = self.names.detail(function)
                if isinstance(detail, FnDetail) and detail.body is not None:
                    yield detail.body

    def held_joins(self) -> Iterator[HeldJoin]:
        """Waits for a thread under a lock that the thread takes."""
        return held_joins(self.program.traces, self.program.body_of)

    def async_calls(self) -> Iterator[AsyncCall]:
        """Calls in async code that stop its thread."""
        gate = AsyncGate(self.names, self.mentions, self.apis, stops_thread)
        served = [function for function in self.functions if not is_trial(function)]
        near = [f for f in served if not self.relevance.enabled or gate.lets_through(f)]
        return async_calls(self.bodies(near), self.summaries.is_async)

    def reentries(self) -> Iterator[Reentry]:
        """Initialisers that wait for themselves, each circle once."""
        gate = OnceGate(self.relevance, self.apis)
        initialisers = Initialisers(self.names, self.summaries.body, gate.near)
        seen: set[frozenset[Span]] = set()
        for definition in gate.roots():
            for reentry in initialisers.reentries(definition):
                circle = frozenset((reentry.asked, *(hop.span for hop in reentry.way)))
                if circle not in seen:
                    seen.add(circle)
                    yield reentry

    def atomic_splits(self) -> Iterator[Split]:
        """Atomics that are read and written back in two steps."""
        near = [f for f in self.functions if not self.relevance.enabled or may_split(f)]
        return splits(self.bodies(near))

    def cancelled(self) -> Iterator[Cancelled]:
        """Futures in a `select!` that lose something when they are dropped."""
        words = frozenset(self.mentions.meanings(last_segments(self.apis, lambda model: model.cancel_unsafe)))
        selecting = [f for f in self.functions if b"select" in self.mentions.words(f)]
        near = [f for f in selecting if not self.mentions.words(f).isdisjoint(words)]
        return cancelled(self.bodies(near if self.relevance.enabled else self.functions))

    def locking_bodies(self) -> Iterator[TypedBody]:
        """The bodies that take locks themselves, but for tests."""
        functions = [f for f, trace in self.program.traces if trace.acquires and not f.item.attributes.test]
        return self.bodies(functions)

    def lost_updates(self) -> Iterator[Section]:
        """Values that are read and written back under two guards."""
        return lost_updates(self.locking_bodies())

    def checks_then_acts(self) -> Iterator[Section]:
        """Conditions that are asked under one guard and acted on under another."""
        return checks_then_acts(self.locking_bodies())

    def lone_arcs(self) -> Iterator[LoneArc]:
        """Arcs of what must stay with its thread."""
        arcs, bound = near_words(self.mentions)
        words = ((function, self.mentions.words(function)) for function in self.functions)
        near = [f for f, found in words if not found.isdisjoint(arcs) and not found.isdisjoint(bound)]
        return lone_arcs(self.bodies(near if self.relevance.enabled else self.functions), self.autos)

    def unheard_waits(self) -> Iterator[Span]:
        """Waits at condition variables of crates in which nothing notifies."""
        notifying = frozenset(self.mentions.meanings(last_segments(self.apis, lambda model: model.notifies)))
        loud = {f.module.crate.id for f in self.functions if not self.mentions.words(f).isdisjoint(notifying)}
        quiet = (typed for typed in self.locking_bodies() if typed.module.crate.id not in loud)
        return unheard_waits(quiet)

    def mutable_statics(self) -> Iterator[MutableStatic]:
        """Each `static mut` of a file that starts threads and uses it."""
        words, spawning = self.mentions.words, self.relevance.spawning
        functions = [f for f in self.functions if not f.item.attributes.test]

        def near(static: Definition, path: str) -> Iterator[Definition]:
            name = static.name.encode()
            return (f for f in functions if f.module.file.path == path and name in words(f))

        starting = [f for f in functions if not words(f).isdisjoint(spawning)]
        return mutable_statics(self.names, starting, near, self.summaries.body)

    def unsafe_impls(self) -> Iterator[Promise]:
        """Promises that a struct may go to other threads, which one of its fields breaks."""
        return unsafe_impls(self.names, self.types)
