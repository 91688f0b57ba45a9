"""A place in the source with its labels, drawn as rustc draws it.

Computed from spans and source files: rows of styled cells, one cell a terminal column. The way several labels of one
line are laid out follows rustc's own emitter (rustc_errors, `render_source_line`). A span of several lines is drawn on
its first one; rustc's vertical brackets are not drawn.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

import msgspec

from rustconc_lint.source import SourceFile, Span

WIDTH = 140  # columns of a longer line that are shown, unless its marks need more
MARGIN = 20  # columns of it shown before the first mark and after the last
WIDEST = 2 * WIDTH  # columns between marks, above which only what lies around each of them is shown


class Style(StrEnum):
    """ANSI attributes: rustc's colours."""

    PLAIN = ""
    STRONG = "1"
    FRAME = "1;94"
    SECOND = "1;94"
    ERROR = "1;91"
    WARNING = "1;33"
    NOTE = "1;92"


Cell = tuple[str, Style]
Row = list[Cell]


class Mark(msgspec.Struct, frozen=True):
    """A span to underline, and what is said of it. primary: the finding's own place, in its severity's colour."""

    span: Span
    label: str
    primary: bool


class Underline(msgspec.Struct, frozen=True):
    """A mark within its line: columns `start..end`, 0-based, as displayed."""

    start: int
    end: int
    label: str
    primary: bool


class Columns(msgspec.Struct, frozen=True):
    """The columns that are shown of every line of a file: ranges in order, none touching the next."""

    pieces: tuple[tuple[int, int], ...]

    def shown(self, cells: Sequence[str]) -> list[str]:
        """The cells of one line, with dots where it is cut."""
        row: list[str] = []
        for left, right in self.pieces:
            piece = list(cells[left:right])
            if left and piece:
                piece[:3] = "..."
            row += piece
        if self.pieces[-1][1] < len(cells):
            row[-3:] = "..."
        return row

    def moved(self, mark: Underline) -> Underline:
        """The mark in columns of what is shown."""
        start, end = self._place(mark.start), self._place(mark.end)
        return Underline(start, max(end, start + 1), mark.label, mark.primary)

    def _place(self, column: int) -> int:
        return sum(min(column, right) - left for left, right in self.pieces if left < column)


def visible(text: str) -> str:
    """The text without what could change how a terminal shows it: control characters as their pictures, tabs as four
    spaces, and a replacement character for what formats, reorders (Trojan Source, CVE-2021-42574) or breaks lines."""
    return text if text.isascii() and text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    code = ord(character)
    if character == "\t":
        return "    "
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if code < 0x7F:
        return character
    if character == "\u200d":  # joins emoji; rustc leaves it out as well
        return ""
    return "\ufffd" if unicodedata.category(character) in _HARMFUL else character


# Controls, formats, lone surrogates, line and paragraph separators.
_HARMFUL = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))


def snippet(marks: Sequence[Mark], sources: Mapping[str, SourceFile], style: Style) -> tuple[int, list[Row]]:
    """The width of the line numbers, and the rows from `-->` to the last line shown. The first mark is the primary one;
    `style` is its colour."""
    paths = list(dict.fromkeys(mark.span.path for mark in marks))
    lines = {path: _lines([mark for mark in marks if mark.span.path == path], sources[path]) for path in paths}
    width = len(str(max(max(of_path) for of_path in lines.values())))
    rows: list[Row] = []
    for path in paths:
        first = next(mark for mark in marks if mark.span.path == path)
        line, column = sources[path].line_column(first.span.start)
        arrow = "::: " if rows else "--> "
        rows += [_gutter("", width)] if rows else []
        rows.append(_cells(" " * width + arrow, Style.FRAME) + _cells(visible(f"{path}:{line}:{column}"), Style.PLAIN))
        rows.append(_gutter("", width))
        rows.extend(_file(lines[path], sources[path], width, style))
    return width, rows


def _lines(marks: Sequence[Mark], source: SourceFile) -> dict[int, list[Underline]]:
    """Line -> its underlines, for the marks of one file, in order of lines."""
    lines: dict[int, list[Underline]] = {}
    for mark in marks:
        line, column = source.line_column(mark.span.start)
        last, end = source.line_column(max(mark.span.start, mark.span.end))
        _, offsets = _display(source.line_text(line))
        start = offsets[min(column - 1, len(offsets) - 1)]
        stop = offsets[-1] if last > line else offsets[min(end - 1, len(offsets) - 1)]
        underline = Underline(start, max(stop, start + 1), visible(mark.label), mark.primary)
        if underline not in lines.setdefault(line, []):
            lines[line].append(underline)
    return dict(sorted(lines.items()))


def _display(text: str) -> tuple[Sequence[str], Sequence[int]]:
    """One string a column ("" for the second one of a wide character), and the column of each character and the end."""
    if text.isascii() and text.isprintable():
        return text, range(len(text) + 1)
    cells: list[str] = []
    offsets: list[int] = []
    for character in text:
        offsets.append(len(cells))
        shown = _visible(character)
        if cells and unicodedata.category(character) in ("Mn", "Me"):
            cells[-1] += shown
        else:
            cells.extend(shown)
            cells.extend([""] if unicodedata.east_asian_width(character) in "WF" else [])
    offsets.append(len(cells))
    return cells, offsets


def _file(lines: Mapping[int, list[Underline]], source: SourceFile, width: int, style: Style) -> Iterator[Row]:
    columns = _columns([mark for marks in lines.values() for mark in marks])
    shown = 0
    for line, marks in lines.items():
        if shown and line - shown > 2:
            yield _cells("...", Style.FRAME)
        elif shown and line - shown == 2:
            yield _source_row(shown + 1, source, width, columns)
        shown = line
        yield _source_row(line, source, width, columns)
        for row in _annotations(list(map(columns.moved, marks)), style):
            yield _gutter("", width) + [(" ", Style.PLAIN), *row]


def _columns(marks: Sequence[Underline]) -> Columns:
    """All of the marks, and not much more of a very long line."""
    furthest = max(mark.end for mark in marks)
    left = max(0, min(mark.start for mark in marks) - MARGIN) if furthest > WIDTH else 0
    right = max(left + WIDTH, furthest + MARGIN)
    if right - left <= WIDEST:
        return Columns(((left, right),))
    pieces: list[tuple[int, int]] = []
    for column in sorted(column for mark in marks for column in (mark.start, mark.end)):
        start, end = max(0, column - MARGIN), column + MARGIN
        if pieces and start <= pieces[-1][1] + MARGIN:
            pieces[-1] = pieces[-1][0], end
        else:
            pieces.append((start, end))
    return Columns(tuple(pieces))


def _source_row(line: int, source: SourceFile, width: int, columns: Columns) -> Row:
    cells, _ = _display(source.line_text(line))
    return [*_gutter(str(line), width), (" ", Style.PLAIN), *((cell, Style.PLAIN) for cell in columns.shown(cells))]


def _gutter(number: str, width: int) -> Row:
    return _cells(f"{number:>{width}} |", Style.FRAME)


def _cells(text: str, style: Style) -> Row:
    return [(character, style) for character in text]


# ---------------------------------------------------------------- the labels of one line


def _annotations(marks: Sequence[Underline], style: Style) -> list[Row]:
    """The rows below a source line: underlines, then the labels that have no room beside them."""
    placed = _levels(sorted(marks, key=lambda mark: -mark.start))
    deepest = max(level for level, _ in placed)
    rows: list[dict[int, Cell]] = [{} for _ in range(deepest + 2 if deepest else 1)]

    def put(row: int, column: int, text: str, mark: Underline) -> None:
        rows[row].update(enumerate(_cells(text, style if mark.primary else Style.SECOND), start=column))

    for level, mark in placed:
        if level and mark.label:
            for row in range(level + 1):
                put(row, mark.start, "|", mark)
    for level, mark in placed:
        put(level + 1 if level else 0, mark.start if level else mark.end + 1, mark.label, mark)
    # Larger spans first, so that smaller ones are drawn over them.
    for _, mark in sorted(placed, key=lambda pair: (pair[1].start - pair[1].end, pair[1].primary)):
        put(0, mark.start, ("^" if mark.primary else "-") * (mark.end - mark.start), mark)
    blank = (" ", Style.PLAIN)
    return [[row.get(column, blank) for column in range(max(row, default=-1) + 1)] for row in rows]


def _levels(marks: Sequence[Underline]) -> list[tuple[int, Underline]]:
    """For each mark, the rightmost first, how far below the underline its label stands; 0: beside it."""
    placed: list[tuple[int, Underline]] = []
    level = 0
    for index, mark in enumerate(marks):
        before = marks[index + 1 :]
        if mark.label and level == 0 and any(_overlap(other, mark, 0) and not _merges(other, mark) for other in before):
            level += 1
        placed.append((level, mark))
        if any(_collides(other, mark, level) for other in before):
            level += 1
    return placed


def _merges(other: Underline, mark: Underline) -> bool:
    """Is `other` the same span without a label?"""
    return (other.start, other.end, other.label) == (mark.start, mark.end, "")


def _collides(other: Underline, mark: Underline, level: int) -> bool:
    """Would the label of `other`, which begins further left, run into `mark` if both were on one row?"""
    if not other.label or not _overlap(other, mark, len(other.label) + 2):
        return False
    return bool(mark.label) or (other.end <= mark.end and level == 0)


def _overlap(one: Underline, other: Underline, padding: int) -> bool:
    return other.start <= one.start < other.end or one.start <= other.start < one.end + padding
