"""Replacing `Rc` by `Arc` throughout a file, where every mention of it can be rewritten as it stands.

The two have the same methods, so names are enough: one `use std::rc::Rc;`, the paths that go by it, and `std::rc::Rc`
written out. A mention anywhere else (a comment, a macro, a grouped import, `rc::Weak`) means that none is offered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from rustconc_lint.facts.file import RustFile
from rustconc_lint.facts.model import Item, Path

NAME = re.compile(rb"\bRc\b")
IMPORT = re.compile(rb"use\s+(?:std|alloc)::rc::Rc\s*;")
CELLS = frozenset({"RefCell", "Cell", "OnceCell", "LazyCell", "UnsafeCell"})

Edit = tuple[int, int, str]


def arc_edits(file: RustFile) -> tuple[Edit, ...]:
    """(start, end, text) for every place to change, in order; () when some mention of `Rc` cannot be changed so."""
    data = file.source.data
    facts = file.facts()
    imports = [item for item in every_item(file) if any(use.name == "Rc" for use in item.uses)]
    paths = [path for path in paths_in((facts.details, facts.fragment)) if any(s.name == "Rc" for s in path.segments)]
    if b"rc::Weak" in data or any(not IMPORT.fullmatch(data[item.start : item.end]) for item in imports):
        return ()
    named = {use.segments for item in every_item(file) for use in item.uses if use.name == "Arc"}
    if named - {("std", "sync", "Arc")} or any(item.name in ("Arc", "Rc") for item in every_item(file)):
        return ()
    edits = {edit for items in modules(file) for edit in import_edits(data, items)}
    edits |= {edit for path in paths if (edit := renamed(path)) is not None}
    return tuple(sorted(edits)) if len(edits) == len(NAME.findall(data)) else ()


def import_edits(data: bytes, items: tuple[Item, ...]) -> Iterator[Edit]:
    """What becomes of the imports of `Rc` among the items of one module."""
    has_arc = any(use.name == "Arc" for item in items for use in item.uses)
    for item in items:
        if any(use.name == "Rc" for use in item.uses):
            start, end = whole_line(data, item.start, item.end) if has_arc else (item.start, item.end)
            yield start, end, "" if has_arc else "use std::sync::Arc;"


def whole_line(data: bytes, start: int, end: int) -> tuple[int, int]:
    """The range with its line's indentation and line break, if nothing else is on the line."""
    line = data.rfind(b"\n", 0, start) + 1
    after = data.find(b"\n", end) + 1
    alone = after and not data[line:start].strip() and not data[end:after].strip()
    return (line, after) if alone else (start, end)


def modules(file: RustFile) -> Iterator[tuple[Item, ...]]:
    """The items of the file's module and of each within it (those of impls and traits as well)."""
    waiting = [file.items]
    while waiting:
        items = waiting.pop()
        waiting.extend(item.members for item in items if item.members)
        yield items


def every_item(file: RustFile) -> Iterator[Item]:
    for items in modules(file):
        yield from items


def renamed(path: Path) -> Edit | None:
    """`Rc` -> `Arc`, `rc::Rc` -> `sync::Arc`; None for one that holds a cell, which an Arc cannot share."""
    at = next(index for index, segment in enumerate(path.segments) if segment.name == "Rc")
    segment = path.segments[at]
    if any(inner.name in CELLS for arg in segment.args for found in paths_in(arg) for inner in found.segments):
        return None
    if at == 0:
        return segment.start, segment.start + 2, "Arc"
    before = path.segments[at - 1]
    return (before.start, segment.start + 2, "sync::Arc") if before.name == "rc" else None


def paths_in(root: object) -> Iterator[Path]:
    """Every path below some facts, types and patterns included."""
    waiting: list[object] = [root]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Path):
            yield item
        if isinstance(item, msgspec.Struct):
            waiting.extend(getattr(item, name) for name in item.__struct_fields__)
        elif isinstance(item, tuple):
            waiting.extend(item)
        elif isinstance(item, dict):
            waiting.extend(item.values())
