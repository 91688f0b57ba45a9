"""Rules are their pages; what a page must say is checked when it is read."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from rustconc_lint.finding import Severity
from rustconc_lint.installation import rules_dir
from rustconc_lint.rulebook import PageError, load_rules, read_page
from tests.house.toys import BUG_PAGE, ROOT


def page(folder: Path, text: str) -> Path:
    path = folder / "some-rule.md"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_rule_is_what_its_page_says(tmp_path: Path) -> None:
    rule = read_page(page(tmp_path, BUG_PAGE))
    assert rule.name == "some-rule"
    assert (rule.about.severity, rule.about.default, rule.about.compiler) == (Severity.ERROR, True, ("E0000",))
    assert rule.summary == "Somebody wrote `BUG` in the code."
    assert rule.page.startswith("Somebody wrote `BUG`\nin the code.\n\n## Why")
    with pytest.raises(ModuleNotFoundError):
        rule.check()


def test_readers_of_a_page_do_not_see_what_it_says_to_tests(tmp_path: Path) -> None:
    program = 'fn f() {\n    a(); // why //~ some-rule "words"\n    b();\n    //~^ some-rule\n}\n//@ run: hangs\n'
    shown = "fn f() {\n    a(); // why\n    b();\n}\n"
    rule = read_page(page(tmp_path, f"{BUG_PAGE}\n```rust\n{program}```\n"))
    assert rule.page.endswith(f"\n```rust\n{shown}```\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A rule.\n", "a rule page starts with front matter between two lines `+++`"),
        ("Words\n" + BUG_PAGE, "a rule page starts with front matter between two lines `+++`"),
        (BUG_PAGE.replace('severity = "error"\n', ""), "front matter: Object missing required field `severity`"),
        (BUG_PAGE.replace("error", "fatal"), "front matter: Invalid enum value 'fatal' - at `$.severity`"),
        (BUG_PAGE.replace("clippy", "clipy"), "front matter: Object contains unknown field `clipy`"),
        (
            BUG_PAGE.replace('chapter = "Mutex<T>"\n', ""),
            "front matter: a rule names its chapter and the page of the book",
        ),
        (BUG_PAGE.replace('"error"', "error"), "front matter: Invalid value (at line 1, column 12)"),
    ],
)
def test_a_mistake_in_a_page_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = page(tmp_path, text)
    with pytest.raises(PageError) as raised:
        read_page(path)
    assert str(raised.value) == f"{path}: {message}"


def test_pages_are_found_in_a_checkout() -> None:
    assert rules_dir() == ROOT / "rules"
    rules = load_rules()
    assert list(rules) == sorted(path.stem for path in (ROOT / "rules").glob("*.md"))
    assert rules


def test_a_rule_is_three_files_of_one_name() -> None:
    """A page, a check and a folder of fixtures. What only the handling of allows can find has no check, and says so."""
    rules = load_rules()
    checks = {path.stem.replace("_", "-") for path in (ROOT / "rustconc_lint" / "checks").glob("[!_]*.py")}
    fixtures = {path.name for path in (ROOT / "fixtures").iterdir()}
    assert checks == {name for name, rule in rules.items() if rule.about.finder == "check"}
    assert set(rules) <= fixtures
    for rule in rules.values():
        assert rule.about.finder == "suppress" or callable(rule.check())


def test_a_wheel_brings_the_pages_with_it(tmp_path: Path) -> None:
    """`rules/` stands beside the package in a checkout and inside it in a wheel."""
    from hatchling.builders.wheel import WheelBuilder

    built = next(WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"]))
    with zipfile.ZipFile(built) as wheel:
        names = set(wheel.namelist())
        wheel.extractall(tmp_path / "installed")
    pages = {f"rustconc_lint/rules/{path.name}" for path in (ROOT / "rules").glob("*.md")}
    assert pages <= names
    assert {f"rustconc_lint/rules/apis/{path.name}" for path in (ROOT / "rules" / "apis").glob("*.toml")} <= names
    assert {"rustconc_lint/py.typed", "rustconc_lint/report/schema.json"} <= names
    assert not any(name.startswith(("tests/", "fixtures/")) for name in names)
