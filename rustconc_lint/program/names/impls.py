"""All impls of a run, found by the trait they name, the members they have and the type they are for.

The index is made of the words in each impl's head and of its members' names; headers are read (and their paths
resolved) only for those impls that a question may concern. Impls that macros write are not among them: macro_impls.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, TypeVar

from rustconc_lint.facts.model import ImplDetail, Item, ValueDetail
from rustconc_lint.program.definitions import Definition, Impl, Module
from rustconc_lint.program.names.modules import Tree
from rustconc_lint.program.names.renames import Renames
from rustconc_lint.source import NAME

_WORD = re.compile(NAME)
_FOR_NAME = re.compile(rb"\bfor\s+\(?\s*(" + NAME + rb")\s*\)?\s*(?:where\b|\Z)")
_TAKEN_IN = frozenset(("impl", "trait"))

Key = TypeVar("Key")
Found = TypeVar("Found")
HeadOf = Callable[[Impl], str | None]
TraitOf = Callable[[Impl], Definition | None]


class ImplIndex:
    """Impls by words. Blocks that are registered later are taken in by the next question."""

    def __init__(self, tree: Tree, head_of: HeadOf, trait_of: TraitOf, naming: Callable[[Impl], str]) -> None:
        self._tree = tree
        self._naming_of = naming
        self._head_of = head_of
        self._trait_of = trait_of
        self._impls: dict[tuple[Module, int], Impl] = {}
        self._indexed = 0
        self._by_word: dict[bytes, list[Impl]] = {}
        self._by_member: dict[str, list[Impl]] = {}
        self._traits_with: dict[str, list[Definition]] = {}
        self._order: dict[Impl, int] = {}
        self.renames = Renames()
        self._new_names: set[bytes] = set()
        self._near: dict[bytes, frozenset[Impl]] = {}
        self._inherent: dict[tuple[str, str], tuple[Impl, ...]] = {}
        self._of_trait: dict[str, tuple[Impl, ...]] = {}
        self._of_trait_for: dict[tuple[str, str], tuple[Impl, ...]] = {}
        self._answers: dict[bytes, list[tuple[dict[Any, Any], Any]]] = {}  # what is remembered, by the name it rests on
        self._unwritten: set[bytes] = set()  # those of these names that no impl has in its head as a word: `[]`, `&`

    def impl_of(self, module: Module, item: Item) -> Impl:
        """The impl that an item of kind "impl" is; made once."""
        key = (module, item.start)
        impl = self._impls.get(key)
        if impl is None:
            impl = self._impls[key] = Impl(f"{module.path}::<impl@{item.start}>", module, item, self._naming_of)
        return impl

    def inherent(self, head: str, member: str) -> tuple[Impl, ...]:
        """Inherent impls for types of this head that have the member."""
        self.refresh()
        key = (head, member)
        found = self._inherent.get(key)
        if found is None:
            near = self._by_member.get(member, ())
            found = tuple(impl for impl in self._naming(near, head) if self._is_inherent(impl, head))
            self._answer(self._inherent, key, last_name(head), found)
        return found

    def of_unknown_traits(self, head: str, member: str) -> list[Impl]:
        """Impls for types of this head that have the member and name a trait that is not known."""
        self.refresh()
        near = self._naming(self._by_member.get(member, ()), head)
        return [i for i in near if names_trait(i) and self._trait_of(i) is None and self._head_of(i) == head]

    def of_trait(self, trait: str) -> tuple[Impl, ...]:
        """All impls of the trait."""
        self.refresh()
        found = self._of_trait.get(trait)
        if found is None:
            near = sorted(self._mentioning(last_name(trait)), key=self._order.__getitem__)
            found = tuple(impl for impl in near if self._implements(impl, trait))
            self._answer(self._of_trait, trait, last_name(trait), found)
        return found

    def of_trait_for(self, trait: str, head: str) -> tuple[Impl, ...]:
        """The impls of the trait for types of this head; "" for those for a type parameter."""
        self.refresh()
        key = (trait, head)
        found = self._of_trait_for.get(key)
        if found is None:
            word = last_name(head)
            near = self._mentioning(last_name(trait))
            if head == "":
                near = frozenset(impl for impl in near if _may_be_blanket(self._head_text(impl)))
            elif _WORD.fullmatch(word):
                near &= self._mentioning(word)
            ordered = sorted(near, key=self._order.__getitem__)
            found = tuple(impl for impl in ordered if self._implements(impl, trait) and self._head_of(impl) == head)
            self._answer(self._of_trait_for, key, last_name(trait), found)
        return found

    def unclear(self, trait: str) -> list[Impl]:
        """Impls of a trait that is not known, with the name of this one in their head."""
        self.refresh()
        near = sorted(self._by_word.get(last_name(trait), ()), key=self._order.__getitem__)
        return [impl for impl in near if self._trait_of(impl) is None and names_trait(impl)]

    def traits_with(self, member: str) -> tuple[Definition, ...]:
        """All traits that declare the member."""
        self.refresh()
        return tuple(self._traits_with.get(member, ()))

    def refresh(self) -> None:
        """Takes in the modules registered since the last question."""
        modules = self._tree.modules
        if self._indexed == len(modules):
            return
        first = len(self._order)
        self._new_names.clear()
        while self._indexed < len(modules):
            module = modules[self._indexed]
            self._indexed += 1
            # Most blocks that declare items only import; names given there serve no impl.
            if not module.block or any(item.kind in _TAKEN_IN for item in module.items):
                self._index(module)
        if len(self._order) > first or not self._new_names.isdisjoint(self._by_word):
            self._forget(islice(self._order, first, None))

    def _forget(self, added: Iterable[Impl]) -> None:
        """Drops the answers that these impls, or the names that came with them, may change."""
        words = {word for impl in added for word in self._head_words(impl)}
        words |= self._new_names & self._by_word.keys()
        if any(word in self.renames for word in words):
            names = [name for name in self._answers if self._may_concern(name, words)]
        else:
            names = [name for name in words | self._unwritten if name in self._answers]
        for name in names:
            for answers, key in self._answers.pop(name):
                answers.pop(key, None)

    def _answer(self, answers: dict[Key, Found], key: Key, name: bytes, found: Found) -> None:
        """Remembers an answer, which impls that have this name in their heads may change."""
        answers[key] = found
        self._answers.setdefault(name, []).append((answers, key))
        if not _WORD.fullmatch(name):
            self._unwritten.add(name)

    def _may_concern(self, name: bytes, words: set[bytes]) -> bool:
        return not words.isdisjoint(self.renames.spellings(name)) or not _WORD.fullmatch(name)

    def _head_words(self, impl: Impl) -> set[bytes]:
        return set(_WORD.findall(self._head_text(impl)))

    def _head_text(self, impl: Impl) -> bytes:
        item, data = impl.item, impl.module.file.source.data
        end = data.find(b"{", item.start, item.end)
        return data[item.start : item.end if end < 0 else end]

    def _index(self, module: Module) -> None:
        for item in module.items:
            kind = item.kind
            if kind == "impl":
                self._index_impl(self.impl_of(module, item))
            elif kind == "trait":
                self._index_trait(module, item)
            elif kind == "type" or kind == "use":
                self._new_names |= self.renames.take_in(item, module.file.source.data)
            elif kind == "const" and item.name == "_":
                self._open_const(module, item)

    def _index_impl(self, impl: Impl) -> None:
        self._order[impl] = len(self._order)
        for word in self._head_words(impl):
            self._by_word.setdefault(word, []).append(impl)
        for member in impl.item.members:
            self._by_member.setdefault(member.name, []).append(impl)

    def _index_trait(self, module: Module, item: Item) -> None:
        definition = self._tree.table(module).definitions[item.start]
        for member in item.members:
            self._traits_with.setdefault(member.name, []).append(definition)

    def _open_const(self, module: Module, item: Item) -> None:
        """`const _: () = { impl .. };` implements for everyone, though it stands in a block."""
        if b"impl" not in module.file.source.data[item.start : item.end]:
            return
        detail = module.file.detail(item)
        if isinstance(detail, ValueDetail) and detail.body is not None:
            for scope in detail.body.scopes:
                self._tree.add_block(module, module.file, scope)

    def _mentioning(self, word: bytes) -> frozenset[Impl]:
        """Impls with the word in their head, or another that may stand for it."""
        near = self._near.get(word)
        if near is None:
            spelled = self.renames.spellings(word)
            near = frozenset(impl for name in spelled for impl in self._by_word.get(name, ()))
            self._answer(self._near, word, word, near)
        return near

    def _naming(self, impls: Iterable[Impl], head: str) -> Iterable[Impl]:
        """Those of the impls whose head has the word that a type's head comes down to."""
        word = last_name(head)
        if not _WORD.fullmatch(word):
            return impls
        near = self._mentioning(word)
        return [impl for impl in impls if impl in near]

    def _is_inherent(self, impl: Impl, head: str) -> bool:
        detail = impl.module.file.detail(impl.item)
        return isinstance(detail, ImplDetail) and detail.trait is None and self._head_of(impl) == head

    def _implements(self, impl: Impl, trait: str) -> bool:
        found = self._trait_of(impl)
        return found is not None and found.path == trait


def _may_be_blanket(head: bytes) -> bool:
    """Whether the text before an impl's body may be `impl<T> Trait for T`."""
    if b"/*" in head or b"//" in head:
        return True
    return any(head.find(name[1], 0, name.start()) >= 0 for name in _FOR_NAME.finditer(head))


def names_trait(impl: Impl) -> bool:
    detail = impl.module.file.detail(impl.item)
    return isinstance(detail, ImplDetail) and detail.trait is not None


def last_name(path: str) -> bytes:
    return path.rpartition("::")[2].partition("#")[0].rpartition(" ")[2].encode()
