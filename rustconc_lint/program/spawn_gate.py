"""Which bodies may have code run elsewhere: a gate over raw bytes, for speed only; it holds back nothing.

A body is read when it mentions a function that spawns by an API model or by its own bounds (`F: FnOnce() + Send +
'static`, also where its impl declares F); paths are resolved, a method is known by its name alone. Also when it may
return an `async` block that borrows, declares functions that demand, or uses rayon's parallel iterators.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from rustconc_lint.facts.model import Item
from rustconc_lint.program.definitions import Definition, Module
from rustconc_lint.program.mentions import Mention, Mentions, header, text_of, words_in
from rustconc_lint.program.names import Names
from rustconc_lint.source import ENDS, NAME, STARTS

DEMAND = re.compile(rb"'static\b|\bSend\b")
CODE = re.compile(rb"\b(?:Fn(?:Once|Mut)?|AsyncFn(?:Once|Mut)?|Future|IntoFuture)\b")
BOUNDED = re.compile(
    STARTS + rb"(" + NAME + rb")\s*:[^:,>]*\b(?:Fn(?:Once|Mut)?|AsyncFn(?:Once|Mut)?|Future|IntoFuture)\b"
)
STATIC = re.compile(rb"static\s+(?:mut\s+)?" + NAME + rb"\s*:")
PARALLEL = re.compile(rb"rayon\s*::|par_\w")
BLOCK = re.compile(rb"async\s*\{")
WRITTEN = re.compile(rb"\b(?:Async)?(?:Fn(?:Once|Mut)?|Future)\b[^{};]{0,200}?(?:'static\b|\bSend\b)")
BORROWED_SELF = re.compile(rb"\(\s*(?:mut\s+)?self\s*:[^,)]*&")
FN_WORDS = frozenset((b"Fn", b"FnOnce", b"FnMut", b"AsyncFn", b"AsyncFnOnce", b"AsyncFnMut", b"Future"))
DEMANDING = frozenset((b"Send", b"static"))

Demanding = Callable[[Definition], bool]


class SpawnGate:
    """Answers for one body at a time. spawning: names of the functions that spawn by an API model. demands: whether a
    function of the project demands of some argument what code that is run elsewhere must be."""

    def __init__(
        self, names: Names, functions: Iterable[Definition], spawning: Iterable[bytes], demands: Demanding
    ) -> None:
        modules = tuple(names.modules())
        wrappers = Wrappers(modules)
        found = [wrapper for wrapper in wrappers.among(functions) if demands(wrapper)]
        self.demands = demands
        self.mentions = Mentions(names)
        self.spawning = frozenset(spawning)
        self.wrappers = {id(wrapper) for wrapper in found}
        self.types: dict[bytes, set[bytes]] = {}
        for wrapper in found:
            if wrapper.container is not None:
                self.types.setdefault(wrapper.name.encode(), set()).add(type_name(wrapper))
        self.free = {wrapper.name.encode() for wrapper in found if wrapper.container is None}
        # Of these the code may be the receiver: `work.run()`.
        self.bare = {wrapper.name.encode() for wrapper in found if wrappers.may_be_code(wrapper)}
        self.originals = {name: (name,) for name in self.spawning.union(wrapper.name.encode() for wrapper in found)}
        self.aliases: set[bytes] = set()
        for module in modules:
            self.take_in(module)

    def take_in(self, module: Module) -> None:
        """New names of what is looked for, and of types."""
        for item in module.items:
            if item.kind == "type":
                self.aliases.add(item.name.encode())
        for new, old in new_names_of(module.items):
            self.aliases.add(new)
            if old in self.originals:
                self.originals[new] = (*self.originals.get(new, ()), old)

    def lets_through(self, definition: Definition) -> bool:
        """Whether the body of a fn, static or const must be read."""
        words = self.mentions.words(definition)
        text = text_of(definition)
        if b"async" in words and (b"->" in text or b"|" in text or definition.kind != "fn") and BLOCK.search(text):
            return True  # perhaps returned
        # A fn or trait within the body may demand.
        if (
            not words.isdisjoint(FN_WORDS)
            and not words.isdisjoint(DEMANDING)
            and WRITTEN.search(text, max(text.find(b"{"), 0))
        ):
            return True
        if (b"rayon" in words or b"par_" in text) and PARALLEL.search(text):
            return True
        has_code = b"|" in text or b"async" in words
        return any(self.may_call(definition, word, has_code) for word in words & self.originals.keys())

    def declares_static(self, definition: Definition) -> bool:
        """Whether there are statics within the body."""
        return b"static" in self.mentions.words(definition) and bool(STATIC.search(text_of(definition)))

    def may_call(self, definition: Definition, word: bytes, has_code: bool) -> bool:
        """Whether a function of that name which runs code elsewhere may be called; has_code: there is a closure or
        `async` block that a wrapper could be given."""
        names = [name for name in self.originals[word] if has_code or name in self.spawning]
        return bool(names) and any(
            self.may_be(definition, mention, name) for mention in self.mentions.of(definition, word) for name in names
        )

    def may_be(self, definition: Definition, mention: Mention, name: bytes) -> bool:
        if mention.method:
            return not mention.empty or name in self.bare
        if not mention.path:
            return True
        of_type = name in self.types and not self.is_of_another_type(definition, mention, self.types[name])
        if not of_type and name not in self.free and name not in self.spawning:
            return False
        named = self.mentions.named(definition, mention)
        if of_type:
            return named is not None
        if isinstance(named, Definition):
            return id(named) in self.wrappers or (named.module.crate.api and self.demands(named))
        # What is not declared within is then a member of a type.
        return named is not None and (name in self.spawning or self.mentions.may_declare(definition, mention.path[0]))

    def is_of_another_type(self, definition: Definition, mention: Mention, types: set[bytes]) -> bool:
        """Whether a mention `Type::name` is known to be of none of these types."""
        words = self.mentions.words(definition)
        if len(mention.path) < 2:
            return True
        if b"" in types or not types.isdisjoint(words):
            return False
        holder = mention.path[-2].encode()
        data, container = definition.module.file.source.data, definition.container
        if holder == b"Self":
            return container is not None and types.isdisjoint(words_in(header(data, container.item)))
        # Imports within the body keep a type's name, unless they rename it.
        renamed = b"as" in words and re.search(rb"\bas\s+" + holder + ENDS, text_of(definition))
        return not renamed and holder not in self.aliases and holder not in self.mentions.parameters(definition)


def type_name(function: Definition) -> bytes:
    """The name of the type whose inherent function or method this is; nothing for a trait's."""
    return b"" if function.path.startswith("<") else function.path.split("::")[-2].encode()


def new_names(items: tuple[Item, ...], names: frozenset[bytes]) -> Iterator[bytes]:
    """What `use thread::spawn as start` calls a function of `names`."""
    return (new for new, old in new_names_of(items) if old in names)


def new_names_of(items: tuple[Item, ...]) -> Iterator[tuple[bytes, bytes]]:
    """The new name and the one it stands for, of each `use` that gives one."""
    for item in items:
        for use in item.uses:
            if use.segments and use.name not in ("*", "_", use.segments[-1]):
                yield use.name.encode(), use.segments[-1].encode()


class Wrappers:
    """Functions whose bounds demand a closure or future that lives for ever, or may be sent."""

    def __init__(self, modules: Iterable[Module]) -> None:
        self.containers: dict[int, frozenset[bytes]] = {}
        traits = sorted({name for module in modules for name in code_traits(module)})
        # `trait Job: FnOnce() + Send + 'static {}` demands as much of an `F: Job`.
        self.alias = re.compile(STARTS + rb"(?:" + b"|".join(traits) + rb")" + ENDS) if traits else None

    def among(self, functions: Iterable[Definition]) -> Iterator[Definition]:
        for function in functions:
            head = header(function.module.file.source.data, function.item)
            demands = is_demanding(head) or (self.alias is not None and bool(self.alias.search(head)))
            if (
                demands
                or self.may_be_code(function)
                or any(re.search(rb":\s*" + name + ENDS, head) for name in self.bounded(function))
            ):
                yield function

    def may_be_code(self, function: Definition) -> bool:
        """Whether the function takes a `self` of which its impl or trait may demand so."""
        container = function.container
        if container is None or function.item.receiver not in ("self", "typed"):
            return False
        data = function.module.file.source.data
        if not is_demanding(header(data, container.item)):
            return False
        return function.item.receiver == "self" or not BORROWED_SELF.search(header(data, function.item))

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
