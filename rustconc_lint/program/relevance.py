"""Which bodies are worth reading at all: a gate over raw bytes, for speed only.

A body matters when its text has a word that some API model gives an effect (`lock`, `spawn`, `channel`, ...), or when
it calls, by name, a function of the project that matters. Names are compared as text here, which lets too much
through; what a name means is decided later. Nothing that could be a finding is held back, and a test runs without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rustconc_lint.apis import ApiFile, FnModel
from rustconc_lint.program.definitions import Definition

CALLED = re.compile(rb"\b([A-Za-z_][A-Za-z0-9_]*)\s*(?:::\s*<|\()")


def words(apis: Iterable[ApiFile], matters: object) -> frozenset[bytes]:
    """Last segments of the modelled functions for which `matters(model)` holds."""
    assert callable(matters)
    return frozenset(
        path.rpartition("::")[2].encode() for api in apis for path, model in api.functions.items() if matters(model)
    )


def gate(names: Iterable[bytes]) -> re.Pattern[bytes]:
    """A pattern that finds any of the words as a whole word."""
    return re.compile(rb"\b(?:" + b"|".join(sorted(names)) + rb")\b")


def acquires(model: FnModel) -> bool:
    return model.acquires is not None


def makes_channel(model: FnModel) -> bool:
    return model.channel is not None


def spawns(model: FnModel) -> bool:
    return model.spawns is not None


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
    """Gates over the functions of a program, memoised."""

    def __init__(self, apis: tuple[ApiFile, ...], functions: Iterable[Definition], enabled: bool) -> None:
        self.enabled = enabled
        self.acquiring = gate(words(apis, acquires))
        self.channel = gate(words(apis, makes_channel))
        self.spawning = gate(words(apis, spawns))
        self.effects = gate(words(apis, has_effect))
        self.by_name: dict[bytes, list[Definition]] = {}
        for function in functions:
            self.by_name.setdefault(function.name.encode(), []).append(function)
        self.called: dict[int, tuple[bytes, ...]] = {}
        self.known: dict[int, bool] = {}

    def mentions(self, definition: Definition, pattern: re.Pattern[bytes]) -> bool:
        item = definition.item
        return not self.enabled or definition.module.file.mentions(pattern, item.start, item.end)

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
