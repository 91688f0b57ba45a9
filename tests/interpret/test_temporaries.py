"""Guards and temporaries die where the running program says: one program, judged by running it in each edition."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from rustconc_lint.apis import load_apis
from rustconc_lint.facts.file import RustFile
from rustconc_lint.program.crates import CrateInput
from rustconc_lint.program.model import link
from rustconc_lint.source import SourceFile

PROGRAM = Path(__file__).with_name("temporaries.rs")
HELPERS = frozenset({"probe", "number", "a", "two", "id", "main"})
EDITIONS = ("2018", "2021", "2024")
# Known gap: a guard made in each branch is two guards to us, each alive on one path only.
MISSED = {"extended_in_a_branch"}


def program() -> tuple[str, list[str]]:
    """The program, its `main` calling every case, and the cases by name."""
    text = PROGRAM.read_text(encoding="utf-8")
    cases = [name for name in re.findall(r"^fn (\w+)", text, re.M) if name not in HELPERS]
    return text.replace("    CALLS\n", "".join(f'    print!("{name} ");\n    {name}();\n' for name in cases)), cases


def believed(text: str, edition: str) -> dict[str, bool]:
    """What the interpreter says: whether `B` is taken in each case while `A` is held."""
    file = RustFile(SourceFile("main.rs", text.encode(), edition))
    crate = CrateInput(id="case", name="case", kind="bin", edition=edition, root="main.rs", externs={})
    linked = link((crate,), {"main.rs": file}, load_apis(lambda name: False))
    held = {}
    for function in linked.functions:
        trace = linked.summaries.trace(function, True)
        assert trace is not None
        taken = [acquire for acquire in trace.acquires if acquire.lock.root == ("static", "case::B")]
        held[function.name] = any(lock.lock.root == ("static", "case::A") for a in taken for lock in a.held)
    return held


@pytest.mark.usefixtures("rustc")
@pytest.mark.parametrize("edition", EDITIONS)
def test_guards_are_held_where_the_running_program_holds_them(edition: str, tmp_path: Path) -> None:
    text, cases = program()
    source = tmp_path / "main.rs"
    source.write_text(text, encoding="utf-8")
    binary = tmp_path / "main"
    subprocess.run(["rustc", "--edition", edition, "-A", "warnings", "-o", binary, source], check=True)
    lines = subprocess.run([binary], check=True, capture_output=True, text=True, timeout=60).stdout.splitlines()
    seen = {line.split()[0]: line.split()[1] == "true" for line in lines}
    assert sorted(seen) == sorted(cases)
    ours = believed(text, edition)
    assert {name for name in cases if ours[name] != seen[name]} == MISSED
