"""Changed texts as a unified diff, as `patch -p0` and `git apply -p0` read it.

Lines end at `\\n` alone, so that carriage returns and whatever else a line holds come through as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import unified_diff

from rustconc_lint.atomic import Change
from rustconc_lint.report.snippet import visible

NO_NEWLINE = "\\ No newline at end of file\n"
STYLES = {"---": "1", "+++": "1", "@@ ": "36"}
SIGNS = {"+": "32", "-": "31"}


def render(changes: Iterable[Change]) -> str:
    """The diff of all texts, by path; "" when nothing differs."""
    return "".join(line for change in sorted(changes, key=lambda change: change.path) for line in _lines(change))


def coloured(diff: str) -> str:
    """The diff for a terminal: in git's colours, and without what would act upon the terminal."""
    return "".join(_painted(line) for line in diff.split("\n")[:-1])


def _lines(change: Change) -> Iterator[str]:
    before, after = (text.decode("utf-8", "surrogateescape") for text in (change.before, change.after))
    name = change.path
    for line in unified_diff(_split(before), _split(after), name, name):
        yield line if line.endswith("\n") else f"{line}\n{NO_NEWLINE}"


def _split(text: str) -> list[str]:
    lines = [f"{line}\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _painted(line: str) -> str:
    shown = visible(line.removesuffix("\r"))
    style = STYLES.get(line[:3]) or SIGNS.get(line[:1])
    return f"\x1b[{style}m{shown}\x1b[0m\n" if style else f"{shown}\n"
