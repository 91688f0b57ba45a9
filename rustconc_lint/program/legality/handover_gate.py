"""Which bodies hand code over that must be looked at: a gate of speed between reading a body and typing it.

The gate over bytes (spawn_gate.py) knows words; a body that has been read shows its calls. It must be typed when one of
them may be of a function that demands something of the code it is given, by name and by how many arguments both take,
and its code, if it is written there, may be what is demanded: a future, or a closure of as many arguments. Also when an
`async` block that borrows may leave its function. Without either there is nothing that rustc could reject.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from rustconc_lint.facts import model as f
from rustconc_lint.program.definitions import Definition, Module
from rustconc_lint.program.gates.mentions import Mentions
from rustconc_lint.program.legality.spawns import Demand, Demands, ends
from rustconc_lint.program.names.names import Names

Call = f.Call | f.Method
Taker = tuple[Demand | None, ...]  # what a function demands, by argument, `self` first


class Reading(NamedTuple):
    """What stands in a body. paths: those that are not called. modules: where its paths may be resolved."""

    definition: Definition
    modules: tuple[Module, ...]
    calls: list[Call]
    closures: list[f.Closure]
    paths: list[f.PathX]
    value: f.Expr


class HandoverGate:
    """Answers for one body at a time. functions: all that demand anything of code they are given."""

    def __init__(self, names: Names, mentions: Mentions, demands: Demands, functions: Iterable[Definition]) -> None:
        self.names = names
        self.demands = demands
        self.by_name: dict[bytes, list[Taker]] = {}
        for function in functions:
            self.by_name.setdefault(function.name.encode(), []).append(demands.of(function))
        self.meanings = mentions.meanings(self.by_name.keys())
        self.words = frozenset(self.meanings)

    def lets_through(self, definition: Definition) -> bool:
        """Whether the body of a fn, static or const must be typed."""
        body = getattr(self.names.detail(definition), "body", None)
        if body is None:
            return True
        reading = read(definition, body, (definition.module, *self.names.register_blocks(definition)))
        return (
            any(map(self.is_value, reading.paths))
            or returns_borrowing(reading)
            or any(
                demand is not None and fits(argument, demand)
                for call in reading.calls
                for taker in self.takers(call, reading)
                for argument, demand in zip(arguments(call), taker, strict=True)
            )
        )

    def is_value(self, path: f.PathX) -> bool:
        """Whether a function that demands something may be a value here: `let go = thread::spawn;`."""
        segments = path.path.segments
        return bool(segments) and segments[-1].name.encode() in self.words

    def takers(self, call: Call, reading: Reading) -> Iterator[Taker]:
        """What a call may be of, among the functions that demand something."""
        name = called(call)
        if name.encode() not in self.words:
            return
        given = len(arguments(call))
        path = call.callee.path if isinstance(call, f.Call) and isinstance(call.callee, f.PathX) else None
        found = None if path is None else self.functions_at(path, reading)
        takers = self.named(name.encode()) if found is None else map(self.demands.of, found)
        yield from (taker for taker in takers if len(taker) == given)

    def named(self, word: bytes) -> Iterator[Taker]:
        """Those that may be meant by a word."""
        return (taker for name in self.meanings[word] for taker in self.by_name[name])

    def functions_at(self, path: f.Path, reading: Reading) -> list[Definition] | None:
        """The functions that a path may name; None when it may lead to one of a type."""
        functions: list[Definition] = []
        for module in reading.modules:
            found = self.names.resolve(path, module, "value", reading.definition)
            if path.qself is not None or (found is not None and found.used < len(path.segments)):
                return None
            if found is not None and isinstance(found.target, Definition):
                functions.append(found.target)
        return functions


def read(definition: Definition, body: f.Body, modules: tuple[Module, ...]) -> Reading:
    reading = Reading(definition, modules, [], [], [], body.value)
    callees: set[int] = set()
    node: Any
    for node in body.expressions:
        kind = type(node)
        if kind is f.Call or kind is f.Method:
            reading.calls.append(node)
            if kind is f.Call:
                callees.add(id(node.callee))
        elif kind is f.Closure:
            reading.closures.append(node)
        elif kind is f.PathX and id(node) not in callees:  # a call comes before what it calls
            reading.paths.append(node)
    return reading


def arguments(call: Call) -> tuple[f.Expr, ...]:
    return (call.receiver, *call.args) if isinstance(call, f.Method) else call.args


def called(call: Call) -> str:
    """The name by which a function is called, "" if it is called by none."""
    if isinstance(call, f.Method):
        return call.name
    segments = call.callee.path.segments if isinstance(call.callee, f.PathX) else ()
    return segments[-1].name if segments else ""


def fits(argument: f.Expr, demand: Demand) -> bool:
    """Whether an argument may be what the bounds say."""
    if not demand.code:
        return isinstance(argument, f.Local) or any(isinstance(node, f.Closure) for node in f.nodes(argument))
    if not isinstance(argument, f.Closure):
        return True
    return demand.takes == (None if argument.kind == "async" else len(argument.params))


def returns_borrowing(reading: Reading) -> bool:
    """Whether an `async` block that borrows may leave the closure or fn it is in: as the value at an end, or by way
    of a variable."""
    blocks = [one for one in reading.closures if one.kind == "async" and not one.moves and one.uses]
    if not blocks:
        return False
    bodies = (*(closure.body for closure in reading.closures if closure.kind == "fn"), reading.value)
    return any(may_hold(end, blocks) for body in bodies for end in ends(body))


def may_hold(end: f.Expr, blocks: list[f.Closure]) -> bool:
    if isinstance(end, f.Assign | f.Loop) or (isinstance(end, f.Macro) and end.family in ("format", "assert")):
        return False
    if any(end.start <= block.start and block.end <= end.end for block in blocks):
        return True
    return any(isinstance(node, f.Local) for node in f.nodes(end))
