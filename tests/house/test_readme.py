"""What the README shows is what a reader gets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rustconc_lint import cli
from tests.samples import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks in that language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_the_report_shown_is_the_report_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first program and the first report belong together, to the letter."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.rs").write_text(blocks("rust")[0], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert cli.run(["--color", "never", "src/main.rs"]) == 1
    assert capsys.readouterr().out == blocks("text")[0]


def test_the_set_up_commands_are_one_line_each() -> None:
    """One installs and lints the chapter's programs, one installs and runs the tests."""
    lines = [block.strip() for block in blocks("sh")]
    assert [line.count("\n") for line in lines] == [0, 0]
    assert lines[0].endswith("rustconc-lint --exit-zero fixtures/chapter")
    assert lines[1].endswith("pytest")
