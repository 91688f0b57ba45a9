"""Inferred types are those rustc infers: every marked local of the programs beside this file."""

from __future__ import annotations

import subprocess
from itertools import chain
from pathlib import Path

import pytest

from rustconc_lint.apis import load_apis
from rustconc_lint.facts.file import RustFile
from rustconc_lint.facts.model import Attributes, Item
from rustconc_lint.program.crates import CrateInput
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.names.names import Names, link_names
from rustconc_lint.program.traits.lowering import Types
from rustconc_lint.program.traits.traits import Traits
from rustconc_lint.program.typeck import Typeck
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.source import SourceFile
from tests.typeck.expectations import CHECK, PROGRAMS, Expectation, expectations, with_checks
from tests.typeck.show import show

NAMES = sorted(path.stem for path in PROGRAMS.glob("*.rs"))


def linked(text: str) -> Names:
    """One program as a crate of edition 2021."""
    file = RustFile(SourceFile("lib.rs", text.encode(), "2021"))
    crate = CrateInput(id="program", name="program", kind="lib", edition="2021", root="lib.rs", externs={})
    return link_names([crate], {"lib.rs": file}, load_apis(lambda name: name in text))


def typed(text: str) -> list[TypedBody]:
    """Every body of the program."""
    names = linked(text)
    types = Types(names)
    typeck = Typeck(names, types, Traits(types))
    bodies = (typeck.body(definition) for definition in chain(names.functions(), names.values()))
    return [body for body in bodies if body is not None]


def shown(bodies: list[TypedBody], text: str, expected: Expectation) -> str:
    """The type of the last local of that name declared up to the end of the expectation's line."""
    end = sum(len(line.encode()) for line in text.splitlines(keepends=True)[: expected.line + 1])
    found = [
        (slot.start, show(body.slots[index]))
        for body in bodies
        for index, slot in enumerate(body.body.slots)
        if slot.name == expected.name and slot.start < end
    ]
    return max(found)[1]


@pytest.mark.parametrize("name", NAMES)
def test_locals_have_the_types_rustc_gives_them(name: str) -> None:
    text = (PROGRAMS / f"{name}.rs").read_text()
    bodies = typed(text)
    wrong = [
        f"line {expected.line + 1}: {expected.name}: {got}, expected {expected.type}"
        for expected in expectations(text)
        if (got := shown(bodies, text, expected)) != expected.type
    ]
    assert not wrong, "\n".join(wrong)


def test_expectations_are_what_rustc_says(rustc: str, tmp_path: Path) -> None:
    """Compiled with a check of its type behind each marked local, so a wrong expectation is a compile error."""
    for name in NAMES:
        (tmp_path / f"{name}.rs").write_text(with_checks((PROGRAMS / f"{name}.rs").read_text()))
    (tmp_path / "lib.rs").write_text("\n".join(["#![allow(warnings)]", CHECK, *(f"pub mod {name};" for name in NAMES)]))
    command = ["rustc", "--edition", "2021", "--crate-type", "lib", "--emit", "metadata", "lib.rs"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_a_wrong_expectation_does_not_compile(rustc: str, tmp_path: Path) -> None:
    """The proof above can fail, also where a reference would be dereferenced on its way (`Box<u8>` is no `u8`)."""
    (tmp_path / "lib.rs").write_text(CHECK + "\n" + with_checks("pub fn f() {\n    let x = Box::new(1u8); //: u8\n}\n"))
    command = ["rustc", "--edition", "2021", "--crate-type", "lib", "--emit", "metadata", "lib.rs"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "E0308" in run.stderr


def test_statements_of_a_listing_are_typed() -> None:
    """A book listing has no `fn main`, and may have no imports."""
    text = "let m = Arc::new(Mutex::new(5));\nlet n = *m.lock().unwrap();\nlet h = thread::spawn(move || n);\n"
    file = RustFile(SourceFile("listing.rs", text.encode(), ""))
    crate = CrateInput(id="listing", name="listing", kind="loose", edition="", root="listing.rs", externs={})
    names = link_names([crate], {"listing.rs": file}, load_apis(lambda name: name in text))
    types = Types(names)
    (module,) = names.fragments()
    owner = Definition(module.path, "fn", "", module, Item(0, len(text), "fn", "", 0, False, Attributes()))
    body = Typeck(names, types, Traits(types)).fragment(module, owner)
    assert body is not None
    assert [show(ty) for ty in body.slots] == ["Arc<Mutex<i32>>", "i32", "JoinHandle<i32>"]
