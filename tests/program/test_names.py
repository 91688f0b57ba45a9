"""Paths lead where rustc says: each file in `names/` is a program with questions and their answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.program.linking import ask, read

CASES = sorted(Path(__file__).with_name("names").glob("*.rs"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_paths_lead_to_definitions(path: Path) -> None:
    program = read(path.read_text(encoding="utf-8"))
    names = program.names()
    assert program.questions
    wrong = [
        f"{question.path} in {question.place} ({question.namespace}): {got}, expected {question.answer}"
        for question in program.questions
        if (got := ask(names, question)) != question.answer
    ]
    assert not wrong, "\n".join(wrong)
