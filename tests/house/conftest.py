"""The house around the engine is tested apart from the engine: with toy rules, in folders made for each test."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest

from rustconc_lint import analysis, cli, rulebook
from tests.house.toys import BUG_PAGE, HINT_PAGE, ROOT, UNUSED_PAGE, Result, Run, ToyProgram, Tree, findings_of


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Replaces the engine by the toy rules `bug-here` (error) and `hint-here` (note, off by default)."""
    folder = tmp_path_factory.mktemp("rules")
    for name, page in (("bug-here", BUG_PAGE), ("hint-here", HINT_PAGE), ("unused-allow", UNUSED_PAGE)):
        (folder / f"{name}.md").write_text(page, encoding="utf-8")
    for name, word in (("bug_here", "BUG"), ("hint_here", "HINT")):
        module = ModuleType(name)
        vars(module)["check"] = findings_of(word)
        monkeypatch.setitem(sys.modules, f"rustconc_lint.checks.{name}", module)
    monkeypatch.setattr(rulebook, "rules_dir", lambda: folder)
    monkeypatch.setattr(analysis, "load_apis", lambda mentioned, own, dependencies: ())
    monkeypatch.setattr(analysis, "link", lambda crates, files, apis, reader: ToyProgram(files))


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    engine: None,
) -> Run:
    """Runs a command line in `tmp_path` with the toy rules; `stdin` is bytes."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)

    monkeypatch.setenv("RUSTCONC_LINT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))

    def call(*arguments: str, stdin: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = cli.run(list(arguments))
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return call


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Writes files below `tmp_path`; a path that ends in a slash is a folder."""

    def write(files: Mapping[str, str | bytes]) -> Path:
        for name, content in files.items():
            path = tmp_path / name
            if name.endswith("/"):
                path.mkdir(parents=True, exist_ok=True)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return tmp_path

    return write


@pytest.fixture
def environment() -> dict[str, str]:
    """Variables under which a child process finds this checkout."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}
