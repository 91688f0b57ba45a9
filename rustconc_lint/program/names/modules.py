"""Files -> crates and their module trees, and each module's table of the names it declares and imports.

The `mod` declarations are followed from each crate's root file (Reference, "Modules: Module source filenames" and "The
path attribute"). A `mod x;` whose file is not part of the run stays a name without content. Tables are made when first
asked for; no path is resolved here.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from rustconc_lint.facts.file import RustFile
from rustconc_lint.facts.model import Attributes, Item, Scope, UseDecl
from rustconc_lint.program.cfgs import rank
from rustconc_lint.program.definitions import Crate, Definition, DefKind, Module

Files = Mapping[str, RustFile]

_KINDS: dict[str, DefKind] = {
    "mod": "mod", "fn": "fn", "struct": "struct", "enum": "enum", "union": "union", "trait": "trait", "type": "type",
    "static": "static", "const": "const", "macro": "macro",
}  # fmt: skip
_TYPES = frozenset(("mod", "struct", "enum", "union", "trait", "type"))


class Place(msgspec.Struct, frozen=True):
    """Where the files of child modules are: `directory` for `mod x;`, `beside` for `#[path]`."""

    directory: str
    beside: str


class Import(msgspec.Struct, frozen=True, eq=False):
    """A leaf of a `use` (or an `extern crate`), with how likely its cfg is. Compared by identity."""

    decl: UseDecl
    rank: int
    extern: bool = False


class Table(msgspec.Struct, eq=False):
    """What one module declares: definitions by name in each namespace, and all by the start of their item.

    A struct is a value too (its constructor), unless a fn or const has its name."""

    types: dict[str, Definition] = {}
    values: dict[str, Definition] = {}
    macros: dict[str, Definition] = {}
    definitions: dict[int, Definition] = {}

    def declared(self, name: str, namespace: str) -> Definition | None:
        """The item of that name ("type", "value" or "macro")."""
        if namespace == "type":
            return self.types.get(name)
        return self.values.get(name) if namespace == "value" else self.macros.get(name)


class Imports(msgspec.Struct, eq=False):
    """What one module imports: by name, and from where everything; the likeliest first."""

    named: dict[str, list[Import]]
    globs: list[Import]


class Tree:
    """All modules of a run. `modules` in order of crates, parents first; blocks are appended as they are registered.
    std: id of the crate that is std, "" without one."""

    def __init__(self, files: Files, std: str) -> None:
        self.files = files
        self.std = std
        self.crates: dict[str, Crate] = {}
        self.roots: dict[str, Module] = {}
        self.modules: list[Module] = []
        self.by_path: dict[str, Module] = {}
        self.definitions: dict[str, Definition] = {}
        self.children: dict[Module, dict[int, Module]] = {}
        self._standing: dict[Module, Definition] = {}
        self._macros: dict[Crate, dict[str, Definition]] = {}
        self._imports: dict[Module, Imports] = {}
        self._tables: dict[Module, Table] = {}
        self._blocks: dict[tuple[str, int, Module], Module] = {}

    def add_crate(self, crate: Crate, root: RustFile) -> None:
        """Makes the crate's module tree."""
        self.crates[crate.id] = crate
        folder = posixpath.dirname(root.path)
        module = Module(crate.id, crate, None, root, root.items, cfg=root.attributes.cfg)
        self.roots[crate.id] = module
        # No item declares a crate's root; its definition is made of an empty one.
        item = Item(0, 0, "mod", crate.name, 0, True, Attributes())
        self._standing[module] = Definition(known=crate.id, kind="mod", name=crate.name, module=module, item=item)
        self._add(module, Place(folder, folder), frozenset((root.path,)))

    def add_block(self, parent: Module, file: RustFile, scope: Scope) -> Module:
        """The anonymous module of a block, made once."""
        key = (file.path, scope.start, parent)
        module = self._blocks.get(key)
        if module is None:
            path = f"{parent.path}::{{{scope.start}}}"
            module = Module(path, parent.crate, parent, file, scope.items, block=True, cfg=parent.cfg)
            folder = posixpath.dirname(file.path)
            self._blocks[key] = module
            self._add(module, Place(folder, folder), frozenset((file.path,)))
        return module

    def _add(self, module: Module, place: Place, open_files: frozenset[str]) -> None:
        self.modules.append(module)
        self.by_path[module.path] = module
        children = self.children[module] = {}
        named = [item for item in module.items if item.kind == "mod"]
        if not named:
            return
        paths = _distinct(module.path, [(item.name, item.attributes.cfg) for item in named])
        same: dict[tuple[str, str], Module] = {}
        # The likeliest first: `mod rt;` under two opposite cfgs is one file, and one module.
        for item, path in sorted(zip(named, paths, strict=True), key=lambda pair: rank(pair[0].attributes.cfg)):
            child, below, opened = self._child(module, item, path, place, open_files)
            if child is None:
                continue
            twin = None if item.inline else same.setdefault((item.name, child.file.path), child)
            if twin is not None and twin is not child:
                children[item.start] = twin
            else:
                children[item.start] = child
                self._add(child, below, opened)

    def _child(
        self, module: Module, item: Item, path: str, place: Place, open_files: frozenset[str]
    ) -> tuple[Module | None, Place, frozenset[str]]:
        plain = item.name.removeprefix("r#")
        written, cfg = item.attributes.path, (*module.cfg, *item.attributes.cfg)
        if item.inline:
            name = written or plain
            below = Place(posixpath.join(place.directory, name), posixpath.join(place.directory, name))
            made = Module(path, module.crate, module, module.file, item.members, cfg=cfg)
            return made, below, open_files
        for candidate, directory in _candidates(plain, written, place):
            file = self.files.get(candidate)
            # A file that declares itself would be a module of itself without end.
            if file is not None and candidate not in open_files:
                made = Module(path, module.crate, module, file, file.items, cfg=(*cfg, *file.attributes.cfg))
                return made, Place(directory, posixpath.dirname(candidate)), open_files | {candidate}
        return None, place, open_files

    def table(self, module: Module) -> Table:
        """The module's table, made when first asked for."""
        table = self._tables.get(module)
        if table is None:
            table = self._tables[module] = self._build(module)
        return table

    def imports(self, module: Module) -> Imports:
        """What the module imports, read when first asked for."""
        imports = self._imports.get(module)
        if imports is None:
            imports = self._imports[module] = _imports(module.items)
        return imports

    def module_at(self, definition: Definition) -> Module | None:
        """The module a definition of kind "mod" stands for; None when its file is missing."""
        if self._standing.get(definition.module) is definition:
            return definition.module
        return self.children[definition.module].get(definition.item.start)

    def definition_of(self, module: Module) -> Definition | None:
        """The definition a module stands for; None for a block."""
        parent = module.parent
        if module in self._standing or parent is None or module.block:
            return self._standing.get(module)
        for definition in self.table(parent).definitions.values():
            if definition.kind == "mod":
                child = self.children[parent].get(definition.item.start)
                if child is not None:
                    self._standing.setdefault(child, definition)
        return self._standing.get(module)

    def macros(self, crate: Crate) -> Mapping[str, Definition]:
        """All `macro_rules!` of a crate by name, wherever they stand: those it exports are at its root."""
        found = self._macros.get(crate)
        if found is None:
            found = self._macros[crate] = {}
            for module in self.modules:
                if module.crate is crate and any(item.kind == "macro" for item in module.items):
                    for name, definition in self.table(module).macros.items():
                        found.setdefault(name, definition)
        return found

    def _build(self, module: Module) -> Table:
        table = Table({}, {}, {}, {})
        found = list(_declarations(module.items))
        paths = _distinct(module.path, [(item.name, item.attributes.cfg) for item in found], found)
        kept: dict[tuple[str, str], Definition] = {}
        for item, path in zip(found, paths, strict=True):
            definition = Definition(known=path, kind=_KINDS[item.kind], name=item.name, module=module, item=item)
            table.definitions[item.start] = definition
            if _outranks(definition, self.definitions.get(path)):
                self.definitions[path] = definition
            _declare(table, definition, kept)
        return table


def reached_files(roots: Iterable[RustFile], files: Files) -> frozenset[str]:
    """Those of the roots that the `mod` items of another one lead to; of a circle all but the first."""
    reached: set[str] = set()
    for root in roots:
        if root.path not in reached:
            tree = Tree(files, "")
            tree.add_crate(Crate("", "", "", False, {}), root)
            reached.update(module.file.path for module in tree.modules if module.file is not root)
    return frozenset(reached)


def _candidates(name: str, written: str, place: Place) -> Iterator[tuple[str, str]]:
    """Paths a `mod name;` may be in, with the directory of its own children. A `#[path]` file counts as a `mod.rs`."""
    if written:
        path = posixpath.normpath(posixpath.join(place.beside, written))
        yield path, posixpath.dirname(path)
        return
    inside = posixpath.join(place.directory, name)
    yield inside + ".rs", inside
    yield posixpath.join(inside, "mod.rs"), inside


def _distinct(prefix: str, named: list[tuple[str, tuple[str, ...]]], items: list[Item] | None = None) -> list[str]:
    """A canonical path for each item of a module. Where items of one namespace share a name (under exclusive cfgs), the
    likeliest has the plain path and the others a number: `demo::imp`, `demo::imp#2`."""
    plain = [f"{prefix}::{name}" for name, _ in named]
    keys = [(name, items is not None and _namespace(items[at])) for at, (name, _) in enumerate(named)]
    if len(set(keys)) == len(keys):
        return plain
    groups: dict[tuple[str, str | bool], list[int]] = {}
    for at, key in enumerate(keys):
        groups.setdefault(key, []).append(at)
    for group in groups.values():
        likeliest = sorted(group, key=lambda at: rank(named[at][1]))
        for number, at in enumerate(likeliest[1:], start=2):
            plain[at] += f"#{number}"
    return plain


def _declarations(items: Iterable[Item]) -> Iterator[Item]:
    return (item for item in items if item.kind in _KINDS)


def _namespace(item: Item) -> str:
    if item.kind in _TYPES:
        return "type"
    return "macro" if item.kind == "macro" else "value"


def _outranks(definition: Definition, other: Definition | None) -> bool:
    """Which of two of one path it names: a type before a value, anything before a module."""
    if other is None or other.kind == "mod":
        return True
    return _namespace(definition.item) == "type" != _namespace(other.item) and definition.kind != "mod"


def _declare(table: Table, definition: Definition, kept: dict[tuple[str, str], Definition]) -> None:
    """Enters a definition under its name, unless a likelier one stands there; marks both as alternatives."""
    namespace = _namespace(definition.item)
    names = {"type": table.types, "value": table.values, "macro": table.macros}[namespace]
    other = kept.get((namespace, definition.name))
    if other is not None:
        other.alternatives = definition.alternatives = True
    if other is None or rank(definition.item.attributes.cfg) < rank(other.item.attributes.cfg):
        kept[namespace, definition.name] = names[definition.name] = definition
        if definition.kind == "struct" and ("value", definition.name) not in kept:
            table.values[definition.name] = definition


def _imports(items: Iterable[Item]) -> Imports:
    named: dict[str, list[Import]] = {}
    globs: list[Import] = []
    for item in items:
        if item.kind != "use" and item.kind != "extern crate":
            continue
        likely = rank(item.attributes.cfg)
        for decl in item.uses:
            entry = Import(decl, likely, item.kind == "extern crate")
            if decl.name == "*":
                globs.append(entry)
            elif decl.name != "_":
                named.setdefault(decl.name, []).append(entry)
    for entries in named.values():
        if len(entries) > 1:
            entries.sort(key=lambda entry: entry.rank)
    globs.sort(key=lambda entry: entry.rank)
    return Imports(named, globs)
