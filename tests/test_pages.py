"""Rule pages are run: Bad is found, with the printed report as it stands; Good is not; and each has its parts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rustconc_lint.report.text import render, summary
from tests.linting import differences, found_in_block, lint_block
from tests.proof.claims import read_claim
from tests.samples import Page, Sample, fixtures, pages, rules

SECTIONS = ["Why", "Bad", "Good", "Limits"]
BOOK = re.compile(r"https://doc\.rust-lang\.org/book/ch\d\d-\d\d-[a-z0-9-]+\.html")
EACH_PAGE = pytest.mark.parametrize("page", pages(), ids=lambda page: page.rule)
SAMPLES = [sample for page in pages() for _, sample in page.samples()]


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_block_gives_its_marked_findings(sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bad has the rule's marks, Good has none, and no other rule finds anything in either."""
    monkeypatch.chdir(tmp_path)
    lines = []
    for edition in read_claim(sample.text).editions or ("",):
        lines += differences(sample, found_in_block(lint_block(sample, edition)))
    assert not lines, "\n".join([f"{sample}", *lines])


@EACH_PAGE
def test_reports_are_printed_as_they_are(
    page: Page, bless: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a page shows is what the reader will get; `pytest --bless` prints it anew."""
    monkeypatch.chdir(tmp_path)
    lines = page.path.read_text(encoding="utf-8").split("\n")
    expected = "\n".join(_with_reports(page, lines))
    if bless:
        page.path.write_text(expected, encoding="utf-8")
    assert expected.split("\n") == lines or bless, f"{page.path.name} shows another report; `pytest --bless` mends it"


@EACH_PAGE
def test_page_has_its_parts(page: Page) -> None:
    """The same parts in the same order, so that a reader knows where to look."""
    assert list(page.sections) == SECTIONS
    assert all(page.sections.values()), "an empty section"
    samples = [sample for _, sample in page.samples()]
    assert {sample.name.split(": ")[1].split()[0] for sample in samples} == {"Bad", "Good"}
    for sample in samples:
        marked = {mark.rule for _, mark in sample.marks()}
        assert marked == ({page.rule} if ": Bad" in sample.name else set()), f"{sample}: its marks"
        assert _claims_stand_below(sample.text), f"{sample}: `//@` lines stand at the end, as the report counts lines"


@EACH_PAGE
def test_page_is_short(page: Page) -> None:
    """30 to 60 lines are read to the end; the printed reports, with fences and the line before, do not count."""
    lines = page.path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    for block in reversed([block for block in page.blocks if block.language == "text"]):
        del lines[block.first - 2 : block.first + block.text.count("\n") + 1]
    assert 30 <= len(lines) <= 60
    assert max(map(len, lines)) <= 120


@EACH_PAGE
def test_page_opens_with_one_sentence(page: Page) -> None:
    """It is the rule's entry in every list."""
    summary_ = rules()[page.rule].summary
    assert summary_.endswith(".") and ". " not in summary_


@EACH_PAGE
def test_page_leads_on(page: Page) -> None:
    """To a section of the chapter, which has a program in fixtures/chapter/, and to a page of the book."""
    about = rules()[page.rule].about
    if about.finder == "suppress":  # what the linter says of its own comments is in no chapter
        assert (about.chapter, about.book) == ("", "")
        return
    openings = [sample.text.split("\n")[0] for sample in fixtures() if sample.topic == "chapter"]
    titles = [opening.removeprefix("//!").removeprefix("//").strip() for opening in openings]
    assert any(title.startswith(f"{about.chapter}: ") for title in titles), f"no section `{about.chapter}`"
    assert BOOK.fullmatch(about.book)


def _with_reports(page: Page, lines: list[str]) -> list[str]:
    """The page's lines with the report after each Bad block, in place of the one that is there."""
    printed = list(lines)
    for block, sample in reversed(list(page.samples())):
        if block.section != "Bad":
            continue
        end = block.first + block.text.count("\n") + 1
        after = next((other for other in page.blocks if other.first > end), None)
        has_report = (
            after is not None and after.language == "text" and not "".join(lines[end : after.first - 1]).strip()
        )
        until = after.first + after.text.count("\n") + 1 if after is not None and has_report else end
        edition = (read_claim(sample.text).editions or ("",))[0]
        report = lint_block(sample, edition)
        text = render(report, False).removesuffix(f"{summary(report)}\n").rstrip("\n")
        printed[end:until] = ["", "```text", *text.split("\n"), "```"]
    return printed


def _claims_stand_below(text: str) -> bool:
    lines = [line.startswith("//@") for line in text.rstrip("\n").split("\n")]
    return lines == sorted(lines)
