"""Which functions can come to a lock: one that they are given, or that is a static.

A lock that two functions share is behind a reference, an `Arc` or a static: so a function whose parameters lead to no
lock, by their declared types, takes none, unless it comes to such a static: by the paths of functions to any depth, by
a method's name one call deep. Functions that are declared in blocks always may, since statics beside them are met late.
What a type parameter or trait object stands for is not known where it is called either.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.gates.mentions import header, words_in
from rustconc_lint.program.gates.relevance import LOCKS, Relevance
from rustconc_lint.program.gates.written_calls import WrittenCalls
from rustconc_lint.program.shapes import parts
from rustconc_lint.program.traits.lowering import Types
from rustconc_lint.program.types import Adt, Ty


class Reach:
    """Answers for functions and types, memoised."""

    def __init__(self, types: Types, relevance: Relevance) -> None:
        self.types = types
        self.names = relevance.names
        self.mentions = relevance.mentions
        self.all = relevance.functions
        self.by_name = relevance.by_name
        self.known: dict[Ty, bool] = {}
        self.functions: dict[int, bool] = {}
        self.by_type: dict[bytes, dict[bytes, list[Definition]]] = {}
        self.near: set[int] = set()  # functions that come to a static
        self.far: set[int] = set()  # and those that come to none
        self.called: dict[int, tuple[Definition, ...]] = {}

    def may_lock(self, function: Definition) -> bool:
        """Whether a call of the function may take a lock that others know."""
        found = self.functions.get(id(function))
        if found is None:
            found = function.module.block or self.is_given_lock(function) or self.comes_to_static(function)
            self.functions[id(function)] = found
        return found

    def is_given_lock(self, function: Definition) -> bool:
        signature = self.types.signature_of(function)
        if signature is None:
            return True
        declared = signature.params if signature.self_ty is None else (signature.self_ty, *signature.params)
        return any(map(self.leads_to_lock, declared))

    def leads_to_lock(self, ty: Ty) -> bool:
        """Whether a lock is the type itself, among its parts, or behind what they point to."""
        if ty in self.known:
            return self.known[ty]
        seen, pending = {ty}, [ty]
        while pending:
            part = pending.pop()
            if self.known.get(part) or self.is_lock(part):
                self.known[ty] = True
                return True
            new = [inner for inner in self.parts_of(part) if inner not in seen and self.known.get(inner) is not False]
            seen.update(new)
            pending += new
        self.known.update(dict.fromkeys(seen, False))
        return False

    def is_lock(self, ty: Ty) -> bool:
        model = self.names.type_model(ty.path) if isinstance(ty, Adt) else None
        return model is not None and model.role in LOCKS

    def parts_of(self, ty: Ty) -> list[Ty]:
        found = list(parts(ty))
        if isinstance(ty, Adt):
            definition = self.names.adt_of(ty.path)
            if definition is not None and not definition.module.crate.api:
                found += [field for variant in self.types.fields_of(ty) for _, field in variant.fields]
        return found

    def comes_to_static(self, function: Definition) -> bool:
        """Whether the function names a static that leads to a lock, by way of what it calls by paths; or calls a method
        that does so itself."""
        callers: dict[int, Definition | None] = {id(function): None}
        pending = [function]
        while pending:
            caller = pending.pop()
            if id(caller) in self.far:
                continue
            if id(caller) in self.near or self.names_static(caller) or self.methods_at_statics.within(caller):
                way: Definition | None = caller
                while way is not None:
                    self.near.add(id(way))
                    way = callers[id(way)]
                return True
            for called in self.called_from(caller):
                if id(called) not in callers:
                    callers[id(called)] = caller
                    pending.append(called)
        self.far |= callers.keys()
        return False

    def called_from(self, caller: Definition) -> tuple[Definition, ...]:
        found = self.called.get(id(caller))
        if found is None:
            found = self.called[id(caller)] = tuple(dict.fromkeys(self.called_by_path(caller)))
        return found

    def called_by_path(self, caller: Definition) -> Iterator[Definition]:
        """Functions of the project that a path in the text may name."""
        for word in self.mentions.words(caller) & self.by_name.keys():
            for mention in self.mentions.of(caller, word):
                named = None if mention.method else self.mentions.named(caller, mention)
                if isinstance(named, Definition):
                    yield named
                elif named is not None:
                    yield from self.members(word, mention.path[-2:-1])

    def members(self, name: bytes, holder: tuple[str, ...]) -> Sequence[Definition]:
        """Functions of a name that may be members of a type written so."""
        functions = self.by_name[name]
        written = holder[0].encode() if holder else b"Self"
        if len(functions) == 1 or written == b"Self" or written in self.names.renames:
            return functions
        if name not in self.by_type:
            self.by_type[name] = {}
            for function in functions:
                for word in self.holder_words(function):
                    self.by_type[name].setdefault(word, []).append(function)
        types = self.by_type[name]
        return types.get(written, []) + types.get(b"for", [])

    def holder_words(self, function: Definition) -> frozenset[bytes]:
        """The words before the body of the impl; `for` alone when it is a trait's, and for a trait's own."""
        container = function.container
        if container is None:
            return frozenset()
        words = words_in(header(container.module.file.source.data, container.item))
        return frozenset({b"for"}) if b"for" in words or container.item.kind == "trait" else words

    def names_static(self, function: Definition) -> bool:
        words = self.mentions.words(function)
        return not words.isdisjoint(self.statics) or self.mentions.declares_static(function)

    @cached_property
    def statics(self) -> frozenset[bytes]:
        """Names of the statics that lead to locks, and new names for them."""
        found = {
            definition.name.encode()
            for definition in self.names.values()
            if definition.kind == "static" and self.leads_to_lock(self.types.value_type(definition))
        }
        return frozenset(self.mentions.meanings(found))

    @cached_property
    def methods_at_statics(self) -> WrittenCalls:
        """Calls of the methods that name such a static."""
        return WrittenCalls(self.mentions, [f for f in self.all if f.item.receiver and self.names_static(f)])
