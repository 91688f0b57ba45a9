"""The bounds written on a type parameter, wherever its declaration puts them, unlowered.

Inline (`T: Send`), in `where` clauses, as a trait's supertraits (on its Self); and apart from those, in the `where`
clauses of the methods of its impl or trait.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from rustconc_lint.facts.model import Bound, Generics, TPath, TraitDetail, TypeExpr, WherePredicate
from rustconc_lint.program.definitions import Definition, Impl, Module
from rustconc_lint.program.names import Names
from rustconc_lint.program.paths import detail_of, written_generics
from rustconc_lint.program.types import Param


class Written(msgspec.Struct, frozen=True, eq=False):
    """A bound and where it is written."""

    bound: Bound
    module: Module
    owner: Definition | Impl


def bounds_on(param: Param, holder: Definition | Impl) -> Iterator[Written]:
    """The bounds on a parameter that `holder` declares. A trait's own name is not among those of its Self."""
    detail = detail_of(holder)
    if isinstance(detail, TraitDetail) and param.name == "Self":
        for bound in detail.supertraits:
            yield Written(bound, holder.module, holder)
    for bound in _in_generics(param.name, written_generics(holder)):
        yield Written(bound, holder.module, holder)


def method_bounds_on(param: Param, holder: Definition | Impl, names: Names) -> Iterator[Written]:
    """The bounds that `where` clauses of the methods of an impl or trait put on one of its parameters.

    `Copy` is left out: to believe it of the other methods too would turn a move into a copy."""
    container = holder if isinstance(holder, Impl) else None
    if isinstance(holder, Definition) and holder.kind == "trait":
        container = names.trait_body(holder)
    if container is None:
        return
    data = holder.module.file.source.data
    for member in names.members(container).values():
        end = data.find(b"{", member.item.start, member.item.end)
        head = data[member.item.start : member.item.end if end < 0 else end]
        if member.kind == "fn" and b"where" in head:
            for bound in _in_where(param.name, written_generics(member)):
                if bound.path is None or bound.path.segments[-1].name != "Copy":
                    yield Written(bound, member.module, member)


def other_predicates(holder: Definition | Impl) -> Iterator[WherePredicate]:
    """The `where` predicates on anything but a bare parameter: `where T::Item: Send`, `where Vec<T>: Debug`."""
    names = {param.name for param in written_generics(holder).params} | {"Self"}
    for predicate in written_generics(holder).where:
        if not any(_is_name(predicate.subject, name) for name in names):
            yield predicate


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
