"""Packages with a Cargo.toml -> the files of theirs that start threads, to be mutated one at a time.

A package is copied first, and made a workspace of its own. `cargo check` is asked about all its targets but the
benches, or, where those want more than there is, about its library alone; a package that does not compile even so is
left out. The folder of compiled dependencies is shared by all packages.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from rustconc_lint.pipeline import Request, lint
from tests.oracle.programs import RULES, Found, found
from tests.proof.rustc import Error, clean_environment, read_error

WORDS = (b"spawn", b"thread::scope", b"JoinHandle", b"dyn Fn")
STARTING = (b"thread::spawn", b"thread::scope", b"thread::Builder", b"tokio::spawn", b"spawn_blocking", b"rayon::")
TARGETS = (["--lib", "--bins", "--tests", "--examples"], ["--lib", "--bins"])
FEATURES = (["--all-features"], [])


@dataclass(frozen=True)
class CrateFile:
    """One file of a package at `folder`; `path` is relative to that. `command`: how Cargo is called."""

    folder: Path
    path: str
    text: str
    command: Sequence[str]

    @property
    def name(self) -> str:
        return f"{self.folder.name}/{self.path}"

    def errors(self, text: str) -> tuple[Error, ...]:
        file = self.folder / self.path
        file.write_text(text, encoding="utf-8")
        try:
            return checked(self.command, self.folder)
        finally:
            file.write_text(self.text, encoding="utf-8")

    def findings(self, text: str) -> list[Found]:
        file = str(self.folder / self.path)
        some = found(file, Request(paths=(str(self.folder),), stdin=(file, text.encode()), select=RULES))

        def relative(path: str) -> str:
            return path.removeprefix(f"{self.folder}/")

        return [
            replace(one, path=relative(one.path), labelled=frozenset((relative(p), n) for p, n in one.labelled))
            for one in some
        ]

    def beside(self, path: str) -> CrateFile:
        return replace(self, path=path, text=(self.folder / path).read_text(encoding="utf-8"))


def copied(package: Path, work: Path) -> Path:
    """A copy of a package, a workspace of its own, in `work`."""
    copy = work / package.name
    if not copy.exists():
        shutil.copytree(package, copy, ignore=shutil.ignore_patterns("target", ".git", ".cargo-ok"))
        manifest = copy / "Cargo.toml"
        text = manifest.read_text(encoding="utf-8")
        if "[workspace]" not in text:
            manifest.write_text(f"{text}\n[workspace]\n", encoding="utf-8")
    return copy.resolve()


def of_package(folder: Path, target: Path) -> list[CrateFile]:
    """The files of a package that speak of threads and that Cargo compiles; none if it does not compile."""
    for targets, features in product(TARGETS, FEATURES):
        command = ["cargo", "check", "--message-format=json", f"--target-dir={target}", *targets, *features]
        if compiles(command, folder):
            files = [CrateFile(folder, path, text, command) for path, text in spawning(folder)]
            return [file for file in files if file.errors(f'{file.text}\ncompile_error! {{ "read" }}\n')]
    return []


def spawning(folder: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(folder.rglob("*.rs")):
        data = file.read_bytes()
        if any(word in data for word in WORDS):
            yield file.relative_to(folder).as_posix(), data.decode("utf-8")


def compiles(command: Sequence[str], folder: Path) -> bool:
    done = subprocess.run(command, capture_output=True, cwd=folder, env=clean_environment(), check=False)
    return done.returncode == 0


def checked(command: Sequence[str], folder: Path) -> tuple[Error, ...]:
    """What rustc says of a package, each error once, however many targets have it."""
    done = subprocess.run(
        [*command, "--keep-going"], capture_output=True, text=True, cwd=folder, env=clean_environment(), check=False
    )
    errors = {}
    for line in done.stdout.splitlines():
        message = json.loads(line) if line.startswith("{") else {}
        if message.get("reason") == "compiler-message":
            error = read_error(message["message"], folder, folder)
            if error is not None:
                errors[str(error)] = error
    if done.returncode != 0 and not errors:
        raise RuntimeError(f"cargo check failed in {folder}:\n{done.stderr}")
    return tuple(errors.values())


def findings_as_they_are(package: Path) -> list[str] | None:
    """What the rules find in a package that compiles; None where nothing starts a thread."""
    if not any(any(word in file.read_bytes() for word in STARTING) for file in sorted(package.rglob("*.rs"))):
        return None
    report = lint(Request(paths=(str(package),), select=RULES))
    places = [(f.span.path, report.sources[f.span.path].line_column(f.span.start)[0], f) for f in report.findings]
    return [f"{path}:{line}: {finding.rule}: {finding.message}" for path, line, finding in places]
