"""Settings: where they are found, what they mean, and how a mistake in them is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.house.toys import Run, Tree


def found(run: Run, *arguments: str) -> list[tuple[str, str, str]]:
    """(path, rule, severity) of what is reported."""
    report = json.loads(run("--format", "json", *arguments).out)
    return [(one["path"], one["rule"], one["severity"]) for one in report["diagnostics"]]


BOTH = {"a.rs": "BUG HINT\n"}
BUG, HINT = ("a.rs", "bug-here", "error"), ("a.rs", "hint-here", "note")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("", [BUG]),
        ('select = ["hint-here"]', [HINT]),
        ('select = ["all"]', [BUG, HINT]),
        ('select = ["all"]\nignore = ["bug-here"]', [HINT]),
        ("select = []", [BUG]),
        ('ignore = ["bug-here"]', []),
        ('rules = { "bug-here" = "off" }', []),
        ('[rules]\nbug-here = "warning"\nhint-here = "error"', [(*BUG[:2], "warning"), (*HINT[:2], "error")]),
        ('ignore = ["hint-here"]\nrules = { hint-here = "note" }', [BUG]),
        ('exclude = ["a.rs"]', []),
    ],
)
def test_what_a_configuration_changes(
    run: Run, tree: Tree, settings: str, expected: list[tuple[str, str, str]]
) -> None:
    tree({**BOTH, "rustconc.toml": settings})
    assert found(run) == expected


def test_the_command_line_goes_before_the_configuration(run: Run, tree: Tree) -> None:
    tree({**BOTH, "rustconc.toml": 'select = ["hint-here"]\n[rules]\nbug-here = "off"\n'})
    assert found(run, "--select", "bug-here") == [BUG]
    assert found(run, "--ignore", "hint-here") == []


@pytest.mark.parametrize("kind", ["package", "workspace"])
def test_a_manifest_can_hold_the_settings(run: Run, tree: Tree, kind: str) -> None:
    """Cargo leaves `metadata` to other tools (Cargo book, "The metadata table")."""
    manifest = f'[{kind}]\nname = "x"\n[{kind}.metadata.rustconc]\nselect = ["hint-here"]\n'
    tree({**BOTH, "Cargo.toml": manifest})
    assert found(run) == [HINT]


def test_the_nearest_configuration_holds_alone(run: Run, tree: Tree) -> None:
    """A package's own settings replace those of its workspace; a rustconc.toml goes before the manifest beside it."""
    tree(
        {
            "Cargo.toml": '[workspace.metadata.rustconc]\nignore = ["bug-here"]\n',
            "p/Cargo.toml": '[package]\nname = "p"\n',
            "p/src/lib.rs": "BUG",
            "q/Cargo.toml": '[package]\nname = "q"\n[package.metadata.rustconc]\nselect = ["all"]\n',
            "q/src/lib.rs": "BUG HINT",
            "r/Cargo.toml": '[package]\nname = "r"\n[package.metadata.rustconc]\nselect = ["all"]\n',
            "r/rustconc.toml": "",
            "r/src/lib.rs": "BUG HINT",
        }
    )
    assert found(run) == [
        ("q/src/lib.rs", "bug-here", "error"),
        ("q/src/lib.rs", "hint-here", "note"),
        ("r/src/lib.rs", "bug-here", "error"),
    ]


def test_excluded_paths_are_patterns_as_in_an_ignore_file(run: Run, tree: Tree) -> None:
    tree(
        {
            "p/rustconc.toml": 'exclude = ["/made", "*.pb.rs", "!keep.pb.rs"]\n',
            "p/made/a.rs": "BUG",
            "p/src/made/b.rs": "BUG",
            "p/src/c.pb.rs": "BUG",
            "p/src/keep.pb.rs": "BUG",
        }
    )
    assert [path for path, _, _ in found(run)] == ["p/src/keep.pb.rs", "p/src/made/b.rs"]


def test_an_excluded_path_that_is_named_is_linted_unless_excludes_are_forced(run: Run, tree: Tree) -> None:
    """Hooks name every changed file and want the excludes to hold all the same."""
    tree({"rustconc.toml": 'exclude = ["made/"]\n', "made/deep/a.rs": "BUG", "b.rs": "BUG"})
    named = ("made/deep/a.rs", "b.rs")
    assert [path for path, _, _ in found(run, *named)] == ["b.rs", "made/deep/a.rs"]
    assert [path for path, _, _ in found(run, "--force-exclude", *named)] == ["b.rs"]
    assert [path for path, _, _ in found(run, "--force-exclude", "made/deep")] == []


@pytest.mark.parametrize(
    ("settings", "line", "message"),
    [
        ("\n\nselct = []\n", 3, "unknown key `selct`; did you mean `select`?"),
        ("zzz = 1\n", 1, "unknown key `zzz`"),
        ("select = 'bug-here'\n", 1, "`select` must be a list, not a string"),
        ("\nignore = [\n  1,\n]\n", 2, "an entry of `ignore` must be a string, not a number"),
        ("exclude = []\nselect = ['bug-her']\n", 2, "there is no rule `bug-her`; did you mean `bug-here`?"),
        ("ignore = ['all']\n", 1, "there is no rule `all`; `rustconc-lint rules` lists them"),
        ("[rules]\nbug-here = 'note'\nhint = 'note'\n", 3, "there is no rule `hint`; did you mean `hint-here`?"),
        (
            "[rules]\n'bug-here' = 'warn'\n",
            2,
            "the level of `bug-here` must be one of error, warning, note, off, not `warn`",
        ),
        (
            "rules = { bug-here = 'deny' }\n",
            1,
            "the level of `bug-here` must be one of error, warning, note, off, not `deny`",
        ),
        ("rules.bug-here = 1\n", 1, "an entry of `rules` must be a string, not a number"),
        ("edition = '2017'\n", 1, "the edition must be one of 2015, 2018, 2021, 2024, not `2017`"),
        ("\nedition = 2021\n", 2, "`edition` must be a string, not a number"),
        ("rules = []\n", 1, "`rules` must be a table, not a list"),
        ("a = \n", 1, "is not valid TOML: Invalid value"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_line(
    run: Run, tree: Tree, settings: str, line: int, message: str
) -> None:
    path = tree({**BOTH, "rustconc.toml": settings}) / "rustconc.toml"
    assert run() == (2, "", f"rustconc-lint: error: {path}:{line}: {message}\n")


def test_a_mistake_in_a_manifest_has_its_line_there(run: Run, tree: Tree) -> None:
    table = "[package.metadata.rustconc]\nselect = []\n[package.metadata.rustconc.rules]\nx = 'off'\n"
    path = tree({**BOTH, "Cargo.toml": f"[package]\nname = 'x'\n{table}"}) / "Cargo.toml"
    assert run().err == f"rustconc-lint: error: {path}:6: there is no rule `x`; `rustconc-lint rules` lists them\n"


def test_settings_in_a_manifest_are_a_table(run: Run, tree: Tree) -> None:
    path = tree({**BOTH, "Cargo.toml": "[package]\nname = 'x'\nmetadata.rustconc = 1\n"}) / "Cargo.toml"
    assert run().err == f"rustconc-lint: error: {path}:3: `package.metadata.rustconc` must be a table, not a number\n"


def test_the_configured_edition_is_for_loose_files(run: Run, tree: Tree, tmp_path: Path) -> None:
    from rustconc_lint.pipeline import Request, find

    tree(
        {"rustconc.toml": "edition = '2018'\n", "a.rs": "", "p/Cargo.toml": "[package]\nname='p'\n", "p/src/lib.rs": ""}
    )
    found, _ = find(Request(paths=(".",)), {})
    assert {name: source.edition for name, source in found.sources.items()} == {"a.rs": "2018", "p/src/lib.rs": "2015"}
