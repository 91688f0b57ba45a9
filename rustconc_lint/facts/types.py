"""Types, paths, bounds and generics as they are written.

Nothing is resolved. Arguments that are no types (lifetimes, literals, blocks) are dropped, since nothing here depends
on them; a name in their place cannot be told from a type and stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from rustconc_lint import syntax
from rustconc_lint.facts.lowering import MAX_TYPE_DEPTH, Lowering
from rustconc_lint.facts.model import (
    Bound,
    GenericParam,
    Generics,
    Path,
    Segment,
    TArray,
    TDyn,
    TFn,
    TImpl,
    TInfer,
    TNever,
    TPath,
    TPtr,
    TRef,
    TSlice,
    TTuple,
    TypeExpr,
    WherePredicate,
)
from rustconc_lint.syntax import Node

_NO_GENERICS = Generics()
_NO_TYPES = frozenset(
    (
        *syntax.COMMENTS,
        syntax.ATTRIBUTE_ITEM,
        syntax.VISIBILITY,
        syntax.LIFETIME,
        syntax.BLOCK,
        syntax.ERROR,
        syntax.INTEGER,
        syntax.STRING,
        syntax.CHAR,
        syntax.BOOLEAN,
        syntax.FLOAT,
        syntax.RAW_STRING,
        syntax.NEGATIVE_LITERAL,
        syntax.USE_BOUNDS,
        syntax.FOR_LIFETIMES,
        syntax.FUNCTION_MODIFIERS,
        syntax.SELF_PARAMETER,
        syntax.VARIADIC_PARAMETER,
        syntax.MUTABLE_SPECIFIER,
    )
)
_GENERIC = frozenset(
    (syntax.GENERIC_TYPE, syntax.GENERIC_TYPE_TURBOFISH, syntax.GENERIC_FUNCTION, syntax.GENERIC_PATTERN)
)
_SCOPED = frozenset((syntax.SCOPED_TYPE, syntax.SCOPED_IDENTIFIER))

Arguments = tuple[tuple[TypeExpr, ...], tuple[tuple[str, TypeExpr], ...]]


def read_path(low: Lowering, node: Node) -> Path:
    """A path of any form: in types, expressions, patterns or uses of traits."""
    start, end = low.range(node)
    segments: list[Segment] = []
    args: Arguments = ((), ())
    qself: TypeExpr | None = None
    qtrait = False
    # From the last name to the first, since the grammar nests paths to the left.
    while True:
        kind = node.kind_id
        if kind in _SCOPED:
            name = node.child_by_field_id(syntax.F_NAME)
            if name is not None:
                segments.append(Segment(low.name(name), *args, name.start_byte + low.base))
            args = ((), ())
            inner = node.child_by_field_id(syntax.F_PATH)
            if inner is None:
                segments.append(Segment("", (), (), start))
                break
            node = inner
        elif kind in _GENERIC:
            args = _arguments_of(low, node)
            first = node.child(0)
            assert first is not None
            node = first
        elif kind == syntax.FUNCTION_TYPE:
            segments.extend(reversed(_sugared(low, node).segments))
            break
        elif kind == syntax.BRACKETED_TYPE:
            qself, before = _qualified(low, node)
            qtrait = bool(before)
            segments.extend(reversed(before))
            break
        else:
            segments.append(Segment(low.name(node), *args, node.start_byte + low.base))
            break
    segments.reverse()
    return Path(start, end, tuple(segments), qself, qtrait)


def _sugared(low: Lowering, node: Node) -> Path:
    """`Fn(A) -> B`: one tuple argument and the binding Output."""
    trait = node.child_by_field_id(syntax.F_TRAIT)
    assert trait is not None
    path = read_path(low, trait)
    parameters = node.child_by_field_id(syntax.F_PARAMETERS)
    args: tuple[TypeExpr, ...] = ()
    if parameters is not None:
        args = (TTuple(*low.range(parameters), tuple(_each_type(low, parameters.named_children))),)
    output = low.optional_type(node.child_by_field_id(syntax.F_RETURN_TYPE))
    last = path.segments[-1]
    bindings = (("Output", output if output is not None else TTuple(path.end, path.end, ())),)
    return Path(path.start, path.end, (*path.segments[:-1], Segment(last.name, args, bindings, last.start)), path.qself)


def _qualified(low: Lowering, node: Node) -> tuple[TypeExpr, tuple[Segment, ...]]:
    """`<Q as Trait>`: Q and the trait's segments; `<Q>`: Q and none."""
    inner = next((c for c in node.named_children if c.kind_id not in _NO_TYPES), None)
    if inner is None:
        return TInfer(*low.range(node)), ()
    if inner.kind_id != syntax.QUALIFIED_TYPE:
        return low.type(inner), ()
    subject = inner.child_by_field_id(syntax.F_TYPE)
    trait = inner.child_by_field_id(syntax.F_ALIAS)
    qself: TypeExpr = TInfer(*low.range(inner)) if subject is None else low.type(subject)
    return qself, () if trait is None else read_path(low, trait).segments


def _arguments_of(low: Lowering, node: Node) -> Arguments:
    """Type arguments and associated bindings of a generic path."""
    listed = node.child_by_field_id(syntax.F_TYPE_ARGUMENTS)
    return ((), ()) if listed is None else read_arguments(low, listed)


def read_arguments(low: Lowering, node: Node) -> Arguments:
    """`<A, B, Item = C, Item: D>` as types and bindings; a bound on an associated type is a binding to `impl D`."""
    types: list[TypeExpr] = []
    bindings: list[tuple[str, TypeExpr]] = []
    for child in node.named_children:
        kind = child.kind_id
        if kind == syntax.TYPE_BINDING:
            name = child.child_by_field_id(syntax.F_NAME)
            bound = child.child_by_field_id(syntax.F_TYPE)
            if name is not None and bound is not None:
                bindings.append((low.name(name), low.type(bound)))
        elif kind == syntax.TRAIT_BOUNDS and types:
            # `Iterator<Item: Send>`: what was read as a type is the associated type's name.
            subject = types.pop()
            if isinstance(subject, TPath):
                bindings.append((subject.path.segments[-1].name, TImpl(*low.range(child), read_bounds(low, child))))
        elif kind not in _NO_TYPES:
            types.append(low.type(child))
    return tuple(types), tuple(bindings)


def _each_type(low: Lowering, nodes: Iterable[Node]) -> list[TypeExpr]:
    types: list[TypeExpr] = []
    for child in nodes:
        kind = child.kind_id
        if kind == syntax.PARAMETER:
            named = child.child_by_field_id(syntax.F_TYPE)
            types.append(TInfer(*low.range(child)) if named is None else low.type(named))
        elif kind not in _NO_TYPES:
            types.append(low.type(child))
    return types


# ---------------------------------------------------------------- types


def _path_type(low: Lowering, node: Node) -> TypeExpr:
    path = read_path(low, node)
    return TPath(path.start, path.end, path)


def _name_type(low: Lowering, node: Node) -> TypeExpr:
    start, end = node.byte_range
    start += low.base
    end += low.base
    name = low.data[start:end].decode("utf-8", "replace")
    if name == "_":
        return TInfer(start, end)
    return TPath(start, end, Path(start, end, (Segment(name.removeprefix("r#"), (), (), start),)))


def _reference(low: Lowering, node: Node) -> TypeExpr:
    lifetime, mutable = "", False
    for child in node.children:
        if child.kind_id == syntax.LIFETIME:
            lifetime = low.text(child)[1:]
        elif child.kind_id == syntax.MUTABLE_SPECIFIER:
            mutable = True
    return TRef(*low.range(node), lifetime, mutable, _inner(low, node, syntax.F_TYPE))


def _pointer(low: Lowering, node: Node) -> TypeExpr:
    mutable = any(c.kind_id == syntax.MUTABLE_SPECIFIER for c in node.children)
    return TPtr(*low.range(node), mutable, _inner(low, node, syntax.F_TYPE))


def _inner(low: Lowering, node: Node, field: int) -> TypeExpr:
    inner = node.child_by_field_id(field)
    return TInfer(*low.range(node)) if inner is None else low.type(inner)


def _tuple(low: Lowering, node: Node) -> TypeExpr:
    items = _each_type(low, node.named_children)
    if len(items) == 1 and not any(c.kind_id == syntax.T_COMMA for c in node.children):
        return items[0]  # parentheses
    return TTuple(*low.range(node), tuple(items))


def _unit(low: Lowering, node: Node) -> TypeExpr:
    return TTuple(*low.range(node), ())


def _array(low: Lowering, node: Node) -> TypeExpr:
    element = _inner(low, node, syntax.F_ELEMENT)
    if any(c.kind_id == syntax.T_SEMICOLON for c in node.children):
        return TArray(*low.range(node), element)
    return TSlice(*low.range(node), element)


def _function(low: Lowering, node: Node) -> TypeExpr:
    if node.child_by_field_id(syntax.F_TRAIT) is not None:
        return _path_type(low, node)
    parameters = node.child_by_field_id(syntax.F_PARAMETERS)
    params = () if parameters is None else tuple(_each_type(low, parameters.named_children))
    return TFn(*low.range(node), params, low.optional_type(node.child_by_field_id(syntax.F_RETURN_TYPE)))


def _never(low: Lowering, node: Node) -> TypeExpr:
    return TNever(*low.range(node))


def _higher_ranked(low: Lowering, node: Node) -> TypeExpr:
    return _inner(low, node, syntax.F_TYPE)


def _bounded(low: Lowering, node: Node) -> TypeExpr:
    """`dyn A + Send`, `impl A + Send`, or a trait object of old without `dyn`."""
    parts = _summands(node)
    opaque = bool(parts) and parts[0].kind_id == syntax.ABSTRACT_TYPE
    each = [one for part in parts for one in _opened(part)]
    bounds = tuple([bound for one in each if (bound := _bound(low, one)) is not None])
    return TImpl(*low.range(node), bounds) if opaque else TDyn(*low.range(node), bounds)


def _opened(part: Node) -> list[Node]:
    """The bounds in a part: `impl 'static + A` is one part of `impl 'static + A + Send`."""
    trait = part.child_by_field_id(syntax.F_TRAIT)
    return [part] if trait is None or trait.kind_id != syntax.BOUNDED_TYPE else _summands(trait)


def _summands(node: Node) -> list[Node]:
    """The parts of `A + B + C`, which the grammar nests to the left."""
    parts: list[Node] = []
    pending = [node]
    while pending:
        node = pending.pop()
        if node.kind_id == syntax.BOUNDED_TYPE:
            pending.extend(reversed(node.named_children))
        else:
            parts.append(node)
    return parts


def _unbounded(low: Lowering, node: Node) -> TypeExpr:
    """`dyn A`, `impl A`; the grammar makes one bound of `'a + A`."""
    trait = node.child_by_field_id(syntax.F_TRAIT)
    parts = () if trait is None else _summands(trait)
    bounds = tuple([bound for part in parts if (bound := _bound(low, part)) is not None])
    return (TImpl if node.kind_id == syntax.ABSTRACT_TYPE else TDyn)(*low.range(node), bounds)


# ---------------------------------------------------------------- bounds and generics


def read_bounds(low: Lowering, node: Node | None) -> tuple[Bound, ...]:
    """The bounds after a `:`."""
    if node is None:
        return ()
    bounds: list[Bound] = []
    for child in node.named_children:
        for part in _summands(child):
            bound = _bound(low, part)
            if bound is not None:
                bounds.append(bound)
    return tuple(bounds)


def _bound(low: Lowering, node: Node, *, maybe: bool = False) -> Bound | None:
    """One bound; None for what bounds nothing here (`use<'a>`, comments)."""
    for _ in range(MAX_TYPE_DEPTH):
        kind = node.kind_id
        if kind == syntax.LIFETIME:
            return Bound(None, low.text(node)[1:])
        if kind in _NO_TYPES:
            return None
        if kind == syntax.REMOVED_BOUND:
            maybe = True
        elif kind not in _AROUND_BOUND:
            return Bound(read_path(low, node), "", maybe) if _is_trait(node) else None
        field = _AROUND_BOUND.get(kind)
        named = [c for c in node.named_children if c.kind_id not in _NO_TYPES]
        inner = node.child_by_field_id(field) if field else next(iter(named), None)
        if inner is None:
            return None
        node = inner
    return None


def _is_trait(node: Node) -> bool:
    """Whether a node names a trait: not `fn()` or `&T`, which may stand before a `+` only in broken code."""
    if node.kind_id == syntax.FUNCTION_TYPE:
        return node.child_by_field_id(syntax.F_TRAIT) is not None
    return node.kind_id in _TRAITS


_TRAITS = frozenset((*_GENERIC, *_SCOPED, syntax.TYPE_IDENTIFIER, syntax.IDENTIFIER))
_AROUND_BOUND: dict[int, int] = {
    syntax.REMOVED_BOUND: 0,
    syntax.TUPLE_TYPE: 0,  # parentheses
    syntax.HIGHER_RANKED: syntax.F_TYPE,
    syntax.DYNAMIC_TYPE: syntax.F_TRAIT,
    syntax.ABSTRACT_TYPE: syntax.F_TRAIT,
}


def read_generics(low: Lowering, node: Node) -> Generics:
    """The parameters and where clause of an item."""
    listed = node.child_by_field_id(syntax.F_TYPE_PARAMETERS)
    params = () if listed is None else tuple(_parameters(low, listed))
    where: list[WherePredicate] = []
    for child in node.named_children:
        if child.kind_id == syntax.WHERE_CLAUSE:
            where.extend(_predicates(low, child))
    return Generics(params, tuple(where)) if params or where else _NO_GENERICS


def _parameters(low: Lowering, node: Node) -> list[GenericParam]:
    params: list[GenericParam] = []
    for child in node.named_children:
        kind = child.kind_id
        name = child.child_by_field_id(syntax.F_NAME)
        if name is None:
            continue
        if kind == syntax.TYPE_PARAMETER:
            bounds = read_bounds(low, child.child_by_field_id(syntax.F_BOUNDS))
            default = low.optional_type(child.child_by_field_id(syntax.F_DEFAULT_TYPE))
            params.append(GenericParam(low.name(name), "type", bounds, default))
        elif kind == syntax.LIFETIME_PARAMETER:
            bounds = read_bounds(low, child.child_by_field_id(syntax.F_BOUNDS))
            params.append(GenericParam(low.text(name), "lifetime", bounds))
        elif kind == syntax.CONST_PARAMETER:
            params.append(GenericParam(low.name(name), "const"))
    return params


def _predicates(low: Lowering, clause: Node) -> list[WherePredicate]:
    predicates: list[WherePredicate] = []
    for child in clause.named_children:
        if child.kind_id != syntax.WHERE_PREDICATE:
            continue
        left = child.child_by_field_id(syntax.F_LEFT)
        if left is not None and left.kind_id != syntax.LIFETIME:
            bounds = read_bounds(low, child.child_by_field_id(syntax.F_BOUNDS))
            predicates.append(WherePredicate(low.type(left), bounds))
    return predicates


TYPES: Mapping[int, Callable[[Lowering, Node], TypeExpr]] = {
    syntax.TYPE_IDENTIFIER: _name_type,
    syntax.IDENTIFIER: _name_type,
    syntax.PRIMITIVE_TYPE: _name_type,
    syntax.SCOPED_TYPE: _path_type,
    syntax.SCOPED_IDENTIFIER: _path_type,
    syntax.GENERIC_TYPE: _path_type,
    syntax.GENERIC_TYPE_TURBOFISH: _path_type,
    syntax.REFERENCE_TYPE: _reference,
    syntax.POINTER_TYPE: _pointer,
    syntax.TUPLE_TYPE: _tuple,
    syntax.UNIT_TYPE: _unit,
    syntax.ARRAY_TYPE: _array,
    syntax.FUNCTION_TYPE: _function,
    syntax.NEVER_TYPE: _never,
    syntax.HIGHER_RANKED: _higher_ranked,
    syntax.BOUNDED_TYPE: _bounded,
    syntax.DYNAMIC_TYPE: _unbounded,
    syntax.ABSTRACT_TYPE: _unbounded,
}
