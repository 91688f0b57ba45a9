"""The fix of missing-move: where it is called safe, rustc accepts the program with it and nothing else."""

from __future__ import annotations

from pathlib import Path

from rustconc_lint.finding import Finding, Safety
from rustconc_lint.pipeline import Request, lint
from tests.proof.rustc import check

SAFE = Path(__file__).with_name("moves_safe.rs")
UNSAFE = Path(__file__).with_name("moves_unsafe.rs")


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
    for edit in sorted((edit for fix in fixes for edit in fix.edits), key=lambda edit: -edit.span.start):
        text = text[: edit.span.start] + edit.text.encode() + text[edit.span.end :]
    assert check(SAFE.read_text(encoding="utf-8"), "2021", tmp_path, {}).errors
    assert check(text.decode(), "2021", tmp_path, {}).errors == ()


def test_where_more_is_to_do_no_move_is_called_safe() -> None:
    """The second of two threads with one mistake included: `move` cures it only when the first is cured by a clone."""
    found = findings(UNSAFE)
    assert len(found) == functions(UNSAFE) + 1
    assert [finding.message for finding in found if finding.fix is not None and finding.fix.safety is Safety.SAFE] == []
