"""The JSON report: its exact shape, its published schema, and fingerprints that survive edits."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema

from rustconc_lint import __version__
from rustconc_lint.report.json import schema
from tests.house.toys import ROOT, Run, Tree

SCHEMA = ROOT / "rustconc_lint" / "report" / "schema.json"


def test_the_shipped_schema_is_that_of_the_structs() -> None:
    """To renew it: write `rustconc_lint.report.json.schema()` to the file, indented by two."""
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == schema()


def test_a_report_is_exactly_this(run: Run, tree: Tree) -> None:
    """Columns count characters, `byte` counts bytes, both from the start; ends are exclusive."""
    tree({"src/a.rs": "/* é */ BUG\n"})
    result = run("--format", "json", "src", "gone")
    assert result.code == 2
    assert json.loads(result.out) == {
        "schema_version": 1,
        "tool": {"name": "rustconc-lint", "version": __version__},
        "diagnostics": [
            {
                "rule": "bug-here",
                "severity": "error",
                "confidence": "high",
                "message": "bug in `src/a.rs`",
                "path": "src/a.rs",
                "range": {
                    "start": {"line": 1, "column": 9, "byte": 9},
                    "end": {"line": 1, "column": 12, "byte": 12},
                },
                "label": "here",
                "labels": [],
                "help": "remove it",
                "chapter": {
                    "section": "Mutex<T>",
                    "url": "https://doc.rust-lang.org/book/ch16-03-shared-state.html",
                },
                "compiler": ["E0000"],
                "fingerprint": "48c5c6cc74805f9b",
                "fix": None,
            }
        ],
        "errors": [{"path": "gone", "message": "does not exist"}],
        "summary": {"files": 1, "diagnostics": 1, "errors": 1},
    }


def test_every_kind_of_report_fits_the_schema(run: Run, tree: Tree) -> None:
    tree({"a.rs": "// rustconc: allow(bug-here)\n\n" + "\n" * 200 + "BUG HINT\n", "b.rs": b"\xff"})
    report = json.loads(run("--format", "json", "--select", "all", ".", "gone").out)
    jsonschema.validate(report, json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert {found["severity"] for found in report["diagnostics"]} == {"error", "warning", "note"}
    assert [len(found["labels"]) for found in report["diagnostics"]] == [0, 1, 1]
    assert report["diagnostics"][0]["fix"]["safety"] == "safe"
    assert report["diagnostics"][0]["chapter"] is None


def fingerprints(run: Run, folder: str) -> list[str]:
    return [found["fingerprint"] for found in json.loads(run("--format", "json", folder).out)["diagnostics"]]


def test_a_fingerprint_survives_edits_elsewhere(run: Run, tree: Tree, tmp_path: Path) -> None:
    """Lines above, indentation, another folder to start from; not another function, and not an equal line twice."""
    manifest = "[package]\nname = 'p'\n"
    text = "fn f() {\n    x(BUG);\n    x(BUG);\n}\nfn g() {\n    x(BUG);\n}\n"
    tree({"p/Cargo.toml": manifest, "p/src/lib.rs": text})
    before = fingerprints(run, "p")
    assert len(set(before)) == 3
    assert fingerprints(run, "p/src/lib.rs") == before
    assert fingerprints(run, str(tmp_path)) == before
    tree({"p/src/lib.rs": "use std::thread;\n\n" + text.replace("    x", "\tx")})
    assert fingerprints(run, "p") == before
    tree({"p/src/lib.rs": text.replace("x(BUG)", "y(BUG)")})
    assert not set(fingerprints(run, "p")) & set(before)
