"""Which bodies may have code run elsewhere: a gate over raw bytes, for speed only; it holds back nothing.

A body is read when it mentions a function that spawns by an API model or by its own bounds (`F: FnOnce() + Send +
'static`, also where its impl declares F); paths are resolved, a method is known by its name alone. Also when it may
return an `async` block that borrows, returns code that may be sent, declares functions that demand, uses rayon's
parallel iterators, or boxes code where the program has trait objects that demand (`Box<dyn FnOnce() + Send>`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet

from rustconc_lint.inquiry import told_by_file, told_by_text
from rustconc_lint.program.definitions import Definition, Module
from rustconc_lint.program.gates.mentions import Mentions, header, text_of, words_in
from rustconc_lint.program.gates.written_calls import WrittenCalls
from rustconc_lint.source import ENDS, NAME, STARTS, SourceFile

DEMAND = re.compile(rb"'static\b|\b(?:Send|Sync)\b")
SENDING = re.compile(rb"\b(?:Send|Sync)\b")
ASSERTION = re.compile(rb"\bfn\s+" + NAME + rb"\s*<[^>]*\b(?:Send|Sync)\b")
CODE = re.compile(rb"\b(?:Fn(?:Once|Mut)?|AsyncFn(?:Once|Mut)?|Future|IntoFuture)\b")
BOUNDED = re.compile(
    STARTS + rb"(" + NAME + rb")\s*:[^:,>]*\b(?:Fn(?:Once|Mut)?|AsyncFn(?:Once|Mut)?|Future|IntoFuture)\b"
)
PARALLEL = re.compile(rb"rayon\s*::|par_\w")
OBJECT = re.compile(
    rb"\bdyn\b[^;{}=]{0,200}?\b(?:Async)?(?:Fn(?:Once|Mut)?|Future)\b[^;{}]{0,200}?(?:'static\b|\b(?:Send|Sync)\b)"
)
BLOCK = re.compile(rb"async\s*\{")
WRITTEN = re.compile(rb"\b(?:Async)?(?:Fn(?:Once|Mut)?|Future)\b[^{};]{0,200}?(?:'static\b|\b(?:Send|Sync)\b)")
BORROWED_SELF = re.compile(rb"\(\s*(?:mut\s+)?self\s*:[^,)]*&")
POINTERS = frozenset((b"Box", b"Arc", b"Rc"))
# `let job = move || ..`, which may be boxed by its name.
NAMED_CODE = re.compile(rb"=\s*(?:move\b|async\b|static\b|\|)")
# `Box::new(move |n| ..)`, also `Box::<F>::new({ let n = n; || .. })`; a comment or attribute may come first.
GIVEN = rb")\s*::[^;{}()]*\(\s*"
CODE_GIVEN = GIVEN + rb"(?:[|{(#/]|move\b|async\b|static\b|for\b)"
FN_WORDS = frozenset((b"Fn", b"FnOnce", b"FnMut", b"AsyncFn", b"AsyncFnOnce", b"AsyncFnMut", b"Future"))
DEMANDING = frozenset((b"Send", b"Sync", b"static"))

Demanding = Callable[[Definition], object]


class SpawnGate:
    """Answers for one body at a time. spawning: names of the functions that spawn by an API model. demands: whether a
    function demands of some argument what code that is run elsewhere must be; demanding: all that do. asserts: whether
    it demands of a type parameter that it is Send or Sync; runs_later: whether an API model says that it keeps code."""

    def __init__(
        self, mentions: Mentions, modules: Iterable[Module], functions: Iterable[Definition], spawning: Iterable[bytes],
        demands: Demanding, asserts: Demanding, runs_later: Demanding,
    ) -> None:  # fmt: skip
        iterator = mentions.names.definition("std::iter::Iterator")
        wrappers = Wrappers(modules, {member.name for member in iterator.item.members} if iterator else set())
        found = [wrapper for wrapper in wrappers.among(functions) if demands(wrapper)]
        without_body = list(filter(demands, wrappers.among(mentions.bodiless(DEMAND))))
        self.demanding = (*found, *without_body)
        self.mentions = mentions
        self.demands = demands
        self.wrappers = WrittenCalls(mentions, found)
        self.asserting = WrittenCalls(mentions, filter(asserts, wrappers.sending))
        self.asserting_of_code = WrittenCalls(mentions, filter(asserts, wrappers.sending_code))
        self.hiding = WrittenCalls(mentions, wrappers.hiding)
        later = {function.name.encode() for function in without_body if runs_later(function)}
        self.spawning = frozenset(mentions.meanings(later.union(spawning)))
        objects = any(has_objects(source) for source in {id(m.file): m.file.source for m in modules}.values())
        self.boxes = frozenset(mentions.meanings(POINTERS)) if objects else frozenset()
        boxes = STARTS + rb"(?:" + b"|".join(sorted(self.boxes))
        self.boxed, self.boxed_by_name = re.compile(boxes + CODE_GIVEN), re.compile(boxes + GIVEN + rb"\w")

    def lets_through(self, definition: Definition) -> bool:
        """Whether the body of a fn, static or const must be read."""
        words = self.mentions.words(definition)
        if b"async" in words and may_return_block(definition):
            return True
        if self.may_demand(definition):
            return True
        if any(self.may_spawn(definition, word) for word in words & self.spawning):
            return True
        if words.isdisjoint(self.wrappers.words):
            return False
        # A wrapper needs to be given a closure or an `async` block.
        return self.has_code(definition) and self.wrappers.within(definition)

    def may_assert(self, definition: Definition) -> bool:
        """Whether a function may be called that demands Send or Sync of a type, not of code; also of one within."""
        words = self.mentions.words(definition)
        if not words.isdisjoint(self.asserting.words) and self.asserting.within(definition):
            return True
        of_code = not words.isdisjoint(self.asserting_of_code.words) and self.asserting_of_code.within(definition)
        if of_code and self.hiding.within(definition):
            return True
        if words.isdisjoint(DEMANDING):
            return False
        return has_assertion(definition)

    @told_by_text
    def has_code(self, definition: Definition) -> bool:
        """Whether there may be a closure or an `async` block."""
        return b"async" in self.mentions.words(definition) or b"|" in text_of(definition)

    @told_by_text
    def may_demand(self, definition: Definition) -> bool:
        """Whether something else than a call may demand: a fn or trait within the body, the function's result, a trait
        object that boxed code becomes, or an iterator of rayon's."""
        words, item, data = self.mentions.words(definition), definition.item, definition.module.file.source.data
        if not words.isdisjoint(DEMANDING):
            body = max(data.find(b"{", item.start, item.end), item.start)
            if not words.isdisjoint(FN_WORDS) and WRITTEN.search(data, body, item.end):
                return True
            result = header(data, item).partition(b"->")[2] if b"impl" in words else b""
            if b"impl" in result and DEMAND.search(result):
                return True
        if not words.isdisjoint(self.boxes) and self.has_code(definition) and self.may_box(text_of(definition)):
            return True
        parallel = b"rayon" in words or data.find(b"par_", item.start, item.end) >= 0
        return parallel and PARALLEL.search(data, item.start, item.end) is not None

    def may_box(self, text: bytes) -> bool:
        """Whether code may be boxed, by itself or by the name of a variable."""
        if self.boxed.search(text):
            return True
        return self.boxed_by_name.search(text) is not None and NAMED_CODE.search(text) is not None

    def may_spawn(self, definition: Definition, word: bytes) -> bool:
        """Whether the word may be a function of an API that spawns: all of them are given something."""
        for mention in self.mentions.of(definition, word):
            if mention.method:
                if not mention.empty:
                    return True
                continue
            named = self.mentions.named(definition, mention)
            if isinstance(named, Definition):
                if named.module.crate.api and self.demands(named):
                    return True
            elif named is not None:
                return True
        return False


@told_by_file
def has_objects(source: SourceFile) -> bool:
    """Whether a file names trait objects of code that demand."""
    return OBJECT.search(source.data) is not None


@told_by_text
def has_assertion(definition: Definition) -> bool:
    """Whether a function within has such bounds."""
    item = definition.item
    return ASSERTION.search(definition.module.file.source.data, item.name_start + 1, item.end) is not None


@told_by_text
def may_return_block(definition: Definition) -> bool:
    """Whether an `async` block without `move` may be returned by the body, or by a closure in it."""
    text = text_of(definition)
    return (b"->" in text or b"|" in text or definition.kind != "fn") and BLOCK.search(text) is not None


class Wrappers:
    """Functions whose bounds demand a closure or future that lives for ever, or may be sent."""

    def __init__(self, modules: Iterable[Module], common: AbstractSet[str]) -> None:
        self.common = common  # the names of Iterator's methods, which rayon's have too: those are found by `par_`
        self.containers: dict[int, frozenset[bytes]] = {}
        self.sending: list[Definition] = []  # those met that may demand Send of what is no code
        # And of code, which may be what a function returns unnamed. Methods of known crates that are given such either
        # spawn it, so that they are looked at anyway, or have the names of half of std's.
        self.sending_code: list[Definition] = []
        self.hiding: list[Definition] = []  # functions that return something unnamed
        modules = tuple(modules)
        # `trait Job: FnOnce() + Send + 'static {}` demands as much of an `F: Job`.
        self.alias = any_word(name for module in modules for name in code_traits(module))
        # `impl<F: FnOnce()> Schedule for F {}`: what an `S: Schedule + Send` is given may be a closure.
        self.blanket = any_word(name for module in modules for name in traits_of_code(module))

    def among(self, functions: Iterable[Definition]) -> Iterator[Definition]:
        for function in functions:
            head = header(function.module.file.source.data, function.item)
            if SENDING.search(head):
                method = function.module.crate.api and function.item.receiver
                if not CODE.search(head) and not (method and function.name in self.common):
                    self.sending.append(function)
                elif CODE.search(head) and not method:
                    self.sending_code.append(function)
            if not function.module.crate.api and hides(function, head):
                self.hiding.append(function)
            demands = is_demanding(head) or (self.alias is not None and bool(self.alias.search(head)))
            demands = demands or (self.blanket is not None and bool(DEMAND.search(head) and self.blanket.search(head)))
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


def hides(function: Definition, head: bytes) -> bool:
    """Whether the type of what a function returns has no name."""
    item = function.item
    before = function.module.file.source.data.find(b"async", item.start, item.name_start) >= 0
    return before or b"impl" in head.partition(b"->")[2]


def any_word(words: Iterable[bytes]) -> re.Pattern[bytes] | None:
    """Finds any of the words; None without words."""
    found = b"|".join(sorted(set(words)))
    return re.compile(STARTS + rb"(?:" + found + rb")" + ENDS) if found else None


def is_demanding(head: bytes) -> bool:
    return bool(DEMAND.search(head)) and bool(CODE.search(head))


def code_traits(module: Module) -> Iterator[bytes]:
    """Traits whose supertraits demand code that lives for ever, or may be sent."""
    for item in module.items:
        if item.kind == "trait" and is_demanding(header(module.file.source.data, item)):
            yield item.name.encode()


def traits_of_code(module: Module) -> Iterator[bytes]:
    """Traits that may be implemented for closures or futures: all names before the `for` of an impl that has bounds of
    code."""
    for item in module.items:
        head = header(module.file.source.data, item) if item.kind == "impl" else b""
        if BOUNDED.search(head):
            yield from words_in(head.partition(b" for ")[0]) - FN_WORDS - DEMANDING - {b"impl"}
