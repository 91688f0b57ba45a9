"""The Rust programs of this repository with an expectation: fixtures and the code blocks of rule pages.

Only read here; `test_fixtures` and `test_pages` lint them, `test_proofs` asks rustc about them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rustconc_lint.rulebook import Rule, load_rules
from tests.marks import Mark, read_marks

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "fixtures"
RULES = ROOT / "rules"
# Folders of fixtures that belong to no rule.
COMMON = ("chapter", "clean")


@dataclass(frozen=True)
class Sample:
    """One program. `topic` is its rule, or a folder of COMMON. `files`: (relative path, text) of each Rust file;
    `folder` is the crate's, None for a text that stands alone."""

    name: str
    topic: str
    files: tuple[tuple[str, str], ...]
    folder: Path | None = None

    def __str__(self) -> str:
        return self.name

    @property
    def text(self) -> str:
        """The whole program; for a crate, all its files one after the other."""
        return "\n".join(text for _, text in self.files)

    def marks(self) -> tuple[tuple[str, Mark], ...]:
        """(path, mark) of all files. Raises MarkError for a mark that cannot be read."""
        return tuple((path, mark) for path, text in self.files for mark in read_marks(text))


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: the line after its opening fence (0-based), its language, its text."""

    section: str
    language: str
    first: int
    text: str


@dataclass(frozen=True)
class Page:
    """A rule page: `sections` is the text under each `##` heading, in order. Its front matter is for the rulebook."""

    rule: str
    path: Path
    sections: dict[str, str]
    blocks: tuple[Block, ...]

    def samples(self) -> Iterator[tuple[Block, Sample]]:
        """The Rust blocks under Bad and Good, numbered in each."""
        for section in ("Bad", "Good"):
            blocks = [block for block in self.blocks if block.section == section and block.language == "rust"]
            for number, block in enumerate(blocks, start=1):
                name = f"rules/{self.path.name}: {section} {number}"
                yield block, Sample(name, self.rule, (("src/main.rs", block.text),))


@cache
def fixtures() -> tuple[Sample, ...]:
    """Every fixture: a `.rs` file in a folder of fixtures/, or a folder in one with a Cargo.toml."""
    return tuple(sample for topic in sorted(FIXTURES.iterdir()) if topic.is_dir() for sample in _of_topic(topic))


@cache
def pages() -> tuple[Page, ...]:
    """Every rule page, by name."""
    return tuple(read_page(path) for path in sorted(RULES.glob("*.md")))


@cache
def rules() -> dict[str, Rule]:
    """Every rule, by name."""
    return load_rules(RULES)


def compiler_errors(rule: str) -> tuple[str, ...]:
    """What rustc says of the mistake (codes, or words where it gives none); empty for a rule about running programs."""
    return rules()[rule].about.compiler if rule in rules() else ()


def read_page(path: Path) -> Page:
    """The sections and code blocks of a page."""
    lines = path.read_text(encoding="utf-8").split("\n")
    sections: dict[str, list[str]] = {"": []}
    blocks: list[Block] = []
    section, language, first = "", None, 0
    for number, line in enumerate(lines):
        if line.startswith("```") and language is None:
            language, first = line[3:].strip(), number + 1
        elif line.startswith("```") and language is not None:
            blocks.append(Block(section, language, first, "".join(f"{one}\n" for one in lines[first:number])))
            language = None
        elif language is None and line.startswith("## "):
            section = line[3:].strip()
            sections[section] = []
            continue
        sections[section].append(line)
    del sections[""]
    texts = {name: "\n".join(body).strip() for name, body in sections.items()}
    return Page(path.stem, path, texts, tuple(blocks))


def _of_topic(topic: Path) -> Iterator[Sample]:
    for path in sorted(topic.iterdir()):
        name = f"fixtures/{topic.name}/{path.name}"
        if path.suffix == ".rs":
            yield Sample(name, topic.name, ((path.name, path.read_text(encoding="utf-8")),))
        elif path.is_dir():
            files = sorted(path.rglob("*.rs"))
            texts = tuple((file.relative_to(path).as_posix(), file.read_text(encoding="utf-8")) for file in files)
            yield Sample(name, topic.name, texts, path)
