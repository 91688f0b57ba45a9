"""What CI runs is what the README tells a newcomer to run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.house.toys import ROOT

README = """# x

python3 -m venv .venv && false
python3 -m venv --without-pip .venv && echo ran $CI in $(basename $PWD) # .venv/bin/pytest
"""


def checkout(folder: Path, readme: str) -> Path:
    (folder / ".ci").mkdir()
    (folder / ".ci" / "run").write_bytes((ROOT / ".ci" / "run").read_bytes())
    (folder / "README.md").write_text(readme, encoding="utf-8")
    return folder


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    command = ["bash", str(folder / ".ci" / "run")]
    return subprocess.run(command, cwd="/", env=environment, capture_output=True, text=True, check=False)


def test_the_readme_has_the_line_that_ci_runs() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    commands = [line for line in lines if line.startswith("python3 -m venv ") and line.endswith("/pytest")]
    assert commands == ["python3 -m venv .venv && .venv/bin/pip install -q -e '.[test]' && .venv/bin/pytest"]


def test_ci_runs_that_very_line_in_the_checkout(tmp_path: Path) -> None:
    result = run(checkout(tmp_path, README))
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == f"ran true in {tmp_path.name}"
    assert (tmp_path / ".venv").is_dir()


def test_ci_fails_as_the_line_fails(tmp_path: Path) -> None:
    assert run(checkout(tmp_path, README.replace("echo", "false #"))).returncode == 1
    (tmp_path / "README.md").write_text("no command\n", encoding="utf-8")
    result = run(tmp_path)
    assert result.returncode == 1
    assert result.stderr == 'README.md has no line from "python3 -m venv" to "pytest"\n'
