"""pre-commit runs the hooks of this checkout, installed as it installs them for users."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.toys import ROOT

# A closure that outlives the variable it borrows: found without any configuration.
HANGING = """use std::thread;

fn main() {
    let name = String::from("Alice");
    let handle = thread::spawn(|| println!("{name}"));
    handle.join().unwrap();
}
"""

pytestmark = pytest.mark.xdist_group("pre-commit")


def git(folder: Path, *arguments: str) -> str:
    named = ["-c", "user.name=t", "-c", "user.email=t@e.invalid", "-c", "init.defaultBranch=main"]
    command = ["git", *named, "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of what is in this checkout now, committed or not."""
    copy = tmp_path_factory.mktemp("hooks")
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    for name in listed:
        source = ROOT / name
        if name and source.is_file() and not name.startswith(("fixtures/", "tests/", "benchmarks/")):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes(source.read_bytes())
    git(copy, "init", "-q")
    git(copy, "add", "-A")
    git(copy, "commit", "-q", "-m", "now")
    return copy


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit keeps what it installs."""
    return tmp_path_factory.mktemp("pre-commit")


def project(folder: Path) -> Path:
    folder.mkdir()
    (folder / "Cargo.toml").write_text('[package]\nname = "demo"\nedition = "2021"\n', encoding="utf-8")
    (folder / "src").mkdir()
    (folder / "src" / "main.rs").write_text(HANGING, encoding="utf-8")
    (folder / "src" / "fine.rs").write_text("pub fn fine() {}\n", encoding="utf-8")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    return folder


def pre_commit(home: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", *arguments],
        cwd=folder,
        env={**os.environ, "PRE_COMMIT_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


def try_hook(hooks: Path, home: Path, folder: Path, hook: str, *files: str) -> subprocess.CompletedProcess[str]:
    named = ["--files", *files] if files else ["--all-files"]
    return pre_commit(home, folder, "try-repo", str(hooks), hook, "--verbose", *named)


def test_the_hook_lints_the_whole_workspace(hooks: Path, home: Path, tmp_path: Path) -> None:
    """Whatever was changed: a finding in another file stops the commit."""
    result = try_hook(hooks, home, project(tmp_path / "p"), "rustconc-lint", "src/fine.rs")
    assert result.returncode == 1, result.stdout + result.stderr
    assert "error[missing-move]" in result.stdout
    assert " --> src/main.rs:5:32" in result.stdout


def test_the_hook_for_changed_files_reports_those_only(hooks: Path, home: Path, tmp_path: Path) -> None:
    folder = project(tmp_path / "p")
    fine = try_hook(hooks, home, folder, "rustconc-lint-changed", "src/fine.rs")
    assert fine.returncode == 0, fine.stdout + fine.stderr
    assert "Passed" in fine.stdout
    found = try_hook(hooks, home, folder, "rustconc-lint-changed", "src/main.rs", "src/fine.rs")
    assert found.returncode == 1
    assert "1 error in 2 files" in found.stdout


def test_the_hooks_skip_a_commit_without_rust(hooks: Path, home: Path, tmp_path: Path) -> None:
    folder = project(tmp_path / "p")
    (folder / "notes.md").write_text("words\n", encoding="utf-8")
    git(folder, "add", "-A")
    result = try_hook(hooks, home, folder, "rustconc-lint", "notes.md")
    assert result.returncode == 0
    assert "Skipped" in result.stdout


CONFIGURATION = """repos:
- repo: {hooks}
  rev: {rev}
  hooks:
  - id: rustconc-lint
    args: [--fix]
"""


def test_the_hook_fixes_if_it_is_told_to(hooks: Path, home: Path, tmp_path: Path) -> None:
    """The commit stops once, so that what was changed can be looked at and staged, and then goes through."""
    folder = project(tmp_path / "p")
    rev = git(hooks, "rev-parse", "HEAD").strip()
    (folder / ".pre-commit-config.yaml").write_text(CONFIGURATION.format(hooks=hooks, rev=rev), encoding="utf-8")
    git(folder, "add", "-A")
    result = pre_commit(home, folder, "run", "--all-files")
    assert result.returncode == 1, result.stdout + result.stderr
    assert "files were modified by this hook" in result.stdout
    assert "1 fixed; nothing left in 2 files" in result.stdout
    assert (folder / "src" / "main.rs").read_text(encoding="utf-8") == HANGING.replace("|| p", "move || p")
    git(folder, "add", "-A")
    assert pre_commit(home, folder, "run", "--all-files").returncode == 0
