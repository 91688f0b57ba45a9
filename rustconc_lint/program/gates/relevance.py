"""Which bodies are worth interpreting: gates over raw bytes, for speed only.

A body is a root when its text takes a lock (or calls a function that returns a guard, runs a closure under a lock or
takes locks), or makes a channel and waits somewhere. A callee is followed unless its text has no word with an effect
and calls no function of the project. Paths are resolved; a method is known by its name alone, which lets too much
through. Nothing that could be a finding is held back, and a test runs without the gate.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cached_property

from rustconc_lint.apis import ApiFile, FnModel
from rustconc_lint.inquiry import told_by_text
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.gates.mentions import Mention, Mentions, finds, has, header, words_in
from rustconc_lint.program.gates.written_calls import WrittenCalls
from rustconc_lint.program.names.names import Names
from rustconc_lint.source import NAME, STARTS

CALLED = re.compile(STARTS + rb"(" + NAME + rb")\s*(?:::\s*<|\()")
# What may wait for a channel to be closed, or for a thread that does: `for x in rx`, `while let`, `loop`, `rx.iter()`,
# a `fold`, a join, the end of a scope; a `for` over a range does not.
WAITING = re.compile(
    rb"\b(?:while|loop|join|scope|iter|into_iter|from_iter|from_fn|next|extend|zip|chain)\b|\bfor\b[^{};]{1,60}?\bin\s+(?!\(?\d|\(?[\w.]+\s*\.\.)"
)
UNBOUND = re.compile(rb"\b_\s*(?::[^=;]*)?=[^=>]")  # `let _ = ..`, `_ = ..`
GUARDS = frozenset({"guard", "read-guard"})
LOCKS = frozenset({"mutex", "rwlock"})
CLOSURES = frozenset({b"Fn", b"FnMut", b"FnOnce"})
RECEIVERS = frozenset({"receiver"})
THREADS = frozenset({"thread", "scoped-thread", "task"})
ROLES = GUARDS | LOCKS | RECEIVERS | THREADS | {"barrier"}

Matters = Callable[[FnModel], bool]


class ApiCalls:
    """Calls of functions of known crates whose models matter, as they may be written. Methods take no arguments."""

    def __init__(self, names: Names, mentions: Mentions, apis: Iterable[ApiFile], matters: Matters) -> None:
        self.names = names
        self.mentions = mentions
        self.matters = matters
        paths = [path.split("::") for api in apis for path, model in api.functions.items() if matters(model)]
        self.words = frozenset(mentions.meanings({path[-1].encode() for path in paths}))
        # The functions that matter in one way are all methods or all free; modules have small initials.
        self.types = {path[-2].encode() for path in paths if path[-2][:1].isupper()}
        self.are_free = len(self.types) == 0
        self.known: dict[int, int] = {}

    def count(self, definition: Definition) -> int:
        """How many such calls the text of the function may have."""
        found = self.known.get(id(definition))
        if found is None:
            words = self.mentions.words(definition)
            found = self.known[id(definition)] = sum(
                self.may_be(definition, mention)
                for word in words & self.words
                for mention in self.mentions.of(definition, word)
            )
        return found

    def may_be(self, definition: Definition, mention: Mention) -> bool:
        if mention.method:
            return mention.empty and bool(self.types)
        named = self.mentions.named(definition, mention)
        if isinstance(named, Definition):
            model = self.names.function_model(named)
            return model is not None and self.matters(model)
        if named is None or not mention.path:
            return named is not None
        if not mention.path[0]:  # `::std::sync::mpsc::channel()`
            return True
        if self.types and not self.mentions.is_of_another_type(definition, mention, self.types):
            return True
        return self.are_free and self.mentions.may_declare(definition, mention.path[0])


def last_segments(apis: Iterable[ApiFile], matters: Matters) -> frozenset[bytes]:
    """Names of the modelled functions for which `matters(model)` holds."""
    return frozenset(
        path.rpartition("::")[2].encode() for api in apis for path, model in api.functions.items() if matters(model)
    )


def has_effect(model: FnModel) -> bool:
    """Effects that reach a caller through a summary."""
    return (
        model.acquires is not None
        or model.spawns is not None
        or model.receives in ("one", "many", "some", "iter")
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
        names: Names,
        mentions: Mentions,
        enabled: bool,
    ) -> None:
        # Nothing leads to the model of a crate that the project itself has.
        apis = tuple(api for api in apis if api.crate in names.crates and names.crates[api.crate].api)
        self.enabled = enabled
        self.functions = functions
        self.names = names
        self.mentions = mentions
        # Whether a function's locks may concern its callers: told by its trace, when there are traces.
        self.concerns: Callable[[Definition], bool] = lambda function: True
        self.spawning_names = last_segments(apis, lambda model: model.spawns is not None)
        self.acquiring = ApiCalls(names, mentions, apis, lambda model: model.acquires is not None)
        self.channel = ApiCalls(names, mentions, apis, lambda model: model.channel is not None)
        self.spawning = frozenset(mentions.meanings(self.spawning_names))
        self.effects = frozenset(mentions.meanings(last_segments(apis, has_effect)))
        self.bare_waits = frozenset(mentions.meanings(last_segments(apis, lambda model: model.spurious)))
        self.async_waits = frozenset(
            mentions.meanings(last_segments(apis, lambda m: m.blocks and m.acts == "await" and not m.sends))
        )
        self.by_name: dict[bytes, list[Definition]] = {}
        for function in functions:
            self.by_name.setdefault(function.name.encode(), []).append(function)
        self.function_names = frozenset(self.by_name)
        self.apis = apis
        self.of_role = {role: self.type_words(apis, role) for role in ROLES}
        self.called: dict[int, tuple[bytes, ...]] = {}
        self.known: dict[int, bool] = {}

    def runs_later(self, function: Definition) -> bool:
        """Whether a function keeps the code that it is given, as an API model says."""
        model = self.names.function_model(function)
        return model is not None and model.runs == "later"

    def type_words(self, apis: Iterable[ApiFile], role: str) -> frozenset[bytes]:
        """The words that may name a type of the role."""
        paths = [path for api in apis for path, model in api.types.items() if model.role == role]
        names = {path.rpartition("::")[2].encode() for path in paths}
        return frozenset(self.mentions.meanings(names, types=True))

    @cached_property
    def near(self) -> tuple[Definition, ...]:
        """The functions that any question here may be answered with yes for, by the words in their texts."""
        words = frozenset().union(self.acquiring.words, self.channel.words, *self.of_role.values())
        return tuple([f for f in self.functions if not self.mentions.words(f).isdisjoint(words)])

    @cached_property
    def givers(self) -> WrittenCalls:
        """Calls of functions that return a guard, run a closure under a lock, or take locks that they are given.

        Of the latter two those that `concerns` is true of."""
        found = self.heads_with(GUARDS)
        taking = self.functions_taking_locks()
        found += [function for function in taking if self.concerns(function)]
        return WrittenCalls(self.mentions, found)

    def functions_taking_locks(self) -> list[Definition]:
        """Functions that may hold a lock while they run a closure, or while they take one that they are given."""
        acquiring = [function for function in self.near if self.acquiring.count(function)]
        found = [f for f in acquiring if takes_code(f) or (self.acquiring.count(f) > 1 and takes_two(f))]
        waiting = self.heads_with(LOCKS)
        names: set[bytes] = set()
        while True:
            more = [f for f in waiting if self.acquiring.count(f) or names.intersection(self.calls(f))]
            if not more:
                return found
            found += more
            names.update(function.name.encode() for function in more)
            waiting = [function for function in waiting if function not in more]

    @cached_property
    def lending(self) -> frozenset[bytes]:
        """The words that may name a function that lends what nobody else has meanwhile, of the crates that are used."""
        sources = {id(f.module.file): f.module.file.source for f in self.functions}.values()
        used = [a for a in self.apis if a.crate == "std" or any(has(text, a.crate.encode()) for text in sources)]
        return frozenset(self.mentions.meanings(last_segments(used, lambda model: model.lends)))

    def may_lend(self, definition: Definition) -> bool:
        """Whether the text waits as a future, and may have something lent to it."""
        words = self.mentions.words(definition)
        return b"await" in words and not words.isdisjoint(self.lending)

    @cached_property
    def drains(self) -> WrittenCalls:
        """Calls of functions that take or return a receiver."""
        return WrittenCalls(self.mentions, self.heads_with(RECEIVERS))

    def may_spawn(self, definition: Definition) -> bool:
        """Whether the text has the name of a function that spawns."""
        return not self.enabled or not self.mentions.words(definition).isdisjoint(self.spawning)

    def may_discard_permit(self, definition: Definition) -> bool:
        """Whether the text has the name of an async function that waits, and a `_` that something is bound to."""
        words = self.mentions.words(definition)
        return not words.isdisjoint(self.async_waits) and finds(definition, UNBOUND)

    def may_wait_bare(self, definition: Definition) -> bool:
        """Whether the text has the name of a wait that can end by itself."""
        return not self.enabled or not self.mentions.words(definition).isdisjoint(self.bare_waits)

    def is_root(self, definition: Definition) -> bool:
        """Whether an order of locks or a stuck drain may begin in this body."""
        if not self.enabled:
            return True
        words = self.mentions.words(definition)
        if not words.isdisjoint(self.acquiring.words) and self.acquiring.count(definition):
            return True
        if not words.isdisjoint(self.givers.words) and self.givers.within(definition):
            return True
        if words.isdisjoint(self.channel.words) or not self.channel.count(definition):
            return False
        return waits(definition) or self.drains.within(definition)

    def heads_with(self, roles: frozenset[str]) -> list[Definition]:
        """Functions whose text before the body names a type of one of the roles."""
        words = frozenset().union(*[self.of_role[role] for role in roles])
        near = [function for function in self.near if not self.mentions.words(function).isdisjoint(words)]
        return [function for function in near if self.has_in_head(function, words, roles)]

    def has_in_head(self, definition: Definition, words: frozenset[bytes], roles: frozenset[str]) -> bool:
        return any(
            self.is_of_role(definition, mention, roles)
            for word in words & self.mentions.words(definition)
            for mention in self.mentions.of(definition, word, True)
        )

    def is_of_role(self, definition: Definition, mention: Mention, roles: frozenset[str]) -> bool:
        named = self.mentions.named(definition, mention, "type")
        if not isinstance(named, Definition):
            return named is not None
        model = self.names.type_model(named.path)
        return named.kind == "type" or (model is not None and model.role in roles)

    def calls(self, definition: Definition) -> tuple[bytes, ...]:
        """Names of project functions that the text of the body seems to call."""
        key = id(definition)
        if key not in self.called:
            self.called[key] = names_called(definition, self.function_names)
        return self.called[key]

    def has_effect(self, definition: Definition) -> bool:
        """Whether a caller may have to know what the function does: it has an effect, or calls others."""
        if not self.enabled:
            return True
        key = id(definition)
        if key not in self.known:
            words = self.mentions.words(definition)
            named = words & self.function_names
            others = named - {definition.name.encode()}
            self.known[key] = bool(others) or not words.isdisjoint(self.effects)
        return self.known[key]


@told_by_text
def names_called(definition: Definition, names: frozenset[bytes]) -> tuple[bytes, ...]:
    """Which of the names the text after the item's own seems to call."""
    item, data = definition.item, definition.module.file.source.data
    return tuple(sorted(names.intersection(CALLED.findall(data, item.name_start + len(item.name), item.end))))


@told_by_text
def waits(function: Definition) -> bool:
    item = function.item
    return WAITING.search(function.module.file.source.data, item.start, item.end) is not None


def takes_code(function: Definition) -> bool:
    """Whether the function's text before its body has a bound for closures."""
    return not CLOSURES.isdisjoint(words_in(header(function.module.file.source.data, function.item)))


def takes_two(function: Definition) -> bool:
    """Whether the function has two parameters or more, so that a caller may give it two locks in either order."""
    item, data = function.item, function.module.file.source.data
    opened = data.find(b"(", item.name_start, item.end)
    return b"," in data[opened : data.find(b")", opened, item.end)].rstrip(b", \n")
