"""`--watch`: the real command in a process of its own, files that change, and what it prints next."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

import pytest

from tests.house.toys import Run, Tree

PATIENCE = 120  # seconds until a test gives up; nothing is measured
GOOD = "pub fn f() {}\n"
BAD = 'pub fn f() {\n    let x = 1;\n    std::thread::spawn(|| println!("{x}"));\n}\n'
MANIFEST = "[package]\nname = 'p'\nedition = '2021'\n"
CLEAR = b"\x1b[H\x1b[2J\x1b[3J"
WAITING = "rustconc-lint: waiting for changes (Ctrl-C ends)"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there Ctrl-C is sent to whole groups of processes")


class Lines:
    """What a process writes, line by line, as it comes."""

    def __init__(self, stream: IO[str]) -> None:
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, args=(stream,), daemon=True).start()

    def _read(self, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def next(self) -> str:
        line = self._lines.get(timeout=PATIENCE)
        assert line is not None, "the command has ended"
        return line

    def until(self, part: str) -> None:
        """Reads on to a line that has this in it: a file that is just being written may be empty for a moment."""
        while part not in self.next():
            pass

    def rest(self) -> list[str]:
        return list(iter(lambda: self._lines.get(timeout=PATIENCE), None))


class Watched:
    """The command, watching. out, err: what it says, where nobody else reads that."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr is not None
        self.process = process
        self.err = Lines(process.stderr)
        if process.stdout is not None:
            self.out = Lines(process.stdout)

    def until(self, files: int, *found: str) -> None:
        """Reads on to a line of JSON with so many files and these findings (rule and file) and errors."""
        while True:
            said: dict[str, Any] = json.loads(self.out.next())
            rules = [f"{one['rule']} {one['path']}" for one in said["diagnostics"]]
            errors = [f"{one['path']} {one['message']}" for one in said["errors"]]
            if (said["summary"]["files"], [*rules, *errors]) == (files, list(found)):
                return

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE)


Start = Callable[..., Watched]


@pytest.fixture
def start(tmp_path: Path, environment: dict[str, str]) -> Iterator[Start]:
    """Starts the command in `tmp_path`. Without the library the test is skipped, or fails where CI=true."""
    if find_spec("watchfiles") is None and os.environ.get("CI") != "true":
        pytest.skip("watchfiles is not installed: nothing is watched")
    running: list[subprocess.Popen[str]] = []

    def begin(*arguments: str, stdout: int = subprocess.PIPE, terminal: str = "") -> Watched:
        command = [sys.executable, "-m", "rustconc_lint", "--watch", *arguments]
        variables = {**environment, "TERM": terminal}
        running.append(
            subprocess.Popen(
                command, cwd=tmp_path, env=variables, stdout=stdout, stderr=subprocess.PIPE, encoding="utf-8"
            )
        )
        return Watched(running[-1])

    # What was started in the background ignores Ctrl-C, and so does all that it starts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield begin
    signal.signal(signal.SIGINT, before)
    for process in running:
        process.kill()
        process.wait()


def test_each_change_that_counts_gives_one_line_of_json(tree: Tree, start: Start) -> None:
    """Files that come, change and vanish, in new folders too, manifests and settings; and nothing else."""
    base = tree({"Cargo.toml": MANIFEST, "src/lib.rs": GOOD, ".gitignore": "made.rs\n", ".git/": "", "target/x.rs": ""})
    watched = start("--format", "json", ".")
    watched.until(1)
    tree({"src/lib.rs": BAD})
    watched.until(1, "missing-move src/lib.rs")
    tree({"src/made.rs": BAD, "target/y.rs": BAD, "src/notes.md": "no Rust", "Cargo.lock": ""})
    tree({"src/a.rs": GOOD})
    watched.until(2, "missing-move src/lib.rs")
    tree({"src/inner/deep/b.rs": GOOD})
    watched.until(3, "missing-move src/lib.rs")
    tree({"src/inner/deep/b.rs": BAD, "src/lib.rs": GOOD + "mod inner { mod deep { mod b; } }\n"})
    watched.until(3, "missing-move src/inner/deep/b.rs")
    tree({"rustconc.toml": "ignore = ['missing-move']\n"})
    watched.until(3)
    tree({"rustconc.toml": "ignore = 1\n"})
    watched.err.until("rustconc.toml:1: `ignore` must be a list")
    (base / "rustconc.toml").unlink()
    watched.until(3, "missing-move src/inner/deep/b.rs")
    (base / "src/inner").rename(base / "moved")
    watched.until(3)
    tree({"src/a.rs": b"fn \xff"})
    watched.until(2, "src/a.rs is not valid UTF-8 (byte 3)")
    tree({".gitignore": "*.rs\n"})
    watched.until(0)
    watched.err.until("no Rust files found")
    assert watched.interrupt() == 0
    assert (watched.out.rest(), watched.err.rest()) == ([], [])


def test_a_file_is_watched_although_editors_put_another_one_in_its_place(tree: Tree, start: Start) -> None:
    """And so is one that has vanished, until it is there again."""
    base = tree({"a.rs": GOOD, "b.rs": BAD})
    watched = start("--format", "json", "a.rs")
    watched.until(1)
    tree({"new": BAD})
    (base / "new").replace(base / "a.rs")
    watched.until(1, "missing-move a.rs")
    (base / "a.rs").unlink()
    watched.until(0, "a.rs does not exist")
    tree({"a.rs": GOOD})
    watched.until(1)
    assert watched.interrupt() == 0


def test_a_configuration_that_is_wrong_from_the_start_is_waited_for(tree: Tree, start: Start) -> None:
    tree({"a.rs": BAD, "inner/b.rs": BAD, "inner/rustconc.toml": "x = 1\n"})
    watched = start()
    watched.err.until("unknown key `x`")
    watched.err.until(WAITING)
    tree({"inner/rustconc.toml": "exclude = ['b.rs']\n"})
    watched.out.until("error[missing-move]")
    watched.err.until(WAITING)
    assert watched.interrupt() == 0
    assert watched.out.rest()[-2:] == ["1 error in 1 file", "1 can be fixed with `--fix`"]


def test_nobody_reads_any_more_ends_it(tree: Tree, start: Start) -> None:
    tree({"a.rs": GOOD})
    outer, inner = os.pipe()
    watched = start(stdout=inner)
    os.close(inner)
    assert read_to(outer, b"file\n") == b"nothing found in 1 file\n"
    os.close(outer)
    tree({"a.rs": BAD})
    assert watched.process.wait(PATIENCE) == 0


def read_to(descriptor: int, end: bytes) -> bytes:
    """What comes from a pipe or a terminal, up to this end."""
    data = b""
    while not data.endswith(end):
        data += os.read(descriptor, 1024)
    return data


@pytest.mark.parametrize(("terminal", "clears"), [("xterm", True), ("dumb", False)])
def test_a_screen_is_cleared_between_reports(tree: Tree, start: Start, terminal: str, clears: bool) -> None:
    """On a terminal that can; never before the first one."""
    import pty

    tree({"a.rs": GOOD})
    outer, inner = pty.openpty()
    watched = start("--color", "never", stdout=inner, terminal=terminal)
    os.close(inner)
    watched.err.until(WAITING)
    assert read_to(outer, b"\n") == b"nothing found in 1 file\r\n"
    tree({"a.rs": BAD})
    screen = read_to(outer, b"--fix`\r\n")
    assert screen.startswith(CLEAR) is clears
    assert screen.count(CLEAR) == (screen.count(b"in 1 file") if clears else 0)
    assert watched.interrupt() == 0
    os.close(outer)


# ---------------------------------------------------------------- what does not go with it


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--fix"], "--fix"),
        (["--diff"], "--diff"),
        (["--stdin-filename", "a.rs"], "--stdin-filename"),
        (["-"], "`-`"),
        (["--fix", "--unsafe-fixes", "a.rs"], "--fix"),
    ],
)
def test_what_does_not_go_with_it_is_refused(run: Run, tree: Tree, arguments: list[str], named: str) -> None:
    tree({"a.rs": "BUG"})
    result = run("--watch", *arguments)
    assert result.code == 2
    expected = f"rustconc-lint: error: --watch reports on files whenever they change: leave out {named}\n"
    assert result.err.startswith(expected)
    assert result.out == ""


def test_without_the_library_it_says_what_to_install(run: Run, tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    tree({"a.rs": "BUG"})
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    result = run("-w", "a.rs")
    assert (result.code, result.out) == (2, "")
    assert "--watch needs the library watchfiles: `pip install watchfiles`" in result.err
    assert run("a.rs").code == 1
