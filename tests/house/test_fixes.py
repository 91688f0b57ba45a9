"""`--fix` and `--diff`: what is written, what is not, and what the user is told."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rustconc_lint import atomic
from rustconc_lint.finding import Edit, Finding, Fix, Safety
from rustconc_lint.fixes import apply
from rustconc_lint.source import Span
from tests.house.toys import Run, ToyProgram, Tree

Check = Callable[[ToyProgram], Iterator[Finding]]

# word: its fix in the toy rule below
FIXES = {
    "BUG": ("OK", Safety.SAFE),
    "RISK": ("DARE", Safety.UNSAFE),
    "SHOWN": ("NEVER", Safety.DISPLAY),
    "TWICE": ("BUG\nBUG", Safety.SAFE),
    "GROWS": ("GROWS + 1", Safety.SAFE),
    "BREAKS": ("{(", Safety.SAFE),
}


def finding(program: ToyProgram, path: str, start: int, end: int, fix: Fix | None) -> Finding:
    return Finding(span=program.files[path].source.span(start, end), message=f"bug at {start}", help="", fix=fix)


def of_words(program: ToyProgram) -> Iterator[Finding]:
    """A finding for each word of FIXES; the fix replaces the word."""
    for path, file in program.files.items():
        for match in re.finditer(rb"\b(?:" + "|".join(FIXES).encode() + rb")\b", file.source.data):
            text, safety = FIXES[match[0].decode()]
            edit = Edit(file.source.span(*match.span()), text)
            yield finding(program, path, *match.span(), Fix(f"write {text}", safety, (edit,)))


@pytest.fixture
def rule(run: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[[Check], None]:
    """Replaces the toy rule `bug-here`; to begin with, by `of_words`."""

    def replace(check: Check) -> None:
        monkeypatch.setattr(sys.modules["rustconc_lint.checks.bug_here"], "check", check)

    replace(of_words)
    return replace


pytestmark = pytest.mark.usefixtures("rule")


# ---------------------------------------------------------------- what is fixed


def test_safe_fixes_are_applied_and_the_rest_is_reported(run: Run, tree: Tree) -> None:
    """One line says what was done and what can be done yet; the exit code speaks of what is left."""
    folder = tree({"a.rs": "BUG; RISK; SHOWN", "b.rs": "fn b() {}"})
    result = run("--fix")
    assert (folder / "a.rs").read_text() == "OK; RISK; SHOWN"
    assert result.code == 1
    assert " --> a.rs:1:5\n" in result.out
    assert result.out.endswith("\n1 fixed; 2 errors left in 2 files\n1 can be fixed with `--fix --unsafe-fixes`\n")
    assert result.err == ""


def test_unsafe_fixes_are_applied_when_they_are_asked_for(run: Run, tree: Tree) -> None:
    folder = tree({"a.rs": "BUG; RISK"})
    assert run("--fix", "--unsafe-fixes") == (0, "2 fixed; nothing left in 1 file\n", "")
    assert (folder / "a.rs").read_text() == "OK; DARE"


def test_a_fix_that_is_for_showing_is_never_applied(run: Run, tree: Tree) -> None:
    folder = tree({"a.rs": "SHOWN"})
    result = run("--fix", "--unsafe-fixes")
    assert (result.code, (folder / "a.rs").read_text()) == (1, "SHOWN")
    assert result.out.endswith("\n\n1 error in 1 file\n")


def test_without_fix_nothing_is_written_and_what_could_be_is_said(run: Run, tree: Tree) -> None:
    folder = tree({"a.rs": "BUG; RISK; RISK"})
    for options in ((), ("--unsafe-fixes",)):
        result = run(*options)
        assert result.out.endswith(
            "3 errors in 1 file\n1 can be fixed with `--fix`, 2 more with `--fix --unsafe-fixes`\n"
        )
    assert (folder / "a.rs").read_text() == "BUG; RISK; RISK"


def test_clean_files_are_left_alone(run: Run, tree: Tree) -> None:
    folder = tree({"a.rs": "fn a() {}"})
    before = (folder / "a.rs").stat()
    assert run("--fix") == (0, "nothing found in 1 file\n", "")
    assert (folder / "a.rs").stat() == before


def test_a_suppressed_finding_is_not_fixed(run: Run, tree: Tree) -> None:
    text = "// rustconc: allow(bug-here) it is meant\nBUG;\nBUG; // rustconc: allow(bug-here)\n"
    folder = tree({"a.rs": text})
    assert run("--fix", "--unsafe-fixes") == (0, "nothing found in 1 file\n", "")
    assert (folder / "a.rs").read_text() == text


def test_what_a_fix_brings_about_is_fixed_too(run: Run, tree: Tree) -> None:
    folder = tree({"a.rs": "TWICE"})
    assert run("--fix") == (0, "3 fixed; nothing left in 1 file\n", "")
    assert (folder / "a.rs").read_text() == "OK\nOK"


def test_fixing_ends_even_if_a_fix_cures_nothing(run: Run, tree: Tree) -> None:
    folder = tree({"a.rs": "GROWS"})
    result = run("--fix")
    assert result.code == 1
    assert (folder / "a.rs").read_text() == "GROWS" + 10 * " + 1"


def test_only_the_files_that_were_asked_for_are_fixed(run: Run, tree: Tree) -> None:
    """The rest of the package is read, but whoever names one file wants that one changed."""
    cargo = '[package]\nname = "demo"\nedition = "2021"\n'
    folder = tree({"Cargo.toml": cargo, "src/lib.rs": "mod a;\nBUG", "src/a.rs": "BUG"})
    assert run("--fix", "src/a.rs").code == 0
    assert (folder / "src/lib.rs").read_text() == "mod a;\nBUG"
    assert (folder / "src/a.rs").read_text() == "OK"


def test_json_counts_what_was_fixed(run: Run, tree: Tree) -> None:
    tree({"a.rs": "BUG; RISK"})
    report = json.loads(run("--fix", "--format", "json").out)
    assert report["summary"] == {"files": 1, "diagnostics": 1, "errors": 0, "fixed": 1}
    assert [found["fix"]["safety"] for found in report["diagnostics"]] == ["unsafe"]
    assert "fixed" not in json.loads(run("--format", "json").out)["summary"]


# ---------------------------------------------------------------- fixes that meet


def test_of_two_fixes_that_overlap_one_is_applied_at_a_time(
    run: Run, tree: Tree, rule: Callable[[Check], None]
) -> None:
    """The first of them; the other one comes when everything was linted again, if its finding is still there."""

    def pairs(program: ToyProgram) -> Iterator[Finding]:
        source = program.files["a.rs"].source
        for match in re.finditer(rb"(?=(ab|ba))", source.data):
            edit = Edit(source.span(*match.span(1)), "-")
            yield finding(program, "a.rs", *match.span(1), Fix("", Safety.SAFE, (edit,)))

    rule(pairs)
    folder = tree({"a.rs": "ababa x ab"})
    run("--fix")
    assert (folder / "a.rs").read_text() == "-a- x -"


def test_a_safe_fix_goes_before_an_unsafe_one(run: Run, tree: Tree, rule: Callable[[Check], None]) -> None:
    def both(program: ToyProgram) -> Iterator[Finding]:
        source = program.files["a.rs"].source
        for word, text, safety in ((b"bad code", "rash", Safety.UNSAFE), (b"code", "wise", Safety.SAFE)):
            at = source.data.find(word)
            if at >= 0:
                edit = Edit(source.span(at, at + len(word)), text)
                yield finding(program, "a.rs", at, at + len(word), Fix("", safety, (edit,)))

    rule(both)
    folder = tree({"a.rs": "bad code"})
    run("--fix", "--unsafe-fixes")
    assert (folder / "a.rs").read_text() == "bad wise"


def test_findings_that_share_a_fix_are_fixed_by_applying_it_once(
    run: Run, tree: Tree, rule: Callable[[Check], None]
) -> None:
    def shared(program: ToyProgram) -> Iterator[Finding]:
        source = program.files["a.rs"].source
        places = [match.span() for match in re.finditer(rb"Rc", source.data)]
        fix = Fix("", Safety.SAFE, tuple(Edit(source.span(*place), "Sync") for place in places))
        for place in places:
            yield finding(program, "a.rs", *place, fix)

    rule(shared)
    folder = tree({"a.rs": "Rc Rc Rc"})
    assert run("--fix").out == "3 fixed; nothing left in 1 file\n"
    assert (folder / "a.rs").read_text() == "Sync Sync Sync"


@pytest.mark.parametrize("edits", [[(0, 3), (2, 4)], [(3, 99)], [(1, 2)], []])
def test_a_fix_that_is_none_is_not_offered(
    edits: list[tuple[int, int]], run: Run, tree: Tree, rule: Callable[[Check], None]
) -> None:
    """Edits that overlap, lie outside of the file, or cut a character in two are a mistake of the rule's."""

    def wrong(program: ToyProgram) -> Iterator[Finding]:
        fix = Fix("", Safety.SAFE, tuple(Edit(Span("a.rs", *edit), "x") for edit in edits))
        yield finding(program, "a.rs", 0, 2, fix)

    rule(wrong)
    folder = tree({"a.rs": "üa bc"})
    assert run("--fix").out.endswith("\n\n1 error in 1 file\n")
    assert (folder / "a.rs").read_text(encoding="utf-8") == "üa bc"


def test_a_fix_that_would_break_the_syntax_is_refused(run: Run, tree: Tree) -> None:
    folder = tree({"a.rs": "fn a() { BREAKS }", "b.rs": "fn b() { BUG }"})
    result = run("--fix")
    assert result.code == 2
    assert (folder / "a.rs").read_text() == "fn a() { BREAKS }"
    assert (folder / "b.rs").read_text() == "fn b() { OK }"
    assert "\nerror: a.rs: is left as it was: a fix would break its syntax" in result.out
    assert "\n1 fixed; 1 error left in 2 files; 1 file could not be fixed\n" in result.out


# ---------------------------------------------------------------- files


def test_everything_but_the_edits_stays_as_it_is(run: Run, tree: Tree) -> None:
    """A byte order mark, line ends of either kind, no line end at the end; new lines end like those around them."""
    folder = tree({"a.rs": "\ufeffé TWICE\r\nBUG\nTWICE\nTWICE"})
    assert run("--fix").code == 0
    assert (folder / "a.rs").read_bytes() == "\ufeffé OK\r\nOK\r\nOK\nOK\nOK\nOK\nOK".encode()


def test_permissions_stay_and_the_file_is_newer(run: Run, tree: Tree) -> None:
    """cargo would not build a file again whose time is that of the old text."""
    path = tree({"a.rs": "BUG"}) / "a.rs"
    path.chmod(0o751)
    os.utime(path, (1, 1))
    run("--fix")
    assert stat.S_IMODE(path.stat().st_mode) == 0o751
    assert path.stat().st_mtime > 1
    assert os.listdir(path.parent) == ["a.rs"]


def test_a_link_stays_a_link(run: Run, tree: Tree) -> None:
    folder = tree({"real/a.rs": "BUG", "src/": ""})
    (folder / "src/a.rs").symlink_to("../real/a.rs")
    assert run("--fix", "src").code == 0
    assert (folder / "src/a.rs").is_symlink()
    assert (folder / "real/a.rs").read_text() == "OK"


def test_a_file_with_two_names_is_fixed_once(run: Run, tree: Tree) -> None:
    folder = tree({"a.rs": "TWICE"})
    (folder / "b.rs").symlink_to("a.rs")
    assert run("--fix").code == 0
    assert (folder / "a.rs").read_text() == "OK\nOK"
    assert (folder / "b.rs").is_symlink()


def test_a_file_that_was_changed_meanwhile_is_left_alone(run: Run, tree: Tree, rule: Callable[[Check], None]) -> None:
    """Somebody saves it between reading and writing: their text wins, and the report is on what is there."""
    folder = tree({"a.rs": "BUG", "b.rs": "BUG"})

    def saving(program: ToyProgram) -> Iterator[Finding]:
        (folder / "a.rs").write_text("RISK")
        return of_words(program)

    rule(saving)
    result = run("--fix")
    assert result.code == 2
    assert (folder / "a.rs").read_text() == "RISK"
    assert (folder / "b.rs").read_text() == "OK"
    assert "\nerror: a.rs: is left as it was: it was changed by someone else meanwhile\n" in result.out
    assert "\n1 fixed; 1 error left in 2 files; 1 file could not be fixed\n" in result.out


def test_a_read_only_file_is_not_written(run: Run, tree: Tree) -> None:
    path = tree({"a.rs": "BUG"}) / "a.rs"
    path.chmod(0o444)
    result = run("--fix", "--format", "json")
    report = json.loads(result.out)
    assert (result.code, path.read_text()) == (2, "BUG")
    assert report["errors"] == [{"path": "a.rs", "message": "is left as it was: it is read-only"}]
    assert report["summary"] == {"files": 1, "diagnostics": 1, "errors": 1, "fixed": 0}


@pytest.mark.parametrize("function", ["fsync", "replace"])
def test_when_writing_fails_nothing_is_lost(
    function: str, run: Run, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk: the old text is there, whole, and nothing else is left behind."""

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    folder = tree({"a.rs": "BUG"})
    monkeypatch.setattr(atomic.os, function, full)
    result = run("--fix")
    assert result.code == 2
    assert "error: a.rs: is left as it was: No space left on device\n" in result.out
    assert os.listdir(folder) == ["a.rs"]
    assert (folder / "a.rs").read_text() == "BUG"


def test_a_fix_in_two_files_is_applied_to_both_or_none(run: Run, tree: Tree, rule: Callable[[Check], None]) -> None:
    """One of them cannot be written: the other must not be, and nor must what is bound to it by another fix."""

    def chain(program: ToyProgram) -> Iterator[Finding]:
        for one, other in (("a.rs", "b.rs"), ("b.rs", "c.rs"), ("e.rs", "f.rs")):
            texts = [(name, program.files[name].source.data.find(b"BUG")) for name in (one, other)]
            edits = tuple(Edit(Span(name, at, at + 3), "OK") for name, at in texts if at >= 0)
            if len(edits) == 2:
                at = edits[0].span.start
                yield finding(program, one, at, at + 3, Fix("", Safety.SAFE, edits))

    rule(chain)
    folder = tree({"a.rs": "BUG", "b.rs": "BUG BUG", "c.rs": "BUG", "e.rs": "BUG", "f.rs": "BUG"})
    (folder / "c.rs").chmod(0o444)
    result = run("--fix")
    assert [path.read_text() for path in sorted(folder.iterdir())] == ["BUG", "BUG BUG", "BUG", "OK", "OK"]
    assert "; 3 files could not be fixed\n" in result.out


# ---------------------------------------------------------------- diffs and standard input


def test_a_diff_is_printed_and_nothing_written(run: Run, tree: Tree) -> None:
    folder = tree({"src/a.rs": "fn a() {\n    BUG\n}\n", "src/b.rs": "RISK"})
    result = run("--diff")
    assert result == (
        1,
        "--- src/a.rs\n+++ src/a.rs\n@@ -1,3 +1,3 @@\n fn a() {\n-    BUG\n+    OK\n }\n",
        "would fix 1 finding\n1 can be fixed with `--fix --unsafe-fixes`\n",
    )
    assert (folder / "src/a.rs").read_text() == "fn a() {\n    BUG\n}\n"
    assert run("--diff", "--exit-zero").code == 0
    assert run("--diff", "--fix", "--unsafe-fixes").out.endswith(
        "-RISK\n\\ No newline at end of file\n+DARE\n\\ No newline at end of file\n"
    )


def test_without_a_difference_the_exit_code_is_zero(run: Run, tree: Tree) -> None:
    """As ruff has it: what is left and cannot be fixed is for a run without `--diff`."""
    tree({"a.rs": "SHOWN"})
    assert run("--diff") == (0, "", "would fix nothing\n")
    assert run("--diff", "a.rs", "missing.rs") == (2, "", "error: missing.rs: does not exist\nwould fix nothing\n")


def test_a_diff_is_no_report(run: Run) -> None:
    result = run("--diff", "--format", "json")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("rustconc-lint: error: --diff prints a diff instead of a report: leave out --format\n")


@pytest.mark.parametrize("text", ["BUG\nb\n", "a\r\nBUG\r\n", "a\rBUG\x0c\n\u2028BUG", "\ufeffBUG", "é\n\n\nBUG\n\n"])
def test_git_applies_the_diff(text: str, run: Run, tree: Tree) -> None:
    """To the byte, whatever the lines hold."""
    folder = tree({"a.rs": text})
    diff = run("--diff").out
    subprocess.run(["git", "apply", "-p0", "-"], input=diff.encode(), cwd=folder, check=True)
    assert (folder / "a.rs").read_bytes() == text.replace("BUG", "OK").encode()


def test_a_diff_has_colours_where_it_is_looked_at(run: Run, tree: Tree) -> None:
    """And then nothing in it acts on the terminal."""
    tree({"a.rs": "fn a() { \x1b BUG }\n"})
    out = run("--diff", "--color", "always").out
    assert out.startswith("\x1b[1m--- a.rs\x1b[0m\n\x1b[1m+++ a.rs\x1b[0m\n\x1b[36m@@ -1 +1 @@\x1b[0m\n")
    assert out.endswith("\x1b[31m-fn a() { ␛ BUG }\x1b[0m\n\x1b[32m+fn a() { ␛ OK }\x1b[0m\n")


def test_standard_input_is_printed_with_its_fixes(run: Run, tree: Tree) -> None:
    """For an editor: the text on stdout, the report on stderr, and the file of that name is not touched."""
    folder = tree({"src/a.rs": "BUG on disk", "src/b.rs": "BUG"})
    result = run("--fix", "--stdin-filename", "src/a.rs", "-", stdin=b"fn x() { BUG; RISK }\r\n")
    assert (result.code, result.out) == (1, "fn x() { OK; RISK }\r\n")
    assert result.err.startswith("error[bug-here]")
    assert "\n1 fixed; 1 error left in 1 file\n" in result.err
    assert run("--fix", "-", stdin=b"clean") == (0, "clean", "nothing found in 1 file\n")
    assert (folder / "src/a.rs").read_text() == "BUG on disk"
    assert (folder / "src/b.rs").read_text() == "BUG"


def test_files_named_beside_standard_input_are_fixed(run: Run, tree: Tree) -> None:
    folder = tree({"b.rs": "BUG"})
    result = run("--fix", "-", "b.rs", stdin=b"BUG")
    assert (result.code, result.out, result.err) == (0, "OK", "2 fixed; nothing left in 2 files\n")
    assert (folder / "b.rs").read_text() == "OK"


def test_standard_input_that_cannot_be_read_is_given_back(environment: dict[str, str]) -> None:
    """An editor that puts what it gets in place of its buffer loses nothing."""
    command = [sys.executable, "-m", "rustconc_lint", "--fix", "-"]
    result = subprocess.run(command, env=environment, input=b"BUG \xff", capture_output=True, check=False)
    assert (result.returncode, result.stdout) == (2, b"BUG \xff")
    assert b"is not valid UTF-8" in result.stderr


def test_the_diff_of_standard_input(run: Run) -> None:
    result = run("--diff", "--stdin-filename", "src/a.rs", "-", stdin=b"BUG\n")
    assert result == (1, "--- src/a.rs\n+++ src/a.rs\n@@ -1 +1 @@\n-BUG\n+OK\n", "would fix 1 finding\n")


# ---------------------------------------------------------------- one text


@st.composite
def texts_with_edits(draw: st.DrawFn) -> tuple[bytes, list[Edit]]:
    """A text, a byte order mark and any line ends among it, and edits of it that do not overlap."""
    parts = draw(st.lists(st.text(st.sampled_from("aé漢🦀 \r\n\ufeff"), max_size=4), max_size=9))
    edits, position = [], 0
    for index, part in enumerate(parts):
        end = position + len(part.encode())
        if index % 2:
            edits.append(Edit(Span("a.rs", position, end), draw(st.text("xü\n", max_size=3))))
        position = end
    return "".join(parts).encode(), draw(st.permutations(edits))


@given(texts_with_edits())
def test_edits_are_made_in_any_order_and_nothing_else_changes(case: tuple[bytes, list[Edit]]) -> None:
    """Between the edits every byte stays, and the text stays UTF-8."""
    data, edits = case
    result = apply(data, edits)
    result.decode()
    at, position = 0, 0
    for edit in sorted(edits, key=lambda edit: edit.span):
        kept = data[position : edit.span.start]
        assert result[at : at + len(kept)] == kept
        at += len(kept)
        assert result[at:].startswith(edit.text.encode())
        at, position = at + len(edit.text.encode()), edit.span.end
    assert result[at:] == data[position:]


@given(texts_with_edits())
def test_an_edit_that_writes_what_is_there_changes_nothing(case: tuple[bytes, list[Edit]]) -> None:
    data, edits = case
    same = [Edit(edit.span, data[edit.span.start : edit.span.end].decode()) for edit in edits]
    assert apply(data, same) == data


@given(texts_with_edits(), st.integers(0, 40), st.integers(0, 40))
def test_edits_that_cannot_be_made_are_an_error(case: tuple[bytes, list[Edit]], start: int, end: int) -> None:
    """Whatever is accepted leaves UTF-8 behind; whatever overlaps, is turned round or outside, is not accepted."""
    data, edits = case
    wrong = start > end or end > len(data) or any(e.span.start < end and start < e.span.end for e in edits)
    try:
        result = apply(data, [*edits, Edit(Span("a.rs", start, end), "x")])
    except ValueError:
        return
    assert not wrong
    result.decode()


def test_insertions_at_one_place_keep_their_order(tmp_path: Path) -> None:
    here = Span("a.rs", 1, 1)
    assert apply(b"ab", [Edit(here, "1"), Edit(here, "2"), Edit(Span("a.rs", 1, 2), "B")]) == b"a12B"
