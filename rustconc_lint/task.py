"""What the analysis is given and what it says: plain values that can be written down, hashed and sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from rustconc_lint.finding import Finding, Severity
from rustconc_lint.program.crates import CrateInput
from rustconc_lint.source import SourceFile

Levels = Mapping[str, Mapping[str, Severity | None]]


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """Everything beside the sources that findings depend on. levels: path as shown -> the rules that are on there,
    with their configured level. orders: the order of locks that is declared for a path as shown, and where. models: the
    project's own models of crates, path -> text."""

    crates: tuple[CrateInput, ...]
    levels: Levels
    orders: Mapping[str, tuple[tuple[str, ...], str]]
    models: Mapping[str, bytes]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """findings: stamped, in order. around: for each, the names of the items it is in. remarks: what is odd in the
    configuration."""

    findings: tuple[Finding, ...]
    around: tuple[str, ...]
    remarks: tuple[str, ...]


def written(task: Task, sources: Mapping[str, SourceFile]) -> Iterator[bytes]:
    """A task with the texts of its files, in pieces that tell any two apart."""
    yield _piece(msgspec.msgpack.encode(task))
    for path in sorted(sources):
        source = sources[path]
        yield _piece(path.encode("utf-8", "surrogateescape"))
        yield _piece(source.edition.encode())
        yield _piece(source.data)


def _piece(data: bytes) -> bytes:
    return len(data).to_bytes(8, "big") + data
