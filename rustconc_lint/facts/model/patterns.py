"""Patterns and what they bind."""

from __future__ import annotations

from typing import Literal

from rustconc_lint.facts.model.types import Node, Path


class PWild(Node, frozen=True, array_like=True, tag="_", gc=False):
    """`_`: binds nothing and moves nothing."""


class PRest(Node, frozen=True, array_like=True, tag="..", gc=False):
    pass


class PBind(Node, frozen=True, array_like=True, tag="bind", gc=False):
    """`x`, `mut x`, `ref x`, `x @ sub`."""

    slot: int
    by_ref: Literal["", "ref", "mut"]  # `ref x`, `ref mut x`
    mutable: bool
    sub: Pattern | None


class PTuple(Node, frozen=True, array_like=True, tag="tuple", gc=False):
    items: tuple[Pattern, ...]


class PStruct(Node, frozen=True, array_like=True, tag="struct", gc=False):
    """`Some(x)` (fields "0", "1", ..; a PRest keeps the field name "..", and fields behind it are counted from the end:
    "-1" is the last), `S { a, b: pat, .. }`."""

    path: Path
    fields: tuple[tuple[str, Pattern], ...]
    tuple_like: bool


class PRef(Node, frozen=True, array_like=True, tag="&", gc=False):
    inner: Pattern


class PSlice(Node, frozen=True, array_like=True, tag="slice", gc=False):
    items: tuple[Pattern, ...]


class POr(Node, frozen=True, array_like=True, tag="or", gc=False):
    """Alternatives bind the same slots."""

    items: tuple[Pattern, ...]


class PPath(Node, frozen=True, array_like=True, tag="path", gc=False):
    """`None`, `Ordering::Less`, a constant: any capital-initial bare identifier too."""

    path: Path


class PLit(Node, frozen=True, array_like=True, tag="lit", gc=False):
    """Literals, ranges, and whatever could not be read: tests, binds nothing."""


Pattern = PWild | PRest | PBind | PTuple | PStruct | PRef | PSlice | POr | PPath | PLit
