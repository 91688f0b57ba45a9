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

from rustconc_lint.syntax import Node, parse
from tests.apis.declared import Generics, at, fields, generics, instantiated, items, part, text

AUTO_TRAITS = frozenset({"Send", "Sync", "Unpin"})
# Their right side is `Self` unless said otherwise, which must be sized then.
BY_VALUE = re.compile(r"(\w+::)*(Add|Sub|Mul|Div|Rem|Neg|Not|Bit\w+|Shl|Shr)(Assign)?(<Output = .*)?")
CONSUMES = re.compile(r"\((mut )?self\b")
BARE_SELF = re.compile(r"(?<!&)(?<!&mut )(?<!Box<)\bSelf\b")
MOST_ARGUMENTS = 7
INSTANTIATED = ("impl_item", "function_signature_item")
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
    writer.module(parse(declarations.encode()), f"::{crate}")
    return "\n".join([HEAD, *calls(), *writer.lines, ""])


HEAD = """#![allow(warnings)]
#![feature(pattern, slice_concat_trait, try_trait_v2, unboxed_closures, fn_traits, nonzero_internals)]"""


def calls() -> Iterator[str]:
    yield "fn exactly<T>(value: T) -> T { value }"
    for n in range(MOST_ARGUMENTS):
        types = [f"A{i}" for i in range(n)]
        parameters = "".join(f", a{i}: A{i}" for i in range(n))
        bound = f"FnOnce({', '.join(types)}) -> R"
        declared = ", ".join([*types, "R", f"F: {bound}"])
        yield f"fn call{n}<{declared}>(f: F{parameters}) -> R {{ f({', '.join(f'a{i}' for i in range(n))}) }}"


class Writer:
    """Writes the lines of a proof file, item by item; `count` proofs have a name so far."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.count = 0

    def name(self) -> str:
        self.count += 1
        return f"proof_{self.count}"

    def module(self, body: Node, path: str) -> None:
        for written, attributes in items(body):
            types = at(attributes)
            node = instantiated(written, types) if types and written.type in INSTANTIATED else written
            match node.type:
                case "mod_item":
                    name = text(part(node, "name"))
                    inner = part(node, "body")
                    assert inner is not None, f"{path}::{name} is not inline"
                    self.lines.append(f"pub mod {name} {{")
                    self.module(inner, f"{path}::{name}")
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
        for index, (public, named, type_) in enumerate(fields(body)):
            if public:
                head = f"fn {self.name()}{_list(own.decls)}(x: &{full}) -> &{_with_lifetime(type_)}"
                self.lines.append(f"{head} {own.where} {{ &x.{named or index} }}")

    def variant(self, node: Node, own: Generics, full: str) -> None:
        path = f"{full.split('<', maxsplit=1)[0]}::{text(part(node, 'name'))}"
        body = part(node, "body")
        inside = list(fields(body)) if body is not None else []
        parameters = ", ".join(f"a{i}: {_with_lifetime(child[2])}" for i, child in enumerate(inside))
        arguments = ", ".join(f"{child[1]}: a{i}" if child[1] else f"a{i}" for i, child in enumerate(inside))
        made = path if body is None else f"{path}({arguments})" if not inside[0][1] else f"{path} {{ {arguments} }}"
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
