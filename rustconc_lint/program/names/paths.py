"""Paths in types, expressions and patterns -> what they name, with generic parameters and `Self` in scope.

The leading segments are followed through modules to an item; what follows belongs to a type and is left to the caller.
Reference, "Paths" and "Names: Namespaces".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from rustconc_lint.facts.file import RustFile
from rustconc_lint.facts.model import (
    AdtDetail,
    AliasDetail,
    Detail,
    Generics,
    ImplDetail,
    Path,
    Signature,
    TraitDetail,
)
from rustconc_lint.program.definitions import Definition, Impl, Module
from rustconc_lint.program.names.listings import WELL_KNOWN, declared_names
from rustconc_lint.program.names.modules import Tree
from rustconc_lint.program.names.scopes import UNRESOLVED, Container, Found, Namespace, Scopes
from rustconc_lint.program.types import Param, Prim

Owner = Definition | Impl | None

_PRIMITIVE_NAMES = "bool char str i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f16 f32 f64 f128"
PRIMITIVES = {name: Prim(name) for name in _PRIMITIVE_NAMES.split()}
_KEYWORDS = frozenset(("", "crate", "$crate", "self", "super"))


class SelfOf(msgspec.Struct, frozen=True):
    """`Self` in an impl (its self type) or inside a struct, enum or union declaration; see Types.self_type."""

    owner: Impl | Definition


class Resolution(msgspec.Struct, frozen=True):
    """What a path leads to. `used` counts the leading segments that name `target`; the rest, `path.segments[used:]`,
    are associated items to be looked up on it (`Vec::<T>::new`: target is Vec, used 1; `T::Item`: a Param, used 1).

    Generic arguments of target stand in segments[used - 1] (a variant's may stand in segments[used - 2]). `Self` of a
    trait is Param("Self", trait path). `<Q as Trait>::f`: target is Trait, used counts its segments, Q is in
    `path.qself`; `<Q>::f` has no target and is not asked for."""

    target: Definition | Param | Prim | SelfOf
    used: int


def detail_of(of: Definition | Impl) -> Detail | None:
    """The facts' detail of an item; a variant's is its enum's, a module has none."""
    return None if of.item.kind == "mod" else of.module.file.detail(of.item)


def signature_of(of: Definition | Impl) -> Signature | None:
    """The facts' signature of a fn, whose body is not read for it; None for anything else."""
    return of.module.file.signature(of.item) if of.item.kind == "fn" else None


def written_generics(of: Definition | Impl) -> Generics:
    """The generics written on an item, an impl or a trait."""
    signature = signature_of(of)
    if signature is not None:
        return signature.generics
    detail = detail_of(of)
    return detail.generics if isinstance(detail, AdtDetail | TraitDetail | ImplDetail | AliasDetail) else Generics()


def owner_path(of: Definition | Impl) -> str:
    """The path that owns the generic parameters of an item or impl."""
    return of.id if isinstance(of, Impl) else of.path


class Paths:
    """Resolves paths. variants: of an enum or an alias of one; enum_of: the enum an impl is for, if it is one."""

    def __init__(
        self,
        tree: Tree,
        scopes: Scopes,
        variants: Callable[[Definition], Mapping[str, Definition]],
        enum_of: Callable[[Impl], Definition | None],
    ) -> None:
        self._tree = tree
        self._scopes = scopes
        self._variants = variants
        self._enum_of = enum_of
        self._known: dict[tuple[Module, Namespace, str | tuple[str, ...]], Resolution | None] = {}
        self._params: dict[Definition | Impl, dict[str, Param]] = {}
        self._declared: dict[RustFile, frozenset[str]] = {}

    def resolve(self, path: Path, module: Module, namespace: Namespace, owner: Owner) -> Resolution | None:
        """See Names.resolve."""
        segments = path.segments
        if not segments or (path.qself is not None and not path.qtrait):
            return None
        first = segments[0].name
        if first == "Self":
            return self._of_self(path, owner)
        if owner is not None:
            param = self._params_in(owner).get(first)
            if param is not None:
                return Resolution(param, 1)
        written = first if len(segments) == 1 else tuple([segment.name for segment in segments])
        key = (module, namespace, written)
        if key in self._known:
            return self._known[key]
        found = self._followed(path, module, namespace)
        if not self._scopes.is_searching:
            self._known[key] = found
        return found

    def _followed(self, path: Path, module: Module, namespace: Namespace) -> Resolution | None:
        """What a path names that begins with no parameter."""
        first = path.segments[0].name
        if first in _KEYWORDS:
            start, used = self._scopes.start(module, [segment.name for segment in path.segments], "")
        else:
            start, used = self._first(path, module, namespace), 1
        if isinstance(start, Module | Definition):
            return self._follow(path, start, used, namespace)
        # Even `use std::u8;`, of which nothing may be known, leaves `u8` the type it is.
        return Resolution(PRIMITIVES[first], 1) if first in PRIMITIVES else None

    def _first(self, path: Path, module: Module, namespace: Namespace) -> Found:
        segments = path.segments
        name = segments[0].name
        asked: Namespace = namespace if len(segments) == 1 else "type"
        found = self._scopes.lexical(module, name, asked)
        if found is None and name in WELL_KNOWN and self._is_loose(module):
            return self._well_known(module, name, asked)
        # `use std::u8;` brings a module into scope, and `u8` still names the type.
        if len(segments) == 1 and isinstance(found, Definition) and found.kind == "mod" and name in PRIMITIVES:
            return None
        return found

    def _follow(self, path: Path, start: Container, used: int, namespace: Namespace) -> Resolution | None:
        segments = path.segments
        current = start
        while used < len(segments):
            name = segments[used].name
            if isinstance(current, Module) or current.kind == "mod":
                last = used == len(segments) - 1
                found = self._scopes.inside(current, name, namespace if last else "type")
                if found is None and used == 1 and segments[0].name in PRIMITIVES:
                    return Resolution(PRIMITIVES[segments[0].name], 1)
                if not isinstance(found, Definition):
                    return None
            else:
                found = self._variants(current).get(name) if current.kind in ("enum", "type") else None
                if found is None:
                    break
            current = found
            used += 1
        target = self._tree.definition_of(current) if isinstance(current, Module) else current
        return None if target is None else Resolution(target, used)

    def _of_self(self, path: Path, owner: Owner) -> Resolution | None:
        holder = owner.container if isinstance(owner, Definition) and owner.container is not None else owner
        if holder is None:
            return None
        if holder.item.kind == "trait":
            return Resolution(Param("Self", owner_path(holder)), 1)
        if isinstance(holder, Definition):
            return Resolution(SelfOf(holder), 1) if holder.kind in ("struct", "enum", "union") else None
        if len(path.segments) > 1:
            enum = self._enum_of(holder)
            variant = None if enum is None else self._variants(enum).get(path.segments[1].name)
            if variant is not None:
                return Resolution(variant, 2)
        return Resolution(SelfOf(holder), 1)

    def _params_in(self, owner: Definition | Impl) -> dict[str, Param]:
        params = self._params.get(owner)
        if params is None:
            params = self._params[owner] = self._params_of(owner)
        return params

    def _params_of(self, owner: Definition | Impl) -> dict[str, Param]:
        """The type parameters in scope, by name."""
        found: dict[str, Param] = {}
        if isinstance(owner, Definition):
            outer = owner.parent if owner.kind == "variant" else owner.container
            if outer is not None:
                found.update(self._params_in(outer))
        for param in written_generics(owner).params:
            if param.kind == "type":
                found[param.name] = Param(param.name, owner_path(owner))
        return found

    def _is_loose(self, module: Module) -> bool:
        """A file that stands alone: no package, no `mod` that leads to it."""
        return module.crate.kind == "loose" and module.file is self._tree.roots[module.crate.id].file

    def _well_known(self, module: Module, name: str, namespace: Namespace) -> Found:
        """What a listing means by a name of std that it does not import; None as soon as it may mean something else."""
        root = self._tree.roots[module.crate.id]
        declared = self._declared.get(module.file)
        if declared is None:
            declared = self._declared[module.file] = declared_names(module.file)
        if name in declared or any(map(self._scopes.has_unknown_glob, _around(module))):
            return None
        path = WELL_KNOWN[name]
        container = self._scopes.container(root, path[:-1], "")
        if container is None or container is UNRESOLVED:
            return None
        return self._scopes.inside(container, path[-1], namespace)


def _around(module: Module) -> list[Module]:
    """A module and those it stands in."""
    found = [module]
    while found[-1].parent is not None:
        found.append(found[-1].parent)
    return found
