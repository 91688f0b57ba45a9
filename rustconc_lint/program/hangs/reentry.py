"""An initialiser that asks for what it is to initialise: whoever asks waits until it is done, and it is who asks.

From typed bodies: `get_or_init`, `call_once`, `set`, `wait`, and what dereferences a lazy static, which runs that
static's own initialiser. Only what is done on every way through an initialiser counts, calls of functions of the
project included. Files and functions without such words are not looked into.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.interpret.events import Hop
from rustconc_lint.program.names.names import Names
from rustconc_lint.program.typeck.model import Callee, TypedBody
from rustconc_lint.program.types import Adt
from rustconc_lint.source import Span

Object = tuple[str, str, tuple[str, ...]]  # ("static", path, fields), ("slot", "3", fields)
Bindings = dict[int, Object] | None  # parameters of a called function -> what they were given; None where it begins
DEEPEST = 6  # calls and initialisers within one another


class Reentry(msgspec.Struct, frozen=True):
    """asked: where it is asked for within its own initialiser, by way of these calls and initialisers. begun: where
    the initialisation begins."""

    name: str
    asked: Span
    begun: Span
    way: tuple[Hop, ...]


class Ask(msgspec.Struct, frozen=True):
    """Something waits for the initialisation of `what`, or runs it."""

    what: Object
    span: Span
    way: tuple[Hop, ...]


class Initialisers:
    """Questions about initialisers. body: types a function or static. near: whether a function may ask for anything."""

    def __init__(
        self, names: Names, body: Callable[[Definition], TypedBody | None], near: Callable[[Definition], bool]
    ) -> None:
        self.names = names
        self.body = body
        self.near = near
        self.running: list[Object] = []

    def reentries(self, definition: Definition) -> Iterator[Reentry]:
        """Of the initialisers that stand in a function, or are that of a static."""
        typed = self.body(definition)
        if typed is None:
            return
        for node in typed.body.expressions:
            if isinstance(node, f.Call | f.Method):
                yield from self.of_call(typed, node)

    def of_call(self, typed: TypedBody, node: f.Call | f.Method) -> Iterator[Reentry]:
        found = self.initialiser(typed, node)
        if found is None:
            return
        what, closure = found
        self.running.append(what)
        for ask in self.asks(typed, closure.body, None, ()):
            if ask.what == what:
                name = ".".join((self.name_of(typed, what), *what[2]))
                yield Reentry(name, ask.span, span(typed, node), ask.way)
                break
        self.running.pop()

    def name_of(self, typed: TypedBody, what: Object) -> str:
        return what[1].rpartition("::")[2] if what[0] == "static" else typed.body.slots[int(what[1])].name

    def initialiser(self, typed: TypedBody, node: f.Call | f.Method) -> tuple[Object, f.Closure] | None:
        """`X.get_or_init(|| ..)`, `X.call_once(|| ..)`, and of a static that is being read `LazyLock::new(|| ..)`."""
        callee = typed.calls.get(id(node))
        closure = next((a for a in node.args if isinstance(a, f.Closure) and a.kind == "fn"), None)
        if callee is None or closure is None:
            return None
        if callee.model is not None and callee.model.initialises and callee.model.acts == "call":
            receiver = node.receiver if isinstance(node, f.Method) else node.args[0]
            what = object_of(typed, receiver, None)
            return (what, closure) if what is not None else None
        if typed.owner.kind == "static" and callee.definition.name == "new" and self.is_once(typed, node):
            return (("static", typed.owner.path, ()), closure)
        return None

    def is_once(self, typed: TypedBody, expr: f.Expr) -> bool:
        ty = typed.type_of(expr)
        model = self.names.type_model(ty.path) if isinstance(ty, Adt) else None
        return model is not None and model.role == "once"

    # ------------------------------------------------------------ what code asks for

    def asks(self, typed: TypedBody, code: f.Node, bound: Bindings, way: tuple[Hop, ...]) -> Iterator[Ask]:
        """What is asked for on every way through the code."""
        if len(way) > DEEPEST:
            return
        for node in certain(typed, code):
            if isinstance(node, f.Call | f.Method):
                yield from self.asked_by_call(typed, node, bound, way)
            forced = self.forced(typed, node)
            if forced is not None:
                yield from self.asked(("static", forced.path, ()), span(typed, node), way)

    def asked_by_call(
        self, typed: TypedBody, node: f.Call | f.Method, bound: Bindings, way: tuple[Hop, ...]
    ) -> Iterator[Ask]:
        callee = typed.calls.get(id(node))
        if callee is None:
            return
        arguments = (node.receiver, *node.args) if isinstance(node, f.Method) else node.args
        if callee.model is not None and callee.model.initialises and callee.model.acts == "call" and arguments:
            what = object_of(typed, arguments[0], bound)
            if what is not None:
                yield from self.asked(what, span(typed, node), way)
            for argument in arguments[1:]:
                if isinstance(argument, f.Closure) and argument.kind == "fn":
                    yield from self.asks(typed, argument.body, bound, way)
        elif callee.exact and not callee.definition.module.crate.api and self.near(callee.definition):
            yield from self.asked_in(typed, node, callee, tuple(object_of(typed, a, bound) for a in arguments), way)

    def asked(self, what: Object, at: Span, way: tuple[Hop, ...]) -> Iterator[Ask]:
        """The thing itself, and what a lazy static asks for when it is made."""
        yield Ask(what, at, way)
        definition = self.names.definition(what[1]) if what[0] == "static" else None
        if definition is None or what in self.running or definition.kind != "static":
            return
        typed = self.body(definition)
        closure = lazy_closure(typed) if typed is not None else None
        if typed is not None and closure is not None:
            self.running.append(what)
            yield from self.asks(typed, closure.body, None, (*way, Hop(at, definition.name)))
            self.running.pop()

    def asked_in(
        self,
        typed: TypedBody,
        node: f.Node,
        callee: Callee,
        given: tuple[Object | None, ...],
        way: tuple[Hop, ...],
    ) -> Iterator[Ask]:
        inner, detail = self.body(callee.definition), self.names.detail(callee.definition)
        if inner is None or not isinstance(detail, f.FnDetail) or detail.signature.is_async:
            return
        slots = [0] if detail.signature.self_type is not None else []
        slots += [p.pattern.slot if isinstance(p.pattern, f.PBind) else -1 for p in detail.signature.params]
        bound = {slot: what for slot, what in zip(slots, given, strict=False) if what is not None}
        yield from self.asks(inner, inner.body.value, bound, (*way, Hop(span(typed, node), callee.definition.name)))

    def forced(self, typed: TypedBody, node: f.Node) -> Definition | None:
        """`*LAZY`, `LAZY.len()`, `LAZY.field`, `LAZY[0]`: the lazy static that this dereferences."""
        match node:
            case f.Unary(op="*", operand=f.PathX() as path):
                pass
            case f.Method(receiver=f.PathX() as path):
                callee = typed.calls.get(id(node))
                if callee is None or not callee.steps:
                    return None
            case f.Field(base=f.PathX() as path) | f.Index(base=f.PathX() as path):
                pass
            case _:
                return None
        definition = typed.paths.get(id(path))
        is_lazy = definition is not None and definition.kind == "static" and self.is_once(typed, path)
        return definition if is_lazy else None


def lazy_closure(typed: TypedBody) -> f.Closure | None:
    """The closure of a static's `LazyLock::new(|| ..)`."""
    value = typed.body.value
    closure = value.args[0] if isinstance(value, f.Call) and len(value.args) == 1 else None
    return closure if isinstance(closure, f.Closure) else None


def span(typed: TypedBody, node: f.Node) -> Span:
    return Span(typed.module.file.path, node.start, node.end)


def object_of(typed: TypedBody, expr: f.Expr, bound: Bindings) -> Object | None:
    """A static, or a variable with the fields that lead on from it, seen through references."""
    match expr:
        case f.Ref(operand=operand) | f.Unary(op="*", operand=operand):
            return object_of(typed, operand, bound)
        case f.PathX():
            definition = typed.paths.get(id(expr))
            return ("static", definition.path, ()) if definition is not None and definition.kind == "static" else None
        case f.Local(slot=slot):
            return ("slot", str(slot), ()) if bound is None else bound.get(slot)
        case f.Field(base=base, name=name):
            inner = object_of(typed, base, bound)
            return (inner[0], inner[1], (*inner[2], name)) if inner is not None else None
        case _:
            return None


def certain(typed: TypedBody, root: f.Node) -> Iterator[f.Node]:
    """The nodes below `root` that are evaluated on every way through it, closures left out."""
    yield root
    match root:
        case f.Block(statements=statements, tail=tail):
            for item in (*statements, *([tail] if tail is not None else [])):
                if isinstance(item, f.ExprStatement | f.LetStatement) and item.cfg:
                    return
                yield from certain(typed, item)
                if any(isinstance(inner, f.Jump | f.Try) for inner in f.nodes(item)):
                    return
        case f.If(condition=condition):
            yield from certain(typed, condition)
        case f.Match(scrutinee=scrutinee):
            yield from certain(typed, scrutinee)
        case f.Loop(kind="loop", body=body):
            yield from certain(typed, body)
        case f.Loop(head=head):
            if head is not None:
                yield from certain(typed, head)
        case f.Binary(op="&&" | "||", left=left):
            yield from certain(typed, left)
        case f.Method(receiver=f.Call(args=args) as spawned) if is_joined(typed, root, spawned):
            for closure in args:
                yield from certain(typed, closure.body if isinstance(closure, f.Closure) else closure)
        case f.Closure() | f.Await():
            return
        case f.LetStatement(value=value):
            if value is not None:
                yield from certain(typed, value)
        case f.Macro(args=args):
            for item in args:
                yield from certain(typed, item)
        case _:
            for part in parts(root):
                yield from certain(typed, part)


def parts(node: f.Node) -> Iterator[f.Node]:
    for name in node.__struct_fields__:
        found = getattr(node, name)
        for item in found if isinstance(found, tuple) else (found,):
            part = item[1] if isinstance(item, tuple) and len(item) == 2 else item
            if isinstance(part, f.Node):
                yield part


def is_joined(typed: TypedBody, join: f.Node, spawned: f.Call) -> bool:
    """`thread::spawn(|| ..).join()`."""
    joins, spawns = typed.calls.get(id(join)), typed.calls.get(id(spawned))
    return (
        joins is not None and joins.model is not None and joins.model.joins
        and spawns is not None and spawns.model is not None and spawns.model.spawns is not None
    )  # fmt: skip
