"""What can be mutated: one file, what rustc says of a version of it, and what the linter finds in that version."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rustconc_lint.pipeline import Request, lint
from rustconc_lint.source import Span
from tests.proof.claims import DEFAULT_EDITION, read_claim
from tests.proof.rustc import Error, check, wrapped
from tests.samples import compiler_errors, fixtures, rules


@dataclass(frozen=True)
class Found:
    """A finding, at a 1-based line of a file; `path`: the file, "" for the program's own. `labelled`: the places of its
    labels, each (path, line)."""

    line: int
    rule: str
    message: str
    labelled: frozenset[tuple[str, int]] = frozenset()
    path: str = ""


class Program(Protocol):
    """`text` compiles, `path` is how errors call its file; the methods are given versions of the text. `beside`: the
    same package, with another of its files to be changed."""

    @property
    def name(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def path(self) -> str: ...
    def errors(self, text: str) -> tuple[Error, ...]: ...
    def findings(self, text: str) -> list[Found]: ...
    def beside(self, path: str) -> Program: ...


@dataclass(frozen=True)
class Listing:
    """A program of one file, compiled without Cargo."""

    name: str
    text: str
    edition: str
    externs: Mapping[str, Path]
    path: str = "main.rs"

    def errors(self, text: str) -> tuple[Error, ...]:
        with tempfile.TemporaryDirectory() as folder:
            return check(text, self.edition, Path(folder).resolve(), self.externs).errors

    def findings(self, text: str) -> list[Found]:
        return found(self.path, Request(paths=(), stdin=(self.path, text.encode()), edition=self.edition, select=RULES))

    def beside(self, path: str) -> Program:
        raise KeyError(path)  # it has one file


RULES = frozenset(name for name in rules() if compiler_errors(name))
"""The rules that speak of programs which do not compile."""


def found(path: str, request: Request) -> list[Found]:
    """The findings of these rules; `path` is the program's own file, by whose name no finding is called."""
    report = lint(request)

    def place(span: Span) -> tuple[str, int]:
        return "" if span.path == path else span.path, report.sources[span.path].line_column(span.start)[0]

    places = [(finding, place(finding.span)) for finding in report.findings]
    return [
        Found(line, one.rule, one.message, frozenset(place(label.span) for label in one.labels), file)
        for one, (file, line) in places
    ]


def of_fixtures(externs: Mapping[str, Path]) -> Iterator[Listing]:
    """The fixtures of one file which say that they compile."""
    for sample in fixtures():
        if sample.folder is not None:
            continue
        claim = read_claim(sample.text)
        if claim.compiles:
            text = wrapped(sample.text) if claim.wrapped else sample.text
            yield Listing(sample.name, text, (claim.editions or (DEFAULT_EDITION,))[0], externs)
