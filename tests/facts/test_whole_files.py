"""Whole files: facts can be stored, depend on the bytes alone, and every part lies inside what it is part of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from rustconc_lint.facts import model as f
from rustconc_lint.facts.file import RustFile
from rustconc_lint.source import SourceFile

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "fixtures").rglob("*.rs"))


def parts(facts: f.FileFacts) -> Iterator[tuple[object, int, int]]:
    """Every top of a tree in the facts, with the range it must lie in."""
    for item in facts.items:
        yield item, 0, 1 << 60
    for detail in facts.details.values():
        for name in detail.__struct_fields__[2:]:
            value = getattr(detail, name)
            yield value.value if isinstance(value, f.Body) else value, detail.start, detail.end
    if facts.fragment is not None:
        yield facts.fragment.value, 0, 1 << 60


def misplaced(tops: Iterator[tuple[object, int, int]]) -> Iterator[str]:
    """The nodes that stick out of their parents. The pattern of a use stands elsewhere, where the value is matched."""
    waiting = list(tops)
    while waiting:
        part, start, end = waiting.pop()
        if isinstance(part, f.Node):
            if not start <= part.start <= part.end <= end:
                yield f"{type(part).__name__} {part.start}..{part.end} outside of {start}..{end}"
            start, end = part.start, part.end
        if isinstance(part, tuple):
            waiting.extend((child, start, end) for child in part)
        elif isinstance(part, msgspec.Struct) and not isinstance(part, f.Use):
            waiting.extend((getattr(part, name), start, end) for name in part.__struct_fields__)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_facts_of_a_fixture(path: Path) -> None:
    data = path.read_bytes()
    facts = RustFile(SourceFile("a.rs", data)).facts()
    assert list(misplaced(parts(facts))) == []
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=f.FileFacts) == facts
    assert RustFile(SourceFile("b.rs", data, "2018")).facts() == facts


def test_there_are_fixtures() -> None:
    assert FILES


def test_detail_asked_for_in_any_order_is_the_same() -> None:
    """Details are read lazily: the order of questions changes nothing, and asking twice gives the same value."""
    text = b"struct A { b: B } fn f() { let x = 1; fn g() { x; } } impl A { fn h(&self) { self.b } } const C: u8 = 1;"
    forced = RustFile(SourceFile("a.rs", text)).facts()
    file = RustFile(SourceFile("a.rs", text))
    for item in reversed(file.items):
        detail = file.detail(item)
        assert detail == forced.details.get(item.start)
        assert file.detail(item) is detail
    assert file.facts() == forced


def test_the_gate_looks_at_raw_bytes_in_a_range() -> None:
    file = RustFile(SourceFile("a.rs", b"fn f() { lock() } // spawn"))
    assert file.mentions(re.compile(rb"\block\b"), 0, 17)
    assert not file.mentions(re.compile(rb"\bspawn\b"), 0, 17)
    assert file.mentions(re.compile(rb"\bspawn\b"), 0, 99)
