"""Which bodies may change what an `Arc` or a reader's guard lends: a gate of speed; it holds back nothing.

By words and by the shape of a body, without its types. A value may be shared itself (`Arc<Config>`), or hold what is
(`Vec<Arc<Config>>`), by the type that its field, parameter or function is declared with, or by what it is made of. A
method takes a value that is shared to one that is not, unless it may return what it is called on. A body must assign
to, borrow by `&mut`, or call by `&mut self` something behind a shared value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from itertools import pairwise
from operator import or_
from typing import Any

from rustconc_lint.apis import ApiFile
from rustconc_lint.facts import model as f
from rustconc_lint.inquiry import told_by_text
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.gates.mentions import Mentions, header, text_of, words_in
from rustconc_lint.program.gates.relevance import last_segments
from rustconc_lint.program.gates.written_calls import is_of_trait
from rustconc_lint.program.legality.shared_changes import KEEPERS
from rustconc_lint.program.names.names import Names
from rustconc_lint.source import LETTER, NAME, STARTS

NONE, IS, HOLDS = 0, 1, 2  # not shared; shared itself; holds what is shared
ANY = IS | HOLDS
DEREF = "std::ops::Deref"

READERS = frozenset(("shared", "upgradable"))
OUTERMOST = re.compile(rb"[\s&]*(?:'\w+\s+)?(?:mut\s+)?(?:\w+\s*::\s*)*(" + NAME + rb")\s*<")
LENT_SELF = re.compile(rb"\bself\s*:\s*&\s*(?:'\w+\s+)?mut\b")
FUNCTION = re.compile(rb"\bfn\b")
# `x.f = 1`, `x[i] += 1`, `*x = 1`, `(x.a, *x.b) = pair`, also with a comment before the `=`.
ASSIGNMENT = re.compile(
    rb"(?:(?:\.\s*(?:r#)?" + LETTER + rb"+|\])(?:[\s)}\]]|//[^\n]*\n|/\*.*?\*/)*|\*[^=;{]*?)"
    rb"(?:[-+*/%&|^]|<<|>>)?=(?![=>])"
)
MUTABLE = re.compile(rb"&\s*(?:raw\s+)?mut\b|\bref\s+mut\b")
FN_WORDS = frozenset((b"Fn", b"FnMut", b"FnOnce", b"AsyncFn", b"AsyncFnMut", b"AsyncFnOnce", b"fn"))
TELLING = (f.LetStatement, f.Let, f.Match, f.Loop, f.Closure, f.Assign, f.Method, f.Call, f.Ref, f.PBind)
OWN = frozenset((b"Self",))


def give(kinds: dict[str, int], name: str, kind: int) -> None:
    if kind:
        kinds[name] = kinds.get(name, NONE) | kind


class ChangeGate:
    """Answers for one body at a time. methods, paths, fields: what functions return, and
    statics, variants and fields hold, by name.

    returning: methods that may return what they are called on; changing: those that take `&mut self`; lending:
    functions that may call a closure with something shared. pointers: types that may be followed to what they hold."""

    def __init__(
        self, names: Names, mentions: Mentions, apis: Iterable[ApiFile], functions: Iterable[Definition]
    ) -> None:
        self.names = names
        self.mentions = mentions
        apis = tuple(apis)
        roles = (item for api in apis for item in api.types.items())
        self.proper = frozenset(path.rpartition("::")[2].encode() for path, model in roles if model.role in KEEPERS)
        self.types = frozenset(mentions.meanings(self.proper, types=True))
        self.any_type = re.compile(STARTS + rb"(?:" + b"|".join(sorted(self.types)) + rb")\b")
        heads = (names.head_of(impl) or "" for impl in names.trait_impls(DEREF))
        self.pointers = frozenset(head.rpartition("::")[2].encode() for head in heads) - {b"Vec", b"String"}
        self.methods: dict[str, int] = {}
        self.paths: dict[str, int] = {}
        self.fields: dict[str, int] = {}
        self.own_fields: dict[str, dict[str, int]] = {}
        self.returning: set[str] = set()
        self.changing: set[str] = set()
        self.lending: set[str] = set()
        self.readers: set[bytes] = set()
        for function in (*functions, *mentions.bodiless(FUNCTION)):
            self.take_in(function)
        for reader in mentions.meanings(last_segments(apis, lambda model: model.acquires in READERS)):
            give(self.methods, reader.decode(), ANY)
            self.readers.add(reader)
        self.take_in_values()
        self.changing_words = frozenset(name.encode() for name in self.changing)

    def sees(self, definition: Definition) -> bool:
        """Whether a body is near enough to something shared to be looked at: it names a shared type, takes a lock for
        reading, or its `self` is of a type with a field, named in the body, that holds something shared."""
        words = self.mentions.words(definition)
        if not words.isdisjoint(self.types):
            return True
        if any(one.method and one.empty for word in words & self.readers for one in self.mentions.of(definition, word)):
            return True
        container = definition.container
        if container is None:
            return False
        if self.any_type.search(header(definition.module.file.source.data, container.item)):
            return True
        fields = self.fields_of_self(definition) or {}
        return any(kind and name.encode() in words for name, kind in fields.items())

    def take_in(self, function: Definition) -> None:
        item, container, data = function.item, function.container, function.module.file.source.data
        head = header(data, item)
        if item.receiver == "&mut self" or (item.receiver == "typed" and LENT_SELF.search(head)):
            self.changing.add(function.name)
        if self.any_type.search(head) and not words_in(head).isdisjoint(FN_WORDS):
            self.lending.add(function.name)
        result = head.partition(b"->")[2]
        kind = self.kind_of(result)
        if item.receiver:
            give(self.methods, function.name, kind)
        if kind and container is not None and container.item.kind == "impl" and not function.path.startswith("<"):
            give(self.paths, "::".join(function.path.split("::")[-2:]), kind)
        else:
            give(self.paths, function.name, kind)
        generic = OWN if container is None else OWN | words_in(header(data, container.item))
        if item.receiver and is_of_trait(function) and not words_in(result).isdisjoint(generic):
            self.returning.add(function.name)

    def take_in_values(self) -> None:
        """Fields, variants, statics and consts that hold something shared."""
        for module in self.names.modules():
            data = module.file.source.data
            for item in module.items:
                if item.kind in ("struct", "enum", "union") and self.any_type.search(data, item.start, item.end):
                    detail = module.file.detail(item)
                    for variant in detail.variants if isinstance(detail, f.AdtDetail) else ():
                        self.take_in_fields(variant, data)
                elif item.kind in ("static", "const"):
                    give(self.paths, item.name, self.kind_of(data[item.start : item.end].partition(b"=")[0]))

    def take_in_fields(self, variant: f.Variant, data: bytes) -> None:
        for name, ty in variant.fields:
            kind = self.kind_of(data[ty.start : ty.end])
            give(self.fields, name, kind)
            if kind and name.isdecimal():
                give(self.paths, variant.name, ANY)

    def own_field(self, definition: Definition, name: str) -> int:
        """What `self.name` is in a method: by the declaration of its type, where that is a struct with such a field."""
        fields = self.fields_of_self(definition) or {}
        return fields.get(name, self.fields.get(name, NONE))

    def fields_of_self(self, definition: Definition) -> dict[str, int] | None:
        """The fields of the struct that a method's impl is for; None where there is none."""
        container = definition.container
        head = None if container is None else self.names.head_of(container)
        if head is None:
            return None
        if head not in self.own_fields:
            adt = self.names.adt_of(head)
            detail = None if adt is None or adt.kind != "struct" else self.names.detail(adt)
            data = b"" if adt is None else adt.module.file.source.data
            variants = detail.variants if isinstance(detail, f.AdtDetail) else ()
            fields = (field for variant in variants for field in variant.fields)
            self.own_fields[head] = {one: self.kind_of(data[ty.start : ty.end]) for one, ty in fields}
        return self.own_fields[head]

    def kind_of(self, ty: bytes) -> int:
        """What a value of a written type may be."""
        found = self.any_type.findall(ty)
        if not found:
            return NONE
        outermost = OUTERMOST.match(ty)
        if outermost is None or outermost[1] not in self.proper:
            return HOLDS if outermost is not None and outermost[1] not in self.pointers | self.types else ANY
        return IS if len(found) == 1 else ANY

    @told_by_text
    def may_change(self, definition: Definition) -> bool:
        """Whether the text may change anything by way of a place: by an assignment, a borrow or a method."""
        if not self.mentions.words(definition).isdisjoint(self.changing_words):
            return True
        text = text_of(definition)
        return MUTABLE.search(text) is not None or ASSIGNMENT.search(text) is not None

    def lets_through(self, definition: Definition) -> bool:
        if not (self.may_change(definition) and self.sees(definition)):
            return False
        data, container = definition.module.file.source.data, definition.container
        own = container is not None and self.any_type.search(header(data, container.item)) is not None
        body = getattr(self.names.detail(definition), "body", None)
        # What is declared in a body is known when it has been typed.
        return body is None or bool(body.scopes) or Reading(self, definition, body, ANY if own else NONE).may_change()


class Reading:
    """One body. slots: what its variables are."""

    def __init__(self, gate: ChangeGate, definition: Definition, body: f.Body, own: int) -> None:
        self.gate = gate
        self.data = definition.module.file.source.data
        self.definition = definition
        self.slots: dict[int, int] = {}
        self.own = 0 if body.slots and body.slots[0].name == "self" else -1
        self.self_type = definition.path.split("::")[-2] if definition.path.count("::") else ""
        self.nodes = [node for node in f.nodes(body.value) if isinstance(node, TELLING)]
        detail = gate.names.detail(definition)
        signature = detail.signature if isinstance(detail, f.FnDetail) else None
        if signature is not None and signature.self_type is not None:
            self.mark(0, own | gate.kind_of(self.data[signature.self_type.start : signature.self_type.end]))
        for param in signature.params if signature is not None else ():
            self.take(param)

    def may_change(self) -> bool:
        known = None
        while known != self.slots:
            known = dict(self.slots)
            for node in self.nodes:
                self.spread(node)
        return any(map(self.changes, self.nodes))

    # ------------------------------------------------------------ values

    def kind(self, expr: f.Node | None) -> int:
        """What the value of an expression is."""
        match expr:
            case None | f.Lit():
                return NONE
            case f.Local(slot=slot):
                return self.slots.get(slot, NONE)
            case f.Field(base=base, name=name):
                found = self.field(base, name)
                return found or (ANY if self.kind(base) & HOLDS else NONE)
            case f.Unary(operand=inner) | f.Ref(operand=inner) | f.Try(operand=inner) | f.Await(operand=inner):
                return self.kind(inner)
            case f.Index(base=base):
                return ANY if self.kind(base) & HOLDS else NONE
            case f.Method(receiver=receiver, name=name):
                return self.gate.methods.get(name, NONE) | self.returned(name, receiver)
            case f.Call(callee=callee, args=args):
                return self.kind(callee) | (ANY if any(map(self.kind, args)) else NONE)
            case f.PathX(path=path):
                return self.named(path)
            case f.Block(tail=tail) if not expr.label:
                return self.kind(tail)
            case f.If(then=then, orelse=orelse):
                return self.kind(then) | self.kind(orelse)
            case f.Match(arms=arms):
                return either(map(self.kind, [arm.body for arm in arms]))
            case f.Cast(operand=operand):
                return self.kind(operand)
            case f.Binary() | f.Assign() | f.Range() | f.Jump() | f.Let():
                return NONE
            case _:
                return ANY if any(map(self.kind, parts_of(expr))) else NONE

    def field(self, base: f.Expr, name: str) -> int:
        if isinstance(base, f.Local) and base.slot == self.own:
            return self.gate.own_field(self.definition, name)
        return self.gate.fields.get(name, NONE)

    def returned(self, name: str, receiver: f.Expr) -> int:
        kind = self.kind(receiver)
        if kind & HOLDS:
            return ANY
        return kind if name in self.gate.returning else NONE

    def named(self, path: f.Path) -> int:
        """`Arc::new`, `CONFIG`, `make_config`, `Vec::<Arc<u8>>::new`."""
        names = [segment.name for segment in path.segments]
        pairs = [f"{one}::{other}" for one, other in pairwise(names)]
        of_self = f"{self.self_type}::{names[-1]}" if names[:1] == ["Self"] else ""
        kind = either(self.gate.paths.get(name, NONE) for name in (*names, *pairs, of_self))
        return kind | (ANY if self.gate.kind_of(self.data[path.start : path.end]) else NONE)

    # ------------------------------------------------------------ variables

    def spread(self, node: f.Node) -> None:
        """Variables that a statement or expression makes of something shared, or gives it to."""
        match node:
            case f.LetStatement(pattern=pattern, annotation=annotation, value=value):
                written = b"" if annotation is None else self.data[annotation.start : annotation.end]
                self.bind(pattern, self.kind(value) | self.gate.kind_of(written))
            case f.Let(pattern=pattern, value=value):
                self.bind(pattern, self.kind(value))
            case f.Match(scrutinee=scrutinee, arms=arms):
                for arm in arms:
                    self.bind(arm.pattern, self.kind(scrutinee))
            case f.Loop(pattern=pattern, head=head) if pattern is not None:
                self.bind(pattern, ANY if self.kind(head) & HOLDS else NONE)
            case f.Closure(params=params):
                for param in params:
                    self.take(param)
            case f.Assign(target=target, value=value):
                self.fill(target, self.kind(value))
            case f.Method(receiver=receiver, name=name, args=args):
                given = HOLDS if any(map(self.kind, args)) else NONE
                self.fill(receiver, given)
                self.call(name, args, given | self.kind(receiver))
            case f.Call(callee=callee, args=args):
                name = callee.path.segments[-1].name if isinstance(callee, f.PathX) and callee.path.segments else ""
                self.call(name, args, HOLDS if any(map(self.kind, args)) else NONE)

    def take(self, param: f.Param) -> None:
        """A parameter is what it is written to be."""
        written = b"" if param.annotation is None else self.data[param.annotation.start : param.annotation.end]
        self.bind(param.pattern, self.gate.kind_of(written))

    def call(self, name: str, args: Iterable[f.Expr], kind: int) -> None:
        """What a call may hand to closures, and to what it is lent."""
        handed = ANY if kind & HOLDS or name in self.gate.lending else NONE
        for arg in args:
            if isinstance(arg, f.Closure):
                for param in arg.params:
                    self.bind(param.pattern, handed)
            elif isinstance(arg, f.Ref) and arg.kind == "mut":
                self.fill(arg.operand, handed)

    def bind(self, pattern: f.Node, kind: int) -> None:
        """The names of a pattern; those of its parts by the fields they are."""
        if isinstance(pattern, f.PBind) and pattern.sub is None:
            self.mark(pattern.slot, kind)
            return
        parts = list(f.nodes(pattern))
        fields = [name for part in parts if isinstance(part, f.PStruct) for name, _ in part.fields]
        named = any(self.named(part.path) for part in parts if isinstance(part, f.PStruct))
        if kind or named or any(name in self.gate.fields for name in fields):
            for part in parts:
                if isinstance(part, f.PBind):
                    self.mark(part.slot, ANY)

    def fill(self, place: f.Expr, kind: int) -> None:
        """Something is put into the variable that a place belongs to."""
        while isinstance(place, f.Field | f.Index | f.Unary | f.Method | f.Ref):
            place, kind = INNER[type(place)](place), kind and ANY
        if isinstance(place, f.Local):
            self.mark(place.slot, kind)

    def mark(self, slot: int, kind: int) -> None:
        self.slots[slot] = self.slots.get(slot, NONE) | kind

    # ------------------------------------------------------------ changes

    def changes(self, node: f.Node) -> bool:
        match node:
            case f.Assign(target=place) | f.Ref(kind="mut", operand=place):
                return self.is_behind(place)
            case f.Method(receiver=receiver, name=name):
                return name in self.gate.changing and (bool(self.kind(receiver) & IS) or self.is_behind(receiver))
            case f.PBind(by_ref=by_ref):
                return by_ref == "mut"
            case _:
                return False

    def is_behind(self, place: f.Expr) -> bool:
        """Whether a step to a place may lead out of something shared."""
        if isinstance(place, f.Tuple | f.Array):
            return any(map(self.is_behind, place.items))
        while isinstance(place, f.Field | f.Index | f.Unary | f.Ref):
            place = INNER[type(place)](place)
            if self.kind(place) & IS:
                return True
        return False


INNER: dict[type[f.Node], Callable[[Any], f.Expr]] = {
    f.Field: lambda node: node.base,
    f.Index: lambda node: node.base,
    f.Unary: lambda node: node.operand,
    f.Ref: lambda node: node.operand,
    f.Method: lambda node: node.receiver,
}


def either(kinds: Iterable[int]) -> int:
    return reduce(or_, kinds, NONE)


def parts_of(expr: f.Node) -> Iterator[f.Node]:
    """The expressions that a value may be made of: items, fields, what a loop or closure ends with."""
    match expr:
        case f.Tuple(items=items) | f.Array(items=items):
            yield from items
        case f.Repeat(item=item):
            yield item
        case f.StructLit(fields=fields, base=base):
            yield from (item for _, item in fields)
            if base is not None:
                yield base
        case f.Macro(args=args) | f.Unknown(parts=args):
            yield from args
        case f.Block(tail=tail) | f.Closure(body=tail):
            yield from () if tail is None else (tail,)
            yield from jumps(expr)
        case f.Loop():
            yield from jumps(expr)


def jumps(expr: f.Node) -> Iterator[f.Expr]:
    """What `break` and `return` leave with."""
    return (node.value for node in f.nodes(expr) if isinstance(node, f.Jump) and node.value is not None)
