"""The text report: rustc's look, to the column, and safe to print."""

from __future__ import annotations

import json
import subprocess
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rustconc_lint.discover import FileError, Place
from rustconc_lint.finding import Finding, Label, Severity
from rustconc_lint.pipeline import Report
from rustconc_lint.report.snippet import Mark, Style, snippet, visible
from rustconc_lint.report.text import render
from rustconc_lint.source import SourceFile, Span

MAIN = """use std::thread;

fn main() {
    let name = String::from("Alice");
    let handle = thread::spawn(|| {
        println!("Hello from {name}");
    });
}
"""


def at(source: SourceFile, text: str, nth: int = 0) -> Span:
    """The span of the n-th occurrence of `text`."""
    start = -1
    for _ in range(nth + 1):
        start = source.data.index(text.encode(), start + 1)
    return source.span(start, start + len(text.encode()))


def report(*findings: Finding, sources: tuple[SourceFile, ...], errors: tuple[FileError, ...] = ()) -> Report:
    return Report(
        findings=findings,
        errors=errors,
        checked=len(sources),
        around=("",) * len(findings),
        sources={source.path: source for source in sources},
        places={source.path: Place(f"/w/{source.path}", "", source.path) for source in sources},
    )


def only(source: SourceFile, span: Span, *labels: Label, label: str = "") -> str:
    """The report of one finding, from its `-->` to the last line of source."""
    finding = Finding(span=span, message="m", help="", label=label, labels=labels, rule="r", severity=Severity.ERROR)
    text = render(report(finding, sources=(source,)), color=False)
    return text.partition("\n")[2].partition("\n  |\n  = more")[0]


def test_a_report_looks_like_rustcs() -> None:
    """One file, three places, one of them between two others' lines."""
    source = SourceFile("src/main.rs", MAIN.encode())
    finding = Finding(
        span=at(source, "||"),
        message="closure may outlive `main`, but it borrows `name`",
        label="this thread may still run after `main` has returned",
        labels=(
            Label(at(source, "name"), "owned by `main`"),
            Label(at(source, "name", 1), "borrowed here"),
        ),
        help="write `move ||`, so that the closure takes ownership of `name`",
        chapter="Common Mistakes: 1. Forgetting move for Thread Closures",
        rule="missing-move",
        severity=Severity.ERROR,
    )
    assert render(report(finding, sources=(source,)), color=False) == (
        "error[missing-move]: closure may outlive `main`, but it borrows `name`\n"
        " --> src/main.rs:5:32\n"
        "  |\n"
        '4 |     let name = String::from("Alice");\n'
        "  |         ---- owned by `main`\n"
        "5 |     let handle = thread::spawn(|| {\n"
        "  |                                ^^ this thread may still run after `main` has returned\n"
        '6 |         println!("Hello from {name}");\n'
        "  |                               ---- borrowed here\n"
        "  |\n"
        "  = help: write `move ||`, so that the closure takes ownership of `name`\n"
        '  = chapter: Concurrency, "Common Mistakes: 1. Forgetting move for Thread Closures"\n'
        "  = more: rustconc-lint explain missing-move\n"
        "\n"
        "1 error in 1 file\n"
    )


def test_other_files_follow_the_finding_s_own() -> None:
    """Line numbers are aligned over all files; lines in between are left out, a single one is shown."""
    one = SourceFile("one.rs", b"a\nb\nc\n")
    two = SourceFile("two.rs", b"\n" * 8 + b"d\n\ne\nf\n\n\ng\n")
    finding = Finding(
        span=at(one, "b"),
        message="two orders",
        label="first",
        labels=(
            Label(at(two, "d"), "second"),
            Label(at(one, "c"), "next"),
            Label(at(two, "e"), "third"),
            Label(at(two, "g"), "fourth"),
        ),
        help="take them in one order,\nalways",
        rule="inconsistent-lock-order",
        severity=Severity.WARNING,
    )
    assert render(report(finding, sources=(one, two)), color=False) == (
        "warning[inconsistent-lock-order]: two orders\n"
        "  --> one.rs:2:1\n"
        "   |\n"
        " 2 | b\n"
        "   | ^ first\n"
        " 3 | c\n"
        "   | - next\n"
        "   |\n"
        "  ::: two.rs:9:1\n"
        "   |\n"
        " 9 | d\n"
        "   | - second\n"
        "10 |\n"
        "11 | e\n"
        "   | - third\n"
        "...\n"
        "15 | g\n"
        "   | - fourth\n"
        "   |\n"
        "   = help: take them in one order,\n"
        "           always\n"
        "   = more: rustconc-lint explain inconsistent-lock-order\n"
        "\n"
        "1 warning in 2 files\n"
    )


def test_labels_of_one_line_do_not_run_into_each_other() -> None:
    source = SourceFile("a.rs", b"let (tx, rx) = channel();\n")
    assert only(
        source,
        at(source, "channel()"),
        Label(at(source, "tx"), "this sender is never dropped"),
        Label(at(source, "rx"), "this end waits"),
        label="made here",
    ) == (
        " --> a.rs:1:16\n"
        "  |\n"
        "1 | let (tx, rx) = channel();\n"
        "  |      --  --    ^^^^^^^^^ made here\n"
        "  |      |   |\n"
        "  |      |   this end waits\n"
        "  |      this sender is never dropped"
    )


def test_a_span_of_several_lines_is_drawn_on_its_first() -> None:
    source = SourceFile("a.rs", b"spawn(move || {\n    work();\n});\n")
    assert only(source, source.span(6, 28), label="all of this") == (
        " --> a.rs:1:7\n  |\n1 | spawn(move || {\n  |       ^^^^^^^^^ all of this"
    )


def test_columns_are_those_of_the_terminal() -> None:
    """A tab is four columns, a wide character two, a combining one none; the place in the heading counts characters."""
    source = SourceFile("a.rs", "\tlet 日本 = e\u0301; x\n".encode())
    assert only(source, at(source, "x"), Label(at(source, "日本"), "wide"), label="here") == (
        " --> a.rs:1:15\n  |\n1 |     let 日本 = e\u0301; x\n  |         ---- wide ^ here"
    )


def test_an_empty_place_is_one_column_wide() -> None:
    """At the end of a file without a last line end, too."""
    source = SourceFile("a.rs", b"fn f(")
    assert only(source, source.span(5, 5), label="here") == " --> a.rs:1:6\n  |\n1 | fn f(\n  |      ^ here"
    empty = SourceFile("b.rs", b"")
    assert only(empty, empty.span(0, 0)) == " --> b.rs:1:1\n  |\n1 |\n  | ^"


def test_a_very_long_line_is_cut_but_never_its_marks() -> None:
    source = SourceFile("a.rs", b"x" * 300 + b"MARK" + b"y" * 500)
    shown = only(source, at(source, "MARK"), label="here").split("\n")
    assert shown[2] == "1 | ..." + "x" * 17 + "MARK" + "y" * 113 + "..."
    assert shown[3] == "  | " + " " * 20 + "^^^^ here"


def test_between_marks_that_are_far_apart_a_line_is_cut() -> None:
    source = SourceFile("a.rs", b"x" * 10_000 + b"MARK" + b"y" * 5_000 + b"OTHER" + b"z" * 20_000)
    shown = only(source, at(source, "MARK"), Label(at(source, "OTHER"), "first")).splitlines()
    assert shown[2] == "1 | ..." + "x" * 17 + "MARK" + "y" * 20 + "..." + "y" * 17 + "OTHER" + "z" * 17 + "..."
    assert shown[3] == "  | " + " " * 20 + "^^^^" + " " * 40 + "----- first"


def test_files_that_could_not_be_read_are_named() -> None:
    errors = (FileError("src/bad.rs", "is not valid UTF-8 (byte 7)"),)
    assert render(report(sources=(), errors=errors), color=False) == (
        "error: src/bad.rs: is not valid UTF-8 (byte 7)\n\nnothing found in 0 files; 1 path could not be read\n"
    )


def test_the_last_line_counts() -> None:
    source = SourceFile("a.rs", b"abc")
    levels = [Severity.NOTE, Severity.WARNING, Severity.WARNING, Severity.ERROR]
    findings = [Finding(span=source.span(0, 1), message="m", help="", rule="r", severity=level) for level in levels]
    assert render(report(*findings, sources=(source,)), color=False).endswith(
        "\n1 error, 2 warnings, 1 note in 1 file\n"
    )


def test_colours_are_rustcs() -> None:
    source = SourceFile("a.rs", b"let a = b;\n")
    finding = Finding(
        span=at(source, "b"),
        message="m",
        help="h",
        label="x",
        labels=(Label(at(source, "a"), ""),),
        rule="r",
        severity=Severity.WARNING,
    )
    assert render(report(finding, sources=(source,)), color=True) == (
        "\x1b[1;33mwarning[r]\x1b[0m\x1b[1m: m\x1b[0m\n"
        "\x1b[1;94m --> \x1b[0ma.rs:1:9\n"
        "\x1b[1;94m  |\x1b[0m\n"
        "\x1b[1;94m1 |\x1b[0m let a = b;\n"
        "\x1b[1;94m  |\x1b[0m     \x1b[1;94m-\x1b[0m   \x1b[1;33m^\x1b[0m \x1b[1;33mx\x1b[0m\n"
        "\x1b[1;94m  |\x1b[0m\n"
        "\x1b[1;94m  = \x1b[0m\x1b[1mhelp\x1b[0m: h\n"
        "\x1b[1;94m  = \x1b[0m\x1b[1mmore\x1b[0m: rustconc-lint explain r\n"
        "\n"
        "1 warning in 1 file\n"
    )


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred\x07", "\u241b[31mred\u2407"),
        ("a\u202eb\u2066c\u200f", "a\ufffdb\ufffdc\ufffd"),
        ("a\x9bb\x85c\u2028d", "a\ufffdb\ufffdc\ufffdd"),
        ("a\x7f\x00\r\n", "a\u2421\u2400\u240d\u240a"),
        ("\ud800", "\ufffd"),
        ("a\tb", "a    b"),
        ("é 日本 😀", "é 日本 😀"),
        ("👩\u200d💻 a\u200bb", "👩💻 a\ufffdb"),
    ],
)
def test_nothing_that_acts_on_a_terminal_is_printed(hostile: str, shown: str) -> None:
    """Source text, labels, messages and paths come from strangers (Trojan Source; escape sequences)."""
    assert visible(hostile) == shown
    source = SourceFile(f"a{hostile}.rs", f"let x = y; // {hostile}".encode("utf-8", "replace"))
    finding = Finding(
        span=at(source, "x"),
        message=f"m {hostile}",
        help=f"h {hostile}",
        label=f"l {hostile}",
        rule="r",
        severity=Severity.ERROR,
    )
    errors = (FileError(hostile, hostile),)
    text = render(report(finding, sources=(source,), errors=errors), color=False)
    assert text.isprintable() or all(line.isprintable() for line in text.split("\n"))
    text.encode()


PLACES = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60), st.text(max_size=8)), min_size=1, max_size=6)
TEXTS = st.text(st.sampled_from("ab \t\r\n日é\u0301😀\x1b\u202e"), max_size=40)


@given(TEXTS, PLACES)
def test_any_places_in_any_text_can_be_drawn(text: str, places: list[tuple[int, int, str]]) -> None:
    """In the middle of a character, past the end, backwards: every label is shown, and nothing acts on a terminal."""
    source = SourceFile("a.rs", text.encode())
    marks = [Mark(source.span(start, end), label, False) for start, end, label in places]
    _, rows = snippet([Mark(source.span(0, 0), "", True), *marks], {"a.rs": source}, Style.ERROR)
    lines = ["".join(cell for cell, _ in row) for row in rows]
    assert not any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in "".join(lines))
    assert any("^" in line for line in lines)
    for _, _, label in places:
        assert any(visible(label).strip() in line for line in lines)


# ---------------------------------------------------------------- rustc as the judge

PROGRAMS = [
    "fn f() { let v = vec![1]; let w = v; let x = v; }",
    'fn f(x: &mut Vec<i32>) { let first = &x[0]; x.push(1); println!("{first}"); }',
    'fn f() { let mut x = 1; let y = &mut x; let z = &x; *y = 2; println!("{z}"); }',
    'fn f() { let r; { let q = 1; r = &q; } println!("{r}"); }',
    'fn f() { let 日本 = String::from("日本語"); let y = 日本; println!("{日本}"); }',
    "fn f() { let\ts = String::new();\tlet t = s;\tdrop(s); }",
    "fn f() { let s = String::new();\n\n let t = s;\n\n\n\n let u = s; }",
    "fn f() {\n\n\n\n\n let s = String::new(); let t = s;\n let a = 1;\n\n let u = s; }",
    "fn f<'a, 'b>(x: &'a str, y: &'b str) -> &'a str { y }",
    "fn f() { let m = std::sync::Mutex::new(1); let g = m.lock().unwrap(); drop(m); drop(g); }",
    "fn take(a: i32, b: &str) {}\nfn f() { take(1u8, 2); take(1); }",
    "fn f() { let c; { let s = String::new(); c = || s.len(); } c(); }",
    'fn f() { let x: u8 = 1 + 2 + "😀" + 1; }',
    "fn f() { match 1u8 { 0..=9 => 1, 10 => \"a\", _ => 'c' } }",
    "struct S { a: i32 }\nfn f() { let z = S { a: 1, c: 2 }; z.d; }",
    "fn f(x: u8, x: u8) {}\nfn f(y: u8) {}",
    "fn f(a: &mut i32) { let c = || *a += 1; *a = 2; c(); }",
    "fn f(mut v: Vec<i32>) { let a = &mut v; let b = &mut v; a.clear(); b.clear(); }",
]


def test_snippets_are_drawn_as_rustc_draws_them(tmp_path: Path, rustc: str) -> None:
    """Each error rustc has for these programs, drawn from the spans and labels of its JSON, is what rustc prints."""
    compared = 0
    for number, program in enumerate(PROGRAMS):
        path = tmp_path / f"p{number}.rs"
        path.write_text(f"#![allow(unused)]\n{program}\n", encoding="utf-8")
        command = ["rustc", "--edition", "2021", "--crate-type", "lib", "--error-format", "json", path.name]
        result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        source = {path.name: SourceFile(path.name, path.read_bytes())}
        for line in result.stderr.splitlines():
            error = json.loads(line)
            spans = sorted(error["spans"], key=lambda span: not span["is_primary"])
            if not spans or any(span["line_start"] != span["line_end"] for span in spans):
                continue
            marks = [
                Mark(Span(path.name, span["byte_start"], span["byte_end"]), span["label"] or "", span["is_primary"])
                for span in spans
            ]
            rows = ["".join(cell for cell, _ in row).rstrip() for row in snippet(marks, source, Style.ERROR)[1]]
            assert error["rendered"].split("\n")[1 : len(rows) + 1] == rows
            compared += 1
    assert compared >= len(PROGRAMS)
