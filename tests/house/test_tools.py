"""The tools that read the code have nothing to say about it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.house.toys import ROOT


@pytest.mark.parametrize(
    "arguments", [["ruff", "check"], ["ruff", "format", "--check"], ["mypy", "--strict"]], ids=" ".join
)
def test_a_tool_finds_nothing(arguments: list[str]) -> None:
    result = subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
