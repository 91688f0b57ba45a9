"""Early cutoff: an edit that changes no answer that a run was given changes nothing that the run has found.

A run over an edited file would be asked the same questions and go the same way, if what differs is the bodies of
functions that the last run has not read, and each question about their text (inquiry.py) has the same answer as before.
Then its findings are those of the last run, moved by what was written before them. Whatever is not sure to be so is
left to a new run: a file that cannot be parsed, an edit of a body that was read, a function of the linter that has
looked at the text in a way that is not known to pass such bodies by.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from operator import itemgetter
from typing import NamedTuple

import msgspec

from rustconc_lint.analysis import Analysis
from rustconc_lint.facts.file import RustFile
from rustconc_lint.facts.model import Item
from rustconc_lint.finding import Finding
from rustconc_lint.inquiry import Inquiry, Question
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.gates.mentions import Mentions, words_in
from rustconc_lint.source import SourceFile, Span

# Who looks at a file's text without an inquiry, and sees no body that has not been read: heads of items, items other
# than functions, and nodes of bodies that were read, with what stands before them on their line.
PASSING_BY = frozenset(
    f"rustconc_lint.program.{name}"
    for name in (
        "gates.mentions:words_of",  # its answer notes what it is asked
        "gates.relevance:takes_code", "gates.relevance:takes_two", "gates.written_calls:seen_from",
        "hangs.channel_gate:returns", "interpret.reach:Reach.holder_words",
        "legality.borrowed_joins:name_of", "legality.change_gate:ChangeGate.fields_of_self",
        "legality.change_gate:ChangeGate.lets_through", "legality.change_gate:ChangeGate.sees",
        "legality.change_gate:ChangeGate.take_in", "legality.change_gate:ChangeGate.take_in_values",
        "legality.change_gate:Reading.__init__",
        "legality.mending:as_loop", "legality.mending:before_line", "legality.mending:received_before",
        "legality.shadowing:has_attribute", "legality.shadowing:shadowed", "legality.shadowing:written_name",
        "legality.shared_changes:written", "legality.taking_out:called_on",
        "legality.spawn_gate:Wrappers.among", "legality.spawn_gate:Wrappers.bounded",
        "legality.spawn_gate:Wrappers.may_be_code", "legality.spawn_gate:code_traits",
        "legality.spawn_gate:hides", "legality.spawn_gate:traits_of_code",
        "names.impls:ImplIndex._head_text", "names.impls:ImplIndex._index", "names.impls:ImplIndex._open_const",
        "names.macro_impls:MacroImpls._refresh", "names.members:_text",
        "names.names:Names.bodiless", "names.names:Names.functions", "names.names:Names.functions_in_blocks",
        "names.names:Names.traits", "traits.written_bounds:method_bounds_on",
    )
)  # fmt: skip


class Base(msgspec.Struct, frozen=True):
    """A run, and what it has asked about the file at `path`."""

    made: Analysis
    sources: Mapping[str, SourceFile]
    path: str
    inquiry: Inquiry


class Change(NamedTuple):
    """A body with another text. start, end: where its inside was. function, edited: where its item starts, before and
    after."""

    start: int
    end: int
    function: int
    edited: int


class Difference(NamedTuple):
    """What differs between two texts of a file, and the pieces that do not: where they were, and how far they moved."""

    changes: list[Change]
    kept: list[tuple[int, int, int]]


def carried_over(base: Base, source: SourceFile) -> Analysis | None:
    """What a run would have made now that the file is `source`, None when that is not known without running."""
    old = base.made.files[base.path]
    if any(name.startswith("rustconc_lint.") and not _passes_by(name) for name in base.inquiry.readers):
        return None
    base.inquiry.depth += 1  # what is asked from here on is no part of the run
    try:
        new = RustFile(source)
        difference = _difference(old, new)
        if difference is None or not _same_answers(base, new, difference.changes):
            return None
        moved = Moved(base.path, difference.kept)
        try:
            if not moved.keeps_names(old):
                return None
            found = tuple(map(moved.finding, base.made.found))
        except Inside:
            return None
    finally:
        base.inquiry.depth -= 1
    return msgspec.structs.replace(base.made, files={**base.made.files, base.path: new}, found=found)


def _passes_by(reader: str) -> bool:
    """Facts speak of what was read; what is done with findings is done again."""
    return not reader.startswith(("rustconc_lint.program.", "rustconc_lint.checks.")) or reader in PASSING_BY


# ---------------------------------------------------------------- what differs


def _difference(old: RustFile, new: RustFile) -> Difference | None:
    """What differs, None when it is not in bodies that nobody has read, or in line comments between items."""
    if old.has_errors or new.has_errors or old.attributes != new.attributes:
        return None
    if old.fragment is not None or new.fragment is not None:
        return None
    read, data, new_data = old.bodies_read(), old.source.data, new.source.data
    before, after = list(old.pieces()), list(new.pieces())
    if len(before) != len(after):
        return None
    found = Difference([], [])
    for (start, end, function), (new_start, new_end, edited) in zip(before, after, strict=True):
        if data[start:end] == new_data[new_start:new_end] and (function < 0) == (edited < 0):
            found.kept.append((start, end, new_start - start))
            continue
        unread = function >= 0 and edited >= 0 and function not in read
        if not (unread and _ends_its_line(data, end + 1) and _ends_its_line(new_data, new_end + 1)):
            return None
        found.changes.append(Change(start, end, function, edited))
    return found


def _ends_its_line(data: bytes, end: int) -> bool:
    """Whether nothing but closing braces stands on a line from here on."""
    line = data.find(b"\n", end)
    return not data[end : line if line >= 0 else len(data)].strip(b" \t\r}")


# ---------------------------------------------------------------- what was asked


def _same_answers(base: Base, new: RustFile, changes: list[Change]) -> bool:
    """Whether all questions have the same answers."""
    old, inquiry = base.made.files[base.path], base.inquiry
    if any(
        question.answer(old.source) != question.answer(new.source) for question in inquiry.questions.get(old.source, ())
    ):
        return False
    mentions = base.made.program.mentions
    for subject in {*inquiry.questions, *inquiry.words} - {old.source}:
        near = [one for one in changes if subject.item.start < one.end and one.start < subject.item.end]
        if not near:
            continue
        edited = _edited(subject, new, near)
        if edited is None or not _says_the_same(subject, edited, inquiry, mentions):
            return False
    return True


def _edited(subject: Definition, new: RustFile, changes: list[Change]) -> Definition | None:
    """The function with its other text, None for anything else that holds it."""
    place = next((one.edited for one in changes if one.function == subject.item.start and subject.kind == "fn"), -1)
    item = _item_at(new.items, place)
    if item is None:
        return None
    module = msgspec.structs.replace(subject.module, file=new)
    container = subject.container
    if container is not None:
        around = _item_around(new.items, item)
        if around is None:
            return None
        container = msgspec.structs.replace(container, module=module, item=around)
    return msgspec.structs.replace(subject, module=module, item=item, container=container)


def _item_at(items: tuple[Item, ...], place: int) -> Item | None:
    """The item that starts there."""
    for item in items:
        if item.start <= place < item.end:
            return item if item.start == place else _item_at(item.members, place)
    return None


def _item_around(items: tuple[Item, ...], inner: Item) -> Item | None:
    """The impl that a function is a member of."""
    for item in items:
        if item.start <= inner.start < item.end:
            return item if item.kind == "impl" else _item_around(item.members, inner)
    return None


def _says_the_same(old: Definition, new: Definition, inquiry: Inquiry, mentions: Mentions) -> bool:
    words, new_words = _words(old), _words(new)
    if words != new_words and not _agree(inquiry.words.get(old, ()), words, new_words):
        return False
    try:
        return _agree(inquiry.questions.get(old, ()), old, new)
    finally:
        mentions.forget(new)


def _agree(questions: list[Question] | tuple[()], one: object, other: object) -> bool:
    return all(question.answer(one) == question.answer(other) for question in questions)


def _words(definition: Definition) -> frozenset[bytes]:
    item = definition.item
    return words_in(definition.module.file.source.data[item.start : item.end])


# ---------------------------------------------------------------- where things are now


_BLOCK = re.compile(r"\{\d+\}")  # in a name: the place of a block


class Inside(Exception):
    """A place is within a body that differs, or a text speaks of one."""


class Moved:
    """Places in a file after its changes. kept: what has not changed: where it was, and how far it has moved."""

    def __init__(self, path: str, kept: list[tuple[int, int, int]]) -> None:
        self.path = path
        self.kept = kept

    def offset(self, at: int) -> int:
        """Where it is now. Raises Inside."""
        index = bisect_right(self.kept, at, key=itemgetter(0)) - 1
        if index < 0 or at > self.kept[index][1]:
            raise Inside
        return at + self.kept[index][2]

    def span(self, span: Span) -> Span:
        if span.path != self.path:
            return span
        return Span(span.path, self.offset(span.start), self.offset(span.end))

    def keeps_names(self, file: RustFile) -> bool:
        """Whether the names of what blocks declare, which have the places of these in them, are in the same order."""
        places = [scope.start for body in file.bodies_read().values() for scope in body.scopes]
        return all(len(str(place)) == len(str(self.offset(place))) for place in places)

    def finding(self, finding: Finding) -> Finding:
        """The finding in its place. Raises Inside."""
        fix = finding.fix
        texts = (finding.message, finding.help, finding.label, *(label.message for label in finding.labels))
        if any(map(_BLOCK.search, texts)):
            raise Inside
        if fix is not None:
            edits = tuple(msgspec.structs.replace(edit, span=self.span(edit.span)) for edit in fix.edits)
            fix = msgspec.structs.replace(fix, edits=edits)
        labels = tuple(msgspec.structs.replace(label, span=self.span(label.span)) for label in finding.labels)
        return msgspec.structs.replace(finding, span=self.span(finding.span), labels=labels, fix=fix)
