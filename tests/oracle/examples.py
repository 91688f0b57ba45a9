"""Packages -> the programs that they show how to use them with: `examples/*.rs`, and code in doc comments.

They are compiled against the crates that fixtures may name, whatever version of them the package is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.oracle.listings import NOT_COMPILED, edition_of, main_added
from tests.oracle.programs import Listing
from tests.proof.rustc import MAIN

FENCE = "```"
OTHER = frozenset(("text", "toml", "sh", "console", "no_run", "ignore", "should_panic", *NOT_COMPILED))


def of_examples(package: Path, externs: Mapping[str, Path], words: Sequence[str]) -> Iterator[Listing]:
    """Every example with one of the words."""
    for file in sorted(package.rglob("*.rs")):
        name = f"{package.name}/{file.relative_to(package)}"
        text = file.read_text(encoding="utf-8")
        shown = [(text, "2021")] if file.parent.name == "examples" and MAIN.search(text) else in_comments(text)
        for number, (code, edition) in enumerate(shown, start=1):
            if any(word in code for word in words):
                yield Listing(f"{name} {number}", code, edition, externs)


def in_comments(text: str) -> Iterator[tuple[str, str]]:
    """(program, edition) of each block of Rust code in the doc comments of a file."""
    block: list[str] | None = None
    classes: list[str] = []
    for line in text.splitlines():
        stripped = line.strip()
        if not stripped.startswith(("///", "//!")):
            block = None
            continue
        said = stripped[3:].removeprefix(" ")
        if said.startswith(FENCE) and block is None:
            classes, block = said.removeprefix(FENCE).replace(" ", ",").split(","), []
        elif said.startswith(FENCE) and block is not None:
            if not OTHER & set(classes):
                yield main_added("\n".join(block)), edition_of(classes)
            block = None
        elif block is not None:
            hidden = "" if said == "#" else said.removeprefix("# ")
            block.append(hidden)
