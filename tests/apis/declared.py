"""The declarations of an API model as a tree: items with their attributes, parameters, fields, and canonical paths.

Read here on their own, and not through `facts`, so that a proof does not lean on what it is a proof of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from rustconc_lint.syntax import Node, parse


def declared_paths(crate: str, declarations: str) -> frozenset[str]:
    """The canonical paths of all that is declared: items, variants, methods of types, traits and built-in types."""
    return frozenset(_paths(parse(declarations.encode()), crate))


def declared_types(crate: str, declarations: str) -> list[tuple[str, int, int]]:
    """(path, lifetime parameters, type parameters) of structs and enums that put no bound on a type parameter and have
    none for constants; a parameter with a default counts too."""
    return list(_types(parse(declarations.encode()), crate))


@dataclass
class Generics:
    """Parameters without defaults, in order: `decls` as written, `names`, and which are lifetimes, types, consts."""

    decls: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    where: str = ""

    def of(self, kind: str) -> list[str]:
        return [name for name, its in zip(self.names, self.kinds, strict=True) if its == kind]

    @property
    def turbofish(self) -> list[str]:
        return [name for name, kind in zip(self.names, self.kinds, strict=True) if kind != "lifetime"]


KINDS = {"lifetime_parameter": "lifetime", "type_parameter": "type", "const_parameter": "const"}


def text(node: Node | None) -> str:
    return "" if node is None or node.text is None else node.text.decode()


def part(node: Node, name: str) -> Node | None:
    return node.child_by_field_name(name)


def generics(node: Node) -> Generics:
    read = Generics()
    parameters = part(node, "type_parameters")
    for parameter in parameters.named_children if parameters is not None else ():
        default = part(parameter, "default_type")
        end = len(text(parameter)) if default is None else default.start_byte - parameter.start_byte
        read.decls.append(text(parameter)[:end].rstrip(" ="))
        read.names.append(text(part(parameter, "name")))
        read.kinds.append(KINDS[parameter.type])
    read.where = "".join(text(child) for child in node.children if child.type == "where_clause")
    return read


def at(attributes: list[str]) -> dict[str, str]:
    """The types given by `#[at(A = u32, B = ..)]`."""
    found: dict[str, str] = {}
    for attribute in attributes:
        match = re.fullmatch(r"#\[at\((.*)\)\]", attribute)
        if match:
            name, _, value = match[1].partition("=")
            found[name.strip()] = value.strip()
    return found


def instantiated(node: Node, types: dict[str, str]) -> Node:
    """The item with parameters replaced by types, their declarations left out."""
    source = text(node)
    for name, value in types.items():
        source = re.sub(rf"(?<=[<,])\s*{name}(: [^,<>]*)?(, |(?=>))", "", source, count=1)
        source = re.sub(rf"\b{name}\b(?!:)", value, source)
    source = source.replace("<>", "", 1)
    item = parse(source.encode()).children[0]
    assert not item.has_error, source
    return item


def items(body: Node) -> Iterator[tuple[Node, list[str]]]:
    """The items of a body with their attributes."""
    attributes: list[str] = []
    for node in body.named_children:
        if node.type == "attribute_item":
            attributes.append(text(node))
        elif node.type not in ("line_comment", "block_comment"):
            yield node, attributes
            attributes = []


def fields(body: Node) -> Iterator[tuple[bool, str, str]]:
    """(is public, name or "", type) of each field."""
    if body.type == "ordered_field_declaration_list":
        public = False
        for child in body.named_children:
            if child.type == "visibility_modifier":
                public = True
            elif child.type not in ("line_comment", "attribute_item"):
                yield public, "", text(child)
                public = False
    elif body.type == "field_declaration_list":
        for child in body.named_children:
            if child.type == "field_declaration":
                public = any(part.type == "visibility_modifier" for part in child.children)
                yield public, text(part(child, "name")), text(part(child, "type"))


HEADS = ((r"\[.*; .*\]", "[_]"), (r"\[.*\]", "[]"), (r"\*const .*", "*const"), (r"\*mut .*", "*mut"))


def _paths(body: Node, path: str) -> Iterator[str]:
    for node, _ in items(body):
        name = text(part(node, "name"))
        inner = part(node, "body")
        if node.type == "impl_item":
            head = text(part(node, "type"))
            if part(node, "trait") is None and inner is not None:
                yield from (f"{_head(head, path)}::{member}" for member in _members(inner))
            continue
        if not name:
            continue
        yield f"{path}::{name}"
        if node.type == "mod_item" and inner is not None:
            yield from _paths(inner, f"{path}::{name}")
        elif node.type in ("trait_item", "enum_item") and inner is not None:
            yield from (f"{path}::{name}::{member}" for member in _members(inner))


def _head(self_type: str, path: str) -> str:
    for pattern, head in HEADS:
        if re.fullmatch(pattern, self_type):
            return head
    plain = re.split(r"[<\s]", self_type)[0]
    return plain if plain[0].islower() else f"{path}::{plain}"


def _members(body: Node) -> Iterator[str]:
    return (name for node, _ in items(body) if (name := text(part(node, "name"))))


def _types(body: Node, path: str) -> Iterator[tuple[str, int, int]]:
    for node, _ in items(body):
        name, inner = text(part(node, "name")), part(node, "body")
        if node.type == "mod_item" and inner is not None:
            yield from _types(inner, f"{path}::{name}")
        elif node.type in ("struct_item", "enum_item"):
            own = generics(node)
            bounded = own.where or own.of("const") or any(FREE.sub("", decl).count(":") for decl in own.decls)
            if not bounded:
                yield f"{path}::{name}", len(own.of("lifetime")), len(own.of("type"))


# Bounds that every argument of the tests meets.
FREE = re.compile(r": (\?Sized|'\w+)( \+ ('\w+|\?Sized))*$")
