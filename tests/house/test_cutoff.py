"""Early cutoff: which edits change nothing that was asked, and that those who pass by unread bodies do so."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from rustconc_lint import analysis, cutoff
from rustconc_lint.analysis import Analysis, shown
from rustconc_lint.facts.file import RustFile
from rustconc_lint.inquiry import AskedWords, Inquiry, name_of
from rustconc_lint.pipeline import Request, find, lint, task_of
from rustconc_lint.rulebook import load_rules
from rustconc_lint.source import AskedSource, SourceFile
from rustconc_lint.workspace import Workspace
from tests.house.toys import ROOT

TEXT = """\
//! A file.
use std::sync::Mutex;
use std::thread;

/// Adds.
fn plain(a: u64) -> u64 {
    let b = a + 1;
    b * 2
}

struct Counter {
    count: Mutex<u64>,
}

impl Counter {
    // Reads.
    fn double(&self) -> u64 {
        plain(3)
    }

    fn twice(&self) {
        let one = self.count.lock().unwrap();
        let two = self.count.lock().unwrap();
    }
}

trait Named {
    fn name(&self) -> String {
        String::new()
    }
}

fn starts() {
    fn inner() {}
    let name = String::new();
    thread::spawn(|| println!("{name}")); // here
}
"""


class Editor:
    """A workspace with one file open, in which one edit was made already."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "a.rs"
        self.path.write_text(TEXT, encoding="utf-8")
        self.workspace = Workspace(Request(paths=(str(folder),)))
        self.workspace.lint()
        self.type(TEXT + "fn last() {}\n")
        self.workspace.lint()
        self.text = TEXT + "fn last() {}\n"

    def type(self, text: str) -> None:
        self.text = text
        self.workspace.edit(str(self.path), text.encode())

    def replace(self, before: str, after: str) -> None:
        assert self.text.count(before) == 1
        self.type(self.text.replace(before, after))


@pytest.fixture
def editor(tmp_path: Path) -> Editor:
    return Editor(tmp_path)


CARRIED = (
    ("b * 2", "b * 3"),
    ("let b = a + 1;", "let b = a + 1;\n    let c: Vec<u64> = (0..b).collect();\n    // so far"),
    ("let b = a + 1;\n    b * 2", ""),
    ("plain(3)", "Self::double(self) + \"} fn f() {\".len() as u64"),
    ("plain(3)", "self.twice(); plain(3)"),
    ("fn last() {}", "fn last() { let this = 1; }"),
    ("//! A file.\n", ""),
    ("/// Adds.", "/// Adds, with `Mutex::lock` in mind.\n///\n/// And a line more."),
    ("    // Reads.\n", "    // rustconc: allow(double-lock) meant\n"),
    ("fn starts", "// rustconc: allow(missing-move)\nfn starts"),
)  # fmt: skip

ASKED = (
    ("b * 2", "Mutex::new(1).lock(); b * 2"),
    ("b * 2", "thread::spawn(|| a); b * 2"),
    ("let one", "let first"),
    ("println!", "print!"),
    ("// here", "// there"),
    ("fn plain(a: u64)", "fn plain(a: u32)"),
    ("String::new()\n    }\n}", "String::from(\"x\")\n    }\n}"),
    ("count: Mutex<u64>,", "count: Mutex<u32>,"),
    ("b * 2", "b * "),
    ("b * 2\n}", "b * 2\n}\nfn more() {}"),
    ("b * 2\n}", "b * 2\n} fn more() {}"),
    ("fn plain", "#[test]\nfn plain"),
    ("b * 2", "async { b };\n b * 2"),
)  # fmt: skip


@pytest.mark.parametrize(("before", "after"), CARRIED)
def test_an_edit_of_what_nobody_has_read_is_not_analysed(
    editor: Editor, monkeypatch: pytest.MonkeyPatch, before: str, after: str
) -> None:
    """The findings move with the text, and what the code allows is looked at again."""
    editor.replace(before, after)
    expected = lint(editor.workspace.request)
    monkeypatch.setattr(analysis, "analysed", None)
    report = editor.workspace.lint()
    assert (report.findings, report.around) == (expected.findings, expected.around)
    assert report.findings


@pytest.mark.parametrize(("before", "after"), ASKED)
def test_an_edit_that_may_matter_is_analysed(
    editor: Editor, monkeypatch: pytest.MonkeyPatch, before: str, after: str
) -> None:
    editor.replace(before, after)
    expected = lint(editor.workspace.request)
    with monkeypatch.context() as patch, pytest.raises(TypeError):
        patch.setattr(analysis, "analysed", None)
        editor.workspace.lint()
    report = editor.workspace.lint()
    assert (report.findings, report.around) == (expected.findings, expected.around)


def test_edits_of_several_functions_add_up(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is compared with the run, not with the edit before it."""
    for before, after in CARRIED[:1] + CARRIED[4:]:
        editor.replace(before, after)
        expected = lint(editor.workspace.request).findings
        with monkeypatch.context() as patch:
            patch.setattr(analysis, "analysed", None)
            assert editor.workspace.lint().findings == expected


def test_words_that_are_asked_about_as_a_whole_are_noted_as_a_whole() -> None:
    """Whatever is done with them."""
    inquiry, all_words = Inquiry(), frozenset((b"a", b"b"))
    words = AskedWords(all_words, "it", inquiry)
    assert b"a" in words
    assert not words.isdisjoint({b"b"})
    assert words & {b"b", b"c"} == {b"b"}
    assert frozenset((b"b", b"c")) & words == {b"b"}
    asked = list(inquiry.words["it"])
    assert [question.answer(all_words) == question.answer(frozenset((b"a", b"b", b"z"))) for question in asked] == [
        True
    ] * 4
    for look in (
        lambda: frozenset((b"a",)).isdisjoint(words), lambda: words | {b"c"}, lambda: words - {b"a"},
        lambda: set(words), lambda: len(words), lambda: words <= {b"a"}, lambda: frozenset().union(words),
    ):  # fmt: skip
        inquiry.words.clear()
        look()
        assert any(
            question.answer(all_words) != question.answer(frozenset((b"a",))) for question in inquiry.words["it"]
        )


# ---------------------------------------------------------------- who passes by


class Blank(AskedSource):
    """A text in which those who pass by unread bodies see none."""

    __slots__ = ("file", "seen")

    def __init__(self, source: SourceFile) -> None:
        super().__init__(source.path, source.data, source.edition, Inquiry())
        self.file: RustFile | None = None
        self.seen = (-1, b"")

    @property
    def data(self) -> bytes:
        if self.file is None or self._inquiry.depth > 0:
            return self._text
        name = name_of(sys._getframe(1))
        if name == "rustconc_lint.source:SourceFile.text":
            name = name_of(sys._getframe(2))
        return self._blanked(self.file) if name in cutoff.PASSING_BY - {WORDS} else self._text

    @data.setter
    def data(self, text: bytes) -> None:
        self._text = text

    def _blanked(self, file: RustFile) -> bytes:
        read = file.bodies_read()
        if self.seen[0] != len(read):
            text = bytearray(self._text)
            for start, end, function in file.pieces():
                if function >= 0 and function not in read:
                    text[start:end] = b" " * (end - start)
            self.seen = len(read), bytes(text)
        return self.seen[1]


WORDS = "rustconc_lint.program.gates.mentions:words_of"


def made_of(folders: list[str], blank: bool) -> tuple[Analysis, dict[str, SourceFile]]:
    def read(source: SourceFile) -> RustFile:
        asked = Blank(source)
        file = RustFile(asked)
        asked.file = file if blank and not source.path.startswith("<") else None
        return file

    rules = load_rules()
    found, settings = find(Request(paths=tuple(folders), select=frozenset(("all",))), rules)
    return analysis.analysed(task_of(found, settings), found.sources, rules, 1, read), found.sources


def test_who_passes_by_unread_bodies_does_not_see_them() -> None:
    """Of the functions in PASSING_BY none says anything else when these bodies are blank."""
    folders = [str(path) for path in sorted((ROOT / "fixtures").iterdir()) if path.is_dir()][::8]
    (made, sources), (blank, _) = made_of(folders, False), made_of(folders, True)
    rules = load_rules()
    assert made.found == blank.found
    assert len(shown(made, sources, rules).findings) > 20


def test_who_passes_by_exists() -> None:
    """A name that is no function's would be a slip of the pen, or a function that has another name now."""
    for name in cutoff.PASSING_BY:
        module, _, path = name.partition(":")
        found: object = sys.modules.get(module) or __import__(module, fromlist=["_"])
        for part in path.split("."):
            found = getattr(found, part)
        assert callable(found)
