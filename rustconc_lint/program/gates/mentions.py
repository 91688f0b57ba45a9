"""Names in the text of a body, for gates of speed: which words stand there, and what a path written there names.

No body is lowered for it: text is split into words, and the path around a word is resolved in the module of the item.
What the text does not tell (a method, an associated function, names declared or imported within the body) is OPEN,
never absent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Final, Literal, NamedTuple, cast

from rustconc_lint.facts.file import RustFile
from rustconc_lint.facts.model import Item, Path, Segment
from rustconc_lint.inquiry import AskedWords, told_by_file, told_by_text
from rustconc_lint.program.definitions import Definition, Module
from rustconc_lint.program.names.names import Names, Namespace
from rustconc_lint.source import ENDS, LETTER, NAME, WORD_BYTES, SourceFile

_SPACE = frozenset(b" \t\r\n")
_DOT, _COLON, _SLASH = b".:/"
_SPLIT = bytes(byte if byte in WORD_BYTES else 0x20 for byte in range(256))
_BEFORE = re.compile(rb"(?<![\w\x80-\xff>:])((?:::\s*)?(?:" + LETTER + rb"+\s*::\s*)+)\Z")
_ARGUMENTS = re.compile(rb"(?:\s*::\s*<[^;{}()]*>)?\s*\((\s*\))?")
_STATIC = re.compile(rb"static\s+(?:mut\s+)?" + NAME + rb"\s*:")
_DECLARED = re.compile(rb"\b(?:fn|struct|enum|union|mod|trait|type|static|const)\s+(" + NAME + rb")")
_DECLARING = frozenset((b"struct", b"enum", b"union", b"mod", b"trait", b"type", b"static", b"const"))
_IMPORT = re.compile(rb"\buse\s+([^;]+);")
_OPENING = re.compile(rb"\b(?:impl|(?:fn|trait|struct|enum|type)\s+" + NAME + rb")\s*<")
_BRACKET = re.compile(rb"<|(?<![-=])>")
_NEAR = len("unsafe impl <")
_LOOK_BACK = 120  # bytes in which the path before a name is looked for

OPEN: Final = "open"
Named = Definition | Literal["open"] | None


class Mention(NamedTuple):
    """A name where it stands. path: the names before it ("" for a leading `::`), then itself; () if they are not read.
    method: it is behind a dot. called: parentheses follow; empty: there is nothing between them."""

    path: tuple[str, ...]
    method: bool
    called: bool
    empty: bool


def words_in(text: bytes) -> frozenset[bytes]:
    """The words of a text, those in comments and strings too."""
    return frozenset(text.translate(_SPLIT).split())


@told_by_text
def text_of(definition: Definition) -> bytes:
    """The text of an item, attributes aside."""
    item = definition.item
    return definition.module.file.source.data[item.start : item.end]


@told_by_text
def finds(definition: Definition, pattern: re.Pattern[bytes]) -> bool:
    """Whether the pattern is in the text of an item."""
    return pattern.search(text_of(definition)) is not None


@told_by_file
def has(source: SourceFile, part: bytes) -> bool:
    """Whether these bytes are in the text of a file."""
    return part in source.data


def words_of(definition: Definition) -> frozenset[bytes]:
    """The words of an item's text, attributes aside."""
    source, item = definition.module.file.source, definition.item
    words = words_in(source.data[item.start : item.end])
    # What notes questions answers them as a set does.
    return words if source.inquiry is None else cast(frozenset[bytes], AskedWords(words, definition, source.inquiry))


def header(data: bytes, item: Item) -> bytes:
    """The text of an item before its body, from its name on where it has one."""
    end = data.find(b"{", item.start, item.end)
    return data[item.name_start or item.start : end if end >= 0 else item.end]


class Mentions:
    """Questions about the texts of items, each text split once."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._words: dict[int, tuple[Definition, frozenset[bytes]]] = {}
        self._parameters: dict[tuple[RustFile, int], frozenset[bytes]] = {}
        self._own: dict[tuple[RustFile, int], frozenset[bytes]] = {}
        self._named: dict[tuple[Module, Namespace, tuple[str, ...]], Named] = {}

    def meanings(self, names: AbstractSet[bytes], types: bool = False) -> dict[bytes, tuple[bytes, ...]]:
        """The words that may mean one of the names -> the names that it may mean. `types`: they are names of types."""
        found: dict[bytes, set[bytes]] = {}
        for name in names:
            for word in self.names.renames.spellings(name, aliases=types):
                found.setdefault(word, set()).add(name)
        return {word: tuple(sorted(meant)) for word, meant in found.items()}

    def bodiless(self, near: re.Pattern[bytes]) -> Iterator[Definition]:
        """See Names.bodiless."""
        return self.names.bodiless(near)

    def words(self, definition: Definition) -> frozenset[bytes]:
        """The words of an item's text."""
        found = self._words.get(id(definition))
        if found is None:
            found = self._words[id(definition)] = definition, words_of(definition)
        return found[1]

    def forget(self, definition: Definition) -> None:
        """Keeps nothing of what the text of this definition says."""
        self._words.pop(id(definition), None)
        for known in (self._own, self._parameters):
            known.pop((definition.module.file, definition.item.start), None)

    @told_by_text
    def declares_static(self, definition: Definition) -> bool:
        """Whether there are statics within the item, or it is one."""
        return b"static" in self.words(definition) and bool(_STATIC.search(text_of(definition)))

    @told_by_text
    def of(self, definition: Definition, word: bytes, head: bool = False) -> Iterator[Mention]:
        """Where the word stands in the item's text (or the part before its body); not where it is its own name."""
        data, item = definition.module.file.source.data, definition.item
        last = data.find(b"{", item.name_start, item.end) if head else item.end
        last = item.end if last < 0 else last
        at = data.find(word, item.start, last)
        while at >= 0:
            end = at + len(word)
            whole = (at == 0 or data[at - 1] not in WORD_BYTES) and (end == len(data) or data[end] not in WORD_BYTES)
            if whole and at != item.name_start and not _in_comment(data, at):
                yield _mention(data, at, end)
            at = data.find(word, end, last)

    def named(self, definition: Definition, mention: Mention, namespace: Namespace = "value") -> Named:
        """The item that a mention names, None when nothing is known by that name; OPEN when the text does not tell."""
        path = mention.path
        if mention.method or not path or path[0] in ("Self", "") or self.may_declare(definition, path[0]):
            return OPEN
        key = (definition.module, namespace, path)
        if key not in self._named:
            self._named[key] = self._resolved(path, definition.module, namespace)
        return self._named[key]

    def _resolved(self, path: tuple[str, ...], module: Module, namespace: Namespace) -> Named:
        found = self.names.resolve(Path(0, 0, tuple([Segment(name) for name in path])), module, namespace)
        if found is None:
            return None
        return found.target if found.used == len(path) and isinstance(found.target, Definition) else OPEN

    @told_by_text
    def is_of_another_type(self, definition: Definition, mention: Mention, types: AbstractSet[bytes]) -> bool:
        """Whether a mention `Type::name` is known to be of none of these types; "" is any."""
        if len(mention.path) < 2:
            return True
        holder = mention.path[-2].encode()
        if b"" in types or holder in types:
            return False
        data, container = definition.module.file.source.data, definition.container
        if holder == b"Self":
            return container is not None and types.isdisjoint(words_in(header(data, container.item)))
        # Imports within the body keep a type's name, unless they rename it.
        words = self.words(definition)
        renamed = (b"as" in words or b"type" in words) and re.search(
            rb"\b(?:as|type)\s+" + holder + ENDS, text_of(definition)
        )
        if renamed or holder in self.parameters(definition):
            return False
        return all(holder not in self.names.renames.spellings(name) for name in types)

    @told_by_text
    def may_declare(self, definition: Definition, name: str) -> bool:
        """Whether the item may give a name its meaning itself: a type parameter, an import or an item within."""
        key = (definition.module.file, definition.item.start)
        found = self._own.get(key)
        if found is None:
            found = self._own[key] = self._declared(definition)
        return name.encode() in found

    def _declared(self, definition: Definition) -> frozenset[bytes]:
        """The names that the item declares or imports, and more; all its words where it imports everything."""
        data, item, words = definition.module.file.source.data, definition.item, self.words(definition)
        found = self.parameters(definition)
        if not words.isdisjoint(_DECLARING) or data.find(b"fn ", item.name_start, item.end) >= 0:
            found = found.union(_DECLARED.findall(data, item.name_start + len(item.name), item.end))
        for imported in _IMPORT.findall(data, item.start, item.end) if b"use" in words else ():
            if b"*" in imported:
                return words
            found |= words_in(imported)
        return found

    def parameters(self, definition: Definition) -> frozenset[bytes]:
        """The words of all generics in the item, and of those of its impl or trait: parameters and their bounds."""
        key = (definition.module.file, definition.item.start)
        found = self._parameters.get(key)
        if found is None:
            data, item = definition.module.file.source.data, definition.item
            texts = _generics(data, item.start, item.name_start + len(item.name) + _NEAR, item.end)
            if definition.container is not None:
                head = definition.container.item
                texts += _generics(
                    data, head.start, max(head.name_start, head.start) + len(head.name) + _NEAR, head.end
                )
            for word in (b"fn ", b"impl"):
                within = data.find(word, item.name_start, item.end)
                if within >= 0:
                    texts += _generics(data, within, item.end, item.end)
            found = self._parameters[key] = words_in(b" ".join(texts))
        return found


def _generics(data: bytes, start: int, last: int, end: int) -> list[bytes]:
    """What stands between `<` and `>` behind each `impl`, or name of a fn or type, that begins in `start..last`."""
    texts: list[bytes] = []
    for opening in _OPENING.finditer(data, start, min(last, end)):
        depth = 0
        for bracket in _BRACKET.finditer(data, opening.end() - 1, end):
            depth += 1 if bracket[0] == b"<" else -1
            if depth == 0:
                texts.append(data[opening.end() : bracket.start()])
                break
    return texts


def _in_comment(data: bytes, at: int) -> bool:
    """Whether a `//` comment surely stands before an offset on its line: there is no string that it could be in."""
    line = data[data.rfind(b"\n", 0, at) + 1 : at]
    return b"//" in line and b'"' not in line


def _mention(data: bytes, at: int, end: int) -> Mention:
    """A word with the path before it, where that stands on one line; a comment in between makes it unreadable."""
    call = _ARGUMENTS.match(data, end)
    called, empty = call is not None, call is not None and call[1] is not None
    last = at - 1
    while last > 0 and data[last] in _SPACE:
        last -= 1
    if data[last] == _DOT:
        return Mention((), True, called, empty)
    if data[last] != _COLON or data[last - 1] != _COLON:
        # Behind a comment the path may go on.
        unclear = last != at - 1 and (data[last] == _SLASH or b"//" in data[data.rfind(b"\n", 0, last) + 1 : last])
        return Mention(() if unclear else (_text(data[at:end]),), False, called, empty)
    start = max(at - _LOOK_BACK, 0)
    before = _BEFORE.search(data, start, at)
    if before is None or before.start() == start > 0 or b"\n" in before[0]:
        return Mention((), False, called, empty)
    names = before[1].translate(_SPLIT).split()
    if before[1].startswith(b"::"):
        names.insert(0, b"")
    return Mention(tuple([_text(name) for name in (*names, data[at:end])]), False, called, empty)


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")
