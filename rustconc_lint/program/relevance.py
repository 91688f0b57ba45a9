"""Which bodies are worth interpreting: gates over raw bytes, for speed only.

A body is a root when its text takes a lock (or calls a function that returns a guard), or makes a channel and waits
somewhere. A callee is followed when its text, or that of a function it calls by name, has a word with an effect. Names
are compared as text here, which lets too much through; what a name means is decided later. Nothing that could be a
finding is held back, and a test runs without the gate.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable

from rustconc_lint.apis import ApiFile, FnModel
from rustconc_lint.program.definitions import Definition

CALLED = re.compile(rb"\b([A-Za-z_]\w*)\s*(?:::\s*<|\()")
WAITING = re.compile(rb"\b(?:while|for|loop|join|scope|iter|into_iter)\b")
GUARDS = frozenset({"guard", "read-guard"})
LOCKS = frozenset({"mutex", "rwlock"})
SPACE = rb"\s*(?:::\s*<[^;{}()]*>\s*)?"


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


def any_of(names: Iterable[bytes]) -> bytes:
    return rb"\b(?:" + b"|".join(sorted(names)) + rb")\b"


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

    def __init__(self, apis: tuple[ApiFile, ...], functions: tuple[Definition, ...], enabled: bool) -> None:
        self.enabled = enabled
        acquiring = last_segments(apis, lambda model: model.acquires is not None)
        channels = last_segments(apis, lambda model: model.channel is not None)
        self.acquiring = re.compile(any_of(acquiring) + SPACE + rb"\(\s*\)|::\s*" + any_of(acquiring))
        self.channel = re.compile(any_of(channels) + SPACE + rb"\(")
        self.spawning_names = last_segments(apis, lambda model: model.spawns is not None)
        self.spawning = re.compile(any_of(self.spawning_names))
        self.effects = re.compile(any_of(last_segments(apis, has_effect)) + SPACE + rb"\(")
        self.guard = re.compile(any_of(type_names(apis, GUARDS)))
        self.lock = re.compile(any_of(type_names(apis, LOCKS)))
        self.functions = functions
        self.by_name: dict[bytes, list[Definition]] = {}
        for function in functions:
            self.by_name.setdefault(function.name.encode(), []).append(function)
        self.offsets: dict[tuple[str, int], list[int]] = {}
        self.called: dict[int, tuple[bytes, ...]] = {}
        self.known: dict[int, bool] = {}
        givers = self.givers(functions) if enabled else frozenset()
        self.giver = re.compile(any_of(givers) + SPACE + rb"\(") if givers else None

    def mentions(self, definition: Definition, pattern: re.Pattern[bytes]) -> bool:
        """Whether the text of the function matches; a file is searched once for each pattern."""
        if not self.enabled:
            return True
        file, item = definition.module.file, definition.item
        key = (file.path, id(pattern))
        if key not in self.offsets:
            self.offsets[key] = [match.start() for match in pattern.finditer(file.source.data)]
        offsets = self.offsets[key]
        index = bisect_left(offsets, item.start)
        return index < len(offsets) and offsets[index] < item.end

    def givers(self, functions: Iterable[Definition]) -> frozenset[bytes]:
        """Names of functions that return a guard, or take locks that they are given."""
        guarded = {function.name.encode() for function in functions if self.header_names(function, self.guard)}
        given = [function for function in functions if self.header_names(function, self.lock)]
        known: set[bytes] = set()
        found = {function.name.encode() for function in given if self.mentions(function, self.acquiring)}
        while found - known:
            known |= found
            found = {function.name.encode() for function in given if known.intersection(self.calls(function))}
        return frozenset(guarded | known)

    def header_names(self, definition: Definition, types: re.Pattern[bytes]) -> bool:
        """Whether the function's text before its body names one of the types."""
        if not self.mentions(definition, types):
            return False
        item, data = definition.item, definition.module.file.source.data
        end = max(data.find(b"{", item.start, item.end), item.start)
        return types.search(data, item.name_start, end) is not None

    def is_root(self, definition: Definition) -> bool:
        """Whether an order of locks or a stuck drain may begin in this body."""
        if self.mentions(definition, self.acquiring):
            return True
        if self.giver is not None and self.mentions(definition, self.giver):
            return True
        return self.mentions(definition, self.channel) and self.mentions(definition, WAITING)

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
        """Whether the function, or one it calls, has an effect that its callers must know of."""
        if not self.enabled:
            return True
        key = id(definition)
        if key not in self.known:
            self.explore(definition)
        return self.known[key]

    def explore(self, start: Definition) -> None:
        """Decide `start` and all that it reaches: a function matters if one it reaches mentions an effect."""
        callers: dict[int, list[int]] = {}
        effective: list[int] = []
        seen = {id(start)}
        waiting = [start]
        while waiting:
            definition = waiting.pop()
            key = id(definition)
            if self.known.get(key) or (key not in self.known and self.mentions(definition, self.effects)):
                effective.append(key)
                continue
            if key in self.known:
                continue
            for name in self.calls(definition):
                for callee in self.by_name[name]:
                    callers.setdefault(id(callee), []).append(key)
                    if id(callee) not in seen:
                        seen.add(id(callee))
                        waiting.append(callee)
        for key in seen:
            self.known.setdefault(key, False)
        while effective:
            key = effective.pop()
            self.known[key] = True
            effective.extend(caller for caller in callers.pop(key, ()) if not self.known[caller])
