"""Ignore files mean what they mean to git: `git check-ignore` is the judge."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rustconc_lint.ignores import Ignores, ignores_at

NAMES = ["a", "b", "ab", "a.rs", "c.rs", "x y.rs", "é.rs", "a ", "[", "-", "\\"]

# Without the few spellings that pathspec reads in another way than git (see the module's first lines).
WRITTEN = [
    "a", "/a", "a/", "a/*", "!a", "!a/", "*.rs", "!c.rs", "/c.rs", "a/b", "a/b/", "!a/b", "**/b", "a/**", "!a/**",
    "b/c.rs", "!b/c.rs", "*", "**", "!*/", "!*.rs", "\\!x", "#c", "\\#c", "[ab]", "?", "??.rs", "a/**/c.rs",
    "x\\ y.rs", "x y.rs  ", "/*", "!/a", "*/c.rs", "**/a/b", "[!a]", "[^a].rs", "a?rs", "", "!a/b/", " a", "a ",
    "a\\ ", "a\\", "[", "b/**/", "[a-c].rs", "[]a]", "[a-", "[z-a]", "a**", "**c.rs", "a/**b", "!**/", "/", "//",
    "a//b", "***", "[[:a]", "?**/c.rs", "*.r[s]", "\\a", "b[/]c.rs", "[+--]", "[--0]", "é.rs", "?.rs", "\\\\", "b\r",
    "**/*/", "!**/*/", "/**", "!/**/", "**/**", "!/*/", "/*/", "**/**/b", "**/a/*/", "!**", "!", "b/*/*",
]  # fmt: skip

FOLDERS = ["", "a", "b", "ab", "a/a", "a/b", "b/a", "a/b/a", "a/b/b"]


def walked(folder: str, ignores: Ignores, above: bool = False) -> Iterator[tuple[str, bool]]:
    """Every entry below a folder, and whether it is ignored, itself or with a folder above it."""
    for entry in os.scandir(folder):
        if entry.name in (".git", ".gitignore"):
            continue
        ignored = above or ignores.ignored(entry.path, folder=entry.is_dir())
        yield entry.path, ignored
        if entry.is_dir():
            yield from walked(entry.path, ignores if ignored else ignores.entered(entry.path), ignored)


def ignored_by_git(repository: str, paths: list[str]) -> set[str]:
    command = ["git", "-C", repository, "check-ignore", "--no-index", "--stdin", "-z"]
    relative = b"\0".join(os.fsencode(os.path.relpath(path, repository)) for path in paths)
    result = subprocess.run(command, input=relative, capture_output=True, check=False)
    assert result.returncode in (0, 1), result.stderr
    return {os.path.join(repository, os.fsdecode(name)) for name in result.stdout.split(b"\0") if name}


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with every name in every folder, and no ignore file."""
    repository = tmp_path_factory.mktemp("trees")
    subprocess.run(["git", "init", "-q", str(repository)], check=True)
    for folder in FOLDERS:
        (repository / folder).mkdir(exist_ok=True)
    for path in (repository / folder / name for folder in FOLDERS for name in NAMES):
        if not path.exists():
            path.touch()
    return repository


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    files=st.dictionaries(
        st.sampled_from(FOLDERS), st.lists(st.sampled_from(WRITTEN), min_size=1, max_size=4), max_size=4
    ),
    exclude=st.lists(st.sampled_from(WRITTEN), max_size=2),
)
def test_git_agrees_about_every_entry(trees: Path, files: dict[str, list[str]], exclude: list[str]) -> None:
    """Nested files, negation, sets, `**` anywhere, escapes, trailing blanks, what git cannot read, info/exclude."""
    written = {trees / folder / ".gitignore": lines for folder, lines in files.items()}
    written[trees / ".git" / "info" / "exclude"] = exclude
    for path, lines in written.items():
        path.write_text("\n".join(lines), encoding="utf-8", newline="")
    found = dict(walked(str(trees), ignores_at(str(trees))))
    ours = {path for path, ignored in found.items() if ignored}
    theirs = ignored_by_git(str(trees), list(found))
    for path in written:
        path.unlink()
    assert ours == theirs


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "src" / "made").mkdir(parents=True)
    (tmp_path / ".gitignore").write_text("*.tmp.rs\nmade/\n", encoding="utf-8")
    return tmp_path


def test_files_above_the_starting_point_hold(repository: Path) -> None:
    ignores = ignores_at(str(repository / "src"))
    assert ignores.ignored(str(repository / "src" / "x.tmp.rs"), folder=False)
    assert ignores.ignored(str(repository / "src" / "made"), folder=True)


def test_an_ignored_folder_that_is_asked_for_by_name_is_not_empty(repository: Path) -> None:
    """Whoever names a folder wants it read; only its own ignore file holds inside."""
    (repository / "src" / "made" / ".gitignore").write_text("b.rs\n", encoding="utf-8")
    ignores = ignores_at(str(repository / "src" / "made"))
    assert not ignores.ignored(str(repository / "src" / "made" / "a.tmp.rs"), folder=False)
    assert ignores.ignored(str(repository / "src" / "made" / "b.rs"), folder=False)


def test_a_repository_inside_a_repository_starts_afresh(repository: Path) -> None:
    inner = repository / "src" / "inner"
    (inner / ".git").mkdir(parents=True)
    assert not ignores_at(str(inner)).ignored(str(inner / "x.tmp.rs"), folder=False)
    entered = ignores_at(str(repository / "src")).entered(str(inner))
    assert not entered.ignored(str(inner / "x.tmp.rs"), folder=False)


def test_outside_of_a_repository_nothing_above_holds(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.rs\n", encoding="utf-8")
    (tmp_path / "src").mkdir()
    assert not ignores_at(str(tmp_path / "src")).ignored(str(tmp_path / "src" / "a.rs"), folder=False)
    assert ignores_at(str(tmp_path)).ignored(str(tmp_path / "a.rs"), folder=False)


def test_a_byte_order_mark_and_carriage_returns_are_no_part_of_a_pattern(repository: Path) -> None:
    (repository / ".gitignore").write_bytes(b"\xef\xbb\xbfa.rs\r\nb.rs\r\n")
    ignores = ignores_at(str(repository))
    assert ignores.ignored(str(repository / "a.rs"), folder=False)
    assert ignores.ignored(str(repository / "b.rs"), folder=False)
