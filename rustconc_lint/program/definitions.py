"""What names stand for: crates, modules, definitions and impls, each with its canonical path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from rustconc_lint.facts.file import RustFile
from rustconc_lint.facts.model import Item
from rustconc_lint.program.crates import CrateKind

DefKind = Literal[
    "mod", "fn", "struct", "enum", "union", "variant", "trait", "type", "static", "const", "macro", "local macro"
]  # fmt: skip


class Crate(msgspec.Struct, eq=False):
    """id: unique in the run and first segment of every canonical path (`tokio`, or `rg [bin]` where a name repeats).

    edition: "2015".."2024", or "" for a loose file. externs: names usable in paths -> crate id (`std`, dependencies),
    None for a dependency nothing is known of. api: declared by rules/apis, has no bodies. kind, features: as in
    CrateInput."""

    id: str
    name: str
    edition: str
    api: bool
    externs: dict[str, str | None]
    kind: CrateKind = "lib"
    features: tuple[str, ...] = ()


class Module(msgspec.Struct, eq=False):
    """A module, or the anonymous one of a block that declares items (`block`; its names fall back to parent's).

    path: canonical; a block's is that of its module with `{start}` appended. cfg: of its `mod` item, of its file
    (`#![cfg(windows)]`), and of those around. What is declared and imported here is asked through Names."""

    path: str
    crate: Crate
    parent: Module | None
    file: RustFile
    items: tuple[Item, ...]
    block: bool = False
    cfg: tuple[str, ...] = ()


class Impl(msgspec.Struct, eq=False):
    """An impl block or a trait body. id: canonical path used as owner of its generic parameters. naming: what the paths
    of its members begin with; None for a trait, whose members' paths begin with its id."""

    id: str
    module: Module
    item: Item
    naming: Callable[[Impl], str] | None = None


class Definition(msgspec.Struct, eq=False):
    """Anything with a name. container: the impl or trait body a method, associated type or constant stands in.
    parent: the enum of a variant. alternatives: other items of this name exist under other `cfg`s.

    known: the path, or for a member of an impl only its last name until the path is first asked for, since that takes
    what the impl is for."""

    known: str
    kind: DefKind
    name: str
    module: Module
    item: Item
    container: Impl | None = None
    parent: Definition | None = None
    alternatives: bool = False

    @property
    def path(self) -> str:
        """The canonical path: `demo::Job::run`, `<demo::Job as Drop>::drop`."""
        container = self.container
        if container is not None and container.naming is not None and "::" not in self.known:
            self.known = f"{container.naming(container)}::{self.known}"
        return self.known

    @property
    def cfg(self) -> tuple[str, ...]:
        """All predicates that the definition stands under."""
        container = self.container.item.attributes.cfg if self.container is not None else ()
        return (*self.module.cfg, *container, *self.item.attributes.cfg)
