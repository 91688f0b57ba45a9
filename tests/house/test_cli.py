"""The command line: what users type, what they see, and what scripts read from the exit code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

from rustconc_lint import pipeline
from rustconc_lint.report.terminal import wants_color
from tests.house.toys import ROOT, Run, Tree


def test_a_bare_path_is_linted(run: Run, tree: Tree) -> None:
    """`rustconc-lint src/` is `rustconc-lint check src/`."""
    tree({"src/a.rs": "fn a() {} // BUG\n"})
    bare, named = run("src/"), run("check", "src/")
    assert bare == named
    assert bare.code == 1
    assert bare.out.startswith("error[bug-here]: bug in `src/a.rs`\n --> src/a.rs:1:14\n")
    assert bare.out.endswith("\n\n1 error in 1 file\n")


def test_options_may_come_first(run: Run, tree: Tree) -> None:
    tree({"src/a.rs": "BUG"})
    assert json.loads(run("--format", "json", "src").out)["summary"] == {"files": 1, "diagnostics": 1, "errors": 0}


def test_no_path_is_the_current_folder(run: Run, tree: Tree) -> None:
    tree({"a.rs": "BUG"})
    assert " --> a.rs:1:1\n" in run().out


def test_clean_code_exits_with_zero(run: Run, tree: Tree) -> None:
    tree({"a.rs": "fn main() {}\n"})
    assert run("a.rs") == (0, "nothing found in 1 file\n", "")


def test_notes_alone_are_clean(run: Run, tree: Tree) -> None:
    tree({"a.rs": "HINT\n"})
    result = run("--select", "hint-here", "a.rs")
    assert result.code == 0
    assert result.out.startswith("note[hint-here]: hint in `a.rs`\n")


def test_exit_zero_hides_findings_only(run: Run, tree: Tree) -> None:
    """`--exit-zero` turns 1 into 0, never 2."""
    tree({"a.rs": "BUG\n"})
    assert run("--exit-zero", "a.rs").code == 0
    assert run("--exit-zero", "a.rs", "missing.rs").code == 2


def test_rules_are_selected_and_ignored_in_lists(run: Run, tree: Tree) -> None:
    tree({"a.rs": "BUG HINT\n"})

    def rules(*options: str) -> list[str]:
        report = json.loads(run("--format=json", *options, "a.rs").out)
        return [found["rule"] for found in report["diagnostics"]]

    assert rules() == ["bug-here"]
    assert rules("--select", "bug-here, hint-here") == ["bug-here", "hint-here"]
    assert rules("--select", "bug-here", "--select", "hint-here") == ["bug-here", "hint-here"]
    assert rules("--select", "all", "--ignore", "bug-here") == ["hint-here"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--select", "bug-her"], "--select: there is no rule `bug-her`; did you mean `bug-here`?"),
        (["--ignore", "all"], "--ignore: there is no rule `all`; `rustconc-lint rules` lists them"),
        (["explain", "Bug_Here"], "there is no rule `Bug_Here`; did you mean `bug-here`?"),
        (["explain", "E0000"], "there is no rule `E0000`; rustc says that of `bug-here`"),
        (["explain", "hint_here"], "there is no rule `hint_here`; did you mean `hint-here`?"),
    ],
)
def test_an_unknown_rule_is_a_mistake_of_the_user(run: Run, arguments: list[str], message: str) -> None:
    assert run(*arguments) == (2, "", f"rustconc-lint: error: {message}\n")


@pytest.mark.parametrize(
    ("arguments", "message", "command"),
    [
        (["--formt", "json"], "there is no option `--formt`; did you mean `--format`?\n", "check"),
        (["--edition", "2017"], "invalid value for `--edition`: `2017` is not one of `2015`, `2018`, ", "check"),
        (["check", "--format", "xml"], "invalid value for `--format`: `xml` is not one of `text`, `json`\n", "check"),
        (["explain"], "missing argument `RULE`\n", "explain"),
        (["--config", "x"], "there is no option `--config`", "check"),
        (["--select"], "option `--select` requires an argument\n", "check"),
        (["--select", " , "], "--select names no rule\n", "check"),
        (["--select", "bug-here", "--ignore", "bug-here"], "--select and --ignore leave no rule\n", "check"),
        (["--stdin-filename", "a.rs", "."], "--stdin-filename names the text of the path `-`, which is not ", "check"),
    ],
)
def test_a_wrong_flag_is_named_with_the_help_to_read(
    run: Run, arguments: list[str], message: str, command: str
) -> None:
    result = run(*arguments)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"rustconc-lint: error: {message}")
    assert result.err.endswith(f"\ntry `rustconc-lint {command} --help`\n")


def test_a_command_that_is_misspelt_is_no_path(run: Run, tree: Tree) -> None:
    said = "rustconc-lint: error: there is no command `explian` and no file of that name; did you mean `explain`?\n"
    assert run("explian", "bug-here") == (2, "", said)
    tree({"explian/a.rs": "BUG"})
    assert run("explian").code == 1


def test_a_missing_path_is_named_and_the_rest_is_linted(run: Run, tree: Tree) -> None:
    tree({"a.rs": "BUG"})
    result = run("a.rs", "b.rs")
    assert result.code == 2
    assert "error: b.rs: does not exist\n" in result.out
    assert result.out.endswith("1 error in 1 file; 1 path could not be read\n")


def test_text_that_is_not_utf8_is_named(run: Run, tree: Tree) -> None:
    tree({"a.rs": b"// \xff", "b.rs": "BUG"})
    report = run("--format", "json")
    assert report.code == 2
    parsed = json.loads(report.out)
    assert parsed["errors"] == [{"path": "a.rs", "message": "is not valid UTF-8 (byte 3)"}]
    assert [found["path"] for found in parsed["diagnostics"]] == ["b.rs"]


def test_an_empty_folder_is_clean_and_said_to_be_empty(run: Run) -> None:
    assert run() == (0, "nothing found in 0 files\n", "rustconc-lint: warning: no Rust files found\n")


def test_standard_input_stands_for_a_file(run: Run, tree: Tree) -> None:
    """`-` is read instead of the file at --stdin-filename, which need not exist."""
    tree({"src/a.rs": "HINT", "src/b.rs": "BUG"})
    result = run("-", "--stdin-filename", "src/a.rs", stdin=b"\n  BUG")
    assert result.code == 1
    assert " --> src/a.rs:2:3\n" in result.out
    assert result.out.endswith("1 error in 1 file\n")
    assert " --> <stdin>:1:1\n" in run("-", stdin=b"BUG").out
    assert " --> src/new.rs:1:1\n" in run("--stdin-filename", "src/new.rs", stdin=b"BUG").out
    assert run("src/b.rs", "--stdin-filename", "x.rs").code == 2


def test_a_mistake_in_a_configuration_names_file_and_line(run: Run, tree: Tree) -> None:
    tree({"rustconc.toml": "\nselct = []\n", "a.rs": "BUG"})
    result = run()
    path = os.path.join(os.getcwd(), "rustconc.toml")
    assert result == (2, "", f"rustconc-lint: error: {path}:2: unknown key `selct`; did you mean `select`?\n")


def test_explain_shows_the_page(run: Run) -> None:
    result = run("explain", "bug-here")
    assert result.code == 0
    assert result.out == (
        "bug-here: error, on by default\nrustc says: E0000\n"
        'chapter: Concurrency, "Mutex<T>"\nbook: https://doc.rust-lang.org/book/ch16-03-shared-state.html\n\n'
        "Somebody wrote `BUG`\nin the code.\n\n## Why\n\nBecause.\n"
    )


def test_rules_are_listed(run: Run) -> None:
    assert run("rules").out == (
        "bug-here      error    on   Somebody wrote `BUG` in the code.\n"
        "hint-here     note     off  Somebody wrote `HINT` in the code.\n"
        "unused-allow  warning  on   An allow stops nothing.\n"
    )
    listed = json.loads(run("rules", "--format", "json").out)
    assert listed["rules"][0] == {
        "name": "bug-here",
        "severity": "error",
        "default": True,
        "summary": "Somebody wrote `BUG` in the code.",
        "chapter": {"section": "Mutex<T>", "url": "https://doc.rust-lang.org/book/ch16-03-shared-state.html"},
        "compiler": ["E0000"],
        "clippy": ["bug_lint"],
    }


def test_facts_are_dumped_as_json(run: Run, tree: Tree) -> None:
    tree({"a.rs": "fn answer() -> u8 { 42 }\n"})
    result = run("dump", "a.rs")
    assert result.code == 0
    facts = json.loads(result.out)["a.rs"]
    assert facts["is"] == "FileFacts"
    assert [item["name"] for item in facts["items"]] == ["answer"]
    assert run("dump", "missing.rs").code == 2


def test_help_and_version(run: Run) -> None:
    assert run("--version").out.startswith("rustconc-lint 0.")
    assert run("-V") == run("--version")
    for arguments in (["-h"], ["--help"], ["check", "-h"]):
        assert run(*arguments).out.startswith("Usage: rustconc-lint")


def test_help_is_a_command_unless_it_is_a_path(run: Run, tree: Tree) -> None:
    assert run("help") == run("--help")
    assert run("help", "explain") == run("explain", "--help")
    tree({"help/a.rs": "BUG"})
    assert " --> help/a.rs:1:1\n" in run("help").out


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("rustconc-lint exp", ["explain"]),
        ("rustconc-lint --for", ["--format", "--force-exclude"]),
        ("rustconc-lint explain bug", ["bug-here"]),
        ("rustconc-lint check --select unused-allow,h", ["unused-allow,hint-here"]),
    ],
)
def test_the_shell_completes_commands_options_and_rules(
    words: str, offered: list[str], run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (("COMP_WORDS", words), ("COMP_CWORD", str(words.count(" ")))):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("_RUSTCONC_LINT_COMPLETE", "bash_complete")
    with pytest.raises(SystemExit):
        run()
    assert capsys.readouterr().out.split() == [f"plain,{word}" for word in offered]


# ---------------------------------------------------------------- colour


class Terminal:
    def isatty(self) -> bool:
        return True


class Pipe:
    def isatty(self) -> bool:
        return False


@pytest.mark.parametrize(
    ("choice", "variables", "terminal", "pipe"),
    [
        ("auto", {}, True, False),
        ("always", {"NO_COLOR": "1"}, True, True),
        ("never", {"FORCE_COLOR": "1"}, False, False),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False, False),
        ("auto", {"NO_COLOR": ""}, True, False),
        ("auto", {"FORCE_COLOR": "1"}, True, True),
        ("auto", {"FORCE_COLOR": "0"}, True, False),
        ("auto", {"FORCE_COLOR": ""}, True, False),
        ("auto", {"CLICOLOR_FORCE": "1"}, True, True),
        ("auto", {"CLICOLOR_FORCE": "0"}, True, False),
        ("auto", {"CLICOLOR": "0"}, False, False),
        ("auto", {"CLICOLOR": "0", "CLICOLOR_FORCE": "1"}, True, True),
        ("auto", {"TERM": "dumb"}, False, False),
        ("auto", {"TERM": "dumb", "FORCE_COLOR": "3"}, True, True),
    ],
)
def test_the_order_of_what_decides_on_colour(
    choice: str, variables: dict[str, str], terminal: bool, pipe: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The flag; NO_COLOR; FORCE_COLOR or CLICOLOR_FORCE; CLICOLOR=0; TERM=dumb; then the stream itself."""
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert wants_color(choice, Terminal()) is terminal
    assert wants_color(choice, Pipe()) is pipe


def test_rules_and_pages_are_coloured_where_they_are_looked_at(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """And only the colours are added."""
    plain = [run("rules").out, run("explain", "bug-here").out]
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = [run("rules").out, run("explain", "bug-here").out]
    assert coloured[0].startswith("\x1b[1mbug-here    \x1b[0m  \x1b[1;91merror  \x1b[0m  on   Somebody")
    assert "\n\x1b[1m## Why\x1b[0m\n" in coloured[1]
    assert [re.sub("\x1b\\[[0-9;]*m", "", text) for text in coloured] == plain


def test_a_report_in_a_pipe_has_no_colour_unless_it_is_asked_for(run: Run, tree: Tree) -> None:
    tree({"a.rs": "BUG"})
    assert "\x1b" not in run("a.rs").out
    assert run("--color", "always", "a.rs").out.startswith("\x1b[1;91merror[bug-here]\x1b[0m\x1b[1m: bug in")


# ---------------------------------------------------------------- what no user should see


def python(code: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)


BROKEN = """
import sys
from rustconc_lint import cli, pipeline
def lint(request):
    raise KeyError("a\\x1b[31m")
pipeline.lint = lint
sys.argv = ["rustconc-lint", "."]
cli.main()
"""


def test_an_internal_error_is_one_line_and_exits_with_two(environment: dict[str, str]) -> None:
    result = python(BROKEN, environment)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        "rustconc-lint: internal error at <string>:5: KeyError: 'a\\x1b[31m'; "
        "please report it, with what RUSTCONC_LINT_TRACEBACK=1 shows\n"
    )


def test_the_traceback_of_an_internal_error_can_be_asked_for(environment: dict[str, str]) -> None:
    result = python(BROKEN, {**environment, "RUSTCONC_LINT_TRACEBACK": "1"})
    assert result.returncode == 2
    assert result.stderr.startswith("Traceback (most recent call last):")


def test_a_reader_that_leaves_is_no_error(environment: dict[str, str]) -> None:
    """`rustconc-lint rules | head -0`: no traceback, and the exit code says what it would have said."""
    command = [sys.executable, "-m", "rustconc_lint", "explain", "missing-move"]
    read, write = os.pipe()
    os.close(read)
    result = subprocess.run(command, env=environment, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (result.returncode, result.stderr) == (0, "")


def test_an_interrupt_ends_quietly(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C: no traceback, and the exit code of a process that an interrupt ended."""

    def interrupted(request: pipeline.Request) -> pipeline.Report:
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "lint", interrupted)
    result = run(".")
    assert (result.code, result.out, result.err.strip()) == (130, "", "")


def test_the_module_runs_like_the_command(environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "rustconc_lint", "--version"]
    result = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.startswith("rustconc-lint ")
