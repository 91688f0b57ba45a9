"""Which definition a name means in a module: items, imports, globs, re-exports, extern and std preludes.

Three answers: a definition; None, the name is not declared here; UNRESOLVED, it is declared or imported but leads out
of what is known. UNRESOLVED ends a search: an outer declaration of the same name is not what was meant.
Reference, "Names: Scopes", "Preludes", "Use declarations"; visibility is looked at where a glob import depends on it.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from rustconc_lint.program.cfgs import rank
from rustconc_lint.program.definitions import Crate, Definition, Module
from rustconc_lint.program.names.modules import Import, Imports, Tree

Namespace = Literal["type", "value", "macro"]
NAMESPACES: tuple[Namespace, ...] = ("type", "value", "macro")


class Missing(enum.Enum):
    """The name is declared, and what it names is not known."""

    UNRESOLVED = "unresolved"


UNRESOLVED: Literal[Missing.UNRESOLVED] = Missing.UNRESOLVED
Found = Definition | Literal[Missing.UNRESOLVED] | None
Container = Module | Definition
Variants = Callable[[Definition], Mapping[str, Definition]]
Prelude = Callable[[str, Namespace, str], Definition | None]

_NEVER = 1 << 30
_DEEPEST = 30  # open lookups; each takes some ten frames of Python's stack


class Scopes:
    """Lookups in the module tree. variants: of an enum, by name. prelude: what a name in scope everywhere in
    code of an edition means."""

    def __init__(self, tree: Tree, variants: Variants, prelude: Prelude) -> None:
        self.tree = tree
        self._prelude = prelude
        self._variants = variants
        self._lexical: dict[tuple[Module, str, Namespace], Found] = {}
        self._members: dict[tuple[Module, str, Namespace, bool], Found] = {}
        self._open: dict[tuple[Module, str, Namespace, bool], int] = {}
        self._cut = _NEVER
        self._containers: dict[tuple[Module, tuple[str, ...]], Container] = {}

    @property
    def is_searching(self) -> bool:
        """Whether a lookup is under way: answers may then be cut short."""
        return bool(self._open)

    def lexical(self, module: Module, name: str, namespace: Namespace) -> Found:
        """What an unqualified name means in a module: its own names and those of blocks around, then the preludes."""
        key = (module, name, namespace)
        if key in self._lexical:
            return self._lexical[key]
        found = self._look_around(module, name, namespace)
        if not self._open:
            self._lexical[key] = found
        return found

    def _look_around(self, module: Module, name: str, namespace: Namespace) -> Found:
        current = module
        while True:
            found = self.member(current, name, namespace)
            if found is not None:
                return found
            if not current.block or current.parent is None:
                break
            current = current.parent
        if namespace == "type":
            found = self.extern(module.crate, name)
        elif namespace == "macro":
            # `macro_rules!` are in scope by the order of the text, which is not followed here.
            found = self.tree.macros(module.crate).get(name)
        if found is not None:
            return found
        return self._prelude(name, namespace, module.crate.edition)

    def extern(self, crate: Crate, name: str) -> Found:
        """The root of the crate that a name of the extern prelude stands for."""
        root = self.tree.roots[crate.id]
        for entry in self.tree.imports(root).named.get(name, ()):
            if entry.extern and entry.decl.segments[-1] != name:
                return self._extern_crate(crate, entry)
        if name not in crate.externs:
            return None
        return self._root(crate.externs[name])

    def inside(self, container: Container, name: str, namespace: Namespace) -> Found:
        """What a name means in a module or enum that a path has led to (a trait's or type's items: not here, None)."""
        if isinstance(container, Module):
            return self.member(container, name, namespace)
        if container.kind == "mod":
            module = self.tree.module_at(container)
            return UNRESOLVED if module is None else self.member(module, name, namespace)
        if container.kind == "enum" and namespace != "macro":
            return self._variants(container).get(name)
        return None

    def container(self, module: Module, segments: Sequence[str], edition: str) -> Container | Missing | None:
        """The module or item that the leading segments of an import or a keyword path lead to, written in `module`.
        edition "2015": the first is looked up in the crate's root, as imports were."""
        key = (module, tuple(segments))
        known = self._containers.get(key)
        if known is not None:
            return known
        current, used = self.start(module, segments, edition)
        for name in segments[used:]:
            if not isinstance(current, Module | Definition):
                return current
            current = self.inside(current, name, "type")
        if isinstance(current, Module | Definition):
            self._containers[key] = current
        return current

    def start(self, module: Module, segments: Sequence[str], edition: str) -> tuple[Container | Missing | None, int]:
        """Where a path begins, and how many segments that takes: keywords, or one name looked up as a type."""
        first = segments[0]
        if first == "" and len(segments) > 1:
            return self.rooted(module.crate, segments[1]), 2
        if first in ("crate", "$crate"):
            return self.tree.roots[module.crate.id], 1
        if first in ("self", "super"):
            return _relative(module, segments)
        if edition == "2015":
            return self.rooted(module.crate, first), 1
        return self.lexical(module, first, "type"), 1

    def rooted(self, crate: Crate, name: str) -> Found:
        """`::name`: a crate since 2018; in 2015 (and in a loose file failing that) an item of the root."""
        found = self.extern(crate, name) if crate.edition != "2015" else None
        if found is None and crate.edition in ("2015", ""):
            found = self.member(self.tree.roots[crate.id], name, "type") or self.extern(crate, name)
        return found

    def member(self, module: Module, name: str, namespace: Namespace) -> Found:
        """What a name means in this very module, seen from inside it: items, imports, then globs."""
        return self._member(module, name, namespace, True)

    def has_unknown_glob(self, module: Module) -> bool:
        """Whether something is glob-imported here that is not known: it may declare any name."""
        return any(
            not isinstance(self._glob(module, entry), Module | Definition) for entry in self.tree.imports(module).globs
        )

    def _member(self, module: Module, name: str, namespace: Namespace, private: bool) -> Found:
        """private: whether names that are not `pub` are seen."""
        imports = self.tree.imports(module)
        if name not in imports.named and not imports.globs and namespace != "macro":
            return self._declared(module, name, namespace, private)
        key = (module, name, namespace, private)
        if key in self._members:
            return self._members[key]
        opened = self._open.get(key)
        if opened is not None or len(self._open) >= _DEEPEST:
            # Names that depend on themselves (globs in a circle) are found on the other ways, or not at all.
            self._cut = min(self._cut, opened or 0)
            return None
        depth = self._open[key] = len(self._open)
        found = self._search(module, name, namespace, private)
        del self._open[key]
        # What was not found while the circle was cut further out may still be found from elsewhere.
        if isinstance(found, Definition) or self._cut >= depth:
            self._members[key] = found
        if self._cut >= depth:
            self._cut = _NEVER
        return found

    def _search(self, module: Module, name: str, namespace: Namespace, private: bool) -> Found:
        declared = self._declared(module, name, namespace, private)
        imports = self.tree.imports(module)
        if name in imports.named:
            found = self._imported(module, name, namespace, private, declared)
            if found is not None:
                return found
        found = declared
        if found is None and imports.globs:
            found = self._globbed(module, imports, name, namespace, private)
        if found is None and namespace == "macro" and module.parent is None:
            found = self.tree.macros(module.crate).get(name)
        return found

    def _declared(self, module: Module, name: str, namespace: Namespace, private: bool) -> Definition | None:
        """The item of that name in the module itself."""
        declared = self.tree.table(module).declared(name, namespace)
        if declared is None or private or declared.item.public or module.crate.api:
            return declared
        return None

    def _imported(
        self, module: Module, name: str, namespace: Namespace, private: bool, declared: Definition | None
    ) -> Found:
        """By the first import of that name, unless an item at least as likely stands beside it."""
        for entry in self.tree.imports(module).named[name]:
            if declared is not None and _rank(declared) <= entry.rank:
                return declared
            if private or entry.decl.public:
                found = self._target(module, entry, namespace)
                if found is not None:
                    return found
        return None

    def _target(self, module: Module, entry: Import, namespace: Namespace) -> Found:
        """What an import leads to in one namespace; None when it names something in another namespace only."""
        if entry.extern:
            return self._extern_crate(module.crate, entry) if namespace == "type" else None
        segments = entry.decl.segments
        if segments[-1] == "self" and len(segments) > 1:
            return self._module_import(module, segments[:-1]) if namespace == "type" else None
        found = self._end(module, segments, namespace)
        if found is not None:
            return found
        if any(self._end(module, segments, other) is not None for other in NAMESPACES if other != namespace):
            return None
        # `use log::log` imports a macro perhaps unknown here, and `log` itself still means the crate.
        return None if segments[0] == entry.decl.name and len(segments) > 1 else UNRESOLVED

    def _end(self, module: Module, segments: Sequence[str], namespace: Namespace) -> Found:
        edition = module.crate.edition
        if len(segments) == 1 and segments[0] not in ("self", "super", "crate", "$crate"):
            name = segments[0]
            if namespace == "type":
                found = self.container(module, segments, edition)
                return self._standing(found)
            # A single name cannot mean the import itself, which is open now, so this finds an outer one.
            scope = self.tree.roots[module.crate.id] if edition == "2015" else module
            return self.lexical(scope, name, namespace)
        if segments[0] == "" and len(segments) == 2 and edition == "2015":
            return self.member(self.tree.roots[module.crate.id], segments[1], namespace)
        if len(segments) == 1 or segments[-1] in ("self", "super") or segments[:-1] == ("",):
            return self._standing(self.container(module, segments, edition)) if namespace == "type" else None
        container = self.container(module, segments[:-1], edition)
        if not isinstance(container, Module | Definition):
            return container if container is None else UNRESOLVED
        return self.inside(container, segments[-1], namespace)

    def _module_import(self, module: Module, segments: Sequence[str]) -> Found:
        return self._standing(self.container(module, segments, module.crate.edition))

    def _standing(self, container: Container | Missing | None) -> Found:
        if isinstance(container, Module):
            return self.tree.definition_of(container)
        return container

    def _globbed(self, module: Module, imports: Imports, name: str, namespace: Namespace, private: bool) -> Found:
        for entry in imports.globs:
            if not (private or entry.decl.public):
                continue
            container = self._glob(module, entry)
            if isinstance(container, Definition) and container.kind == "mod":
                container = self.tree.module_at(container)
            if isinstance(container, Module):
                found = self._member(container, name, namespace, _is_within(module, container))
            elif isinstance(container, Definition):
                found = self.inside(container, name, namespace)
            else:
                continue
            if found is not None:
                return found
        return None

    def _glob(self, module: Module, entry: Import) -> Container | Missing | None:
        segments = entry.decl.segments
        if not segments or segments == ("",):
            return self.tree.roots[module.crate.id]
        return self.container(module, segments, module.crate.edition)

    def _extern_crate(self, crate: Crate, entry: Import) -> Found:
        name = entry.decl.segments[-1]
        if name == "self":
            return self.tree.definition_of(self.tree.roots[crate.id])
        return self._root(crate.externs.get(name))

    def _root(self, crate: str | None) -> Found:
        root = self.tree.roots.get(crate) if crate is not None else None
        return UNRESOLVED if root is None else self.tree.definition_of(root)


def _relative(module: Module, segments: Sequence[str]) -> tuple[Module | None, int]:
    """`self`, `super`, `self::super::super`: the module they lead to (None above the root) and their number."""
    current: Module | None = enclosing(module)
    used = 0
    for name in segments:
        if name == "super" and current is not None:
            current = None if current.parent is None else enclosing(current.parent)
        elif name != "self" or used:
            break
        used += 1
    return current, used


def enclosing(module: Module) -> Module:
    """The module itself, or the one around a block."""
    while module.block and module.parent is not None:
        module = module.parent
    return module


def _is_within(module: Module, outer: Module) -> bool:
    current: Module | None = module
    while current is not None:
        if current is outer:
            return True
        current = current.parent
    return False


def _rank(definition: Definition) -> int:
    return rank(definition.item.attributes.cfg)
