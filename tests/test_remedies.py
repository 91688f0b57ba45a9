"""The safe fix of a forgotten sender is seen to work: the program hangs when it is run, and ends once it is fixed."""

from __future__ import annotations

from pathlib import Path

import pytest

from rustconc_lint.fixes import SAFE, fix
from rustconc_lint.pipeline import Request
from tests.proof.machine import END_LIMIT, HANG_LIMIT, run
from tests.proof.rustc import build
from tests.samples import FIXTURES

FORGOTTEN = {
    "a loop": "original_kept_after_clones.rs",
    "an iterator": "collect.rs",
    "a loop with a break": "loop_match_break.rs",
    "nobody sends": "nobody_ever_sends.rs",
}


@pytest.mark.usefixtures("rustc")
@pytest.mark.parametrize("name", FORGOTTEN.values(), ids=FORGOTTEN)
def test_a_dropped_sender_turns_a_hang_into_an_end(name: str, tmp_path: Path) -> None:
    path = FIXTURES / "undropped-sender" / name
    outcome = fix(Request(paths=(str(path),), edition="2021"), SAFE)
    (source,) = outcome.report.sources.values()
    fixed = source.data.decode()
    assert "drop(" in fixed
    ends = []
    for number, text in enumerate((path.read_text(encoding="utf-8"), fixed)):
        folder = tmp_path / str(number)
        folder.mkdir()
        program = build(text, "2021", folder, {}).program
        assert program is not None
        ends.append(run(program, [], (HANG_LIMIT, END_LIMIT)[number]).end)
    assert ends == ["hangs", "ends"]
