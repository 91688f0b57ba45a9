"""Which entries of a folder git ignores: .gitignore files from the repository's root down, and .git/info/exclude.

Computed while a walk goes down, one folder at a time: an ignored folder is never entered, so what lies below it is
never asked about. Patterns are read as git's own wildmatch reads them and matched against one entry, never against a
folder above it: that is what lets `!a/b.rs` take effect below an `a` that is not ignored, and only there. A user's
global ignore file is not read: results are the same on every machine. Outside of a repository the files below the
starting point count.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

import msgspec


class Pattern(msgspec.Struct, frozen=True):
    """One line. regex: of the entry's name if `name_only`, else of its path below the file's folder, as bytes."""

    regex: re.Pattern[bytes]
    negated: bool
    folders_only: bool
    name_only: bool


class Layer(msgspec.Struct, frozen=True):
    """The patterns of one file, the last one first. base: the folder they hold below, with a slash at its end."""

    base: str
    patterns: tuple[Pattern, ...]

    def verdict(self, path: str, folder: bool) -> bool | None:
        """Ignored, kept, or (None) not mentioned: the last line that matches decides."""
        relative = os.fsencode(path[len(self.base) :].replace(os.sep, "/"))
        name = relative[relative.rfind(b"/") + 1 :]
        for pattern in self.patterns:
            if pattern.folders_only and not folder:
                continue
            if pattern.regex.fullmatch(name if pattern.name_only else relative):
                return not pattern.negated
        return None


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
    repository = folder
    while not os.path.lexists(os.path.join(repository, ".git")):
        if repository == os.path.dirname(repository):
            return Ignores().entered(folder)
        repository = os.path.dirname(repository)
    ignores, current = Ignores().entered(repository), repository
    for name in os.path.relpath(folder, repository).split(os.sep) if folder != repository else ():
        current = os.path.join(current, name)
        if ignores.ignored(current, folder=True):
            return Ignores().entered(folder)
        ignores = ignores.entered(current)
    return ignores


def read_layer(folder: str, lines: Iterable[bytes]) -> Layer:
    """The patterns written in `lines` (without line ends) for what is below `folder` (an absolute path)."""
    patterns = [pattern for line in lines if (pattern := read_pattern(line)) is not None]
    return Layer(folder.rstrip(os.sep) + os.sep, tuple(reversed(patterns)))


def read_pattern(line: bytes) -> Pattern | None:
    """The pattern on a line; None for a comment, an empty line, and what git itself cannot read (gitignore(5))."""
    if line.startswith(b"#"):
        return None
    text = _TRAILING_SPACES.sub(rb"\1", line)
    negated = text.startswith(b"!")
    text = text[negated:]
    folders_only = text.endswith(b"/")
    text = text[: len(text) - folders_only]
    name_only = b"/" not in text
    expression = _translate(text.removeprefix(b"/"))
    if not text or expression is None:
        return None
    return Pattern(re.compile(expression, re.DOTALL), negated, folders_only, name_only)


# The first group keeps an escaped character that ends in a space: `a\ ` names "a ".
_TRAILING_SPACES = re.compile(rb"((?:\A|[^\\ ])(?:\\.)*) +\Z", re.DOTALL)

_TOKEN = re.compile(rb"(?P<stars>\*+)|(?P<any>\?)|(?P<set>\[)|\\(?P<escaped>.)|(?P<plain>[^*?\[\\]+)", re.DOTALL)


def _translate(glob: bytes) -> bytes | None:
    """A regular expression for what git's wildmatch accepts for `glob`, None for a glob that matches nothing."""
    out: list[bytes] = []
    at, literal_so_far = 0, True
    while at < len(glob):
        token = _TOKEN.match(glob, at)
        if token is None:
            return None  # a backslash at the end
        at = token.end()
        if token["stars"]:
            # git compares a literal beginning apart, so `**` counts as a whole component right behind it too.
            bounded = literal_so_far or glob[token.start() - 1 : token.start()] == b"/"
            expression, at = _stars(glob, at, len(token["stars"]) > 1 and bounded)
        elif token["set"]:
            found = _set(glob, at)
            if found is None:
                return None
            expression, at = found
        else:
            expression = b"[^/]" if token["any"] else re.escape(token["escaped"] or token["plain"])
        literal_so_far = literal_so_far and token["plain"] is not None
        out.append(expression)
    return b"".join(out)


def _stars(glob: bytes, at: int, component: bool) -> tuple[bytes, int]:
    """The expression for the stars that end at `at`; `component`: they may be a `**` between slashes."""
    if component and at == len(glob):
        return b".*", at
    if component and glob.startswith(b"/", at):
        return b"(?:.*/)?", at + 1
    return b"[^/]*", at


_CLASSES = {
    b"alnum": b"0-9A-Za-z",
    b"alpha": b"A-Za-z",
    b"blank": rb" \t",
    b"cntrl": rb"\x00-\x1f\x7f",
    b"digit": b"0-9",
    b"graph": b"!-~",
    b"lower": b"a-z",
    b"print": b" -~",
    b"punct": rb"!-/:-@\[-`{-~",
    b"space": rb"\t-\r ",
    b"upper": b"A-Z",
    b"xdigit": b"0-9A-Fa-f",
}  # fmt: skip

_MEMBER = re.compile(
    rb"\[:(?P<name>[^\]]*):\]|(?:\\(?P<low_escaped>.)|(?P<low>[^\\]))(?:-(?:\\(?P<high_escaped>.)|(?P<high>[^\]\\])))?",
    re.DOTALL,
)


def _set(glob: bytes, at: int) -> tuple[bytes, int] | None:
    """The expression for the `[...]` whose content begins at `at` and the place behind it; None when it has no end."""
    negated = glob[at : at + 1] in (b"!", b"^")
    at += negated
    members: list[bytes] = []
    while not members or not glob.startswith(b"]", at):
        member = _MEMBER.match(glob, at)
        if member is None:
            return None
        at = member.end()
        if member["name"] is not None:
            if member["name"] not in _CLASSES:
                return None
            members.append(_CLASSES[member["name"]])
            continue
        low = member["low_escaped"] or member["low"]
        high = member["high_escaped"] or member["high"] or low
        members.append(re.escape(low) + b"-" + re.escape(high) if low <= high else b"")
    inside = b"".join(members)
    # A set never matches a slash; an empty one (`[z-a]`) matches nothing, its negation everything.
    accepted = b"[" + inside + b"]" if inside else rb"[^\x00-\xff]"
    return (b"(?!" + accepted + b")[^/]" if negated else b"(?!/)" + accepted), at + 1


def _lines(file: str) -> list[bytes]:
    try:
        with open(file, "rb") as opened:
            data = opened.read()
    except OSError:
        return []
    return [line.removesuffix(b"\r") for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n")]
