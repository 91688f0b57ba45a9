"""What `dump` prints: the engine's values as plain JSON, with definitions by their paths."""

from __future__ import annotations

import json
from types import SimpleNamespace

from rustconc_lint.facts.file import RustFile
from rustconc_lint.program.crates import CrateInput
from rustconc_lint.program.definitions import Crate, Definition, Module
from rustconc_lint.report.dump import describe, program
from rustconc_lint.source import SourceFile, Span


def definition(path: str) -> Definition:
    file = RustFile(SourceFile("a.rs", b"fn f() {}"))
    module = Module("demo", Crate("demo", "demo", "2021", False, {}), None, file, file.items)
    return Definition(path, "fn", "f", module, file.items[0])


def test_structs_name_their_type_and_definitions_their_path() -> None:
    value = {"b": (Span("a.rs", 1, 2), definition("demo::f")), 1: frozenset({"y", "x"}), "none": None}
    assert describe(value) == {
        "b": [{"is": "Span", "path": "a.rs", "start": 1, "end": 2}, "demo::f"],
        "1": ["x", "y"],
        "none": None,
    }


def test_a_program_is_its_crates_functions_and_what_they_do() -> None:
    crate = CrateInput(id="demo", name="demo", kind="loose", edition="", root="a.rs", externs={})
    function = definition("demo::f")
    linked = SimpleNamespace(
        functions=(function,),
        traces=[(function, Span("a.rs", 0, 1))],
        lock_cycles=list,
        stuck_drains=lambda: iter([Span("a.rs", 3, 4)]),
    )
    shown = program(SimpleNamespace(crates=(crate,)), linked)
    assert json.loads(json.dumps(shown)) == {
        "crates": [
            {
                "is": "CrateInput",
                "id": "demo",
                "name": "demo",
                "kind": "loose",
                "edition": "",
                "root": "a.rs",
                "externs": {},
                "features": [],
            }
        ],
        "functions": ["demo::f"],
        "traces": {"demo::f": {"is": "Span", "path": "a.rs", "start": 0, "end": 1}},
        "lock_cycles": [],
        "stuck_drains": [{"is": "Span", "path": "a.rs", "start": 3, "end": 4}],
    }
