"""Every fixture gives exactly its marked findings, under all default rules and in each edition that it names."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from rustconc_lint.finding import Severity
from tests.linting import Found, differences, lint_fixture, unexplained
from tests.proof.claims import Claim, functions, read_claim
from tests.samples import COMMON, FIXTURES, Sample, fixtures, rules

PARTS = pytest.mark.parametrize("sample", fixtures(), ids=str)


@PARTS
def test_fixture_gives_its_marked_findings(sample: Sample) -> None:
    """A finding too many is a false alarm, one too few a mistake that slips through."""
    claim = read_claim(sample.text)
    wrong: dict[str, list[str]] = {}
    for edition in claim.editions or ("not given",):
        found = lint_fixture(sample, edition if claim.editions else "")
        for line in differences(sample, found) + contradictions(sample, claim, found):
            wrong.setdefault(line, []).append(edition)
    lines = [f"{line} (edition {', '.join(editions)})" for line, editions in wrong.items()]
    assert not lines, "\n".join([f"{sample}", *lines])


@PARTS
def test_known_mistakes_are_explained(sample: Sample) -> None:
    """What is marked `missed:` or `false:` is admitted to the users, on the rule's page."""
    lines = unexplained(sample)
    assert not lines, "\n".join(lines)


def test_clean_programs_have_nothing_to_find() -> None:
    """fixtures/clean/ is for correct programs: a mark there says that the linter is wrong."""
    marked = [
        f"{sample}: {mark}"
        for sample in fixtures()
        if sample.topic == "clean"
        for _, mark in sample.marks()
        if mark.kind != "false"
    ]
    assert not marked, "\n".join(marked)


def test_folders_are_rules() -> None:
    """A fixture in a folder without a rule would be nobody's."""
    folders = {path.name for path in FIXTURES.iterdir()} - set(COMMON)
    assert folders <= set(rules()), f"no such rules: {sorted(folders - set(rules()))}"


def test_everything_in_a_folder_is_a_fixture() -> None:
    """Only `.rs` files and crates are read; anything else there would be dead."""
    read = {sample.name for sample in fixtures()}
    there = [path for topic in FIXTURES.iterdir() for path in topic.iterdir()]
    dead = [path for path in there if path.relative_to(FIXTURES.parent).as_posix() not in read]
    dead += [path for path in there if path.is_dir() and not (path / "Cargo.toml").is_file()]
    assert not dead, f"not fixtures: {', '.join(map(str, dead))}"


def contradictions(sample: Sample, claim: Claim, found: Sequence[Found]) -> list[str]:
    """Errors on programs that were proved to compile and to end; `false:` marks admit them."""
    if claim.run not in ("ends", "each"):
        return []
    false = {(path, mark.line, mark.rule) for path, mark in sample.marks() if mark.kind == "false"}
    other = {line for part in functions(sample.text) if part.run for line in range(part.first, part.last + 1)}
    return [
        f"an error, but the program compiles{' and ends' if claim.run == 'ends' else ''}: {one}"
        for one in found
        if one.finding.severity is Severity.ERROR
        and (claim.run == "ends" or one.finding.compiler)
        and (one.path, one.line, one.finding.rule) not in false
        and one.line not in other
    ]
