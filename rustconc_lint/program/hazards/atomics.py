"""An atomic that is read, changed and written in two steps: what another thread writes in between is lost.

From typed bodies: `a.store(a.load(..) + 1, ..)`, and the same in two statements of which one follows the other. Only
atomics that others may know: statics, what a shared reference leads to, what a spawned closure uses. Nothing is said
where the function takes a lock, under which the two steps may be one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.finding import Edit
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.gates.mentions import finds
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.program.types import Adt, RefTy
from rustconc_lint.source import Span

WRITTEN = re.compile(rb"\.\s*store\s*\([^;]*\.\s*load\s*\(|\.\s*load\s*\([^;]*;[^;]*\.\s*store\s*\(")
FETCH = {"+": "fetch_add", "-": "fetch_sub", "&": "fetch_and", "|": "fetch_or", "^": "fetch_xor"}
ARITHMETIC = frozenset(("+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"))
ARC = "std::sync::Arc"
Object = tuple[str, str, tuple[str, ...]]


class Split(msgspec.Struct, frozen=True):
    """A load and a store that should be one step. name: as the atomic is written. method: what does both at once, ""
    when there is none. edits: what makes one step of them, () when that takes thought."""

    name: str
    load: Span
    store: Span
    method: str
    edits: tuple[Edit, ...] = ()


def may_split(function: Definition) -> bool:
    return not function.item.attributes.test and finds(function, WRITTEN)


def splits(bodies: Iterable[TypedBody]) -> Iterator[Split]:
    for typed in bodies:
        if any(callee.model is not None and callee.model.acquires is not None for callee in typed.calls.values()):
            continue
        inner = spawned(typed)
        for node in typed.body.expressions:
            if isinstance(node, f.Block):
                yield from in_two_statements(typed, node, inner)
            if isinstance(node, f.Method) and is_store(typed, node):
                yield from in_one(typed, node, inner)


def in_one(typed: TypedBody, store: f.Method, inner: list[f.Closure]) -> Iterator[Split]:
    what, value = shared(typed, store, inner), store.args[0]
    for node in f.nodes(value) if what is not None else ():
        is_read = isinstance(node, f.Method) and is_load(typed, node) and object_of(typed, node.receiver) == what
        if isinstance(node, f.Method) and is_read and changes(value, node):
            yield split(typed, store, node, method_for(value, node))


def in_two_statements(typed: TypedBody, block: f.Block, inner: list[f.Closure]) -> Iterator[Split]:
    """`let n = a.load(..); a.store(n + 1, ..);`"""
    for before, after in zip(block.statements, block.statements[1:], strict=False):
        match before, after:
            case (
                f.LetStatement(pattern=f.PBind(slot=slot), value=f.Method() as load),
                f.ExprStatement(expr=f.Method() as store),
            ) if is_load(typed, load) and is_store(typed, store):
                use = store.args[0]
                what = shared(typed, store, inner)
                if what is not None and what == object_of(typed, load.receiver) and isinstance(use, f.Binary):
                    read = next((s for s in (use.left, use.right) if isinstance(s, f.Local) and s.slot == slot), None)
                    if read is not None:
                        yield split(typed, store, load, method_for(use, read))


def changes(value: f.Expr, load: f.Method) -> bool:
    """Whether what is stored is computed from what was loaded: arithmetic, or a method of the number."""
    if isinstance(value, f.Binary):
        return value.op in ARITHMETIC and (value.left is load or value.right is load)
    return value.receiver is load if isinstance(value, f.Method) else isinstance(value, f.Unary)


def method_for(value: f.Expr, read: f.Expr) -> str:
    """`fetch_add` for `read + x`, "" where no method does just that."""
    is_one = isinstance(value, f.Binary) and value.op in FETCH and (value.left is read or value.op != "-")
    return FETCH[value.op] if isinstance(value, f.Binary) and is_one else ""


def split(typed: TypedBody, store: f.Method, load: f.Method, method: str) -> Split:
    name = ".".join(written(typed, store.receiver))
    return Split(name, span(typed, load), span(typed, store), method, tuple(edits(typed, store, load, method)))


def edits(typed: TypedBody, store: f.Method, load: f.Method, method: str) -> Iterator[Edit]:
    """`a.store(a.load(O) + x, O);` -> `a.fetch_add(x, O);`, which gives a value that a statement throws away."""
    value, path = store.args[0], typed.module.file.path
    statements = (n for n in typed.body.expressions if isinstance(n, f.ExprStatement) and n.expr is store and n.semi)
    one, other = load.args[0], store.args[1]
    if not method or not isinstance(value, f.Binary) or value.left is not load or next(statements, None) is None:
        return
    if last_name(one) == last_name(other) != "":
        yield Edit(Span(path, store.name_start, value.right.start), f"{method}(")


def last_name(expr: f.Expr) -> str:
    return expr.path.segments[-1].name if isinstance(expr, f.PathX) else ""


def span(typed: TypedBody, node: f.Node) -> Span:
    return Span(typed.module.file.path, node.start, node.end)


# ---------------------------------------------------------------- which atomic


def is_load(typed: TypedBody, call: f.Method) -> bool:
    callee = typed.calls.get(id(call))
    return callee is not None and callee.model is not None and callee.model.loads and len(call.args) == 1


def is_store(typed: TypedBody, call: f.Method) -> bool:
    callee = typed.calls.get(id(call))
    return callee is not None and callee.model is not None and callee.model.stores and len(call.args) == 2


def object_of(typed: TypedBody, expr: f.Expr) -> Object | None:
    """A static, or a variable with the fields that lead on from it."""
    match expr:
        case f.PathX():
            definition = typed.paths.get(id(expr))
            return ("static", definition.path, ()) if definition is not None and definition.kind == "static" else None
        case f.Local(slot=slot):
            return ("slot", str(slot), ())
        case f.Field(base=base, name=name):
            inner = object_of(typed, base)
            return (inner[0], inner[1], (*inner[2], name)) if inner is not None else None
        case _:
            return None


def written(typed: TypedBody, expr: f.Expr) -> list[str]:
    match expr:
        case f.PathX(path=path):
            return [path.segments[-1].name]
        case f.Local(slot=slot):
            return [typed.body.slots[slot].name]
        case f.Field(base=base, name=name):
            return [*written(typed, base), name]
        case _:
            return []


def shared(typed: TypedBody, store: f.Method, inner: list[f.Closure]) -> Object | None:
    """The atomic, if other threads may know it."""
    what = object_of(typed, store.receiver)
    if what is None or what[0] == "static":
        return what
    slot = int(what[1])
    if any(closure.start <= store.start < closure.end for closure in inner):
        return what if any(use.slot == slot for closure in inner for use in closure.uses) else None
    ty = typed.slots[slot]
    is_parameter = typed.body.slots[slot].start < typed.body.value.start
    is_lent = isinstance(ty, RefTy) and not ty.mutable
    return what if is_parameter and (is_lent or (isinstance(ty, Adt) and ty.path == ARC)) else None


def spawned(typed: TypedBody) -> list[f.Closure]:
    """The closures and futures that a call spawns."""
    found = []
    for node in typed.body.expressions:
        if isinstance(node, f.Call | f.Method):
            callee = typed.calls.get(id(node))
            if callee is not None and callee.model is not None and callee.model.spawns is not None:
                found += [argument for argument in node.args if isinstance(argument, f.Closure)]
    return found
