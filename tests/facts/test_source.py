"""Lines and columns of a file: characters for people, UTF-16 units for editors, whatever the bytes are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rustconc_lint.source import SourceFile

SQUID = "\U0001f991"


@pytest.mark.parametrize(
    ("data", "offset", "place"),
    [
        (b"", 0, (1, 1)),
        (b"fn f() {}", 3, (1, 4)),
        (b"a\nb", 2, (2, 1)),
        (b"a\r\nb", 3, (2, 1)),  # the carriage return belongs to the first line's end
        (b"\tx", 1, (1, 2)),  # a tab is one character
        ("é = 1".encode(), 2, (1, 2)),
        (f"{SQUID}x".encode(), 4, (1, 2)),
        (f"{SQUID}x".encode(), 2, (1, 1)),  # in the middle of a character: that character
        (b"\xef\xbb\xbffn", 3, (1, 1)),  # a byte order mark is no character of line 1
        (b"ab", 2, (1, 3)),
        (b"ab\n", 3, (2, 1)),
        (b"ab", 99, (1, 3)),
        (b"\xff\xfex", 2, (1, 3)),  # not UTF-8: a character a byte
    ],
)
def test_line_and_column(data: bytes, offset: int, place: tuple[int, int]) -> None:
    assert SourceFile("a.rs", data).line_column(offset) == place


def test_utf16_columns_count_a_surrogate_pair_as_two() -> None:
    file = SourceFile("a.rs", f"let {SQUID} = é;".encode())
    assert file.utf16_column(4) == 5
    assert file.utf16_column(8) == 7
    assert file.line_column(8) == (1, 6)


def test_line_text_has_no_line_end() -> None:
    file = SourceFile("a.rs", b"\xef\xbb\xbfa\r\nb\n")
    assert [file.line_text(line) for line in (1, 2, 3, 4)] == ["a", "b", "", ""]
    assert file.line_count == 2
    assert file.line_start(2) == 6


def test_a_line_break_is_that_of_the_line_or_of_the_one_before() -> None:
    file = SourceFile("a.rs", b"a\r\nb\nc")
    assert [file.line_break(offset) for offset in range(7)] == ["\r\n"] * 3 + ["\n"] * 4
    assert SourceFile("a.rs", b"\n").line_break(0) == SourceFile("a.rs", b"").line_break(0) == "\n"


def test_a_span_is_a_range_of_its_file() -> None:
    file = SourceFile("a.rs", b"let x;")
    span = file.span(4, 5)
    assert (span.path, file.text(span.start, span.end)) == ("a.rs", "x")


@given(st.text(alphabet=f"a\n\r\té{SQUID}", max_size=40), st.integers(0, 40))
def test_an_editor_gets_back_the_offset_it_was_told(text: str, index: int) -> None:
    """Line and UTF-16 column name one offset, for every character that is no line end."""
    index = min(index, len(text))
    if text[index : index + 1] in ("\n", "\r"):
        return
    offset = len(text[:index].encode())
    file = SourceFile("a.rs", text.encode())
    line, _ = file.line_column(offset)
    assert file.offset(line, file.utf16_column(offset)) == offset
