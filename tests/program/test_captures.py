"""What closures capture and how: the table in captures.rs, in the words of the Reference ("Closure types")."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from rustconc_lint.program.legality.captures import Capture, Captures
from rustconc_lint.program.legality.places import Declarations
from rustconc_lint.program.traits.auto_traits import AutoTraits
from rustconc_lint.program.traits.lowering import Types
from rustconc_lint.program.traits.traits import Traits
from rustconc_lint.program.typeck import Typeck
from rustconc_lint.program.typeck.model import TypedBody
from tests.program.linking import read

TABLE = Path(__file__).with_name("captures.rs").read_text(encoding="utf-8")
_LINE = re.compile(r"^//\? ?([^|\n]*?) ?(?:\| (.*))?\nfn (\w+)", re.MULTILINE)


class Claim(NamedTuple):
    function: str
    edition: str
    captures: str


def claims() -> list[Claim]:
    found = []
    for newer, older, function in _LINE.findall(TABLE):
        found.append(Claim(function, "2021", newer))
        found.append(Claim(function, "2018", older or newer.replace(".*", "")))
    return found


@pytest.fixture(scope="module")
def said() -> dict[tuple[str, str], str]:
    """What is captured, by function and edition."""
    return {(function, edition): text for edition in ("2018", "2021") for function, text in captured(edition).items()}


def captured(edition: str) -> dict[str, str]:
    names = read(f"//+ demo src/lib.rs {edition} lib\n//- src/lib.rs\n{TABLE}").names()
    types = Types(names)
    traits = Traits(types)
    typeck = Typeck(names, types, traits)
    captures = Captures(Declarations(names, types, traits, AutoTraits(traits)))
    found = {}
    for function in names.functions():
        typed = typeck.body(function)
        if typed is not None and typed.closures:
            closure = min(typed.closures.values(), key=lambda closure: closure.start)
            found[function.name] = ", ".join(written(typed, capture) for capture in captures.of(typed, closure))
    return found


def written(typed: TypedBody, capture: Capture) -> str:
    by = "?" if capture.by == "unknown" else capture.by
    steps = "".join(f".{step.name}" for step in capture.place.steps)
    return f"{by} {typed.body.slots[capture.place.slot].name}{steps}"


def test_every_line_of_the_table_is_read() -> None:
    assert len(claims()) == 2 * TABLE.count("//?") >= 80


@pytest.mark.parametrize("claim", claims(), ids=lambda claim: f"{claim.function}-{claim.edition}")
def test_a_closure_captures_what_the_table_says(claim: Claim, said: dict[tuple[str, str], str]) -> None:
    assert said[claim.function, claim.edition] == claim.captures
