"""The declarations of an API model -> a Rust file that compiles only if the real crate has all of them, as declared.

The file mirrors the declared modules: in place of each declared item stands an import of the real one, so that every
type text, copied as written, means the crate's own type. Beside them stand the proofs:
- a method or function: a generic one of the same signature, whose body calls the real one through `callN`, which takes
  the types of all arguments and of the result as written, so that no coercion can hide a wrong receiver or output;
- an impl or derive: a bound on the self type, associated types included;
- a struct, enum, alias, trait: its parameters, public fields, variants, aliased type, supertraits, associated types.

`#[at(A = u32)]` above an item says: true of these types only, where the crate's own bound cannot be named; it is proven
of them. Auto traits (`unsafe impl Send`, `impl !Send`) are not proven here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from rustconc_lint.syntax import Node, parse

AUTO_TRAITS = frozenset({"Send", "Sync", "Unpin"})
# Their right side is `Self` unless said otherwise, which must be sized then.
BY_VALUE = re.compile(r"(\w+::)*(Add|Sub|Mul|Div|Rem|Neg|Not|Bit\w+|Shl|Shr)(Assign)?(<Output = .*)?")
CONSUMES = re.compile(r"\((mut )?self\b")
BARE_SELF = re.compile(r"(?<!&)(?<!&mut )(?<!Box<)\bSelf\b")
MOST_ARGUMENTS = 7
DERIVED = {
    "Clone": "::core::clone::Clone",
    "Copy": "::core::marker::Copy",
    "Debug": "::core::fmt::Debug",
    "Default": "::core::default::Default",
    "Eq": "::core::cmp::Eq",
    "Hash": "::core::hash::Hash",
    "Ord": "::core::cmp::Ord",
    "PartialEq": "::core::cmp::PartialEq",
    "PartialOrd": "::core::cmp::PartialOrd",
}


def proof(crate: str, declarations: str) -> str:
    """The proof file of the declarations of `crate` (edition 2021, a library, some features of std)."""
    writer = Writer()
    writer.module(parse(declarations.encode()), f"::{crate}", 0)
    return "\n".join([HEAD, *calls(), *writer.lines, ""])


def declared_paths(crate: str, declarations: str) -> frozenset[str]:
    """The canonical paths of all that is declared: items, variants, methods of types, traits and built-in types."""
    return frozenset(_paths(parse(declarations.encode()), crate))


HEAD = """#![allow(warnings)]
#![feature(pattern, slice_concat_trait, try_trait_v2, unboxed_closures, fn_traits, nonzero_internals)]"""


def calls() -> Iterator[str]:
    yield "fn exactly<T>(value: T) -> T { value }"
    for n in range(MOST_ARGUMENTS):
        types = [f"A{i}" for i in range(n)]
        parameters = "".join(f", a{i}: A{i}" for i in range(n))
        bound = f"FnOnce({', '.join(types)}) -> R"
        generics = ", ".join([*types, "R", f"F: {bound}"])
        yield f"fn call{n}<{generics}>(f: F{parameters}) -> R {{ f({', '.join(f'a{i}' for i in range(n))}) }}"


# ---------------------------------------------------------------- reading


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


INSTANTIATED = ("impl_item", "function_signature_item")
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


# ---------------------------------------------------------------- writing


class Writer:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.count = 0

    def name(self) -> str:
        self.count += 1
        return f"proof_{self.count}"

    def module(self, body: Node, path: str, depth: int) -> None:
        for written, attributes in items(body):
            types = at(attributes)
            node = instantiated(written, types) if types and written.type in INSTANTIATED else written
            match node.type:
                case "mod_item":
                    name = text(part(node, "name"))
                    inner = part(node, "body")
                    assert inner is not None, f"{path}::{name} is not inline"
                    self.lines.append(f"pub mod {name} {{ use crate::*; " if depth < 0 else f"pub mod {name} {{")
                    self.module(inner, f"{path}::{name}", depth + 1)
                    self.lines.append("}")
                case "use_declaration":
                    self.lines.append(text(node))
                case "function_signature_item":
                    self.imported(node, path)
                    self.function(node, f"{path}::{text(part(node, 'name'))}")
                case "struct_item" | "enum_item" | "union_item":
                    self.imported(node, path)
                    self.adt(node, attributes)
                case "type_item":
                    self.imported(node, path)
                    self.alias(node)
                case "const_item":
                    name = f"{path}::{text(part(node, 'name'))}"
                    self.lines.append(f"fn {self.name()}() -> {text(part(node, 'type'))} {{ {name} }}")
                case "trait_item":
                    self.imported(node, path)
                    self.trait(node, types)
                case "impl_item" if part(node, "trait") is None:
                    self.inherent_impl(node)
                case "impl_item":
                    self.trait_impl(node)
                case "extern_crate_declaration":
                    self.lines.append(text(node))
                case other:
                    raise AssertionError(f"{path}: {other}: {text(node)[:80]}")

    def imported(self, node: Node, path: str) -> None:
        self.lines.append(f"pub use {path}::{text(part(node, 'name'))};")

    # -------- functions

    def function(self, node: Node, path: str) -> None:
        own = generics(node)
        head = f"{_asynchronous(node)}fn {self.name()}{_list(own.decls)}"
        self.lines.append(f"{head}{_signature(node)} {own.where} {{ {_call(node, path, '')} }}")

    def methods(self, body: Node, path: str) -> tuple[list[str], list[str]]:
        """Declarations, and definitions that call the real ones."""
        declared, defined = [], []
        for written, attributes in items(body):
            types = at(attributes)
            node = instantiated(written, types) if types else written
            name = text(part(node, "name"))
            if node.type == "const_item":
                head = f"fn proof_const_{name}() -> {text(part(node, 'type'))}"
                declared.append(f"{head} where Self: Sized;")
                defined.append(f"{head} where Self: Sized {{ {path}::{name} }}")
                continue
            if node.type == "associated_type":
                continue
            assert node.type == "function_signature_item", text(node)
            own = generics(node)
            turbofish = [*types.values(), *own.turbofish]
            where = own.where
            if BARE_SELF.search(_signature(node)) and "Self: Sized" not in where:
                where = f"{where.rstrip(', ')}, Self: Sized" if where else "where Self: Sized"
            head = f"{_asynchronous(node)}fn proof_{name}{_list(own.decls)}{_signature(node)} {where}"
            declared.append(f"{head};")
            defined.append(f"{head} {{ {_call(node, f'{path}::{name}', 'Self', turbofish)} }}")
        return declared, defined

    def inherent_impl(self, node: Node) -> None:
        own, self_type, body = generics(node), text(part(node, "type")), part(node, "body")
        assert body is not None
        declared, defined = self.methods(body, f"<{self_type}>")
        if any(line.startswith("async ") for line in declared):
            own = _bounded(own, "'static")  # the future of a trait's method must not outlive its parameters
        name = self.name()
        where = own.where
        self.lines.append(f"trait {name}{_list(own.decls)} {where} {{ {_lines(declared)} }}")
        self.lines.append(
            f"impl{_list(own.decls)} {name}{_list(own.names)} for {self_type} {where} {{ {_lines(defined)} }}"
        )

    def trait(self, node: Node, types: dict[str, str]) -> None:
        own, body = generics(node), part(node, "body")
        bound = f"{text(part(node, 'name'))}{_list([types.get(name, name) for name in own.names])}"
        if types:
            own = Generics()
        assert body is not None
        if bound == "Drop":  # its method cannot be called
            self.lines.append("struct Dropped; impl Drop for Dropped { fn drop(&mut self) {} }")
            return
        declared, defined = self.methods(body, f"<Self as {bound}>")
        name = self.name()
        self.lines.append(f"trait {name}{_list(own.decls)}: {bound} {own.where} {{ {_lines(declared)} }}")
        # A method that takes self by value can be called for sized types only.
        sized = "" if any(CONSUMES.search(line) and "Self: Sized" not in line for line in declared) else "?Sized + "
        decls = _list([*own.decls, f"X: {sized}{bound}"])
        self.lines.append(f"impl{decls} {name}{_list(own.names)} for X {own.where} {{ {_lines(defined)} }}")
        for item in body.named_children:
            if item.type == "associated_type":
                marker = f"::core::marker::PhantomData<<X as {bound}>::{text(part(item, 'name'))}>"
                self.lines.append(f"fn {self.name()}{decls}(_: {marker}) {own.where} {{}}")
        bounds = part(node, "bounds")
        for above in bounds.named_children if bounds is not None else ():
            required = re.sub(r"\b\w+\b", lambda word: {"Self": "X", **types}.get(word[0], word[0]), text(above))
            helper = self.name()
            helper_decls = _list([*own.decls, f"X: {sized}{required}"])
            self.lines.append(f"fn {helper}{helper_decls}() {own.where} {{}}")
            turbofish = _list([*own.turbofish, "X"])
            self.lines.append(f"fn {self.name()}{decls}() {own.where} {{ {helper}::{turbofish}() }}")

    # -------- impls

    def trait_impl(self, node: Node) -> None:
        trait, self_type, body = text(part(node, "trait")), text(part(node, "type")), part(node, "body")
        if trait in AUTO_TRAITS or any(child.type == "!" for child in node.children):
            return
        assert body is not None
        bindings = [
            f"{text(part(item, 'name'))} = {text(part(item, 'type'))}"
            for item in body.named_children
            if item.type in ("type_item", "associated_type")
        ]
        if bindings:
            separator = ", " if trait.endswith(">") else "<"
            trait = trait.removesuffix(">") + separator + ", ".join(bindings) + ">"
        self.bound(generics(node), self_type, trait)

    def bound(self, own: Generics, self_type: str, trait: str) -> None:
        """`self_type: trait`, whatever the parameters are; lifetimes left out become `'p`, which all types outlive."""
        trait, self_type = _with_lifetime(trait), _with_lifetime(self_type)
        lifetimes = ["'p", *own.of("lifetime")]
        outlives = [f"{name}: {' + '.join(lifetimes)}" for name in own.of("type")]
        where = ", ".join([*filter(None, [own.where.removeprefix("where").rstrip(", ")]), *outlives])
        where = f"where {where}" if where else ""
        helper = self.name()
        decls = ["'p", *own.decls]
        sized = "" if BY_VALUE.fullmatch(trait) else "?Sized + "
        self.lines.append(f"fn {helper}{_list([*decls, f'X: {sized}{trait}'])}() {where} {{}}")
        call = f"{helper}::{_list([*own.turbofish, self_type])}()"
        self.lines.append(f"fn {self.name()}{_list(decls)}() {where} {{ {call} }}")

    # -------- types

    def adt(self, node: Node, attributes: list[str]) -> None:
        own, name = generics(node), text(part(node, "name"))
        full = f"{name}{_list(own.names)}"
        self.lines.append(f"fn {self.name()}{_list(own.decls)}(_: &{full}) {own.where} {{}}")
        for attribute in attributes:
            match = re.fullmatch(r"#\[derive\((.*)\)\]", attribute)
            for derived in match[1].split(",") if match else ():
                self.bound(_bounded(own, DERIVED[derived.strip()]), full, DERIVED[derived.strip()])
        body = part(node, "body")
        if body is None:
            return
        if node.type == "enum_item":
            for variant in body.named_children:
                self.variant(variant, own, full)
        for at_index, child in enumerate(_fields(body)):
            if child[0]:
                index = child[1] or str(at_index)
                head = f"fn {self.name()}{_list(own.decls)}(x: &{full}) -> &{_with_lifetime(child[2])}"
                self.lines.append(f"{head} {own.where} {{ &x.{index} }}")

    def variant(self, node: Node, own: Generics, full: str) -> None:
        path = f"{full.split('<', maxsplit=1)[0]}::{text(part(node, 'name'))}"
        body = part(node, "body")
        fields = list(_fields(body)) if body is not None else []
        parameters = ", ".join(f"a{i}: {_with_lifetime(child[2])}" for i, child in enumerate(fields))
        arguments = ", ".join(f"{child[1]}: a{i}" if child[1] else f"a{i}" for i, child in enumerate(fields))
        made = path if body is None else f"{path}({arguments})" if not fields[0][1] else f"{path} {{ {arguments} }}"
        self.lines.append(f"fn {self.name()}{_list(own.decls)}({parameters}) -> {full} {own.where} {{ {made} }}")

    def alias(self, node: Node) -> None:
        own, name = generics(node), text(part(node, "name"))
        full, aliased = f"{name}{_list(own.names)}", text(part(node, "type"))
        self.lines.append(f"fn {self.name()}{_list(own.decls)}(x: {aliased}) -> {full} {{ x }}")


def _list(parts: list[str]) -> str:
    return f"<{', '.join(parts)}>" if parts else ""


def _lines(parts: list[str]) -> str:
    return "".join(f"\n    {part}" for part in parts) + "\n"


def _with_lifetime(written: str) -> str:
    return re.sub(r"&(?!')\s*", "&'p ", written.replace("'_", "'p"))


def _bounded(own: Generics, bound: str) -> Generics:
    """What a derive asks of each type parameter."""
    decls = [
        decl if kind != "type" else f"{decl} + {bound}" if ":" in decl else f"{decl}: {bound}"
        for decl, kind in zip(own.decls, own.kinds, strict=True)
    ]
    return Generics(decls, own.names, own.kinds, own.where)


def _fields(body: Node) -> Iterator[tuple[bool, str, str]]:
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


def _signature(node: Node) -> str:
    output = text(part(node, "return_type"))
    return text(part(node, "parameters")) + (f" -> {output}" if output else "")


def _call(node: Node, path: str, self_type: str, turbofish: list[str] | None = None) -> str:
    """A call of `path` with the parameters of the signature, all types as written; no coercion is possible."""
    types, arguments = [], []
    parameters = part(node, "parameters")
    assert parameters is not None
    for parameter in parameters.named_children:
        if parameter.type == "self_parameter":
            written = text(parameter)
            types.append(written.replace("self", self_type))
            arguments.append("self")
        else:
            types.append(_explicit(text(part(parameter, "type"))))
            arguments.append(text(part(parameter, "pattern")))
    output = part(node, "return_type")
    result = "()" if output is None else "_" if text(output) == "!" else _explicit(text(output))
    named = generics(node).turbofish if turbofish is None else turbofish
    real = f"{path}::{_list(named)}" if named else path
    modifiers = _modifiers(node)
    if "unsafe" in modifiers:
        return f"unsafe {{ {real}({', '.join(arguments)}) }}"
    given = ", ".join([real, *arguments])
    if "async" in modifiers:
        return f"crate::exactly::<{result}>(crate::call{len(types)}::{_list([*types, '_', '_'])}({given}).await)"
    return f"crate::call{len(types)}::{_list([*types, result, '_'])}({given})"


def _asynchronous(node: Node) -> str:
    return "async " if "async" in _modifiers(node) else ""


def _modifiers(node: Node) -> str:
    return "".join(text(child) for child in node.children if child.type == "function_modifiers")


def _explicit(written: str) -> str:
    return "_" if "impl " in written else written


# ---------------------------------------------------------------- paths

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


def declared_types(crate: str, declarations: str) -> list[tuple[str, int, int]]:
    """(path, lifetime parameters, type parameters) of structs and enums that put no bound on a type parameter and have
    none for constants; a parameter with a default counts too."""
    return list(_types(parse(declarations.encode()), crate))


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
