"""A sample -> what the linter finds in it, compared with its marks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rustconc_lint.finding import Finding
from rustconc_lint.pipeline import Report, Request, lint
from tests.marks import Mark, without_marks
from tests.samples import FIXTURES, Sample, pages, rules

# In a page's block they stand below the program, so that leaving them out moves no line.
CLAIM = "//@"


@dataclass(frozen=True)
class Found:
    """A finding with its place in the sample: path relative to the sample, 1-based line."""

    path: str
    line: int
    finding: Finding

    def __str__(self) -> str:
        return f"{self.path} line {self.line}: {self.finding.rule}: {self.finding.message}"


def selected(topic: str) -> frozenset[str]:
    """The rules that run on a sample: all that are on by default, and the one it is about."""
    return frozenset(name for name, rule in rules().items() if rule.about.default or name == topic)


def lint_fixture(sample: Sample, edition: str) -> tuple[Found, ...]:
    """What is found in a fixture's own files; edition "" leaves it to the linter."""
    path = sample.folder or FIXTURES / sample.topic / sample.files[0][0]
    report = lint(Request(paths=(str(path),), edition=edition, select=selected(sample.topic)))
    base = path if sample.folder else path.parent
    return tuple(_found(report, base))


def lint_block(sample: Sample, edition: str) -> Report:
    """What is found in a page's block as a reader would type it: without marks and claims, in src/main.rs."""
    lines = [line for line in without_marks(sample.text).split("\n") if not line.startswith(CLAIM)]
    text = "\n".join(lines).encode()
    return lint(Request(paths=(), stdin=("src/main.rs", text), edition=edition, select=selected(sample.topic)))


def found_in_block(report: Report) -> tuple[Found, ...]:
    """The findings of a block with their lines."""
    return tuple(_found(report, Path.cwd()))


def differences(sample: Sample, found: Sequence[Found]) -> list[str]:
    """Marks without their finding and findings without a mark, in words; empty when they agree."""
    marks = sample.marks()
    lines = [f"no such rule: {path} {mark}" for path, mark in marks if mark.rule not in rules()]
    expected = Counter((path, mark.line, mark.rule) for path, mark in marks if mark.kind != "missed")
    got = Counter((one.path, one.line, one.finding.rule) for one in found)
    for path, mark in marks:
        place = (path, mark.line, mark.rule)
        if mark.kind == "missed" and got[place] > expected[place]:
            lines.append(f"found now, make it a plain mark: {path} {mark}")
        elif mark.kind == "false" and not got[place]:
            lines.append(f"not found any more, take the mark away: {path} {mark}")
        elif mark.kind == "found" and got[place] < expected[place]:
            lines.append(f"expected and not found: {path} {mark}")
        elif mark.kind == "found" and not _said(mark, place, found):
            lines.append(f"found in other words: {path} {mark}")
    missed = {(path, mark.line, mark.rule) for path, mark in marks if mark.kind == "missed"}
    unmarked = got - expected
    for one in found:
        place = (one.path, one.line, one.finding.rule)
        if unmarked[place] and place not in missed:
            lines.append(f"found and not expected: {one}")
    return lines


def unexplained(sample: Sample) -> list[str]:
    """`missed:` and `false:` marks that the Limits of their rule's page do not speak of."""
    limits = {page.rule: page.sections.get("Limits", "") for page in pages()}
    return [
        f"the Limits of rules/{mark.rule}.md name neither this fixture nor the words of its mark: {path} {mark}"
        for path, mark in sample.marks()
        if mark.kind != "found" and not _explained(sample, mark, limits.get(mark.rule, ""))
    ]


def _explained(sample: Sample, mark: Mark, limits: str) -> bool:
    name = Path(sample.name).stem
    return name in limits or (bool(mark.words) and mark.words in " ".join(limits.split()))


def _said(mark: Mark, place: tuple[str, int, str], found: Sequence[Found]) -> bool:
    there = [one.finding.message for one in found if (one.path, one.line, one.finding.rule) == place]
    return any(mark.words in message for message in there)


def _found(report: Report, base: Path) -> Iterator[Found]:
    if report.errors:
        raise AssertionError(f"could not be read: {report.errors}")
    for finding in report.findings:
        line, _ = report.sources[finding.span.path].line_column(finding.span.start)
        yield Found(Path(finding.span.path).absolute().relative_to(base).as_posix(), line, finding)
