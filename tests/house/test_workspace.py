"""A workspace says what a run from nothing says, whatever was edited in whatever order, and reads little anew."""

from __future__ import annotations

import gc
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rustconc_lint import analysis, workspace
from rustconc_lint.cargo import TomlError
from rustconc_lint.facts import file as facts
from rustconc_lint.facts.file import RustFile
from rustconc_lint.pipeline import Report, Request, find, lint, task_of
from rustconc_lint.program.model import DEEPEST_STACK
from rustconc_lint.report import json as json_report
from rustconc_lint.report import text as text_report
from rustconc_lint.rulebook import load_rules
from rustconc_lint.source import SourceFile
from rustconc_lint.workspace import Workspace
from tests.house.toys import ROOT, Tree

MANIFEST = "[package]\nname = 'p'\nedition = '2021'\n[dependencies]\nparking_lot = '0.12'\n"
LIBRARY = "pub mod a;\npub mod b;\nuse std::sync::Mutex;\npub struct S { pub one: Mutex<u8>, pub two: Mutex<u8> }\n"
ONE_TWO = "use crate::S;\npub fn f(s: &S) {\n    let _a = s.one.lock();\n    let _b = s.two.lock();\n}\n"
TWO_ONE = "use crate::S;\npub fn g(s: &S) {\n    let _b = s.two.lock();\n    let _a = s.one.lock();\n}\n"
SPAWN = 'pub fn h() {\n    let x = 1;\n    std::thread::spawn(|| println!("{x}"));\n}\n'
MACRO = "macro_rules! hold { ($l:expr) => { $l.lock().unwrap() }; }\n"
LOCK_TWICE = "pub fn t(s: &crate::S) {\n    let _a = hold!(s.one);\n    let _b = hold!(s.one);\n}\n"
PLAIN = "impl crate::S {\n    // Adds.\n    fn add(&self, a: u8) -> u8 {\n        let b = a + 1;\n        b\n    }\n}\n"
WAITS = (
    "pub fn w() {\n    let (tx, rx) = std::sync::mpsc::channel();\n    tx.send(1).unwrap();\n    for _ in rx {}\n}\n"
)

# What files may say: whole texts, and what is put into them at any byte.
TEXTS: dict[str, tuple[str, ...]] = {
    "Cargo.toml": (MANIFEST, MANIFEST.replace("2021", "2018"), MANIFEST.replace("[dep", "[dep'"), "[workspace]\n"),
    "src/lib.rs": (LIBRARY, LIBRARY.replace("pub mod b;\n", ""), LIBRARY.replace("Mutex", "RwLock"), SPAWN),
    "src/a.rs": (PLAIN + ONE_TWO, TWO_ONE + PLAIN, MACRO + LOCK_TWICE, ""),
    "src/b.rs": (
        PLAIN + TWO_ONE + PLAIN,
        SPAWN,
        WAITS,
        "use crate::a::f;\npub fn g(s: &crate::S) { let _b = s.two.lock(); f(s); }\n",
    ),
    "src/b/c.rs": (SPAWN,),
    "tests/t.rs": ("fn t(s: &p::S) { p::a::f(s); let _b = s.two.lock(); p::a::f(s); }\n", WAITS),
    "rustconc.toml": ("ignore = ['double-lock']\n", "exclude = ['a.rs']\n", "lock-order = ['S.two', 'S.one']\n", "x"),
    ".gitignore": ("b.rs\n", "/src\n"),
}
PIECES = (
    "", " ", "\n", "}", "{", "\"", "// ", "/*", "é", "\ufeff", "mod c;\n", "drop(_a);", "let _c = s.one.lock();",
    "// rustconc: allow(missing-move)\n", "#[cfg(test)]\n", "#![allow(dead_code)]", MACRO, SPAWN, WAITS,
    "use parking_lot::Mutex;\n", "impl Drop for crate::S { fn drop(&mut self) { self.one.lock(); } }\n",
)  # fmt: skip

STATEMENTS = (
    "", "let c = 2;", "self.one.lock();", "let é = \"}\";", "// rustconc: allow(double-lock)\n", "drop(a);", "loop {}",
    "std::thread::spawn(|| a);", "crate::a::f(self);", "fn inner() {}", "let _ = std::sync::mpsc::channel::<u8>();",
)  # fmt: skip

NAMES = st.sampled_from(list(TEXTS))
SOURCES = st.sampled_from([name for name in TEXTS if name.endswith(".rs")])
EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("splice"), SOURCES, st.integers(0, 99), st.integers(0, 20), st.sampled_from(PIECES)),
        st.tuples(st.sampled_from(("write", "type")), NAMES, st.integers(0, 3)),
        st.tuples(st.just("body"), SOURCES, st.sampled_from(STATEMENTS)),
        st.tuples(st.just("move"), SOURCES, SOURCES),
        st.tuples(st.sampled_from(("close", "delete", "garble", "undo", "nothing")), SOURCES),
    ),
    min_size=1,
    max_size=8,
)


class Desk:
    """A folder, a workspace that lints it, and somebody who edits."""

    def __init__(self, base: Path) -> None:
        self.base = base
        for name, texts in TEXTS.items():
            if "/" in name or name == "Cargo.toml":
                self.write(name, texts[0])
        self.workspace = Workspace(Request(paths=(str(base),)))
        self.typed: dict[str, list[bytes]] = {}

    def write(self, name: str, text: str) -> None:
        (self.base / name).parent.mkdir(exist_ok=True)
        (self.base / name).write_text(text, encoding="utf-8")

    def text(self, name: str) -> bytes:
        path = self.base / name
        return self.typed[name][-1] if self.typed.get(name) else path.read_bytes() if path.is_file() else b""

    def type(self, name: str, text: bytes) -> None:
        self.typed.setdefault(name, []).append(text)
        self.workspace.edit(str(self.base / name), text)

    def do(self, what: str, name: str, *more: int | str) -> None:
        """One edit. What happens on disk is told to the workspace, what is typed is not on disk."""
        path, texts = self.base / name, TEXTS[name]
        match what, *more:
            case "splice", int(place), int(length), str(piece):
                text = self.text(name)
                at = len(text) * place // 99
                self.type(name, text[:at] + piece.encode() + text[at + length :])
            case "body", str(statement):
                self.type(name, self.text(name).replace(b"let b = a + 1;", b"let b = a + 1;" + statement.encode(), 1))
            case "type", int(number):
                self.type(name, texts[number % len(texts)].encode())
            case ("undo",):
                if len(self.typed.get(name, ())) > 1:
                    self.typed[name].pop()
                    self.workspace.edit(str(path), self.typed[name][-1])
            case ("garble",):
                self.type(name, b"fn f() {} // \xff")
            case ("close",):
                self.typed.pop(name, None)
                self.workspace.close(str(path))
            case _:
                self.disk(what, name, *more)
                self.workspace.refresh()

    def disk(self, what: str, name: str, *more: int | str) -> None:
        match what, *more:
            case "write", int(number):
                self.write(name, TEXTS[name][number % len(TEXTS[name])])
            case ("delete",):
                (self.base / name).unlink(missing_ok=True)
            case "move", str(other):
                if (self.base / name).is_file():
                    (self.base / other).parent.mkdir(exist_ok=True)
                    (self.base / name).replace(self.base / other)
            case _:
                assert what == "nothing"


def said(report: Report) -> tuple[object, ...]:
    """All that a report says, to the byte."""
    return (
        json_report.render(report),
        text_report.render(report, color=False),
        msgspec.json.encode((report.findings, report.around, report.errors, sorted(report.reported), report.places)),
        report.remarks,
        [(name, source.path, source.data, source.edition) for name, source in report.sources.items()],
    )


def outcome(run: Callable[[], Report]) -> object:
    """What a run says, be it that a configuration is wrong."""
    try:
        return said(run())
    except TomlError as error:
        return str(error)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def read_anew(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the files whose facts are read, as that happens."""
    read: list[str] = []

    class Told(RustFile):
        __slots__ = ()

        def __init__(self, source: SourceFile) -> None:
            read.append(source.path)
            super().__init__(source)

    monkeypatch.setattr(facts, "RustFile", Told)
    return read


def test_the_facts_of_an_edited_file_are_read_and_no_others(desk: Desk, read_anew: list[str]) -> None:
    """Those of std's declarations neither."""
    desk.workspace.lint()
    assert {"<api std>", str(desk.base / "src/b.rs")} <= set(read_anew)
    read_anew.clear()
    desk.type("src/b.rs", b"// typed\n" + desk.text("src/b.rs"))
    assert said(desk.workspace.lint()) == said(lint(desk.workspace.request))
    assert read_anew == [str(desk.base / "src/b.rs")]


def test_a_model_of_another_crate_is_read_when_its_name_is_written(desk: Desk, read_anew: list[str]) -> None:
    desk.workspace.lint()
    read_anew.clear()
    desk.type("src/b.rs", b"use parking_lot::Mutex;\n")
    desk.workspace.lint()
    assert sorted(map(os.path.basename, read_anew)) == ["<api parking_lot>", "b.rs"]


def test_nothing_changed_is_the_same_report(desk: Desk) -> None:
    """Be it that a file was written again, or a text typed that the file has already."""
    report = desk.workspace.lint()
    assert desk.workspace.lint() is report
    desk.disk("write", "src/a.rs", 0)
    desk.type("src/b.rs", desk.text("src/b.rs"))
    desk.workspace.refresh()
    assert desk.workspace.lint() is report
    desk.disk("delete", "src/b.rs")
    desk.do("close", "src/b.rs")
    assert desk.workspace.lint() is not report


def test_an_edit_that_is_taken_back_is_answered_from_memory(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    before = desk.workspace.lint()
    text = desk.text("src/a.rs")
    desk.type("src/a.rs", text + b"fn new() {}\n")
    desk.workspace.lint()
    monkeypatch.setattr(analysis, "analysed", None)
    desk.type("src/a.rs", text)
    assert said(desk.workspace.lint()) == said(before)
    desk.type("src/a.rs", text + b"fn newer() {}\n")
    with pytest.raises(TypeError):
        desk.workspace.lint()


def test_only_so_many_answers_are_kept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspace, "REMEMBERED", 2)
    text = desk.text("src/a.rs")
    for number in range(3):
        desk.type("src/a.rs", text + b"fn f() {}\n" * number)
        desk.workspace.lint()
    monkeypatch.setattr(analysis, "analysed", None)
    desk.type("src/a.rs", text + b"fn f() {}\n")
    desk.workspace.lint()
    desk.type("src/a.rs", text)
    with pytest.raises(TypeError):
        desk.workspace.lint()


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_text_counts_under_every_name_of_its_file(tree: Tree) -> None:
    base = tree({"a.rs": "fn main() {}\n"})
    (base / "b.rs").symlink_to("a.rs")
    opened = Workspace(Request(paths=(str(base),)))
    opened.lint()
    opened.edit(str(base / "b.rs"), SPAWN.encode())
    assert [os.path.basename(finding.span.path) for finding in opened.lint().findings] == ["a.rs", "b.rs"]
    assert said(opened.lint()) == said(lint(opened.request))


def test_a_mistake_in_a_configuration_is_told_until_it_is_mended(desk: Desk) -> None:
    desk.do("write", "rustconc.toml", 3)
    for _ in range(2):
        with pytest.raises(TomlError):
            desk.workspace.lint()
    desk.do("write", "rustconc.toml", 0)
    assert said(desk.workspace.lint()) == said(lint(desk.workspace.request))


def program_of(thing: object) -> bool:
    return type(thing).__module__.startswith("rustconc_lint.program")


def test_what_rules_have_asked_leaves_no_trace_in_facts() -> None:
    """They are kept from one program to the next: nothing in them leads to a program, and they say what they said."""
    kept: list[RustFile] = []

    def reader(source: SourceFile) -> RustFile:
        kept.append(RustFile(source))
        return kept[-1]

    request = Request(paths=(str(ROOT / "fixtures" / "double-lock"), str(ROOT / "fixtures" / "chapter")))
    found, configured = find(request, load_rules())
    assert analysis.analysed(task_of(found, configured), found.sources, load_rules(), 1, reader).found
    pending: list[object] = list(kept)
    seen = set(map(id, pending))
    while pending:
        following = [one for one in gc.get_referents(pending.pop()) if not isinstance(one, type | ModuleType)]
        assert not any(map(program_of, following))
        fresh = [one for one in following if id(one) not in seen and not callable(one)]
        seen.update(map(id, fresh))
        pending += fresh
    for file in kept:
        assert file.facts() == RustFile(file.source).facts()


@pytest.fixture
def deep() -> Iterator[None]:
    """The linter's own limit of recursion: hypothesis minds who raises it."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, DEEPEST_STACK))
    yield
    sys.setrecursionlimit(limit)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS)
def test_a_workspace_says_what_a_run_from_nothing_says(deep: None, edits: list[tuple[str, str]]) -> None:
    """Files are typed into, saved, broken, moved and deleted; modules, manifests and settings come and go."""
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        for edit in edits:
            desk.do(*edit)
            assert outcome(desk.workspace.lint) == outcome(lambda: lint(desk.workspace.request))
