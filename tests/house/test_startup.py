"""What is not needed is not loaded: a command that answers from memory answers at once."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

HEAVY = (
    "tree_sitter",
    "msgspec",
    "pathspec",
    "tomli",
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


def loaded(
    arguments: list[str], environment: dict[str, str], folder: Path | None = None, heavy: tuple[str, ...] = HEAVY
) -> str:
    code = LOADED.format(arguments=arguments, heavy=heavy)
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, check=True
    ).stderr.splitlines()[-1]


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["check", "--help"], ["--nonsense"]])
def test_answers_from_memory_load_no_engine(arguments: list[str], environment: dict[str, str]) -> None:
    assert loaded(arguments, environment) == "[]"


def test_the_rules_are_listed_without_the_parser(environment: dict[str, str]) -> None:
    """And the test above can fail: this one loads what it needs."""
    names = loaded(["rules"], environment)
    assert "msgspec" in names
    assert "tree_sitter" not in names


ANALYSIS = ("tree_sitter", "rustconc_lint.apis", "rustconc_lint.facts", "rustconc_lint.program.model",
            "rustconc_lint.suppress", "tempfile", "shutil", "pathspec")  # fmt: skip


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_warm_run_loads_no_analysis(form: str, environment: dict[str, str], tmp_path: Path) -> None:
    """Findings with fixes among them; and the first run loads all of it but the library for ignore files."""
    program = 'fn main() { let x = 1; std::thread::spawn(|| println!("{x}")); }\n'
    (tmp_path / "a.rs").write_text(program, encoding="utf-8")
    arguments = ["check", "--format", form, "--cache-dir", "kept", "a.rs"]
    assert loaded(arguments, environment, tmp_path, ANALYSIS) == str([*ANALYSIS[:-1]])
    assert loaded(arguments, environment, tmp_path, ANALYSIS) == "[]"


WATCHING = ("rustconc_lint.cli.watch", "rustconc_lint.workspace", "watchfiles", "anyio", "asyncio")


def test_a_run_that_watches_nothing_loads_nothing_for_it(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "a.rs").write_text("fn main() {}\n", encoding="utf-8")
    assert loaded(["check", "--no-cache", "a.rs"], environment, tmp_path, WATCHING) == "[]"
    assert loaded(["--watch", "--fix", "a.rs"], environment, tmp_path, WATCHING) == "[]"
    assert all(map(find_spec, WATCHING[:2]))


def test_ignore_files_are_read_with_a_library_and_only_they(environment: dict[str, str], tmp_path: Path) -> None:
    """A new repository has an `exclude` of comments, which ignores nothing."""
    (tmp_path / "a.rs").write_text("fn main() {}\n", encoding="utf-8")
    exclude = tmp_path / ".git" / "info" / "exclude"
    exclude.parent.mkdir(parents=True)
    exclude.write_text("# patterns\n\n", encoding="utf-8")
    assert "pathspec" not in loaded(["check"], environment, tmp_path)
    (tmp_path / ".gitignore").write_text("target\n", encoding="utf-8")
    assert "pathspec" in loaded(["check"], environment, tmp_path)
