"""What the pipeline adds to what a check says: rule, level, chapter, order; and what it takes away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from rustconc_lint import analysis, pipeline
from rustconc_lint.facts.file import RustFile
from rustconc_lint.finding import Finding, Severity
from rustconc_lint.pipeline import Request, lint
from rustconc_lint.program.crates import CrateInput
from tests.house.toys import Run, ToyProgram, Tree


@pytest.fixture(autouse=True)
def here(run: Run) -> None:
    """The toy rules, in a folder of the test's own."""


def checked_by(monkeypatch: pytest.MonkeyPatch, *findings: Finding) -> None:
    """Lets the rule `bug-here` say these findings."""

    def check(program: ToyProgram) -> Iterator[Finding]:
        yield from findings

    import sys

    monkeypatch.setattr(sys.modules["rustconc_lint.checks.bug_here"], "check", check)


def test_findings_are_in_order_whatever_the_check_s(tree: Tree) -> None:
    """By path, place, rule: the toy rules go through the files backwards."""
    tree({"b.rs": "HINT BUG\nBUG", "a.rs": "BUG"})
    report = lint(Request(paths=("b.rs", "a.rs"), select=frozenset(["all"])))
    assert [(found.span.path, found.span.start, found.rule) for found in report.findings] == [
        ("a.rs", 0, "bug-here"),
        ("b.rs", 0, "hint-here"),
        ("b.rs", 5, "bug-here"),
        ("b.rs", 9, "bug-here"),
    ]


def test_the_page_speaks_where_a_finding_does_not(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    tree({"a.rs": "abc"})
    span = RustFile(pipeline.find(Request(paths=(".",)), {})[0].sources["a.rs"]).source.span(0, 1)
    silent = Finding(span=span, message="silent", help="")
    outspoken = Finding(
        span=span, message="x", help="", severity=Severity.NOTE, compiler=(), chapter="Arc", book="https://e.invalid"
    )
    checked_by(monkeypatch, silent, outspoken)
    first, second = lint(Request(paths=(".",))).findings
    assert (first.rule, first.severity, first.compiler, first.chapter) == (
        "bug-here",
        Severity.ERROR,
        ("E0000",),
        "Mutex<T>",
    )
    assert (second.rule, second.severity, second.compiler, second.chapter, second.book) == (
        "bug-here",
        Severity.NOTE,
        (),
        "Arc",
        "https://e.invalid",
    )


def test_a_finding_is_reported_once(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that two crates include is analysed twice."""
    tree({"a.rs": "BUG"})
    span = pipeline.find(Request(paths=(".",)), {})[0].sources["a.rs"].span(0, 1)
    twice = Finding(span=span, message="m", help="")
    checked_by(monkeypatch, twice, twice)
    assert len(lint(Request(paths=(".",))).findings) == 1


def test_nothing_is_reported_in_context(tree: Tree) -> None:
    tree({"Cargo.toml": "[package]\nname = 'p'\n", "src/lib.rs": "BUG", "src/b.rs": "BUG"})
    report = lint(Request(paths=("src/b.rs",)))
    assert [found.span.path for found in report.findings] == ["src/b.rs"]
    assert (report.checked, sorted(report.sources)) == (1, ["src/b.rs", "src/lib.rs"])


def test_a_rule_that_is_off_does_not_run(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    tree({"a.rs": "BUG"})

    def check(program: ToyProgram) -> Iterator[Finding]:
        raise AssertionError

    import sys

    monkeypatch.setattr(sys.modules["rustconc_lint.checks.bug_here"], "check", check)
    assert lint(Request(paths=(".",), ignore=frozenset(["bug-here"]))).findings == ()


def test_a_check_that_raises_is_heard(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """ "The analysis does not raise" is a promise; nothing hides that it was broken."""
    tree({"a.rs": "BUG"})

    def check(program: ToyProgram) -> Iterator[Finding]:
        raise ZeroDivisionError

    import sys

    monkeypatch.setattr(sys.modules["rustconc_lint.checks.bug_here"], "check", check)
    with pytest.raises(ZeroDivisionError):
        lint(Request(paths=(".",)))


def test_the_linker_gets_crates_files_and_the_models_that_are_mentioned(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []

    def load(mentioned: object, own: object, dependencies: object) -> tuple[str, ...]:
        assert callable(mentioned)
        assert dependencies is None  # of files without a manifest anything may be one
        return tuple(name for name in ("tokio", "rayon") if mentioned(name))

    def link(crates: Sequence[CrateInput], files: dict[str, RustFile], apis: object, reader: object) -> ToyProgram:
        seen.extend(([crate.root for crate in crates], list(files), apis))
        return ToyProgram(files)

    monkeypatch.setattr(analysis, "load_apis", load)
    monkeypatch.setattr(analysis, "link", link)
    tree({"a.rs": "use tokio::sync;", "b.rs": ""})
    lint(Request(paths=(".",)))
    assert seen == [["a.rs", "b.rs"], ["a.rs", "b.rs"], ("tokio",)]
