"""Which bodies are worth interpreting: gates over raw bytes, for speed only.

A body is a root when its text takes a lock (or calls a function that returns a guard, runs a closure under a lock or
takes locks), or makes a channel and waits somewhere. A callee is followed unless its text has no word with an effect
and calls no function of the project. Names are compared as text here, which lets too much through; what a name means
is decided later. Nothing that could be a finding is held back, and a test runs without the gate.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable

from rustconc_lint.apis import ApiFile, FnModel
from rustconc_lint.facts.file import RustFile
from rustconc_lint.facts.model import Item
from rustconc_lint.program.definitions import Definition, Module
from rustconc_lint.program.spawn_gate import new_names
from rustconc_lint.source import ENDS, NAME, STARTS, WORD_BYTES

CALLED = re.compile(STARTS + rb"(" + NAME + rb")\s*(?:::\s*<|\()")
TURBOFISH = rb"\s*(?:::\s*<[^;{}()]*>\s*)?"
CALL = re.compile(TURBOFISH + rb"\(")
EMPTY_CALL = re.compile(TURBOFISH + rb"\(\s*\)")
ANYTHING = re.compile(rb"")
LOOK_BACK = 80  # bytes in which the `Type::` before a call is looked for
METHOD = re.compile(rb"(?:\.|::)\s*\Z")
NO_METHOD = re.compile(rb"(?:\A|[^.\s])\s*\Z")
# What may wait for a channel to be closed, or for a thread that does: `for x in rx`, `while let`, `loop`, `rx.iter()`,
# a `fold`, a join, the end of a scope; a `for` over a range does not.
WAITING = re.compile(
    rb"\b(?:while|loop|join|scope|iter|into_iter|from_fn|next)\b|\bfor\b[^{};]{1,60}?\bin\s+(?!\(?\d|\(?[\w.]+\s*\.\.)"
)
GUARDS = frozenset({"guard", "read-guard"})
LOCKS = frozenset({"mutex", "rwlock"})
CLOSURES = (b"Fn", b"FnMut", b"FnOnce")
RECEIVERS = frozenset({"receiver"})


class Gate:
    """Whole words, each followed by what `after` matches (with `qualified`, or behind `::`), after what `before` finds.

    Words are looked for one by one: `bytes.find` is many times faster than an alternation of them all."""

    def __init__(
        self,
        words: Iterable[bytes],
        after: re.Pattern[bytes] = ANYTHING,
        qualified: bool = False,
        before: re.Pattern[bytes] | None = None,
    ) -> None:
        self.words = tuple(sorted(set(words)))
        self.after = after
        self.before = before
        self.qualified = qualified
        self.found: dict[str, list[int]] = {}

    def offsets(self, file: RustFile) -> list[int]:
        """Where the words stand in a file, in order; a file is searched once."""
        known = self.found.get(file.path)
        if known is None:
            known = self.found[file.path] = sorted(self.search(file.source.data))
        return known

    def search(self, data: bytes) -> list[int]:
        hits = []
        for word in self.words:
            length = len(word)
            at = data.find(word)
            while at >= 0:
                end = at + length
                if (at == 0 or data[at - 1] not in WORD_BYTES) and (end == len(data) or data[end] not in WORD_BYTES):
                    behind_path = self.qualified and data[at - 2 : at] == b"::"
                    if (behind_path or self.after.match(data, end)) and self.fits(data, at):
                        hits.append(at)
                at = data.find(word, end)
        return hits

    def fits(self, data: bytes, at: int) -> bool:
        return self.before is None or self.before.search(data[max(at - LOOK_BACK, 0) : at]) is not None

    def within(self, file: RustFile, item: Item) -> bool:
        """Whether one of the words stands in the item's text."""
        offsets = self.offsets(file)
        index = bisect_left(offsets, item.start)
        return index < len(offsets) and offsets[index] < item.end


def last_segments(apis: Iterable[ApiFile], matters: Callable[[FnModel], bool]) -> frozenset[bytes]:
    """Names of the modelled functions for which `matters(model)` holds."""
    return frozenset(
        path.rpartition("::")[2].encode() for api in apis for path, model in api.functions.items() if matters(model)
    )


def type_names(apis: Iterable[ApiFile], roles: frozenset[str]) -> frozenset[bytes]:
    """Names of the modelled types that have one of the roles."""
    return frozenset(
        path.rpartition("::")[2].encode() for api in apis for path, model in api.types.items() if model.role in roles
    )


def has_effect(model: FnModel) -> bool:
    """Effects that reach a caller through a summary."""
    return (
        model.acquires is not None
        or model.spawns is not None
        or model.receives in ("one", "iter")
        or model.joins
        or model.channel is not None
        or model.tries is not None
    )


class Relevance:
    """Gates over the functions of a program, memoised. enabled=False lets everything through."""

    def __init__(
        self,
        apis: tuple[ApiFile, ...],
        functions: tuple[Definition, ...],
        modules: Iterable[Module],
        enabled: bool,
    ) -> None:
        self.enabled = enabled
        self.functions = functions
        uses = [module.items for module in modules] if enabled else []
        self.spawning_names = last_segments(apis, lambda model: model.spawns is not None)

        def named(matters: Callable[[FnModel], bool]) -> frozenset[bytes]:
            names = last_segments(apis, matters)
            return names.union(*(frozenset(new_names(items, names)) for items in uses))

        self.acquiring = Gate(named(lambda model: model.acquires is not None), EMPTY_CALL, qualified=True)
        self.channel = Gate(named(lambda model: model.channel is not None), CALL)
        self.spawning = Gate(named(lambda model: model.spawns is not None))
        self.effects = re.compile(rb"\b(?:" + b"|".join(sorted(named(has_effect))) + rb")\b" + TURBOFISH + rb"\(")
        self.by_name: dict[bytes, list[Definition]] = {}
        for function in functions:
            self.by_name.setdefault(function.name.encode(), []).append(function)
        self.called: dict[int, tuple[bytes, ...]] = {}
        self.known: dict[int, bool] = {}
        self.givers = self.gates_of_givers(apis) if enabled else ()
        receiver = Gate(type_names(apis, RECEIVERS))
        self.drains = written_calls([f for f in functions if header_names(f, receiver)]) if enabled else ()

    def mentions(self, definition: Definition, gate: Gate) -> bool:
        """Whether the text of the function passes the gate."""
        return not self.enabled or gate.within(definition.module.file, definition.item)

    def is_root(self, definition: Definition) -> bool:
        """Whether an order of locks or a stuck drain may begin in this body."""
        if self.mentions(definition, self.acquiring) or any(self.mentions(definition, gate) for gate in self.givers):
            return True
        if not self.mentions(definition, self.channel):
            return False
        item, data = definition.item, definition.module.file.source.data
        return WAITING.search(data, item.start, item.end) is not None or any(
            self.mentions(definition, gate) for gate in self.drains
        )

    def gates_of_givers(self, apis: tuple[ApiFile, ...]) -> tuple[Gate, ...]:
        """Calls of functions that return a guard, run a closure under a lock, or take locks that they are given."""
        guard, lock, code = Gate(type_names(apis, GUARDS)), Gate(type_names(apis, LOCKS)), Gate(CLOSURES)
        found = [function for function in self.functions if header_names(function, guard)]
        acquiring = [function for function in self.functions if self.mentions(function, self.acquiring)]
        found += [f for f in acquiring if header_names(f, code) or (self.locks_twice(f) and takes_two(f))]
        waiting = [function for function in self.functions if header_names(function, lock)]
        names: set[bytes] = set()
        while True:
            more = [f for f in waiting if self.mentions(f, self.acquiring) or names.intersection(self.calls(f))]
            if not more:
                break
            found += more
            names.update(function.name.encode() for function in more)
            waiting = [function for function in waiting if function not in more]
        return written_calls(found)

    def locks_twice(self, definition: Definition) -> bool:
        """Whether the function's text takes two locks."""
        offsets, item = self.acquiring.offsets(definition.module.file), definition.item
        index = bisect_left(offsets, item.start)
        return index + 1 < len(offsets) and offsets[index + 1] < item.end

    def calls(self, definition: Definition) -> tuple[bytes, ...]:
        """Names of project functions that the text of the body seems to call."""
        key = id(definition)
        if key not in self.called:
            item = definition.item
            data = definition.module.file.source.data
            found = set(CALLED.findall(data, item.name_start + len(item.name), item.end))
            self.called[key] = tuple(sorted(found & self.by_name.keys()))
        return self.called[key]

    def has_effect(self, definition: Definition) -> bool:
        """Whether a caller may have to know what the function does: it has an effect, or calls others."""
        if not self.enabled:
            return True
        key = id(definition)
        if key not in self.known:
            item, data = definition.item, definition.module.file.source.data
            found = self.effects.search(data, item.start, item.end) is not None
            self.known[key] = found or bool(self.calls(definition))
        return self.known[key]


def written_calls(functions: list[Definition]) -> tuple[Gate, ...]:
    """Calls of the functions by how they are written: `a.f()`, `a.f(b)`, `Type::f(..)`, `f(..)`."""
    methods = [function for function in functions if function.item.receiver]
    simple = {function.name.encode() for function in methods if takes_nothing_else(function)}
    owned = [function for function in functions if function.container is not None and not function.item.receiver]
    types = sorted({re.escape(function.path.split("::")[-2].encode()) for function in owned})
    behind_type = re.compile(STARTS + rb"(?:Self|" + b"|".join(types) + rb")" + ENDS + rb"[^;{}()]*::\s*\Z")
    return (
        Gate(simple, EMPTY_CALL, qualified=True, before=METHOD),
        Gate({function.name.encode() for function in methods} - simple, CALL, before=METHOD),
        Gate((function.name.encode() for function in owned), CALL, before=behind_type),
        Gate((f.name.encode() for f in functions if f.container is None), CALL, before=NO_METHOD),
    )


def header_names(definition: Definition, types: Gate) -> bool:
    """Whether the function's text before its body names one of the types."""
    file, item = definition.module.file, definition.item
    offsets = types.offsets(file)
    index = bisect_left(offsets, item.name_start)
    return index < len(offsets) and offsets[index] < file.source.data.find(b"{", item.name_start, item.end)


def takes_two(function: Definition) -> bool:
    """Whether the function has two parameters or more, so that a caller may give it two locks in either order."""
    item, data = function.item, function.module.file.source.data
    opened = data.find(b"(", item.name_start, item.end)
    return b"," in data[opened : data.find(b")", opened, item.end)].rstrip(b", \n")


def takes_nothing_else(function: Definition) -> bool:
    """Whether the function is a method without further parameters: its calls end in `()`."""
    item, data = function.item, function.module.file.source.data
    opened = data.find(b"(", item.name_start, item.end)
    return bool(item.receiver) and b"," not in data[opened : data.find(b")", opened, item.end)].rstrip(b", \n")
