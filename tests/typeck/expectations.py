"""Expected types in Rust programs: `let x = 1u8; //: u8`, or `//: tx: Sender<u8>; rx: Receiver<u8>` by name.

An expectation speaks of the last local of its name declared up to its line. The same text serves rustc: a check of
each type is written behind its line, so that one compilation proves all expectations.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

# What the checks call; it stands in the crate's root.
CHECK = "#[allow(unused)] fn _is<T>(_: &&T) {}"
PROGRAMS = Path(__file__).parent / "programs"

_MARK = re.compile(r"//: (.*)$")
_NAMED = re.compile(r"^([a-z_]\w*): (.+)$")
_LOCAL = re.compile(
    r"\blet (?:mut )?([a-z_]\w*)\b|\bfor (\w+) in\b|\((?:ref )?(?:mut )?([a-z_]\w*)\)+ (?:=>|=|\||else)|\b(\w+) @"
)


@dataclass(frozen=True)
class Expectation:
    """line: 0-based. name: of the local."""

    line: int
    name: str
    type: str


def expectations(text: str) -> list[Expectation]:
    """What the marks of a program say. Raises ValueError for a mark that names no local."""
    found: list[Expectation] = []
    for number, line in enumerate(text.splitlines()):
        mark = _MARK.search(line)
        if mark is None:
            continue
        for part in re.split(r"; (?=[a-z_]\w*: )", mark[1]):
            named = _NAMED.match(part.strip())
            if named is not None:
                found.append(Expectation(number, named[1], named[2]))
                continue
            name = _LOCAL.search(line[: mark.start()])
            if name is None:
                raise ValueError(f"line {number + 1} declares no local that could be meant: {line.strip()}")
            found.append(Expectation(number, next(filter(None, name.groups())), part.strip()))
    return found


def with_checks(text: str) -> str:
    """The program with `crate::_is::<T>(&&x);` behind each expectation; a type without a name is checked as a bound."""
    by_line: dict[int, list[str]] = {}
    for expected in expectations(text):
        by_line.setdefault(expected.line, []).append(_check(expected))
    lines = text.splitlines()
    checked = [line + " ".join(["", *by_line.get(number, ())]) for number, line in enumerate(_unmarked(lines))]
    return "\n".join([*checked, ""])


def _unmarked(lines: list[str]) -> list[str]:
    return [_MARK.sub("", line) for line in lines]


def _check(expected: Expectation) -> str:
    if expected.type == "{closure}":
        return f"let _ = &{expected.name};"
    if expected.type.startswith("impl "):
        return f"{{ fn _bound(_: &({expected.type})) {{}} _bound(&{expected.name}); }}"
    return f"crate::_is::<{expected.type}>(&&{expected.name});"
