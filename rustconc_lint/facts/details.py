"""What an item says beyond its head: signature and body, fields, supertraits, what is implemented for what, values.

Read when it is asked for, from the tree of the one item. Types and bounds are kept as written.
"""

from __future__ import annotations

from rustconc_lint import syntax
from rustconc_lint.facts.attributes import read_attribute
from rustconc_lint.facts.control import parameter
from rustconc_lint.facts.lowering import Lowering
from rustconc_lint.facts.model import (
    AdtDetail,
    AliasDetail,
    Body,
    Detail,
    Expr,
    FnDetail,
    ImplDetail,
    Item,
    Param,
    Path,
    PWild,
    Segment,
    Signature,
    TInfer,
    TPath,
    TraitDetail,
    TRef,
    TypeExpr,
    ValueDetail,
    Variant,
)
from rustconc_lint.facts.types import read_bounds, read_generics, read_path
from rustconc_lint.syntax import Node


def read_detail(low: Lowering, node: Node, item: Item, macro: str) -> Detail | None:
    """The detail of an item; None for kinds that have none. `macro` is the last name of the macro around it."""
    match item.kind:
        case "fn":
            return finished(low, node, read_signature(low, node))
        case "struct" | "enum" | "union":
            return _adt(low, node, item)
        case "trait":
            bounds = read_bounds(low, node.child_by_field_id(syntax.F_BOUNDS))
            return TraitDetail(item.start, item.end, read_generics(low, node), bounds)
        case "impl":
            return _impl(low, node, item)
        case "type":
            bounds = read_bounds(low, node.child_by_field_id(syntax.F_BOUNDS))
            aliased = low.optional_type(node.child_by_field_id(syntax.F_TYPE))
            return AliasDetail(item.start, item.end, read_generics(low, node), bounds, aliased)
        case "static" | "const":
            return _value(low, node, item, macro)
    return None


# ---------------------------------------------------------------- functions


def finished(low: Lowering, node: Node, signature: Signature) -> FnDetail:
    """A fn with its body, read on with what its signature was read with: the parameters are locals of the body."""
    start, end = low.range(node)
    block = node.child_by_field_id(syntax.F_BODY)
    body = None if block is None else body_of(low, low.expr(block))
    return FnDetail(start, end, signature, body)


def body_of(low: Lowering, value: Expr) -> Body:
    """A lowered expression with the locals and scopes that lowering it found."""
    return Body(tuple(low.slots), tuple(low.scopes), value)


def read_signature(low: Lowering, node: Node) -> Signature:
    """The signature of a fn: most are called, or looked at, without any interest in the body."""
    start, end = low.range(node)
    body = node.child_by_field_id(syntax.F_BODY)
    if body is not None:
        end = body.start_byte + low.base
    words: set[int] = set()
    for child in node.children:
        if child.kind_id == syntax.FUNCTION_MODIFIERS:
            words = {c.kind_id for c in child.children}
            break
    generics = read_generics(low, node)
    listed = node.child_by_field_id(syntax.F_PARAMETERS)
    self_type, params = (None, ()) if listed is None else _parameters(low, listed)
    output = low.optional_type(node.child_by_field_id(syntax.F_RETURN_TYPE))
    return Signature(start, end, generics, self_type, params, output, syntax.T_ASYNC in words, syntax.T_UNSAFE in words)


def _parameters(low: Lowering, listed: Node) -> tuple[TypeExpr | None, tuple[Param, ...]]:
    """The type of self and the other parameters. Self comes first, so its slot is 0."""
    self_type: TypeExpr | None = None
    params: list[Param] = []
    for child in listed.named_children:
        kind = child.kind_id
        if kind == syntax.SELF_PARAMETER:
            self_type = _self(low, child)
        elif kind == syntax.PARAMETER:
            pattern = child.child_by_field_id(syntax.F_PATTERN)
            if pattern is not None and pattern.kind_id == syntax.SELF:
                self_type = _typed_self(low, child, pattern)
            else:
                params.append(parameter(low, child))
        elif kind in low.types:
            # A nameless parameter of the 2015 edition.
            written = low.type(child)
            params.append(Param(PWild(written.start, written.start), written))
    return self_type, tuple(params)


def _self(low: Lowering, node: Node) -> TypeExpr:
    """`self`, `mut self`, `&self`, `&'a mut self`."""
    start, end = low.range(node)
    children = node.children
    mutable = any(c.kind_id == syntax.MUTABLE_SPECIFIER for c in children)
    name = children[-1].start_byte + low.base
    path = TPath(start, end, Path(start, end, (Segment("Self", (), (), name),)))
    reference = low.data[start : start + 1] == b"&"
    low.bound = {}
    low.bind("self", name, mutable=mutable and not reference)
    if not reference:
        return path
    lifetime = next((low.text(c)[1:] for c in children if c.kind_id == syntax.LIFETIME), "")
    return TRef(start, end, lifetime, mutable, path)


def _typed_self(low: Lowering, node: Node, pattern: Node) -> TypeExpr:
    """`self: Arc<Self>`."""
    mutable = node.children[0].kind_id == syntax.MUTABLE_SPECIFIER
    low.bound = {}
    low.bind("self", pattern.start_byte + low.base, mutable=mutable)
    written = node.child_by_field_id(syntax.F_TYPE)
    return TInfer(*low.range(node)) if written is None else low.type(written)


# ---------------------------------------------------------------- types and impls


def _adt(low: Lowering, node: Node, item: Item) -> AdtDetail:
    body = node.child_by_field_id(syntax.F_BODY)
    if item.kind == "enum":
        variants = [] if body is None else [_variant(low, c) for c in _unconditional(low, body, syntax.ENUM_VARIANT)]
    else:
        variants = [Variant(item.start, item.end, item.name, _fields(low, body), _hidden(low, body))]
    return AdtDetail(item.start, item.end, read_generics(low, node), tuple(variants))


def _variant(low: Lowering, node: Node) -> Variant:
    name = node.child_by_field_id(syntax.F_NAME)
    fields = _fields(low, node.child_by_field_id(syntax.F_BODY))
    return Variant(*low.range(node), "" if name is None else low.name(name), fields)


def _fields(low: Lowering, body: Node | None) -> tuple[tuple[str, TypeExpr], ...]:
    """Names and types of fields; "0", "1", .. when they have no names."""
    if body is None:
        return ()
    if body.kind_id == syntax.ORDERED_FIELDS:
        types = [low.type(c) for c in body.named_children if c.kind_id in low.types]
        return tuple([(str(index), written) for index, written in enumerate(types)])
    fields: list[tuple[str, TypeExpr]] = []
    for child in _unconditional(low, body, syntax.FIELD_DECLARATION):
        name = child.child_by_field_id(syntax.F_NAME)
        written = child.child_by_field_id(syntax.F_TYPE)
        if name is not None and written is not None:
            fields.append((low.name(name), low.type(written)))
    return tuple(fields)


def _hidden(low: Lowering, body: Node | None) -> tuple[str, ...]:
    """Names of the fields without a visibility; in `(pub A, B)` it stands before the type it belongs to."""
    if body is None:
        return ()
    if body.kind_id != syntax.ORDERED_FIELDS:
        fields = [c for c in body.named_children if c.kind_id == syntax.FIELD_DECLARATION]
        names = [c.child_by_field_id(syntax.F_NAME) for c in fields if not _is_public(c.named_children)]
        return tuple([low.name(name) for name in names if name is not None])
    hidden: list[str] = []
    index, public = 0, False
    for child in body.named_children:
        if child.kind_id == syntax.VISIBILITY:
            public = True
        elif child.kind_id in low.types:
            if not public:
                hidden.append(str(index))
            index, public = index + 1, False
    return tuple(hidden)


def _is_public(children: list[Node]) -> bool:
    return any(child.kind_id == syntax.VISIBILITY for child in children)


def _unconditional(low: Lowering, body: Node, kind: int) -> list[Node]:
    """The fields or variants of a body. Of several with one name under exclusive cfgs the first is kept."""
    found: list[Node] = []
    names: set[str] = set()
    conditional = False
    for child in body.named_children:
        if child.kind_id == syntax.ATTRIBUTE_ITEM:
            conditional = conditional or bool(read_attribute(low.bytes(child)).cfg)
        elif child.kind_id == kind:
            name = child.child_by_field_id(syntax.F_NAME)
            text = "" if name is None else low.name(name)
            if not conditional or text not in names:
                found.append(child)
            names.add(text)
            conditional = False
    return found


def _impl(low: Lowering, node: Node, item: Item) -> ImplDetail:
    trait = node.child_by_field_id(syntax.F_TRAIT)
    subject = node.child_by_field_id(syntax.F_TYPE)
    negative = any(c.kind_id == syntax.T_BANG for c in node.children)
    generics = read_generics(low, node)
    path = None if trait is None else read_path(low, trait)
    self_type: TypeExpr = TInfer(item.start, item.end) if subject is None else low.type(subject)
    return ImplDetail(item.start, item.end, generics, path, negative, self_type)


# ---------------------------------------------------------------- values


def _value(low: Lowering, node: Node, item: Item, macro: str) -> ValueDetail:
    annotation = low.optional_type(node.child_by_field_id(syntax.F_TYPE))
    value = node.child_by_field_id(syntax.F_VALUE)
    body = None if value is None else body_of(low, low.expr(value))
    kinds = {c.kind_id for c in node.children}
    per_thread = item.attributes.thread_local or macro.endswith(("thread_local", "task_local"))
    lazy = syntax.T_REF in kinds
    return ValueDetail(item.start, item.end, annotation, syntax.MUTABLE_SPECIFIER in kinds, body, per_thread, lazy)
