"""Impls and what stands in them: heads of self types, traits, and members with their canonical paths."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rustconc_lint.facts.model import (
    AliasDetail,
    ImplDetail,
    Item,
    Path,
    TArray,
    TDyn,
    TFn,
    TNever,
    TPath,
    TPtr,
    TRef,
    TSlice,
    TTuple,
    TypeExpr,
)  # fmt: skip
from rustconc_lint.program.cfgs import rank
from rustconc_lint.program.definitions import Definition, DefKind, Impl, Module
from rustconc_lint.program.names.paths import Owner, Resolution, detail_of
from rustconc_lint.program.types import Param, Prim

Resolve = Callable[[Path, Module, Owner], Resolution | None]

_KINDS: dict[str, DefKind] = {"fn": "fn", "type": "type", "const": "const", "static": "static"}
_ADTS = frozenset(("struct", "enum", "union"))
_ALIASES = 16  # of aliases; more is a circle


class Members:
    """Answers about impls and trait bodies, memoised. resolve: a path in the type namespace."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._heads: dict[Impl, str | None] = {}
        self._traits: dict[Impl, Definition | None] = {}
        self._members: dict[Impl, dict[str, Definition]] = {}
        self._all: dict[Impl, tuple[Definition, ...]] = {}
        self._bodies: dict[Definition, Impl] = {}

    def trait_body(self, trait: Definition) -> Impl:
        """See Names.trait_body."""
        body = self._bodies.get(trait)
        if body is None:
            body = self._bodies[trait] = Impl(trait.path, trait.module, trait.item)
        return body

    def head_of(self, of: Impl) -> str | None:
        """See Names.head_of."""
        if of not in self._heads:
            detail = detail_of(of)
            head = self._head(detail.self_type, of.module, of, _ALIASES) if isinstance(detail, ImplDetail) else None
            self._heads[of] = head
        return self._heads[of]

    def trait_of(self, of: Impl) -> Definition | None:
        """See Names.trait_of."""
        if of not in self._traits:
            detail = detail_of(of)
            named = detail.trait if isinstance(detail, ImplDetail) else None
            found = None if named is None else self._resolve(named, of.module, of)
            target = None if found is None or named is None or found.used < len(named.segments) else found.target
            self._traits[of] = target if isinstance(target, Definition) and target.kind == "trait" else None
        return self._traits[of]

    def members(self, of: Impl) -> Mapping[str, Definition]:
        """See Names.members."""
        found = self._members.get(of)
        if found is None:
            found = self._members[of] = {}
            for definition in self.all_members(of):
                other = found.get(definition.name)
                if other is None or _rank(definition) < _rank(other):
                    found[definition.name] = definition
        return found

    def all_members(self, of: Impl) -> tuple[Definition, ...]:
        """Every member, those that are alternatives of another under a cfg included."""
        found = self._all.get(of)
        if found is None:
            found = self._all[of] = tuple(self._made(of))
        return found

    def _made(self, of: Impl) -> list[Definition]:
        prefix = f"{of.id}::" if of.naming is None else ""
        made: list[Definition] = []
        counts: dict[str, int] = {}
        for item in of.item.members:
            kind = _KINDS.get(item.kind)
            if kind is None:
                continue
            number = counts[item.name] = counts.get(item.name, 0) + 1
            known = f"{prefix}{item.name}" + (f"#{number}" if number > 1 else "")
            made.append(Definition(known, kind, item.name, of.module, item, of))
        for definition in made:
            definition.alternatives = counts[definition.name] > 1
        return made

    def naming(self, of: Impl) -> str:
        """`demo::Job` for the inherent members of an impl, `<demo::Job as From<u8>>` for those of a trait."""
        detail = detail_of(of)
        if not isinstance(detail, ImplDetail):
            return of.id
        head = self.head_of(of)
        named = head is not None and (head.isidentifier() or ("::" in head and " " not in head))
        subject = head if head and named else _text(of, detail.self_type.start, detail.self_type.end)
        if detail.trait is None:
            return head or f"<{subject}>"
        return f"<{subject} as {_trait_text(of, detail.trait)}>"

    def _head(self, expr: TypeExpr, module: Module, owner: Owner, fuel: int) -> str | None:
        match expr:
            case TPath(path=path):
                return self._path_head(path, module, owner, fuel)
            case TRef(mutable=mutable):
                return "&mut" if mutable else "&"
            case TPtr(mutable=mutable):
                return "*mut" if mutable else "*const"
            case TTuple():
                return "()"
            case TArray():
                return "[_]"
            case TSlice():
                return "[]"
            case TFn():
                return "fn"
            case TNever():
                return "!"
            case TDyn(bounds=bounds):
                first = next((bound.path for bound in bounds if bound.path is not None), None)
                return None if first is None else self._path_head(first, module, owner, fuel)
        return None

    def _path_head(self, path: Path, module: Module, owner: Owner, fuel: int) -> str | None:
        found = self._resolve(path, module, owner)
        if found is None or found.used < len(path.segments) or fuel == 0:
            return None
        target = found.target
        if isinstance(target, Param):
            return ""
        if isinstance(target, Prim):
            return target.name
        if not isinstance(target, Definition):
            return None
        if target.kind in _ADTS:
            return target.path
        if target.kind == "trait":
            return f"dyn {target.path}"
        detail = detail_of(target)
        if isinstance(detail, AliasDetail) and detail.aliased is not None:
            return self._head(detail.aliased, target.module, target, fuel - 1)
        return None


def has_body(item: Item, data: bytes) -> bool:
    """Whether a fn item has a body: without one it ends in `;`."""
    return data[item.end - 1 : item.end] == b"}"


def _rank(definition: Definition) -> int:
    return rank(definition.item.attributes.cfg)


def _text(of: Impl, start: int, end: int) -> str:
    return " ".join(of.module.file.source.text(start, end).split())


def _trait_text(of: Impl, trait: Path) -> str:
    """The trait as written, from its last name on: `From<io::Error>`."""
    last = trait.segments[-1].start
    return _text(of, last if trait.start <= last < trait.end else trait.start, trait.end)
