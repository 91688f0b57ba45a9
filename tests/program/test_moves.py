"""The fix of missing-move: where it is called safe, rustc accepts the program with it and nothing else."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from rustconc_lint.finding import Finding, Safety
from rustconc_lint.fixes import UNSAFE, fix
from rustconc_lint.pipeline import Request, lint
from tests.proof.rustc import check

SAFE = Path(__file__).with_name("moves_safe.rs")
MORE_TO_DO = Path(__file__).with_name("moves_unsafe.rs")
SHADOWS = Path(__file__).with_name("shadows.rs")


def findings(path: Path) -> tuple[Finding, ...]:
    return lint(Request(paths=(str(path),), edition="2021", select=frozenset({"missing-move"}))).findings


def functions(path: Path) -> int:
    """Every function of these files but `main` has a closure without `move`."""
    return path.read_text(encoding="utf-8").count("fn ") - 1


def test_a_safe_move_is_all_there_is_to_do(rustc: str, tmp_path: Path) -> None:
    found = findings(SAFE)
    assert len(found) == functions(SAFE)
    fixes = [finding.fix for finding in found if finding.fix is not None and finding.fix.safety is Safety.SAFE]
    assert len(fixes) == len(found)
    text = SAFE.read_bytes()
    for edit in sorted((edit for one in fixes for edit in one.edits), key=lambda edit: -edit.span.start):
        text = text[: edit.span.start] + edit.text.encode() + text[edit.span.end :]
    assert check(SAFE.read_text(encoding="utf-8"), "2021", tmp_path, {}).errors
    assert check(text.decode(), "2021", tmp_path, {}).errors == ()


def test_where_more_is_to_do_no_move_is_called_safe() -> None:
    """The second of two threads with one mistake included: `move` cures it only when the first is cured by a clone."""
    found = findings(MORE_TO_DO)
    assert len(found) == functions(MORE_TO_DO) + 1
    assert [finding.message for finding in found if finding.fix is not None and finding.fix.safety is Safety.SAFE] == []


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_what_move_must_not_take_is_cloned_or_lent_before(line_break: str, rustc: str, tmp_path: Path) -> None:
    """In every place that a closure can stand in, the result compiles, and nothing is left to find."""
    text = SHADOWS.read_text(encoding="utf-8").replace("\n", line_break)
    path = tmp_path / "shadows.rs"
    path.write_bytes(text.encode())
    found = findings(path)
    lines = Counter(text.encode()[: finding.span.start].count(b"\n") for finding in found)
    assert lines == Counter({at: line.count("//~") for at, line in enumerate(text.split("\n")) if "//~" in line})
    assert all(finding.fix is not None and finding.fix.safety is Safety.UNSAFE for finding in found)
    outcome = fix(Request(paths=(str(path),), edition="2021"), UNSAFE)
    assert outcome.report.findings == ()
    fixed = outcome.changes[0].after.decode()
    assert fixed.count("\r") == (fixed.count("\n") if line_break == "\r\n" else 0)
    assert check(fixed, "2021", tmp_path, {}).errors == ()
