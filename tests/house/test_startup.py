"""What is not needed is not loaded: a command that answers from memory answers at once."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "tree_sitter",
    "msgspec",
    "tomllib",
    "json",
    "asyncio",
    "multiprocessing",
    "sqlite3",
    "rustconc_lint.pipeline",
)

LOADED = """
import sys
from rustconc_lint.cli import run
run({arguments!r})
print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)
"""


def loaded(arguments: list[str], environment: dict[str, str]) -> str:
    code = LOADED.format(arguments=arguments, heavy=HEAVY)
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stderr.splitlines()[-1]


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["check", "--help"], ["--nonsense"]])
def test_answers_from_memory_load_no_engine(arguments: list[str], environment: dict[str, str]) -> None:
    assert loaded(arguments, environment) == "[]"


def test_the_rules_are_listed_without_the_parser(environment: dict[str, str]) -> None:
    """And the test above can fail: this one loads what it needs."""
    names = loaded(["rules"], environment)
    assert "msgspec" in names
    assert "tree_sitter" not in names
