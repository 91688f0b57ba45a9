"""Which files are read, under which names, and which of them are reported on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rustconc_lint.cargo import Manifests
from rustconc_lint.discover import Discovery, Wanted, discover
from rustconc_lint.pipeline import Request, lint
from tests.house.toys import Tree

PACKAGE = '[package]\nname = "demo"\nedition = "2021"\n'


def found(*paths: str, **options: object) -> Discovery:
    return discover(Wanted(paths=paths, **options), Manifests())


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_rust_files_below_a_folder_are_found_in_order(tree: Tree) -> None:
    tree({"b/z.rs": "", "b/a/y.rs": "", "a.rs": "", "notes.md": "", "c.rs.orig": "", "d.rs/": ""})
    assert list(found(".").sources) == ["a.rs", "b/a/y.rs", "b/z.rs"]
    assert list(found("b", "a.rs", "b/z.rs").sources) == ["a.rs", "b/a/y.rs", "b/z.rs"]


def test_paths_are_shown_as_they_were_given(tree: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below the working directory always relative; elsewhere as the caller thinks of it."""
    tree({"work/": "", "other/a.rs": ""})
    monkeypatch.chdir(tmp_path / "work")
    assert list(found("../other").sources) == ["../other/a.rs"]
    assert list(found(str(tmp_path / "other")).sources) == [f"{tmp_path}/other/a.rs"]
    monkeypatch.chdir(tmp_path / "other")
    assert list(found(str(tmp_path / "other")).sources) == ["a.rs"]
    assert list(found("./../other/./a.rs").sources) == ["a.rs"]


def test_what_git_ignores_is_left_out_unless_it_is_named(tree: Tree) -> None:
    tree({".git/": "", ".gitignore": "made/\n*.tmp.rs\n", "a.rs": "", "b.tmp.rs": "", "made/c.rs": ""})
    assert list(found(".").sources) == ["a.rs"]
    assert list(found("b.tmp.rs", "made/c.rs").sources) == ["b.tmp.rs", "made/c.rs"]
    assert list(found("made").sources) == ["made/c.rs"]


def test_nobody_wrote_what_is_in_target_git_and_cache_folders(tree: Tree) -> None:
    tag = "Signature: 8a477f597d28d172789f06886806bc55\n# made by cargo\n"
    tree(
        {
            "Cargo.toml": PACKAGE,
            "target/debug/build/out.rs": "",
            ".git/hooks/a.rs": "",
            "cache/CACHEDIR.TAG": tag,
            "cache/b.rs": "",
            "not_cache/CACHEDIR.TAG": "Signature: none",
            "not_cache/c.rs": "",
            "src/target/d.rs": "",
        }
    )
    assert found(".").reported == {"src/target/d.rs", "not_cache/c.rs"}
    assert found("target").reported == {"target/debug/build/out.rs"}
    assert found("cache").reported == {"cache/b.rs"}


def test_loops_of_links_are_harmless(tree: Tree, tmp_path: Path) -> None:
    tree({"src/a.rs": ""})
    (tmp_path / "src" / "self").symlink_to(tmp_path / "src")
    (tmp_path / "src" / "loop.rs").symlink_to(tmp_path / "src" / "loop.rs")
    (tmp_path / "src" / "b.rs").symlink_to(tmp_path / "src" / "a.rs")
    result = found(".")
    assert list(result.sources) == ["src/a.rs", "src/b.rs"]
    assert result.errors == ()
    assert list(found("src/self").sources) == ["src/self/a.rs", "src/self/b.rs"]


def test_what_cannot_be_read_is_an_error_and_the_rest_is_read(tree: Tree, tmp_path: Path) -> None:
    tree({"a.rs": "", "b.rs": b"\xc3\x28", "notes.md": ""})
    (tmp_path / "gone.rs").symlink_to(tmp_path / "nowhere.rs")
    result = found("a.rs", "b.rs", "gone.rs", "missing", "notes.md")
    assert list(result.sources) == ["a.rs"]
    assert [(error.path, error.message) for error in result.errors] == [
        ("b.rs", "is not valid UTF-8 (byte 0)"),
        ("gone.rs", "cannot be read: No such file or directory"),
        ("missing", "does not exist"),
        ("notes.md", "is not a Rust file (`.rs`)"),
    ]


def test_a_name_that_is_not_utf8_is_shown_escaped(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.rs")).write_bytes(b"fn main() {}")
    result = found(".")
    assert list(result.sources) == ["\\xff.rs"]
    assert result.sources["\\xff.rs"].data == b"fn main() {}"


def test_the_rest_of_a_package_is_read_as_context(tree: Tree) -> None:
    """An editor lints one file; names still lead into the package's other files."""
    tree(
        {
            "Cargo.toml": PACKAGE,
            ".gitignore": "made.rs",
            "build.rs": "",
            "src/lib.rs": "",
            "src/deep/er.rs": "",
            "src/made.rs": "",
            "src/nested/Cargo.toml": PACKAGE,
            "src/nested/src/lib.rs": "",
            "tests/one.rs": "",
            "tests/common/mod.rs": "",
            "examples/ex.rs": "",
        }
    )
    sources = ["src/deep/er.rs", "src/lib.rs", "src/made.rs"]
    for name in ("src/deep/er.rs", "build.rs"):
        result = found(name)
        assert result.reported == {name}
        assert set(result.sources) == {name, *sources}
    result = found("tests/one.rs")
    assert result.reported == {"tests/one.rs"}
    assert set(result.sources) == {*sources, "tests/one.rs", "tests/common/mod.rs"}


def test_context_that_cannot_be_read_is_nobodys_error(tree: Tree) -> None:
    """Who lints one file is not told of another."""
    tree({"Cargo.toml": PACKAGE, "src/lib.rs": "", "src/old.rs": b"\xff"})
    assert found("src/lib.rs").errors == ()
    assert [error.path for error in found("src").errors] == ["src/old.rs"]


def test_a_manifest_stands_for_its_folder(tree: Tree) -> None:
    """Hooks pass the names of changed files; a changed Cargo.toml concerns all that is below it."""
    tree({"p/Cargo.toml": PACKAGE, "p/src/lib.rs": "", "q/a.rs": "", "q/rustconc.toml": ""})
    assert found("p/Cargo.toml", "q/rustconc.toml").reported == {"p/src/lib.rs", "q/a.rs"}


def test_standard_input_is_read_instead_of_the_file(tree: Tree) -> None:
    tree({"Cargo.toml": PACKAGE, "src/lib.rs": "old", "src/other.rs": "rest"})
    result = found(stdin=("src/lib.rs", b"new"))
    assert result.reported == {"src/lib.rs"}
    assert {name: source.data for name, source in result.sources.items()} == {
        "src/lib.rs": b"new",
        "src/other.rs": b"rest",
    }


def test_editions_come_from_the_package_the_configuration_or_the_caller(tree: Tree) -> None:
    tree({"p/Cargo.toml": PACKAGE, "p/src/lib.rs": "", "loose.rs": ""})

    def editions(**options: object) -> dict[str, str]:
        return {name: source.edition for name, source in found(".", **options).sources.items()}

    assert editions() == {"loose.rs": "", "p/src/lib.rs": "2021"}
    assert editions(loose_edition=lambda path: "2018") == {"loose.rs": "2018", "p/src/lib.rs": "2021"}
    assert editions(edition="2024") == {"loose.rs": "2024", "p/src/lib.rs": "2024"}


def test_a_broken_manifest_is_an_error_with_its_line_and_the_package_is_still_one(tree: Tree) -> None:
    tree({"Cargo.toml": '[package]\nname = "x\n', "src/lib.rs": "", "src/a.rs": ""})
    result = found(".")
    assert [(error.path, error.message) for error in result.errors] == [
        ("Cargo.toml", "line 2: is not valid TOML: Illegal character '\\n'")
    ]
    assert [(crate.kind, crate.root) for crate in result.crates] == [("lib", "src/lib.rs")]


def test_files_outside_of_packages_are_crates_of_their_own(tree: Tree) -> None:
    tree({"a.rs": "", "my-demo.rs": ""})
    crates = found(".").crates
    assert [(crate.name, crate.kind, crate.edition, crate.root) for crate in crates] == [
        ("a", "loose", "", "a.rs"),
        ("my_demo", "loose", "", "my-demo.rs"),
    ]
    assert len({crate.id for crate in crates}) == 2


def test_a_file_that_no_mod_names_yet_is_a_crate_if_it_is_asked_for(tree: Tree) -> None:
    """Whoever writes a new file in an editor wants it linted; what only `trybuild` compiles is left alone."""
    tree({"Cargo.toml": PACKAGE, "src/lib.rs": "mod old;", "src/old.rs": "", "tests/fail/new.rs": ""})
    named = {(crate.kind, crate.root, crate.edition) for crate in found("tests/fail/new.rs").crates}
    assert named == {("lib", "src/lib.rs", "2021"), ("loose", "tests/fail/new.rs", "2021")}
    assert [crate.kind for crate in found(stdin=("src/new.rs", b"")).crates] == ["lib", "loose"]
    assert [crate.kind for crate in found(".").crates] == ["lib"]


def test_a_file_that_a_mod_names_is_no_crate_of_its_own(tree: Tree) -> None:
    """Asked for by name it is still a module: what it holds is found once, with the names of its crate."""
    hanging = "pub fn f(name: Name) { std::thread::spawn(|| drop(&name)); }\nuse super::Name;\n"
    folder = tree({"Cargo.toml": PACKAGE, "src/lib.rs": "mod old; struct Name;", "src/old.rs": hanging})
    report = lint(Request(paths=(str(folder / "src" / "old.rs"),)))
    assert [finding.rule for finding in report.findings] == ["missing-move"]
