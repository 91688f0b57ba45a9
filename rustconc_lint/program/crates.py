"""Compilation units as Cargo sees them: what `link` starts from, apart from all that reads Rust."""

from __future__ import annotations

from typing import Literal

import msgspec

CrateKind = Literal["lib", "bin", "test", "example", "bench", "build", "loose"]


class CrateInput(msgspec.Struct, frozen=True, kw_only=True):
    """One compilation unit, made by discover.

    id: unique in the run (`tokio`, or `rg [bin]` where a name repeats). name: as written in paths (`my_crate`).
    edition: "2015".."2024", or "" for a loose file (no Cargo.toml, kind "loose": then the file is the crate root).
    root: path of the root file, a key of the run's files. externs: names usable in paths -> crate id, or None for a
    dependency whose source is not part of the run (a registry crate: perhaps one that rules/apis declares).
    features: those that are on by default.
    """

    id: str
    name: str
    kind: CrateKind
    edition: str
    root: str
    externs: dict[str, str | None]
    features: tuple[str, ...] = ()
