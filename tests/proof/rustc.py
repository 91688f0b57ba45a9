"""One Rust text -> what rustc says of it, and its program if it may have one.

rustc is called directly, without Cargo, at opt-level 0 and with warnings off; a lint that rustc denies stays an error.
Only errors are kept; where they stand is kept by line of the text as it was given.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

PRELUDE = (
    "use std::{cell::{Cell, OnceCell, RefCell}, collections::HashMap, rc::{self, Rc}, "
    "sync::{atomic::{AtomicBool, AtomicUsize, Ordering}, mpsc::{self, channel, sync_channel, Receiver, Sender}, "
    "Arc, Barrier, Condvar, LazyLock, Mutex, Once, OnceLock, RwLock}, thread, time::{Duration, Instant}};\n"
    "fn main() {"
)
WRAPPED_BY = 2
MAIN = re.compile(r"^\s*(?:pub\s+)?(?:async\s+)?fn\s+main\s*\(", re.MULTILINE)
# As many at once as there are cores.
COMPILERS = BoundedSemaphore(os.cpu_count() or 1)
# Not an error of its own, but the last line of every failed compilation.
EPILOGUE = "aborting due to"


@dataclass(frozen=True)
class Error:
    """One error of rustc; `code` is "" where it has none; `lines` are the lines it mentions as (path, 1-based line)."""

    code: str
    message: str
    lines: frozenset[tuple[str, int]]

    def __str__(self) -> str:
        where = ", ".join(str(line) for _, line in sorted(self.lines)) or "?"
        return f"{self.code or 'error'} (lines {where}): {self.message}"


@dataclass(frozen=True)
class Compilation:
    """`program` is the executable, where one was asked for and made."""

    errors: tuple[Error, ...]
    program: Path | None


def rustc_version() -> str | None:
    """The version line of the rustc on PATH, or None without one."""
    if shutil.which("rustc") is None or shutil.which("cargo") is None:
        return None
    return subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout.strip()


def check(text: str, edition: str, folder: Path, externs: Mapping[str, Path]) -> Compilation:
    """Compiles `text` as main.rs in `folder`, as a library if it has no `main`; makes no program."""
    return _compile(text, edition, folder, externs, ["--emit", "metadata", "--out-dir", str(folder)])


def build(text: str, edition: str, folder: Path, externs: Mapping[str, Path]) -> Compilation:
    """Compiles `text`, which has a `main`, as main.rs in `folder`, and links it."""
    return _compile(text, edition, folder, externs, ["--emit", "link", "-o", str(folder / "program")])


def _compile(text: str, edition: str, folder: Path, externs: Mapping[str, Path], output: list[str]) -> Compilation:
    source, program = folder / "main.rs", folder / "program"
    source.write_text(text, encoding="utf-8")
    command = ["rustc", str(source), "--edition", edition, "--crate-name", "program", "--error-format=json"]
    command += ["--crate-type", "bin" if MAIN.search(text) else "lib", "-A", "warnings", "-C", "opt-level=0", *output]
    for name, path in externs.items():
        command += ["--extern", f"{name}={path}", "-L", f"dependency={path.parent}"]
    with COMPILERS:
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=clean_environment(), check=False)
    read = [read_error(json.loads(line), folder, folder) for line in done.stderr.splitlines()]
    errors = tuple(error for error in read if error)
    if done.returncode != 0 and not errors:
        raise RuntimeError(f"rustc failed without an error:\n{done.stderr}")
    return Compilation(errors, program if "link" in output and not errors else None)


def wrapped(text: str) -> str:
    """A listing without `main` and imports as the body of a `main`; its lines move down by WRAPPED_BY."""
    return f"{PRELUDE}\n{text}\n}}\n"


def read_error(message: Mapping[str, Any], base: Path, folder: Path) -> Error | None:
    """An error out of one JSON message of rustc, or None for all that is not an error.

    `base` is what the message's paths are relative to; only lines of files in `folder` are kept, relative to it.
    """
    if message.get("level") != "error" or message["message"].startswith(EPILOGUE):
        return None
    code = message["code"]["code"] if message.get("code") else ""
    lines = set()
    for span in _spans([*message["spans"], *(span for child in message["children"] for span in child["spans"])]):
        path = base / span["file_name"]
        if path.is_relative_to(folder):
            # The first and the last line of a span: a closure's span ends lines after the closure's head.
            lines |= {(path.relative_to(folder).as_posix(), span[key]) for key in ("line_start", "line_end")}
    return Error(code, message["message"], frozenset(lines))


def clean_environment() -> dict[str, str]:
    """The environment without flags that would change what rustc and Cargo say."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("RUSTFLAGS", "CARGO_BUILD_"))}


def _spans(spans: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for span in spans:
        yield span
        if span.get("expansion"):
            yield from _spans([span["expansion"]["span"]])
