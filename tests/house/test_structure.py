"""The shape of the program: imports run one way, only some modules may do some things, nothing grows too large."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.toys import ROOT

PACKAGE = ROOT / "rustconc_lint"
MODULES = sorted(PACKAGE.rglob("*.py"))

# The pipeline, from what is read to what is printed: a module imports from its own row and from rows above it.
ROOMS = (
    "installation",
    "processes",
    "cache",
    "inquiry",
    "source",
    "finding",
    "syntax",
    "facts",
    "apis",
    "program",
    "checks",
    "rulebook",
    "ignores",
    "cargo",
    "discover",
    "config",
    "suppress",
    "task",
    "analysis",
    "cutoff",
    "pipeline",
    "workspace",
    "atomic",
    "fixes",
    "report",
    "cli",
    "__main__",
)

# The same within `program`: its folders stand between the files that all of them speak of and those that ask them all.
PROGRAM = ("names", "traits", "typeck", "gates", "interpret", "legality", "hangs", "hazards")
ASKING = ("locking", "model")

LONGEST_FUNCTION, LONGEST_FILE, LONGEST_CHECK = 60, 400, 150


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def room_of(module: str) -> str:
    """`rustconc_lint.program.names.names` -> `program`; the package itself (its version) is "" and free to all."""
    return module.partition(".")[2].partition(".")[0]


def imports(path: Path) -> Iterator[str]:
    """Every module a file imports, inside functions and for type checkers too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def backward(module: str, imported: str) -> bool:
    """Does this import lead to a room further down the pipeline?"""
    if not imported.startswith("rustconc_lint.") or imported == "rustconc_lint.__version__":
        return False
    return ROOMS.index(room_of(imported)) > ROOMS.index(room_of(module))


def backward_within(module: str, imported: str) -> bool:
    """Does this import lead further down within `program`?"""
    prefix = "rustconc_lint.program."
    if not module.startswith(prefix) or not imported.startswith(prefix):
        return False
    here, there = (name.removeprefix(prefix).partition(".")[0] for name in (module, imported))
    return order_within(there) > order_within(here)


def order_within(name: str) -> int:
    return len(PROGRAM) if name in ASKING else PROGRAM.index(name) if name in PROGRAM else -1


def ids(path: Path) -> str:
    return name_of(path)


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_imports_run_one_way(path: Path) -> None:
    module = name_of(path)
    assert module == "rustconc_lint" or room_of(module) in ROOMS, f"{module} has no place in the pipeline"
    assert [name for name in imports(path) if backward(module, name) or backward_within(module, name)] == []


@pytest.mark.parametrize(
    ("module", "imported", "expected"),
    [
        ("rustconc_lint.facts.items", "rustconc_lint.program.names.names", True),
        ("rustconc_lint.program.names.names", "rustconc_lint.facts.items", False),
        ("rustconc_lint.program.names.names", "rustconc_lint.program.types", False),
        ("rustconc_lint.report.json", "rustconc_lint.__version__", False),
        ("rustconc_lint.source", "collections.abc", False),
    ],
)
def test_a_backward_import_is_told_from_a_forward_one(module: str, imported: str, expected: bool) -> None:
    assert backward(module, imported) is expected


def users(package: str) -> set[str]:
    """The rooms that import a package."""
    return {room_of(name_of(path)) for path in MODULES if any(name.split(".")[0] == package for name in imports(path))}


def test_each_library_has_one_room() -> None:
    """The parser is behind `syntax`, the command line behind `cli`."""
    assert users("tree_sitter") == users("tree_sitter_rust") == {"syntax"}
    assert users("click") == users("watchfiles") == {"cli"}
    assert users("pathspec") == {"ignores"}


def test_checks_see_the_program_and_nothing_else() -> None:
    """No trees, no paths, no settings: they import what a Program answers with, and what a finding is made of."""
    allowed = {"source", "finding", "facts", "program", "checks"}
    checks = [path for path in MODULES if "checks" in path.parts]
    seen = {room_of(name) for path in checks for name in imports(path) if name.startswith("rustconc_lint")}
    assert seen <= allowed


SPEAKING = {"print", "exit", "quit", "input"}


def speaks(path: Path) -> list[str]:
    """The calls of a file that print, exit or ask."""
    calls = [node.func for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    names = [ast.unparse(call) for call in calls]
    return [
        name for name in names if name in SPEAKING or re.match(r"sys\.(exit|stdout|stderr)|os\._exit|click\.", name)
    ]


def test_only_the_command_line_prints_and_exits() -> None:
    """And a worker, which ends its own process."""
    speaking = {room_of(name_of(path)): set(speaks(path)) for path in MODULES if speaks(path)}
    assert speaking.pop("processes") == {"os._exit"}
    assert speaking.keys() == {"cli"}


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_nothing_is_too_large(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    limit = LONGEST_CHECK if path.parent.name == "checks" else LONGEST_FILE
    assert len(text.splitlines()) <= limit
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    lengths = {function.name: (function.end_lineno or 0) - function.lineno + 1 for function in functions}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_every_module_says_what_it_is(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree) or not tree.body


EXCUSES = re.compile(r"#.*\b(TODO|FIXME|XXX)\b|# type: ignore|# noqa|except:|except (Base)?Exception\b|xfail\(")


@pytest.mark.parametrize(
    "path", [path for path in MODULES + sorted((ROOT / "tests").rglob("*.py")) if path != Path(__file__)], ids=ids
)
def test_nothing_is_put_off_or_silenced(path: Path) -> None:
    assert [line for line in path.read_text(encoding="utf-8").splitlines() if EXCUSES.search(line)] == []
