"""`//@` lines -> what a program claims of itself. The lines are explained in the package's docstring.

Only the form is checked here; whether a claim is true is for `judge` to find out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

EDITIONS = ("2015", "2018", "2021", "2024")
DEFAULT_EDITION = "2021"
RUNS = ("ends", "hangs", "panics", "either")

LINE = re.compile(r"^\s*//@\s*(?P<key>[\w-]+)\s*:\s*(?P<value>.*?)\s*$")
ERROR = re.compile(r'\s*(?:"(?P<text>[^"]+)"|(?P<code>E\d{4}|[a-z][a-z_]+))\s*(?:,|$)')
EACH = re.compile(r"^\s*//@\s*run\s*:\s*each\s*$")
RUN_OF_ONE = re.compile(r"^\s*//@\s*run\s*:\s*(?P<run>ends|hangs|panics|either)\s*$")
FUNCTION = re.compile(r"^(?:pub )?(?P<asynchronous>async )?fn (?P<name>\w+)\(\)")


class ClaimError(ValueError):
    """A `//@` line that cannot be read, or a program without any; the message names the line."""


@dataclass(frozen=True)
class Function:
    """A function without parameters at the left margin: what `run: each` runs. Lines are 1-based, the last included."""

    name: str
    first: int
    last: int
    asynchronous: bool
    run: str | None


@dataclass(frozen=True)
class Claim:
    """What one program says: `codes` and `texts` are what rustc says; empty both where the program compiles."""

    editions: tuple[str, ...] = ()
    codes: frozenset[str] = frozenset()
    texts: tuple[str, ...] = ()
    run: str | None = None
    wrapped: bool = False

    @property
    def compiles(self) -> bool:
        return not self.codes and not self.texts


def read_claim(text: str) -> Claim:
    """What the `//@` lines of `text` claim. Raises ClaimError for an unknown line, a contradiction or no proof."""
    of_functions = {function.first - 1 for function in functions(text) if function.run}
    said: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if "//@" not in line or number in of_functions:
            continue
        match = LINE.match(line)
        if match is None:
            raise ClaimError(f"line {number}: a claim stands on a line of its own, as `//@ key: value`")
        key, value = match["key"], match["value"]
        if key in said:
            raise ClaimError(f"line {number}: a second `{key}`")
        said[key] = value
    return _claim(said)


def functions(text: str) -> tuple[Function, ...]:
    """The functions that a text with `//@ run: each` runs by themselves, each with the claim in the line above it."""
    lines = text.splitlines()
    if not any(EACH.match(line) for line in lines):
        return ()
    found = []
    for index, line in enumerate(lines):
        match = FUNCTION.match(line)
        if match is None or match["name"] == "main":
            continue
        one_line = line.rstrip().endswith("}")
        last = index if one_line else next((i for i in range(index, len(lines)) if lines[i].startswith("}")), index)
        above = RUN_OF_ONE.match(lines[index - 1]) if index else None
        found.append(Function(match["name"], index + 1, last + 1, bool(match["asynchronous"]), above and above["run"]))
    return tuple(found)


def _claim(said: dict[str, str]) -> Claim:
    if unknown := sorted(set(said) - {"edition", "rustc", "run", "wrap"}):
        raise ClaimError(f"unknown claim `{unknown[0]}`")
    if "rustc" not in said and "run" not in said:
        raise ClaimError("no proof: say `//@ rustc: ..` or `//@ run: ..`")
    codes, texts = _errors(said.get("rustc", "ok"))
    run = said.get("run")
    if run is not None and run not in (*RUNS, "each"):
        raise ClaimError(f"`run: {run}`: it is one of {', '.join(RUNS)}, each")
    if run is not None and (codes or texts):
        raise ClaimError("a program that rustc rejects cannot be run")
    if said.get("wrap", "main") != "main":
        raise ClaimError(f"`wrap: {said['wrap']}`: only `main` is known")
    return Claim(_editions(said.get("edition", "")), codes, texts, run, "wrap" in said)


def _editions(value: str) -> tuple[str, ...]:
    editions = tuple(value.split())
    if unknown := [edition for edition in editions if edition not in EDITIONS]:
        raise ClaimError(f"`edition: {value}`: {unknown[0]} is not an edition")
    return editions


def _errors(value: str) -> tuple[frozenset[str], tuple[str, ...]]:
    if value == "ok":
        return frozenset(), ()
    codes, texts, position = set(), [], 0
    while position < len(value):
        match = ERROR.match(value, position)
        if match is None:
            raise ClaimError(f"`rustc: {value}`: expected `ok`, codes such as E0373, or quoted words")
        if match["code"]:
            codes.add(match["code"])
        else:
            texts.append(match["text"])
        position = match.end()
    if not codes and not texts:
        raise ClaimError("`rustc:` says nothing")
    return frozenset(codes), tuple(texts)
