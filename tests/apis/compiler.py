"""Generated Rust -> what rustc says of it. Names of unstable library items are allowed: declarations may need them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.proof.rustc import clean_environment, read_error


def errors(text: str, folder: Path, externs: Mapping[str, Path]) -> list[str]:
    """The errors of a library, each with the line of the text it stands on."""
    source = folder / "lib.rs"
    source.write_text(text, encoding="utf-8")
    command = ["rustc", "--edition=2021", "--crate-type=lib", "--emit=metadata", "--error-format=json", str(source)]
    done = _rustc([*command, "-o", str(folder / "lib.rmeta")], externs)
    lines = text.splitlines()
    found = []
    for message in done.stderr.splitlines():
        error = read_error(json.loads(message), folder, folder)
        if error is not None:
            first = min((line for _, line in error.lines), default=1)
            found.append(f"{error.message}: {lines[first - 1].strip()}")
    assert found or done.returncode == 0, done.stderr
    return found


def output(text: str, folder: Path, externs: Mapping[str, Path]) -> list[str]:
    """The lines a program prints."""
    source = folder / "main.rs"
    source.write_text(text, encoding="utf-8")
    program = folder / "program"
    done = _rustc(["rustc", "--edition=2021", str(source), "-o", str(program)], externs)
    assert done.returncode == 0, done.stderr
    return subprocess.run([program], capture_output=True, text=True, check=True).stdout.splitlines()


def _rustc(command: list[str], externs: Mapping[str, Path]) -> subprocess.CompletedProcess[str]:
    for name, path in externs.items():
        command += ["--extern", f"{name}={path}", "-L", f"dependency={path.parent}"]
    environment = {**clean_environment(), "RUSTC_BOOTSTRAP": "1"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
