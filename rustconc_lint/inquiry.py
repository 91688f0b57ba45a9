"""What a run has asked about the text of one file: what an early cutoff asks again when the text has changed.

The bodies of most functions are never read: gates ask for words and patterns in their text and go on. As long as an
edit of such a body gives each of those questions the same answer, the run would be the same. Whoever looks at the text
otherwise is noted by name. Nothing is noted, and nothing is slower, unless the file's source has an inquiry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Set
from functools import wraps
from types import FrameType
from typing import Any, NamedTuple, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

TOLD: set[str] = set()  # the functions that are noted with what they are asked
_THROUGH = frozenset(("rustconc_lint.source:SourceFile.text", "rustconc_lint.facts.file:RustFile.mentions"))


class Question(NamedTuple):
    """A function of a text, and what it was called with; the text is argument `at`."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    at: int

    def answer(self, subject: object) -> object:
        """What it says when it is asked about another text."""
        found = self.function(*self.arguments[: self.at], subject, *self.arguments[self.at + 1 :])
        return tuple(found) if isinstance(found, Iterator) else found


class Inquiry:
    """questions: by what they are about, a definition or the file. words: those about the words of a definition.
    readers: who has looked at the text otherwise, as `module:function`."""

    def __init__(self) -> None:
        self.questions: dict[Any, list[Question]] = {}
        self.words: dict[Any, list[Question]] = {}
        self.readers: set[str] = set()
        self.depth = 0  # of questions that are being answered: what these look at is noted with them

    def ask(self, question: Question) -> Any:
        """Notes a question and answers it."""
        if self.depth == 0:
            self.questions.setdefault(question.arguments[question.at], []).append(question)
        self.depth += 1
        try:
            return question.function(*question.arguments)
        finally:
            self.depth -= 1

    def note_words(self, subject: object, question: Question) -> None:
        if self.depth == 0:
            self.words.setdefault(subject, []).append(question)

    def note_reader(self, frame: FrameType) -> None:
        """Notes who looks at the text."""
        name = name_of(frame)
        while name in _THROUGH and frame.f_back is not None:
            frame = frame.f_back
            name = name_of(frame)
        if name not in TOLD:
            self.readers.add(name)


def name_of(frame: FrameType) -> str:
    """The function that a frame belongs to: the outer one of a comprehension."""
    return f"{frame.f_globals['__name__']}:{frame.f_code.co_qualname.partition('.<locals>')[0]}"


def told_by_text(function: Callable[P, T]) -> Callable[P, T]:
    """Marks a function that looks at nothing but the text of the definition that is its first argument, and keeps no
    answers."""
    return _told(function, lambda definition: definition.module.file.source)


def told_by_file(function: Callable[P, T]) -> Callable[P, T]:
    """Marks a function that looks at nothing but the text of the source file that is its first argument."""
    return _told(function, lambda source: source)


def _told(function: Callable[P, T], source_of: Callable[[Any], Any]) -> Callable[P, T]:
    code = function.__code__  # type: Any
    at = int(code.co_varnames[0] == "self")
    TOLD.add(f"{function.__module__}:{function.__qualname__}")

    @wraps(function)
    def asked(*arguments: P.args, **named: P.kwargs) -> T:
        inquiry = source_of(arguments[at]).inquiry
        if inquiry is None:
            return function(*arguments, **named)
        found: T = inquiry.ask(Question(function, (*arguments, *named.values()), at))
        return found

    return asked


class AskedWords(Set[bytes]):
    """The words of a definition's text, each question about them noted. It is no set, so that none goes unnoticed:
    whatever is not foreseen here looks at all words."""

    def __init__(self, words: frozenset[bytes], subject: object, inquiry: Inquiry) -> None:
        self._words = words
        self._subject = subject
        self._inquiry = inquiry

    @classmethod
    def _from_iterable(cls, it: Iterable[Any]) -> Any:
        return frozenset(it)

    def _ask(self, function: Callable[..., Any], *operands: Any) -> Any:
        self._inquiry.note_words(self._subject, Question(function, (None, *operands), 0))
        return function(self._words, *operands)

    def __contains__(self, word: object) -> bool:
        return bool(self._ask(_has, word))

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._ask(_all))

    def __len__(self) -> int:
        return len(self._ask(_all))

    def isdisjoint(self, other: Iterable[Any]) -> bool:
        return bool(self._ask(_are_disjoint, frozenset(other)))

    def __and__(self, other: Set[Any]) -> Any:
        return self._ask(_common, frozenset(other))

    __rand__ = __and__


def _all(words: frozenset[bytes]) -> frozenset[bytes]:
    return words


def _has(words: frozenset[bytes], word: object) -> bool:
    return word in words


def _are_disjoint(words: frozenset[bytes], other: frozenset[bytes]) -> bool:
    return words.isdisjoint(other)


def _common(words: frozenset[bytes], other: frozenset[bytes]) -> frozenset[bytes]:
    return words & other
