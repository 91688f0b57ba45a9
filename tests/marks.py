"""`//~` marks -> which findings a Rust text expects.

    code();  //~ missing-move               a finding of this rule begins on this line
    //~^ missing-move "borrows `name`"      ... on the line above, with these words in its message; `^^` two lines up
    //~ missed: missing-move                should be found here, and is not yet
    //~ false: missing-move                 is found here, and should not be

The words after a `missed:` or `false:` are words of the Limits section that explains it. A line may have several marks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MARK = re.compile(
    r'//~(?P<up>\^*)\s*(?:(?P<kind>missed|false):\s*)?(?P<rule>[a-z][a-z0-9-]*)?\s*(?:"(?P<words>[^"]*)")?\s*(?=//~|$)'
)


class MarkError(ValueError):
    """A `//~` that cannot be read; the message names the line."""


@dataclass(frozen=True)
class Mark:
    """`kind`: "found", "missed" or "false"; `line` is the 1-based line that the mark is about."""

    line: int
    rule: str
    kind: str
    words: str

    def __str__(self) -> str:
        kind = "" if self.kind == "found" else f"{self.kind}: "
        words = f' "{self.words}"' if self.words else ""
        return f"line {self.line}: {kind}{self.rule}{words}"


def read_marks(text: str) -> tuple[Mark, ...]:
    """The marks of a Rust text in order. Raises MarkError for one that cannot be read."""
    return tuple(mark for number, line in enumerate(text.split("\n"), start=1) for mark in _of_line(line, number))


def without_marks(text: str) -> str:
    """The same text with its marks taken away; lines and columns of the code stay where they are."""
    return "\n".join(line[: line.index("//~")].rstrip() if "//~" in line else line for line in text.split("\n"))


def _of_line(line: str, number: int) -> list[Mark]:
    if "//~" not in line:
        return []
    marks, position = [], line.index("//~")
    line = line.rstrip()
    while position < len(line):
        match = MARK.match(line, position)
        if match is None or match["rule"] is None or match.end() == position:
            raise MarkError(f"line {number}: cannot read the mark `{line[position:]}`")
        about = number - len(match["up"])
        if about < 1:
            raise MarkError(f"line {number}: the mark points above the file")
        marks.append(Mark(about, match["rule"], match["kind"] or "found", match["words"] or ""))
        position = match.end()
    return marks
