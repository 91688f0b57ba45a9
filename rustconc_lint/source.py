"""Source text and places in it: a file's bytes, spans, and the lines and columns people and editors count in.

Everything inside the program counts bytes from the start of the file, 0-based and half-open. Lines and columns are
made here, only when something is shown. A line ends at `\\n`; a `\\r` before it and a byte order mark at the start of
the file belong to no line. Bytes that are not UTF-8 count as one character each.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right

import msgspec

from rustconc_lint.inquiry import Inquiry

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

# What names are made of, for searches in bytes: letters that are not ASCII are bytes from 0x80 on, which `\w` and `\b`
# do not know.
LETTER = rb"[\w\x80-\xff]"
NAME = rb"[A-Za-z_\x80-\xff]" + LETTER + rb"*"
STARTS = rb"(?<!" + LETTER + rb")"
ENDS = rb"(?!" + LETTER + rb")"
WORD_BYTES = frozenset(byte for byte in range(256) if re.match(LETTER, bytes((byte,))))


class Span(msgspec.Struct, frozen=True, order=True):
    """The half-open byte range `start..end` of the file at `path`."""

    path: str
    start: int
    end: int


class SourceFile:
    """One file as it was read. `edition` is "2015", "2018", "2021", "2024", or "" when nothing says so.

    The line index is made at the first question about a line.
    """

    __slots__ = ("_line_starts", "data", "edition", "path")

    def __init__(self, path: str, data: bytes, edition: str = "") -> None:
        self.path = path
        self.data = data
        self.edition = edition
        self._line_starts: list[int] | None = None

    @property
    def inquiry(self) -> Inquiry | None:
        """Where it is noted what is asked about this text, None: nowhere."""
        return None

    def span(self, start: int, end: int) -> Span:
        """The bytes `start..end` of this file."""
        return Span(self.path, start, end)

    def text(self, start: int, end: int) -> str:
        """The bytes `start..end` as text."""
        return self.data[start:end].decode("utf-8", "replace")

    @property
    def line_count(self) -> int:
        """Number of lines; a final `\\n` ends the last line and begins none."""
        starts = self._starts()
        return len(starts) - (len(starts) > 1 and starts[-1] == len(self.data))

    def line_column(self, offset: int) -> tuple[int, int]:
        """Line and column of a byte offset, both 1-based, the column in characters (a tab is one)."""
        line = self._line_of(offset)
        return line, len(self._before(line, offset)) + 1

    def utf16_column(self, offset: int) -> int:
        """1-based column of a byte offset in UTF-16 code units, as editors count (LSP subtracts one)."""
        before = self._before(self._line_of(offset), offset)
        return len(before.encode("utf-16-le")) // 2 + 1

    def line_start(self, line: int) -> int:
        """Byte offset of the first character of a 1-based line."""
        return self._starts()[line - 1]

    def line_text(self, line: int) -> str:
        """The text of a 1-based line without its line end; "" past the last line."""
        starts = self._starts()
        if not 1 <= line <= len(starts):
            return ""
        end = starts[line] if line < len(starts) else len(self.data)
        text = self._decoded(starts[line - 1], end)
        return text[:-2] if text.endswith("\r\n") else text.removesuffix("\n")

    def line_break(self, offset: int) -> str:
        """`\\n` or `\\r\\n`: how the line of a byte offset ends, or, for the last one, the line before it."""
        end = self.data.find(b"\n", offset)
        end = end if end >= 0 else self.data.rfind(b"\n")
        return "\r\n" if end > 0 and self.data[end - 1] == 0x0D else "\n"

    def offset(self, line: int, utf16_column: int) -> int:
        """Byte offset of a 1-based line and 1-based UTF-16 column; past the end of a line it is the line's end."""
        text = self.line_text(line).encode("utf-16-le")[: 2 * (utf16_column - 1)].decode("utf-16-le", "ignore")
        starts = self._starts()
        start = starts[line - 1] if 1 <= line <= len(starts) else len(self.data)
        return start + len(text.encode())

    def _starts(self) -> list[int]:
        starts = self._line_starts
        if starts is None:
            data = self.data
            starts = [len(BYTE_ORDER_MARK) if data.startswith(BYTE_ORDER_MARK) else 0]
            position = data.find(b"\n")
            while position >= 0:
                starts.append(position + 1)
                position = data.find(b"\n", position + 1)
            self._line_starts = starts
        return starts

    def _line_of(self, offset: int) -> int:
        return max(1, bisect_right(self._starts(), min(offset, len(self.data))))

    def _before(self, line: int, offset: int) -> str:
        """The text of a line up to the character that holds a byte offset."""
        start = self._starts()[line - 1]
        return self._decoded(start, max(start, _character_start(self.data, offset)))

    def _decoded(self, start: int, end: int) -> str:
        return self.data[start:end].decode("utf-8", "replace")


class AskedSource(SourceFile):
    """A source whose text nobody sees unnoted."""

    __slots__ = ("_inquiry", "_text")

    def __init__(self, path: str, data: bytes, edition: str, inquiry: Inquiry) -> None:
        self._inquiry = inquiry
        super().__init__(path, data, edition)

    @property
    def inquiry(self) -> Inquiry | None:
        return self._inquiry

    @property
    def data(self) -> bytes:
        """The text."""
        if self._inquiry.depth == 0:
            self._inquiry.note_reader(sys._getframe(1))
        return self._text

    @data.setter
    def data(self, text: bytes) -> None:
        self._text = text


def _character_start(data: bytes, offset: int) -> int:
    """Start of the UTF-8 sequence that a byte offset falls in, at most three bytes back."""
    if offset >= len(data):
        return len(data)
    start = offset
    while start > 0 and offset - start < 3 and data[start] & 0xC0 == 0x80:
        start -= 1
    return start
