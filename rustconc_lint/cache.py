"""Answers that are kept: a folder of files, each named after a hash of everything that its answer was made from.

Runs may share it at once: a file is written under another name and then takes its own. Whatever is odd about one (cut
off, changed, of another key) makes it a miss and nothing else, so the folder may be deleted or damaged at any time. It
is bounded: what was used least recently goes first.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from rustconc_lint.installation import digest

NAME = "rustconc-lint"
TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# Answers that rustconc-lint has kept. They may be deleted.\n"
SUFFIX, UNFINISHED = ".answer", ".part"
MOST, LARGEST, OLDEST = 512, 64 << 20, 30 * 86400  # files, bytes in all, seconds since the last use
HOUR = 3600

_CHECK = hashlib.sha256().digest_size


class Cache:
    """The answers in a folder, which is made at the first `put`. remarks: why they cannot be kept, once."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.remarks: list[str] = []

    def key(self, pieces: Iterable[bytes]) -> str:
        """The name of the answer to these pieces, given by this version of the program; "" when it has no files."""
        try:
            found = hashlib.sha256(digest())
        except OSError:
            return ""
        for piece in pieces:
            found.update(piece)
        return found.hexdigest()

    def get(self, key: str) -> bytes | None:
        """What was put under this key, None when that is not there any more, or not whole."""
        path = self._path(key)
        if not key or not os.path.isfile(path):
            return None
        try:
            with open(path, "rb") as opened:
                data = opened.read()
            os.utime(path)
        except OSError:
            return None
        check, answer = data[:_CHECK], data[_CHECK:]
        return answer if check == _check(key, answer) else None

    def put(self, key: str, answer: bytes) -> None:
        """Keeps an answer, if it can, and drops what has become too old or too much."""
        if not key:
            return
        try:
            self._prepare()
            path = os.path.join(self.folder, f"{key}-{os.getpid()}{UNFINISHED}")
            with open(path, "wb") as opened:
                opened.write(_check(key, answer) + answer)
            os.replace(path, self._path(key))
        except OSError as error:
            self.remarks = [
                f"nothing is kept in {self.folder}: {error.strerror or error} (see --cache-dir, --no-cache)"
            ]
        else:
            self._shrink()

    def clear(self) -> int:
        """Deletes what is kept, and the folder when nothing else is in it; the number of answers that were deleted."""
        removed = sum(_remove(entry.path) for entry in self._entries())
        if removed or os.path.isfile(os.path.join(self.folder, "CACHEDIR.TAG")):
            for name in ("CACHEDIR.TAG", ".gitignore"):
                _remove(os.path.join(self.folder, name))
            with suppress(OSError):
                os.rmdir(self.folder)
        return removed

    def _path(self, key: str) -> str:
        return os.path.join(self.folder, key + SUFFIX)

    def _prepare(self) -> None:
        os.makedirs(self.folder, exist_ok=True)
        for name, text in (("CACHEDIR.TAG", TAG), (".gitignore", "*\n")):
            path = os.path.join(self.folder, name)
            if not os.path.lexists(path):
                with open(path, "w", encoding="utf-8") as opened:
                    opened.write(text)

    def _entries(self) -> Iterator[os.DirEntry[str]]:
        with suppress(OSError), os.scandir(self.folder) as found:
            yield from [entry for entry in found if entry.name.endswith((SUFFIX, UNFINISHED))]

    def _shrink(self) -> None:
        """Deletes what is old, then the least recently used ones, until no more is left than may be."""
        now = time.time()
        kept: list[tuple[float, int, str]] = []
        for entry in self._entries():
            with suppress(OSError):  # deleted meanwhile
                status = entry.stat(follow_symlinks=False)
                kept.append((status.st_mtime, status.st_size, entry.path))
        kept.sort(reverse=True)
        size = 0
        for number, (used, own, path) in enumerate(kept):
            size += own
            oldest = now - (HOUR if path.endswith(UNFINISHED) else OLDEST)
            if number >= MOST or size > LARGEST or used < oldest:
                _remove(path)


def _check(key: str, answer: bytes) -> bytes:
    return hashlib.sha256(key.encode() + answer).digest()


def _remove(path: str) -> bool:
    try:
        os.unlink(path)
    except OSError:
        return False
    return True


def places(path: str, chosen: str | None, variables: Mapping[str, str]) -> Iterator[str]:
    """The folders that answers about `path` may be kept in, the best one first: in the folder that was chosen, or with
    what cargo has built, or with what else the user's programs keep."""
    if chosen:
        yield os.path.join(os.path.abspath(chosen), NAME)
        return
    target = variables.get("CARGO_TARGET_DIR", "")
    if target and os.path.isdir(target):
        yield os.path.join(os.path.abspath(target), NAME)
    for folder in _upwards(os.path.abspath(path)):
        built = os.path.join(folder, "target")
        if os.path.isfile(os.path.join(folder, "Cargo.toml")) and os.path.isfile(os.path.join(built, "CACHEDIR.TAG")):
            yield os.path.join(built, NAME)
    yield from _users(variables)


def _upwards(path: str) -> Iterator[str]:
    yield path
    while path != (path := os.path.dirname(path)):
        yield path


def _users(variables: Mapping[str, str]) -> Iterator[str]:
    """The folder of the user's caches, where there is one."""
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        base = variables.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        base = os.path.join(home, "Library", "Caches")
    else:
        named = variables.get("XDG_CACHE_HOME", "")
        base = named if os.path.isabs(named) else os.path.join(home, ".cache")
    if os.path.isabs(base):
        yield os.path.join(base, NAME)
