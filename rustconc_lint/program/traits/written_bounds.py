"""The bounds written on a type parameter, wherever its declaration puts them, unlowered.

Inline (`T: Send`), in `where` clauses, as a trait's supertraits (on its Self); and apart from those, in the `where`
clauses of the methods of its impl or trait.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from rustconc_lint.facts.model import Bound, Generics, ImplDetail, TPath, TraitDetail, TypeExpr, WherePredicate
from rustconc_lint.program.definitions import Definition, Impl, Module
from rustconc_lint.program.names.names import Names
from rustconc_lint.program.names.paths import detail_of, written_generics
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
    for bound in _in_generics(names_of(param, holder), written_generics(holder)):
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
            for bound in _in_where(names_of(param, member), written_generics(member)):
                if bound.path is None or bound.path.segments[-1].name != "Copy":
                    yield Written(bound, member.module, member)


def other_predicates(holder: Definition | Impl) -> Iterator[WherePredicate]:
    """The `where` predicates on anything but a bare parameter: `where T::Item: Send`, `where Vec<T>: Debug`, and `where
    Self: Send` in an impl."""
    container = _impl_of(holder)
    names = {param.name for param in written_generics(holder).params}
    if container is None or _self_name(container) in {param.name for param in written_generics(container).params}:
        names.add("Self")
    for predicate in written_generics(holder).where:
        if _name(predicate.subject) not in names:
            yield predicate


def names_of(param: Param, holder: Definition | Impl) -> frozenset[str]:
    """What the parameter is called in an impl or a method; `Self` too in `impl<F: FnOnce()> Job for F`."""
    container = _impl_of(holder)
    return frozenset((param.name, "Self") if container and _self_name(container) == param.name else (param.name,))


def _impl_of(holder: Definition | Impl) -> Impl | None:
    """The impl that this is, or is a member of."""
    container = holder if isinstance(holder, Impl) else holder.container
    return container if container is not None and container.item.kind == "impl" else None


def _self_name(container: Impl) -> str:
    """The name that an impl is for, "" where it is for more than a name."""
    detail = detail_of(container)
    return _name(detail.self_type) if isinstance(detail, ImplDetail) else ""


def _in_generics(names: frozenset[str], generics: Generics) -> Iterator[Bound]:
    for param in generics.params:
        if param.name in names and param.kind == "type":
            yield from param.bounds
    yield from _in_where(names, generics)


def _in_where(names: frozenset[str], generics: Generics) -> Iterator[Bound]:
    for predicate in generics.where:
        if _name(predicate.subject) in names:
            yield from predicate.bounds


def _name(expr: TypeExpr) -> str:
    """The name that the type is, "" where it is more than a name."""
    if not isinstance(expr, TPath) or expr.path.qself is not None or len(expr.path.segments) != 1:
        return ""
    return expr.path.segments[0].name
