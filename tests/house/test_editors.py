"""The README's editor examples do what they say: on a buffer that is not saved, with text before the column that takes
more bytes than characters. Where the editor is installed it runs them; without it their command line is run all the
same, and what they read in its answer must be there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.house.test_readme import blocks
from tests.house.toys import ROOT

SAVED = "fn main() {}\n"
# In characters the finding begins in column 67 of the second line, in bytes in column 76.
TYPED = """fn main() {
    let näme = String::from("Алиса🦀"); let handle = std::thread::spawn(|| println!("{näme}"));
    handle.join().unwrap();
}
"""
LINE, BYTE_COLUMN = 2, TYPED.split("\n")[1].encode().index(b"||") + 1
MESSAGE = "closure may outlive `main`, but it borrows `näme`"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package whose main.rs is fine as it is on disk."""
    (tmp_path / "src").mkdir()
    (tmp_path / "Cargo.toml").write_text('[package]\nname = "demo"\nedition = "2021"\n', encoding="utf-8")
    (tmp_path / "src" / "main.rs").write_text(SAVED, encoding="utf-8")
    (tmp_path / "typed.rs").write_text(TYPED, encoding="utf-8")
    return tmp_path


@pytest.fixture
def environment(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Variables under which `rustconc-lint` is this checkout's."""
    folder = tmp_path_factory.mktemp("bin")
    command = folder / "rustconc-lint"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m rustconc_lint "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    path = os.pathsep.join([str(folder), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}


def edit(package: Path, environment: Mapping[str, str], command: list[str], script: str) -> Any:
    """Runs an editor on a script that writes JSON to the file `said`; what it wrote."""
    (package / "script").write_text(script, encoding="utf-8")
    result = subprocess.run(
        [*command, "script"], cwd=package, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (package / "said").is_file(), result.stdout + result.stderr
    return json.loads((package / "said").read_text(encoding="utf-8"))


def edit_with_vim(package: Path, environment: Mapping[str, str], action: str) -> Any:
    (package / "example.vim").write_text(blocks("vim")[0], encoding="utf-8")
    script = f"source example.vim\nedit src/main.rs\ncall setline(1, readfile('typed.rs'))\n{action}\nqall!\n"
    return edit(package, environment, ["vim", "-Nu", "NONE", "-i", "NONE", "-n", "-es", "-S"], script)


def edit_with_neovim(package: Path, environment: Mapping[str, str], action: str) -> Any:
    (package / "example.lua").write_text(blocks("lua")[0], encoding="utf-8")
    script = f"""dofile("example.lua")
vim.cmd("edit src/main.rs")
vim.api.nvim_buf_set_lines(0, 0, -1, false, vim.fn.readfile("typed.rs"))
vim.api.nvim_exec_autocmds("InsertLeave", {{ buffer = 0 }})
{action}
vim.cmd("qall!")
"""
    command = ["nvim", "--headless", "-u", "NONE", "-i", "NONE", "-n", "-c", "luafile script", "-c", "qall!", "--"]
    return edit(package, environment, command, script)


def asked(example: str, package: Path, environment: Mapping[str, str]) -> Any:
    """The report that an example's command line gives for the text as it is in the buffer."""
    words = re.findall(r"--[a-z-]+|(?<![\w-])json\b", example)
    assert words[:3] == ["--format", "json", "--stdin-filename"]
    command = ["rustconc-lint", *words[:3], str(package / "src" / "main.rs"), "-"]
    result = subprocess.run(
        command, cwd=package, env=environment, input=TYPED, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (1, "")
    return json.loads(result.stdout)


@pytest.mark.parametrize("language", ["vim", "lua"])
def test_what_an_example_reads_is_in_the_report(language: str, package: Path, environment: Mapping[str, str]) -> None:
    """And its arguments are those of the command line."""
    example = blocks(language)[0]
    report = asked(example, package, environment)
    found = report["diagnostics"][0]
    fields = set(re.findall(r"\bd\.((?:\w+\.)*\w+)", example)) | {"range.start.line", "range.end.column"}
    assert {"message", "severity", "rule", "help"} <= fields
    for field in fields:
        value = found
        for key in field.split("."):
            value = value[key]
    assert found["message"] == MESSAGE
    assert found["range"]["start"]["line"] == LINE
    assert found["range"]["start"]["column"] < BYTE_COLUMN


def test_vim_shows_the_finding_of_an_unsaved_buffer(package: Path, environment: Mapping[str, str]) -> None:
    if shutil.which("vim") is None:
        return
    action = "RustconcLint\ncall writefile([json_encode(getqflist({'all': 1}))], 'said')"
    said = edit_with_vim(package, environment, action)
    assert said["title"] == "rustconc-lint"
    assert [(item["lnum"], item["col"], item["type"]) for item in said["items"]] == [(LINE, BYTE_COLUMN, "E")]
    assert said["items"][0]["text"].startswith(f"[missing-move] {MESSAGE}; write `move ||`")
    assert (package / "src" / "main.rs").read_text(encoding="utf-8") == SAVED


def test_vim_shows_a_mistake_in_the_configuration(package: Path, environment: Mapping[str, str]) -> None:
    if shutil.which("vim") is None:
        return
    (package / "rustconc.toml").write_text("selct = []\n", encoding="utf-8")
    action = "redir => g:said\nRustconcLint\nredir END\ncall writefile([json_encode(g:said)], 'said')"
    assert "unknown key `selct`" in edit_with_vim(package, environment, action)


def test_neovim_shows_the_finding_of_an_unsaved_buffer(package: Path, environment: Mapping[str, str]) -> None:
    if shutil.which("nvim") is None:
        return
    action = 'vim.fn.writefile({ vim.json.encode(vim.diagnostic.get(0)) }, "said")'
    said = edit_with_neovim(package, environment, action)
    places = [(one["lnum"], one["col"], one["end_lnum"], one["end_col"]) for one in said]
    assert places == [(LINE - 1, BYTE_COLUMN - 1, LINE - 1, BYTE_COLUMN + 1)]
    assert (said[0]["code"], said[0]["source"], said[0]["severity"]) == ("missing-move", "rustconc-lint", 1)
    assert said[0]["message"].startswith(f"{MESSAGE}\nwrite `move ||`")
    assert (package / "src" / "main.rs").read_text(encoding="utf-8") == SAVED


def test_neovim_shows_a_mistake_in_the_configuration(package: Path, environment: Mapping[str, str]) -> None:
    if shutil.which("nvim") is None:
        return
    (package / "rustconc.toml").write_text("selct = []\n", encoding="utf-8")
    action = 'vim.fn.writefile({ vim.json.encode(vim.fn.execute("messages")) }, "said")'
    assert "unknown key `selct`" in edit_with_neovim(package, environment, action)
