"""Which bodies may have code run elsewhere: a gate over raw bytes, for speed only; it holds back nothing.

A body is read when its text calls, by name, a function that spawns by an API model or by its own bounds (`F: FnOnce() +
Send + 'static`, also where its impl declares F), or has an `async` block. New names that a `use` gives are followed.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from rustconc_lint.facts.file import RustFile
from rustconc_lint.facts.model import FnDetail, Item
from rustconc_lint.program.definitions import Definition, Module
from rustconc_lint.program.names import Names

DEMAND = re.compile(rb"'static\b|\bSend\b")
CODE = re.compile(rb"\b(?:Fn(?:Once|Mut)?|AsyncFn(?:Once|Mut)?|Future|IntoFuture)\b")
BOUNDED = re.compile(rb"\b(\w+)\s*:[^:,>]*\b(?:Fn(?:Once|Mut)?|AsyncFn(?:Once|Mut)?|Future|IntoFuture)\b")
STATIC = re.compile(rb"static\s+(?:mut\s+)?\w+\s*:")
PARALLEL = re.compile(rb"rayon\s*::|par_\w")
BLOCK = re.compile(rb"async\s*\{")
WRITTEN = re.compile(rb"\b(?:Async)?(?:Fn(?:Once|Mut)?|Future)\b[^{};]{0,200}?(?:'static\b|\bSend\b)")
CLOSURE = re.compile(rb"\||\basync\b")


class SpawnGate:
    """Answers for one body at a time; every file's text is searched once."""

    def __init__(self, spawning: Iterable[bytes], modules: Iterable[Module], functions: Iterable[Definition]) -> None:
        modules = tuple(modules)
        names = frozenset(spawning)
        names |= {name for module in modules for name in new_names(module.items, names)}
        self.spawning = re.compile(rb"\b(?:" + b"|".join(sorted(names)) + rb")\s*[:(),;]")
        # A search for plain bytes first is many times faster than the pattern.
        self.patterns = (
            (stems(names), self.spawning),
            ([b"async"], BLOCK),
            ([b"'static", b"Send"], WRITTEN),  # a fn or trait within the body may demand
            ([b"rayon", b"par_"], PARALLEL),
        )
        wrappers = [wrapper for wrapper in Wrappers(modules).among(functions) if wrapper.name.encode() not in names]
        self.wrapping = calls_of(wrappers, modules)
        self.hits: dict[str, tuple[list[int], list[int]]] = {}

    def lets_through(self, definition: Definition) -> bool:
        """Whether the body of a fn, static or const must be read."""
        file, item = definition.module.file, definition.item
        certain, possible = self.hits_in(file)
        if any_between(certain, item):
            return True
        return any_between(possible, item) and bool(CLOSURE.search(file.source.data, item.start, item.end))

    def has_static(self, definition: Definition) -> bool:
        """Whether a fn may declare a static: it is known only when the fn's blocks have been registered."""
        item = definition.item
        return definition.kind == "fn" and bool(STATIC.search(definition.module.file.source.data, item.start, item.end))

    def hits_in(self, file: RustFile) -> tuple[list[int], list[int]]:
        """Offsets of what alone lets a body through, and of the names of wrappers."""
        if file.path not in self.hits:
            data = file.source.data
            patterns = [pattern for words, pattern in self.patterns if any(word in data for word in words)]
            certain = [hit.start() for pattern in patterns for hit in pattern.finditer(data)]
            possible = [] if self.wrapping is None else [hit.start() for hit in self.wrapping.finditer(data)]
            self.hits[file.path] = sorted(certain), possible
        return self.hits[file.path]


def calls_of(wrappers: list[Definition], modules: tuple[Module, ...]) -> re.Pattern[bytes] | None:
    """What calls of these functions look like: by name, and `Pool::new(..)` by the names of its type."""
    plain = sorted({wrapper.name.encode() for wrapper in wrappers if not type_name(wrapper)})
    found = [rb"\b(?:" + b"|".join(plain) + rb")"] if plain else []
    types: dict[bytes, set[bytes]] = {}
    for wrapper in wrappers:
        if type_name(wrapper):
            types.setdefault(wrapper.name.encode(), set()).add(type_name(wrapper))
    for name, owners in types.items():
        known = owners | {b"Self"}
        known |= {new for module in modules for new in (*new_names(module.items, owners), *aliases(module, owners))}
        found.append(rb"\b(?:" + b"|".join(sorted(known)) + rb")\s*(?:::\s*)?(?:<[^;{}()]*>)?\s*::\s*" + name)
    return re.compile(rb"(?:" + b"|".join(found) + rb")\s*[:(]") if found else None


def aliases(module: Module, names: set[bytes]) -> Iterator[bytes]:
    """Type aliases whose text has one of the names."""
    for item in module.items:
        if item.kind == "type":
            text = module.file.source.data[item.start : item.end]
            if any(name in text for name in names):
                yield item.name.encode()


def type_name(function: Definition) -> bytes:
    """The name of the type whose inherent associated function this is; nothing for a method or a free function."""
    if function.container is None or function.item.receiver or function.path.startswith("<"):
        return b""
    return function.path.split("::")[-2].encode()


def stems(names: Iterable[bytes]) -> list[bytes]:
    """The names that contain no other of them: a text without any of these has none of the names."""
    found: list[bytes] = []
    for name in sorted(names, key=len):
        if not any(stem in name for stem in found):
            found.append(name)
    return found


def register_blocks(names: Names, definition: Definition) -> None:
    """Makes the items known that stand in the blocks of a fn which is not read otherwise."""
    detail = names.detail(definition)
    body = detail.body if isinstance(detail, FnDetail) else None
    if body is None:
        return
    modules: list[Module] = []
    for scope in body.scopes:
        parent = definition.module if scope.parent < 0 else modules[scope.parent]
        modules.append(names.block_module(parent, definition.module.file, scope))


def any_between(offsets: list[int], item: Item) -> bool:
    index = bisect_left(offsets, item.start)
    return index < len(offsets) and offsets[index] < item.end


def new_names(items: tuple[Item, ...], names: AbstractSet[bytes]) -> Iterator[bytes]:
    """What `use thread::spawn as start` calls something of `names`."""
    for item in items:
        for use in item.uses:
            if use.segments and use.segments[-1].encode() in names and use.name not in ("*", "_", use.segments[-1]):
                yield use.name.encode()


class Wrappers:
    """Functions whose bounds demand a closure or future that lives for ever, or may be sent."""

    def __init__(self, modules: Iterable[Module]) -> None:
        self.containers: dict[int, frozenset[bytes]] = {}
        traits = sorted({name for module in modules for name in code_traits(module)})
        # `trait Job: FnOnce() + Send + 'static {}` demands as much of an `F: Job`.
        self.alias = re.compile(rb"\b(?:" + b"|".join(traits) + rb")\b") if traits else None

    def among(self, functions: Iterable[Definition]) -> Iterator[Definition]:
        for function in functions:
            head = header(function.module.file.source.data, function.item)
            demands = is_demanding(head) or (self.alias is not None and bool(self.alias.search(head)))
            if demands or any(re.search(rb":\s*" + name + rb"\b", head) for name in self.bounded(function)):
                yield function

    def bounded(self, function: Definition) -> frozenset[bytes]:
        """Parameters of the function's impl that are bounded so."""
        container = function.container
        if container is None:
            return frozenset()
        key = id(container)
        if key not in self.containers:
            head = header(function.module.file.source.data, container.item)
            self.containers[key] = frozenset(BOUNDED.findall(head)) if DEMAND.search(head) else frozenset()
        return self.containers[key]


def is_demanding(head: bytes) -> bool:
    return bool(DEMAND.search(head)) and bool(CODE.search(head))


def code_traits(module: Module) -> Iterator[bytes]:
    """Traits whose supertraits demand code that lives for ever, or may be sent."""
    for item in module.items:
        if item.kind == "trait" and is_demanding(header(module.file.source.data, item)):
            yield item.name.encode()


def header(data: bytes, item: Item) -> bytes:
    """The text of an item before its body."""
    end = data.find(b"{", item.start, item.end)
    return data[item.name_start or item.start : end if end >= 0 else item.end]
