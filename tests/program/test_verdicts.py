"""Send, Sync, Copy and other traits of types: the table in verdicts.rs, held against rustc line by line."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from rustconc_lint.facts.model import AliasDetail
from rustconc_lint.program.traits.auto_traits import AutoTraits
from rustconc_lint.program.traits.lowering import Types
from rustconc_lint.program.traits.traits import Traits, Verdict
from rustconc_lint.program.types import TraitRef, Ty
from tests.program.linking import read

TABLE = Path(__file__).with_name("verdicts.rs").read_text(encoding="utf-8")
_LINE = re.compile(r"^//\? (.+): (\w+(?:\(\))?) = (yes|no|unknown)$", re.MULTILINE)


class Claim(NamedTuple):
    type: str
    trait: str
    verdict: str


CLAIMS = [Claim(*match) for match in _LINE.findall(TABLE)]


def test_every_line_of_the_table_is_read() -> None:
    assert len(CLAIMS) == TABLE.count("//?") > 150


def judged() -> list[str]:
    """Our verdict on each claim."""
    aliases = "".join(f"type Asked{index} = {claim.type};\n" for index, claim in enumerate(CLAIMS))
    bounds = "".join(f"trait Bound{index}: {claim.trait} {{}}\n" for index, claim in enumerate(CLAIMS))
    names = read(TABLE + aliases + bounds).names()
    types = Types(names)
    traits = Traits(types)
    auto = AutoTraits(traits)
    root = names.module("demo")
    assert root is not None
    verdicts = []
    for index, claim in enumerate(CLAIMS):
        alias = names.definition(f"demo::Asked{index}")
        assert alias is not None
        detail = names.detail(alias)
        assert isinstance(detail, AliasDetail) and detail.aliased is not None
        ty = types.lower_type(detail.aliased, root)
        verdicts.append(verdict_on(ty, claim.trait, index, types, traits, auto).value)
    return verdicts


def verdict_on(ty: Ty, trait: str, index: int, types: Types, traits: Traits, auto: AutoTraits) -> Verdict:
    match trait:
        case "Send":
            return auto.is_send(ty).verdict
        case "Sync":
            return auto.is_sync(ty).verdict
        case "Copy":
            return auto.is_copy(ty)
    refs = traits.supertraits(TraitRef(f"demo::Bound{index}"))
    assert refs is not None
    return traits.implements(ty, refs[1])


def test_types_have_the_traits_the_table_says() -> None:
    wrong = [
        f"{claim.type}: {claim.trait}: {got}, expected {claim.verdict}"
        for claim, got in zip(CLAIMS, judged(), strict=True)
        if got != claim.verdict
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.usefixtures("rustc")
def test_rustc_agrees_with_the_table(tmp_path: Path) -> None:
    """An inherent constant that is there only for types with the trait hides the one that all types have."""
    known = [claim for claim in CLAIMS if claim.verdict != "unknown"]
    said = [
        f'    println!("{{}}", {{ trait Lacks {{ const HAS: bool = false; }} impl<T: ?Sized> Lacks for T {{}} '
        f"struct Asked<T: ?Sized>(std::marker::PhantomData<T>); "
        f"impl<T: ?Sized + {claim.trait}> Asked<T> {{ const HAS: bool = true; }} <Asked<{claim.type}>>::HAS }});"
        for claim in known
    ]
    source = tmp_path / "main.rs"
    source.write_text("#![allow(warnings)]\n" + TABLE + "fn main() {\n" + "\n".join(said) + "\n}\n", encoding="utf-8")
    command = ["rustc", "--edition", "2021", "-o", str(tmp_path / "main"), str(source)]
    compiled = subprocess.run(command, capture_output=True, text=True, check=False)
    assert compiled.returncode == 0, compiled.stderr
    ran = subprocess.run([str(tmp_path / "main")], capture_output=True, text=True, check=True)
    answers = ["yes" if line == "true" else "no" for line in ran.stdout.split()]
    wrong = [
        f"{claim.type}: {claim.trait}: rustc says {answer}"
        for claim, answer in zip(known, answers, strict=True)
        if claim.verdict != answer
    ]
    assert not wrong, "\n".join(wrong)
