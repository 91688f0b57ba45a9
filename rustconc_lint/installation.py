"""This program as files: where the folder `rules` is, and a digest that changes when anything of it does."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from importlib.machinery import PathFinder
from pathlib import Path

from rustconc_lint import __version__

PACKAGE = Path(__file__).parent


class ModelError(Exception):
    """A model of a crate, one of `rules/apis` or of a project, that cannot be read. The text names file and key."""


def rules_dir() -> Path:
    """The folder `rules` of an installed wheel (inside the package) or of a checkout (beside it)."""
    inside = PACKAGE / "rules"
    return inside if inside.is_dir() else PACKAGE.parent / "rules"


def digest() -> bytes:
    """32 bytes that differ between any two versions of this program, its rules and its grammar: code by size and time,
    since reading all of it would take longer than a warm run, and rules by their contents. Raises OSError."""
    found = hashlib.sha256(__version__.encode())
    for name in ("tree_sitter", "tree_sitter_rust", "msgspec"):
        spec = PathFinder.find_spec(name)
        for folder in (spec.submodule_search_locations if spec else None) or ():
            _add_code(folder, found)
    _add_code(os.fspath(PACKAGE), found)
    for entry in _files(os.fspath(rules_dir())):
        with open(entry.path, "rb") as opened:
            text = opened.read()
        found.update(f"{entry.name} {len(text)}\n".encode("utf-8", "surrogateescape") + text)
    return found.digest()


def _add_code(folder: str, found: hashlib._Hash) -> None:
    for entry in _files(folder):
        status = entry.stat()
        found.update(f"{entry.path} {status.st_size} {status.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))


def _files(folder: str) -> Iterator[os.DirEntry[str]]:
    """The files below a folder, in one order everywhere; not what Python has compiled."""
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if not entry.is_dir():
            yield entry
        elif entry.name != "__pycache__":
            yield from _files(entry.path)
