"""The bounds written on a type parameter, wherever its declaration puts them, unlowered.

Inline (`T: Send`), in `where` clauses, as a trait's supertraits (on its Self), and in the `where` clauses of the
methods of its impl or trait, which are taken to hold throughout: they can only make more types have a trait. `Copy` is
the exception, since to believe it wrongly turns a move into a copy.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from rustconc_lint.facts.model import Bound, Generics, TPath, TraitDetail, TypeExpr
from rustconc_lint.program.definitions import Definition, Impl, Module
from rustconc_lint.program.names import Names
from rustconc_lint.program.paths import detail_of, written_generics
from rustconc_lint.program.types import Param


class Written(msgspec.Struct, frozen=True, eq=False):
    """A bound and where it is written."""

    bound: Bound
    module: Module
    owner: Definition | Impl


def bounds_on(param: Param, holder: Definition | Impl, names: Names) -> Iterator[Written]:
    """The bounds on a parameter that `holder` declares. A trait's own name is not among those of its Self."""
    detail = detail_of(holder)
    if isinstance(detail, TraitDetail) and param.name == "Self":
        for bound in detail.supertraits:
            yield Written(bound, holder.module, holder)
    for bound in _in_generics(param.name, written_generics(holder)):
        yield Written(bound, holder.module, holder)
    container = _container(holder, names)
    if container is None:
        return
    data = holder.module.file.source.data
    for member in names.members(container).values():
        head = data[member.item.start : max(data.find(b"{", member.item.start, member.item.end), member.item.start)]
        if member.kind == "fn" and b"where" in (head or data[member.item.start : member.item.end]):
            for bound in _in_where(param.name, written_generics(member)):
                if bound.path is None or bound.path.segments[-1].name != "Copy":
                    yield Written(bound, member.module, member)


def _container(holder: Definition | Impl, names: Names) -> Impl | None:
    if isinstance(holder, Impl):
        return holder
    return names.trait_body(holder) if holder.kind == "trait" else None


def _in_generics(name: str, generics: Generics) -> Iterator[Bound]:
    for param in generics.params:
        if param.name == name and param.kind == "type":
            yield from param.bounds
    yield from _in_where(name, generics)


def _in_where(name: str, generics: Generics) -> Iterator[Bound]:
    for predicate in generics.where:
        if _is_name(predicate.subject, name):
            yield from predicate.bounds


def _is_name(expr: TypeExpr, name: str) -> bool:
    if not isinstance(expr, TPath) or expr.path.qself is not None:
        return False
    segments = expr.path.segments
    return len(segments) == 1 and segments[0].name == name
