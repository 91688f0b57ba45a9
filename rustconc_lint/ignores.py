"""Which entries of a folder git ignores: .gitignore files from the repository's root down, and .git/info/exclude.

Computed while a walk goes down, one folder at a time: an ignored folder is never entered, so what lies below it is
never asked about. Each line is read by pathspec and matched against one entry, never against a folder above it: that is
what lets `!a/b.rs` take effect below an `a` that is not ignored, and only there. A user's global ignore file is not
read: results are the same on every machine. Outside of a repository the files below the starting point count.

pathspec reads a few lines in another way than git: sets with a POSIX class, a backslash or a slash in them, and
`[!z-a]`; two stars behind other characters or three of them before a slash (`a**/b`, `a/***/b`); tabs at a line's end.
What it cannot read at all is skipped.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern


class Pattern(msgspec.Struct, frozen=True):
    """One line. name_only: it speaks of an entry's name, else of its path below the file's folder."""

    line: GitIgnoreSpecPattern
    name_only: bool

    def matches(self, name: bytes, path: bytes) -> bool:
        """Does it speak of the entry (a slash at its end: a folder) itself?"""
        found = self.line.match_file(name if self.name_only else path)
        # pathspec matches all that is below `a/` as well: then the match ends at that slash, inside of the path.
        return found is not None and not (found.match[0].endswith(b"/") and found.match.end() < len(found.match.string))


class Layer(msgspec.Struct, frozen=True):
    """The patterns of one file, the last one first. base: the folder they hold below, with a slash at its end."""

    base: str
    patterns: tuple[Pattern, ...]

    def verdict(self, path: str, folder: bool) -> bool | None:
        """Ignored, kept, or (None) not mentioned: the last line that matches decides."""
        relative = os.fsencode(path[len(self.base) :].replace(os.sep, "/"))
        name = relative[relative.rfind(b"/") + 1 :]
        end = b"/" if folder else b""
        return next((one.line.include for one in self.patterns if one.matches(name + end, relative + end)), None)


class Ignores(msgspec.Struct, frozen=True):
    """The layers that hold in a folder, the outermost first."""

    layers: tuple[Layer, ...] = ()

    def entered(self, folder: str) -> Ignores:
        """What holds inside `folder` (an absolute path): a repository of its own starts afresh."""
        outer = () if os.path.lexists(os.path.join(folder, ".git")) else self.layers
        files = (os.path.join(folder, ".git", "info", "exclude"), os.path.join(folder, ".gitignore"))
        own = tuple(read_layer(folder, _lines(file)) for file in files if os.path.isfile(file))
        return Ignores(outer + own) if own or outer is not self.layers else self

    def ignored(self, path: str, *, folder: bool) -> bool:
        """Is this entry (an absolute path) of a folder that is not ignored itself ignored?"""
        for layer in reversed(self.layers):
            verdict = layer.verdict(path, folder)
            if verdict is not None:
                return verdict
        return False


def ignores_at(folder: str) -> Ignores:
    """What holds inside `folder` (an absolute path). When the folder itself is ignored, which is known only here, where
    it was asked for by name, the files above it do not hold in it."""
    repository = repository_of(folder)
    if not repository:
        return Ignores().entered(folder)
    ignores, current = Ignores().entered(repository), repository
    for name in os.path.relpath(folder, repository).split(os.sep) if folder != repository else ():
        current = os.path.join(current, name)
        if ignores.ignored(current, folder=True):
            return Ignores().entered(folder)
        ignores = ignores.entered(current)
    return ignores


def repository_of(folder: str) -> str:
    """The root of the repository that a folder (an absolute path) is in, "" outside of any."""
    while not os.path.lexists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return ""
        folder = above
    return folder


def read_layer(folder: str, lines: Iterable[bytes]) -> Layer:
    """The patterns written in `lines` (without line ends) for what is below `folder` (an absolute path)."""
    # A new repository's `exclude` has comments only: they load no library.
    written = (line for line in lines if line and not line.startswith(b"#"))
    patterns = [pattern for line in written if (pattern := read_pattern(line)) is not None]
    return Layer(folder.rstrip(os.sep) + os.sep, tuple(reversed(patterns)))


def read_pattern(line: bytes) -> Pattern | None:
    """The pattern on a line (gitignore(5)); None for blanks and what pathspec cannot read."""
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern  # 30 ms that a folder without ignores saves

    # To pathspec `a/**` speaks of the folder `a` too, to git of what is below it; `**/b` is the same as `b`.
    line = _ANYWHERE.sub(rb"\1", _ALL_BELOW.sub(rb"**/*", line))
    try:
        with warnings.catch_warnings(action="ignore"):  # `re` warns of sets such as `[[]` that it reads well
            pattern = GitIgnoreSpecPattern(line)
    except (ValueError, re.error):
        return None
    name_only = b"/" not in line.strip().removesuffix(b"/")
    return None if pattern.include is None else Pattern(pattern, name_only)


_ALL_BELOW = re.compile(rb"(?<=/)\*\*(?=/? *\Z)")
_ANYWHERE = re.compile(rb"\A(!?)/?(?:\*\*/)+(?=[^/]+/?\Z)")


def _lines(file: str) -> list[bytes]:
    try:
        with open(file, "rb") as opened:
            data = opened.read()
    except OSError:
        return []
    return [line.removesuffix(b"\r") for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n")]
