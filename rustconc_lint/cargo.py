"""Cargo.toml -> packages: their edition, their targets and where their dependencies' sources are.

Follows the Cargo book ("The Manifest Format", "Cargo Targets", "Workspaces"): target discovery, `edition.workspace`,
renamed, inherited and patched path dependencies. Cargo is not run, features and platforms are not evaluated (every
dependency counts), and what Cargo would refuse for another reason than its syntax is read as well as it can be.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import tomli

from rustconc_lint.program.crates import CrateKind

EDITIONS = ("2015", "2018", "2021", "2024")


class TomlError(Exception):
    """A TOML file that cannot be used: its path, the line (1-based, 0: not known) and what is wrong."""

    def __init__(self, path: str, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}" if line else f"{path}: {message}")
        self.path, self.line, self.message = path, line, message


class Target(msgspec.Struct, frozen=True):
    """A compilation unit. name: as in paths, with underscores. root: absolute path of its root file."""

    kind: CrateKind
    name: str
    root: str
    edition: str


class Dependency(msgspec.Struct, frozen=True):
    """folder: absolute path of the package's source, None for a registry or git dependency. renamed: the name it is
    known by is its key in Cargo.toml, whatever the package calls its library. build: only build.rs sees it."""

    folder: str | None
    renamed: bool
    build: bool


class Package(msgspec.Struct, frozen=True):
    """folder: absolute path of where Cargo.toml is. dependencies: by key, with underscores; a build-only one last.
    features: those that are on by default."""

    name: str
    folder: str
    edition: str
    targets: tuple[Target, ...]
    dependencies: tuple[tuple[str, Dependency], ...]
    features: tuple[str, ...]

    @property
    def library(self) -> Target | None:
        return next((target for target in self.targets if target.kind == "lib"), None)


class Manifests:
    """The Cargo.toml files of a run, each read once. `errors` collects the broken ones."""

    def __init__(self) -> None:
        self.errors: dict[str, TomlError] = {}
        self._tables: dict[str, dict[str, Any] | None] = {}
        self._homes: dict[str, str | None] = {}
        self._packages: dict[str, Package | None] = {}

    @property
    def folders(self) -> frozenset[str]:
        """Where a Cargo.toml was looked for so far."""
        return frozenset(self._tables)

    def table(self, folder: str) -> dict[str, Any] | None:
        """The Cargo.toml in this folder: None when there is none, empty when it is broken."""
        if folder not in self._tables:
            path = os.path.join(folder, "Cargo.toml")
            try:
                self._tables[folder] = read_toml(path) if os.path.isfile(path) else None
            except TomlError as error:
                self.errors[path] = error
                self._tables[folder] = {}
        return self._tables[folder]

    def package_of(self, folder: str) -> Package | None:
        """The package whose sources are in this folder: the nearest Cargo.toml decides, be it only a workspace's."""
        if folder not in self._homes:
            parent = os.path.dirname(folder)
            found = folder if self.table(folder) is not None else None
            if found is None and parent != folder:
                above = self.package_of(parent)
                found = above.folder if above else None
            self._homes[folder] = found
        home = self._homes[folder]
        return self.package(home) if home is not None else None

    def package(self, folder: str) -> Package | None:
        """The package of the Cargo.toml in this very folder, None without one. A broken one is read as an empty one."""
        if folder not in self._packages:
            table = self.table(folder)
            is_package = table is not None and ("package" in table or not table)
            self._packages[folder] = _package(folder, table or {}, self) if is_package else None
        return self._packages[folder]

    def workspace_of(self, folder: str) -> str | None:
        """The folder of the workspace's root manifest for the package in `folder`."""
        named = _section(self.table(folder), "package").get("workspace")
        if isinstance(named, str):
            return os.path.normpath(os.path.join(folder, named))
        while "workspace" not in (self.table(folder) or {}):
            parent = os.path.dirname(folder)
            if parent == folder:
                return None
            folder = parent
        return folder


def read_toml(path: str) -> dict[str, Any]:
    """The table in a TOML file. Raises TomlError, with the line of a syntax error."""
    try:
        with open(path, "rb") as opened:
            return tomli.loads(opened.read().decode("utf-8-sig"))
    except OSError as error:
        raise TomlError(path, 0, f"cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise TomlError(path, 0, f"is not valid UTF-8 (byte {error.start})") from error
    except tomli.TOMLDecodeError as error:
        raise TomlError(path, error.lineno, f"is not valid TOML: {error.msg}") from error
    except RecursionError as error:
        raise TomlError(path, 0, f"is not valid TOML: {error}") from error


def _section(table: Mapping[str, Any] | None, *keys: str) -> dict[str, Any]:
    """The table at `keys`, an empty one when it is missing or is something else."""
    found: Any = table
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _text(value: Any, otherwise: str) -> str:
    return value if isinstance(value, str) and value else otherwise


def _package(folder: str, table: dict[str, Any], manifests: Manifests) -> Package:
    about = _section(table, "package")
    name = _text(about.get("name"), os.path.basename(folder) or "package")
    edition = about.get("edition", "2015" if table else EDITIONS[-1])
    if isinstance(edition, dict):  # `edition.workspace = true`
        edition = _section(manifests.table(manifests.workspace_of(folder) or folder), "workspace", "package").get(
            "edition"
        )
    # An edition of the future is read as the newest one that is known.
    edition = edition if edition in EDITIONS else EDITIONS[-1]
    return Package(
        name=name,
        folder=folder,
        edition=edition,
        targets=tuple(_targets(folder, table, name, edition)),
        dependencies=tuple(_dependencies(folder, table, manifests)),
        features=tuple(sorted(_default_features(_section(table, "features")))),
    )


def _default_features(features: Mapping[str, Any]) -> list[str]:
    """The features that `default` turns on, directly or through others (`a = ["b", "dep:c"]`)."""
    found = ["default"]
    for feature in found:  # grows while it is walked
        wanted = features.get(feature)
        named = (name for name in wanted if isinstance(name, str)) if isinstance(wanted, list) else ()
        found.extend(name for name in named if ":" not in name and "/" not in name and name not in found)
    return found[1:]


# ---------------------------------------------------------------- targets


def _targets(folder: str, table: dict[str, Any], package: str, edition: str) -> Iterator[Target]:
    about = _section(table, "package")
    library = _section(table, "lib")
    root = os.path.join(folder, os.path.normpath(_text(library.get("path"), "src/lib.rs")))
    # `autolib = false` is about a library that the manifest does not list; packages are published with both.
    if os.path.isfile(root) and ("lib" in table or about.get("autolib") is not False):
        yield Target("lib", _crate_name(_text(library.get("name"), package)), root, _edition(library, edition))
    yield from _listed(folder, table, "bin", "src/bin", "src/main.rs", package, edition)
    yield from _listed(folder, table, "example", "examples", None, package, edition)
    yield from _listed(folder, table, "test", "tests", None, package, edition)
    yield from _listed(folder, table, "bench", "benches", None, package, edition)
    build = about.get("build")
    script = os.path.join(folder, os.path.normpath(_text(build, "build.rs")))
    if build is not False and os.path.isfile(script):
        yield Target("build", "build_script_build", script, edition)


def _listed(
    folder: str, table: dict[str, Any], kind: CrateKind, home: str, main: str | None, package: str, edition: str
) -> Iterator[Target]:
    """Targets of one kind: those the manifest lists and those found in `home` (and `main`, named like the package)."""
    entries = table.get(kind)
    listed = [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    found = dict(_found(folder, home, main, package))
    roots: set[str] = set()
    for entry in listed:
        name = _text(entry.get("name"), "")
        path = entry.get("path")
        root = os.path.normpath(os.path.join(folder, path)) if isinstance(path, str) else found.get(name, "")
        if os.path.isfile(root):
            roots.add(root)
            yield Target(kind, _crate_name(name or package), root, _edition(entry, edition))
    home_key = {"bin": "autobins", "example": "autoexamples", "test": "autotests"}.get(kind, "autobenches")
    # Edition 2015: a listed target turns discovery of its kind off (Cargo book, "Target auto-discovery").
    automatic = _section(table, "package").get(home_key, edition != "2015" or not listed)
    for name, root in found.items() if automatic else ():
        if root not in roots:
            yield Target(kind, _crate_name(name), root, edition)


def _found(folder: str, home: str, main: str | None, package: str) -> Iterator[tuple[str, str]]:
    """(name, root) of the targets in the usual places: `home`/x.rs, `home`/x/main.rs, and `main`."""
    if main and os.path.isfile(path := os.path.join(folder, os.path.normpath(main))):
        yield package, path
    home = os.path.join(folder, os.path.normpath(home))
    for name in sorted(os.listdir(home)) if os.path.isdir(home) else ():
        path = os.path.join(home, name)
        if name.endswith(".rs") and os.path.isfile(path):
            yield name[:-3], path
        elif os.path.isfile(nested := os.path.join(path, "main.rs")):
            yield name, nested


def _crate_name(name: str) -> str:
    return name.replace("-", "_")


def _edition(entry: dict[str, Any], otherwise: str) -> str:
    return entry["edition"] if entry.get("edition") in EDITIONS else otherwise


# ---------------------------------------------------------------- dependencies


def _dependencies(folder: str, table: dict[str, Any], manifests: Manifests) -> Iterator[tuple[str, Dependency]]:
    root = manifests.workspace_of(folder) or folder
    places = [table, *(value for value in _section(table, "target").values() if isinstance(value, dict))]
    for sections in (("dependencies", "dev-dependencies", "dev_dependencies"), ("build-dependencies",)):
        for place in places:
            for section in sections:
                for key, entry in _section(place, section).items():
                    found = _dependency(key, entry, folder, root, manifests)
                    yield _crate_name(key), msgspec.structs.replace(found, build=sections[0].startswith("build"))


def _dependency(key: str, entry: Any, folder: str, root: str, manifests: Manifests) -> Dependency:
    entry = entry if isinstance(entry, dict) else {}
    if entry.get("workspace") is True:
        entry = _section(manifests.table(root), "workspace", "dependencies", key)
        folder = root
    renamed = isinstance(entry.get("package"), str)
    path = entry.get("path")
    if not isinstance(path, str):
        folder, path = root, _patched(manifests.table(root), entry["package"] if renamed else key)
    place = os.path.normpath(os.path.join(folder, path)) if path is not None else None
    return Dependency(folder=place, renamed=renamed, build=False)


def _patched(root: Mapping[str, Any] | None, package: str) -> str | None:
    """The path that a `[patch]` section of the workspace's root puts in the place of a package."""
    for source in _section(root, "patch").values():
        path = _section(source, package).get("path") if isinstance(source, dict) else None
        if isinstance(path, str):
            return path
    return None
