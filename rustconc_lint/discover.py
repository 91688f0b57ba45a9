"""Paths -> the files to read and the crates they make up.

Every `.rs` file below the given paths is reported on. So that names resolve when only some files of a package are
given, the rest of the package's sources is read as context, and nothing is reported there. Which files a crate's `mod`
items reach is the linker's question; Markdown is not read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from rustconc_lint.cargo import Manifests, Package, Target
from rustconc_lint.ignores import Ignores, ignores_at, repository_of
from rustconc_lint.program.crates import CrateInput
from rustconc_lint.source import SourceFile

MANIFESTS = frozenset(("Cargo.toml", "rustconc.toml"))
CACHE_TAG = b"Signature: 8a477f597d28d172789f06886806bc55"


class FileError(msgspec.Struct, frozen=True, order=True):
    """A file or folder that could not be read. path: as shown. message: what is wrong with it, lowercase."""

    path: str
    message: str


class Place(msgspec.Struct, frozen=True):
    """Where a file is. real: absolute path. package: the package it belongs to ("" for a loose file); below: its path
    below the package's folder, with slashes (for a loose file: its repository's, or as shown without one)."""

    real: str
    package: str
    below: str


class Discovery(msgspec.Struct, frozen=True):
    """sources: every file read, by its path as shown, in that order. reported: those that findings are shown for.
    folders: absolute paths of those that were searched for Rust files; manifests: for a Cargo.toml."""

    sources: dict[str, SourceFile]
    reported: frozenset[str]
    crates: tuple[CrateInput, ...]
    errors: tuple[FileError, ...]
    places: dict[str, Place]
    folders: frozenset[str] = frozenset()
    manifests: frozenset[str] = frozenset()


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for. paths: as given; a Cargo.toml or rustconc.toml stands for its folder. stdin: (path, bytes),
    read instead of the file at that path. edition: of every file, whatever Cargo.toml says ("": as Cargo.toml says).
    excluded: does the configuration exclude this entry (absolute path, is it a folder)? forced: even if given by name?
    loose_edition: of a file (absolute path) that no Cargo.toml is above of, "" when nothing says so. texts: path with
    its links resolved -> bytes that are read instead of the file's."""

    paths: tuple[str, ...]
    stdin: tuple[str, bytes] | None = None
    edition: str = ""
    excluded: Callable[[str, bool], bool] = lambda path, folder: False
    forced: bool = False
    loose_edition: Callable[[str], str] = lambda path: ""
    texts: Mapping[str, bytes] = {}


def discover(wanted: Wanted, manifests: Manifests) -> Discovery:
    """The files below the given paths, what they need as context, and their crates. What cannot be read is in `errors`;
    raises only what `wanted.excluded` and `wanted.loose_edition` raise."""
    errors: dict[str, str] = {}
    folders: set[str] = set()
    reported = set(_given(wanted, errors, folders))
    packages = _packages(reported, manifests)
    files = reported.union(*(_context(package, reported, folders) for package in packages))
    shown = _namer(wanted)
    sources: dict[str, SourceFile] = {}
    places: dict[str, Place] = {}
    for name, path in sorted((shown(path), path) for path in files):
        data = _read(path, wanted, errors if path in reported else {})
        if data is None:
            continue
        package = manifests.package_of(os.path.dirname(path))
        edition = wanted.edition or (package.edition if package else wanted.loose_edition(path))
        sources[name] = SourceFile(name, data, edition)
        home = package.folder if package else repository_of(os.path.dirname(path))
        below = os.path.relpath(path, home).replace(os.sep, "/") if home else name
        places[name] = Place(path, package.name if package else "", below)
    roots = {place.real: name for name, place in places.items()}
    crates = [*_cargo_crates(packages, roots, wanted.edition), *_loose_crates(places, sources, _named(wanted))]
    broken = {
        path: (f"line {error.line}: " if error.line else "") + error.message for path, error in manifests.errors.items()
    }
    return Discovery(
        sources=sources,
        reported=frozenset(map(shown, reported)) & sources.keys(),
        crates=tuple(crates),
        errors=tuple(sorted(FileError(shown(path), message) for path, message in (errors | broken).items())),
        places=places,
        folders=frozenset(folders),
        manifests=manifests.folders,
    )


# ---------------------------------------------------------------- which files


def _given(wanted: Wanted, errors: dict[str, str], folders: set[str]) -> Iterator[str]:
    """Absolute paths of the files to report on. A file given by name counts even if git ignores it. folders: takes in
    where they were looked for."""
    if wanted.stdin is not None:
        yield os.path.abspath(wanted.stdin[0])
    for given in map(os.path.abspath, wanted.paths):
        manifest = os.path.basename(given) in MANIFESTS and os.path.isfile(given)
        path = os.path.dirname(given) if manifest else given
        folder = os.path.isdir(path)
        folders.add(path if folder else os.path.dirname(path))
        if wanted.forced and _excluded_by_name(path, folder, wanted):
            continue
        if folder:
            yield from _walk(path, ignores_at(path), wanted, errors, folders)
        elif not os.path.lexists(path):
            errors[path] = "does not exist"
        elif not path.endswith(".rs"):
            errors[path] = "is not a Rust file (`.rs`)"
        else:
            yield path


def _named(wanted: Wanted) -> frozenset[str]:
    """Absolute paths of what was given by name, standard input among it."""
    given = (wanted.stdin[0], *wanted.paths) if wanted.stdin is not None else wanted.paths
    return frozenset(map(os.path.abspath, given))


def _excluded_by_name(path: str, folder: bool, wanted: Wanted) -> bool:
    """Is this path, or a folder above it, excluded?"""
    while not wanted.excluded(path, folder):
        if path == os.path.dirname(path):
            return False
        path, folder = os.path.dirname(path), True
    return True


def _walk(start: str, ignores: Ignores, wanted: Wanted, errors: dict[str, str], folders: set[str]) -> Iterator[str]:
    """The `.rs` files below a folder. Folders behind symbolic links are not entered, so loops of links are harmless."""
    waiting = [(start, ignores)]
    while waiting:
        folder, ignores = waiting.pop()
        folders.add(folder)
        for entry in _entries(folder, errors, start):
            is_folder = entry.is_dir(follow_symlinks=False)
            if not (is_folder or _is_rust(entry)):
                continue
            if ignores.ignored(entry.path, folder=is_folder) or wanted.excluded(entry.path, is_folder):
                continue
            if is_folder:
                waiting.append((entry.path, ignores.entered(entry.path)))
            else:
                yield entry.path


def _entries(folder: str, errors: dict[str, str], start: str) -> list[os.DirEntry[str]]:
    """What is in a folder, without what no one wrote: `.git`, cargo's `target`, and all of a tagged cache folder."""
    try:
        with os.scandir(folder) as found:
            entries = list(found)
    except OSError as error:
        errors[folder] = f"cannot be read: {error.strerror or error}"
        return []
    names = {entry.name for entry in entries}
    if "CACHEDIR.TAG" in names and folder != start and _is_cache(folder):
        return []
    skipped = (".git", "target") if "Cargo.toml" in names else (".git",)
    return [entry for entry in entries if entry.name not in skipped]


def _is_rust(entry: os.DirEntry[str]) -> bool:
    """Is this a `.rs` file, or a link that leads to a file?"""
    return entry.name.endswith(".rs") and (entry.is_file(follow_symlinks=False) or os.path.isfile(entry.path))


def _is_cache(folder: str) -> bool:
    try:
        with open(os.path.join(folder, "CACHEDIR.TAG"), "rb") as tag:
            return tag.read(len(CACHE_TAG)) == CACHE_TAG
    except OSError:
        return False


def _packages(files: Iterable[str], manifests: Manifests) -> tuple[Package, ...]:
    """The packages that the files belong to, by folder."""
    found = (manifests.package_of(folder) for folder in {os.path.dirname(path) for path in files})
    return tuple(
        sorted({package.folder: package for package in found if package}.values(), key=lambda found: found.folder)
    )


def _context(package: Package, reported: set[str], searched: set[str]) -> Iterator[str]:
    """The files that `mod` items of the package's targets can name, git-ignored and excluded ones included. Of tests,
    examples and benches only those beside a reported file. searched: takes in where they were looked for."""
    folders: set[str] = set()
    for target in package.targets:
        folder = os.path.dirname(target.root)
        if target.kind in ("lib", "bin"):
            folders.add(folder)
        elif target.root in reported or _any_below(folder, reported, package):
            yield target.root
            if folder != package.folder:
                folders.add(folder)
    waiting = [folder for folder in folders if not any(folder.startswith(other + os.sep) for other in folders)]
    while waiting:
        folder = waiting.pop()
        searched.add(folder)
        for entry in _entries(folder, {}, folder):
            if entry.is_dir(follow_symlinks=False):
                if not os.path.isfile(os.path.join(entry.path, "Cargo.toml")):
                    waiting.append(entry.path)
            elif _is_rust(entry):
                yield entry.path


def _any_below(folder: str, files: set[str], package: Package) -> bool:
    return folder != package.folder and any(path.startswith(folder + os.sep) for path in files)


# ---------------------------------------------------------------- names and contents


def _namer(wanted: Wanted) -> Callable[[str], str]:
    """Absolute path -> path as shown: relative to the working directory if below it or if every path was given so."""
    here = os.getcwd()
    absolute = any(os.path.isabs(path) for path in wanted.paths)

    def shown(path: str) -> str:
        below = path.startswith(here.rstrip(os.sep) + os.sep)
        name = os.path.relpath(path, here) if below or not absolute else path
        # A file name is bytes; what is not UTF-8 in it is shown escaped.
        return os.fsencode(name.replace(os.sep, "/")).decode("utf-8", "backslashreplace")

    return shown


def _read(path: str, wanted: Wanted, errors: dict[str, str]) -> bytes | None:
    """The file's bytes, None (and an error) when it cannot be read or is not UTF-8."""
    try:
        if wanted.stdin is not None and path == os.path.abspath(wanted.stdin[0]):
            data = wanted.stdin[1]
        elif wanted.texts and (resolved := os.path.realpath(path)) in wanted.texts:
            data = wanted.texts[resolved]
        else:
            with open(path, "rb") as opened:
                data = opened.read()
        data.decode()
    except OSError as error:
        errors[path] = f"cannot be read: {error.strerror or error}"
    except UnicodeDecodeError as error:
        errors[path] = f"is not valid UTF-8 (byte {error.start})"
    else:
        return data
    return None


# ---------------------------------------------------------------- crates


def _cargo_crates(packages: Iterable[Package], roots: dict[str, str], edition: str) -> Iterator[CrateInput]:
    """The targets whose root file was read (`roots`: absolute path -> path as shown), libraries first."""
    targets = [(package, target) for package in packages for target in package.targets if target.root in roots]
    targets.sort(key=lambda pair: pair[1].kind != "lib")
    ids = dict(zip((target for _, target in targets), _ids(target for _, target in targets), strict=True))
    libraries = {package.folder: package.library for package in packages}
    for package, target in targets:
        yield CrateInput(
            id=ids[target],
            name=target.name,
            kind=target.kind,
            edition=edition or target.edition,
            root=roots[target.root],
            externs=dict(_externs(package, target, libraries, ids)),
            features=package.features,
        )


def _ids(targets: Iterable[Target]) -> Iterator[str]:
    """A name for each that no other has: `rg`, `rg [bin]`, `rg [bin 2]`."""
    taken: set[str] = set()
    for target in targets:
        chosen, count = target.name, 1
        while chosen in taken:
            chosen = f"{target.name} [{target.kind}{f' {count}' if count > 1 else ''}]"
            count += 1
        taken.add(chosen)
        yield chosen


def _externs(
    package: Package, target: Target, libraries: dict[str, Target | None], ids: dict[Target, str]
) -> Iterator[tuple[str, str | None]]:
    """The names of other crates in scope in a target, and their crates where these are part of the run."""
    for key, dependency in package.dependencies:
        if dependency.build != (target.kind == "build"):
            continue
        library = libraries.get(dependency.folder) if dependency.folder else None
        name = library.name if library and not dependency.renamed else key
        yield name, ids.get(library) if library else None
    if target.kind not in ("lib", "build") and package.library in ids:
        yield package.library.name, ids[package.library]


def _loose_crates(
    places: dict[str, Place], sources: dict[str, SourceFile], named: frozenset[str]
) -> Iterator[CrateInput]:
    """Each file outside of any package as a crate of its own; the linker skips one that a crate's `mod` reaches. A file
    in a package that nothing reaches yet (or that only `trybuild` compiles) is one too if it was asked for by name."""
    for name, place in places.items():
        if not place.package or place.real in named:
            stem = re.sub(r"\W", "_", os.path.basename(name).removesuffix(".rs"))
            edition = sources[name].edition
            yield CrateInput(id=f"{stem} [{name}]", name=stem, kind="loose", edition=edition, root=name, externs={})
