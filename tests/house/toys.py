"""Two toy rules and their pages, and what a run of the command line says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from rustconc_lint.facts.file import RustFile
from rustconc_lint.finding import Finding, Label

ROOT = Path(__file__).parents[2]

BUG_PAGE = """+++
severity = "error"
chapter = "Mutex<T>"
book = "https://doc.rust-lang.org/book/ch16-03-shared-state.html"
compiler = ["E0000"]
clippy = ["bug_lint"]
+++
Somebody wrote `BUG`
in the code.

## Why

Because.
"""

HINT_PAGE = """+++
severity = "note"
chapter = "Threads"
book = "https://doc.rust-lang.org/book/ch16-01-threads.html"
default = false
+++
Somebody wrote `HINT` in the code.
"""

UNUSED_PAGE = """+++
severity = "warning"
finder = "suppress"
+++
An allow stops nothing.
"""


class ToyProgram(NamedTuple):
    """What the toy rules ask: all files, context included."""

    files: Mapping[str, RustFile]


def findings_of(word: str) -> Callable[[ToyProgram], Iterator[Finding]]:
    """A check that reports every occurrence of a word, and calls the first line of the file a second place."""

    def check(program: ToyProgram) -> Iterator[Finding]:
        for file in reversed(program.files.values()):
            for match in re.finditer(word.encode(), file.source.data):
                yield Finding(
                    span=file.source.span(match.start(), match.end()),
                    message=f"{word.lower()} in `{file.path}`",
                    help="remove it",
                    label="here",
                    labels=(Label(file.source.span(0, 2), "the file begins here"),) if match.start() > 200 else (),
                )

    return check


class Result(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Result]
Tree = Callable[[Mapping[str, str | bytes]], Path]
