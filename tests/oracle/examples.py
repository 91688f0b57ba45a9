"""Packages -> the programs that they hold or show: files with a `main`, code in doc comments, and tests in `tests/` and
functions that take nothing, each as a program of its own.

They are compiled against the crates that fixtures may name, whatever version of them the package is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rustconc_lint.syntax import Node
from tests.oracle.listings import NOT_COMPILED, edition_of, main_added
from tests.oracle.mutations import Source
from tests.oracle.programs import Listing
from tests.proof.rustc import MAIN

FENCE = "```"
OTHER = frozenset(("text", "toml", "sh", "console", "no_run", "ignore", "should_panic", *NOT_COMPILED))
EDITION = "2021"


def of_examples(package: Path, externs: Mapping[str, Path], words: Sequence[str]) -> Iterator[Listing]:
    """Every program with one of the words."""
    for file in sorted(package.rglob("*.rs")):
        name = f"{package.name}/{file.relative_to(package)}"
        text = file.read_text(encoding="utf-8", errors="replace")
        for number, (code, edition) in enumerate(shown(file, text, words), start=1):
            if any(word in code for word in words):
                yield Listing(f"{name} {number}", code, edition, externs)


def shown(file: Path, text: str, words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(program, edition) of each program in a file."""
    if MAIN.search(text):
        yield text, EDITION
        return
    made = of_tests(text) if file.parent.name == "tests" else of_functions(text, words)
    yield from ((program, EDITION) for program in made)
    yield from in_comments(text)


def of_functions(text: str, words: Sequence[str]) -> Iterator[str]:
    """For each function at the root of a file that has one of the words and takes nothing a program that calls it."""
    if not any(word in text for word in words):
        return
    source = Source(text)
    for function in source.root.named_children:
        if is_item(function) and any(word in source.text(function) for word in words):
            name, parameters = function.child_by_field_name("name"), function.child_by_field_name("parameters")
            head = source.text(function).partition("(")[0]
            if name is not None and parameters is not None and not parameters.named_children and "async" not in head:
                yield f"{text}\nfn main() {{ let _ = {source.text(name)}(); }}\n"


def of_tests(text: str) -> Iterator[str]:
    """For each test at the root of a file a program that runs it, without the others."""
    source = Source(text)
    tests = [(function, attributes_of(function)) for function in source.root.named_children if is_item(function)]
    tests = [(function, said) for function, said in tests if any(is_test(source, one) for one in said)]
    inner = [
        (one.start_byte, one.end_byte, "") for one in source.root.named_children if one.type == "inner_attribute_item"
    ]
    for function, said in tests:
        name = function.child_by_field_name("name")
        if name is None or {word for one in said for word in ("ignore", "should_panic") if word in source.text(one)}:
            continue
        others = [
            ((theirs[0] if theirs else other).start_byte, other.end_byte, "")
            for other, theirs in tests
            if other != function
        ]
        own = [(one.start_byte, one.end_byte, run_by_main(source, one)) for one in said if is_test(source, one)]
        yield source.edited([*inner, *others, *own]) + f"\nfn main() {{ let _ = {source.text(name)}(); }}\n"


def is_item(node: Node) -> bool:
    return node.type == "function_item"


def attributes_of(function: Node) -> list[Node]:
    """The attributes of a function, the first one first."""
    found: list[Node] = []
    before = function.prev_named_sibling
    while before is not None and before.type == "attribute_item":
        found.insert(0, before)
        before = before.prev_named_sibling
    return found


def is_test(source: Source, attribute: Node) -> bool:
    """`#[test]`, `#[tokio::test(..)]`, `#[async_std::test]`."""
    path = source.text(attribute).removeprefix("#[").removesuffix("]").partition("(")[0]
    return path.strip().rpartition("::")[2] == "test"


def run_by_main(source: Source, attribute: Node) -> str:
    """What makes the function one that can be called: a runtime's `test` is its `main`."""
    text = source.text(attribute)
    return text.replace("::test", "::main") if "::test" in text else ""


def in_comments(text: str) -> Iterator[tuple[str, str]]:
    """(program, edition) of each block of Rust code in the doc comments of a file."""
    block: list[str] | None = None
    classes: list[str] = []
    for line in text.splitlines():
        stripped = line.strip()
        if not stripped.startswith(("///", "//!")):
            block = None
            continue
        said = stripped[3:].removeprefix(" ")
        if said.startswith(FENCE) and block is None:
            classes, block = said.removeprefix(FENCE).replace(" ", ",").split(","), []
        elif said.startswith(FENCE) and block is not None:
            if not OTHER & set(classes):
                yield main_added("\n".join(block)), edition_of(classes)
            block = None
        elif block is not None:
            hidden = "" if said == "#" else said.removeprefix("# ")
            block.append(hidden)
