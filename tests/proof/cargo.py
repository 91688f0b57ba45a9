"""Crates -> what rustc says of each and their programs, with one call of Cargo for all of them.

The crates are copied into one generated workspace, together with the package beside this file, whose dependencies are
then what loose programs are compiled against. A crate that is a workspace itself cannot be a member and is built after.
The folder of compiled dependencies outlives the session; the copies do not.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.proof.rustc import Compilation, clean_environment, read_error

HERE = Path(__file__).parent
ROOT_MANIFEST = """[workspace]
resolver = "2"
members = ["deps", {members}]

[profile.dev]
debug = false
incremental = false
"""


@dataclass(frozen=True)
class Built:
    """`externs`: crate name in Rust -> library; `crates`: by the folder that was given."""

    externs: Mapping[str, Path]
    crates: Mapping[Path, Compilation]


def extern_names() -> frozenset[str]:
    """The names, as Rust writes them, of the crates that a loose program may use."""
    dependencies = tomllib.loads((HERE / "Cargo.toml").read_text())["dependencies"]
    return frozenset(name.replace("-", "_") for name in dependencies)


def build_crates(crates: Sequence[Path], root: Path, target: Path) -> Built:
    """Copies `crates` into `root` and builds them, compiled code in `target`. Raises RuntimeError if Cargo fails."""
    copies = {crate: root / "crates" / f"{crate.parent.name}-{crate.name}" for crate in crates}
    for crate, copy in copies.items():
        # A new time stamp on each file: what was compiled of it in another session does not count.
        shutil.copytree(crate, copy, copy_function=shutil.copy)
        shutil.copy(HERE / "Cargo.lock", copy / "Cargo.lock")
    alone = {crate for crate in crates if "workspace" in tomllib.loads((crate / "Cargo.toml").read_text())}
    _write_workspace(root, [copy for crate, copy in copies.items() if crate not in alone])
    messages = list(_cargo_build(root, target))
    results = {crate: _compilation(messages, copies[crate], root) for crate in crates if crate not in alone}
    for crate in sorted(alone):
        results[crate] = _compilation(list(_cargo_build(copies[crate], target)), copies[crate], copies[crate])
    return Built(_externs(messages), results)


def _write_workspace(root: Path, members: Sequence[Path]) -> None:
    names = ", ".join(json.dumps(member.relative_to(root).as_posix()) for member in members)
    (root / "Cargo.toml").write_text(ROOT_MANIFEST.format(members=names))
    shutil.copy(HERE / "Cargo.lock", root / "Cargo.lock")
    (root / "deps").mkdir()
    for name in ("Cargo.toml", "lib.rs"):
        shutil.copy(HERE / name, root / "deps" / name)


def _cargo_build(folder: Path, target: Path) -> Iterator[Mapping[str, Any]]:
    command = ["cargo", "build", "--workspace", "--keep-going", "--message-format=json", f"--target-dir={target}"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=clean_environment(), check=False)
    messages = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0 and not any(message["reason"] == "compiler-message" for message in messages):
        raise RuntimeError(f"cargo build failed:\n{done.stderr}")
    yield from messages


def _compilation(messages: Sequence[Mapping[str, Any]], copy: Path, root: Path) -> Compilation:
    """What the messages say of the packages in `copy`; its program is kept apart, as another may get the same name."""
    errors, program = [], None
    for message in messages:
        if "manifest_path" not in message or not Path(message["manifest_path"]).is_relative_to(copy):
            continue
        if message["reason"] == "compiler-message":
            errors.append(read_error(message["message"], root, copy))
        elif message["reason"] == "compiler-artifact" and message.get("executable"):
            program = copy / "program"
            shutil.copy(message["executable"], program)
    return Compilation(tuple(error for error in errors if error), program)


def _externs(messages: Sequence[Mapping[str, Any]]) -> dict[str, Path]:
    """The libraries of the direct dependencies; the lock file says which of two versions of a crate is meant."""
    packages = tomllib.loads((HERE / "Cargo.lock").read_text())["package"]
    direct = next(package["dependencies"] for package in packages if package["name"] == "proof")
    versions = {package["name"]: package["version"] for package in packages}
    wanted = {}
    for entry in direct:
        name, _, version = entry.partition(" ")
        wanted[f"{name}@{version or versions[name]}"] = name.replace("-", "_")
    externs = {}
    for message in messages:
        # A package's build script is an artifact too.
        libraries = [path for path in message.get("filenames", ()) if path.endswith(".rlib")]
        if libraries and (name := wanted.get(message["package_id"].rpartition("#")[2])):
            externs[name] = Path(libraries[0])
    return externs
