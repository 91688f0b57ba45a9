"""Bodies: expressions and statements, with locals resolved to slots."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from rustconc_lint.facts.model.patterns import Pattern
from rustconc_lint.facts.model.types import Node, Path, TypeExpr


class Local(Node, frozen=True, array_like=True, tag="local", gc=False):
    slot: int


class PathX(Node, frozen=True, array_like=True, tag="path", gc=False):
    path: Path


class Lit(Node, frozen=True, array_like=True, tag="lit", gc=False):
    """kind: a suffix as written ("u8", "f32"), or int, float, str, bytestr, cstr, char, byte, bool. `text` as written
    for numbers and booleans, else ""."""

    kind: str
    text: str = ""


class Field(Node, frozen=True, array_like=True, tag="field", gc=False):
    base: Expr
    name: str  # "0" for tuples
    name_start: int


class Index(Node, frozen=True, array_like=True, tag="index", gc=False):
    base: Expr
    index: Expr


class Unary(Node, frozen=True, array_like=True, tag="unary", gc=False):
    op: Literal["*", "-", "!"]
    operand: Expr


class Ref(Node, frozen=True, array_like=True, tag="&", gc=False):
    kind: Literal["", "mut", "raw", "raw mut"]
    operand: Expr


class Binary(Node, frozen=True, array_like=True, tag="binary", gc=False):
    """`&&` and `||` are here too, and lazy."""

    op: str
    left: Expr
    right: Expr


class Assign(Node, frozen=True, array_like=True, tag="=", gc=False):
    """`target = value` (op ""), `target += value` (op "+"). `_ = f()` has target Unknown with no parts; a destructuring
    assignment has a Tuple, StructLit or Call target."""

    op: str
    target: Expr
    value: Expr


class Call(Node, frozen=True, array_like=True, tag="call", gc=False):
    callee: Expr
    args: tuple[Expr, ...]


class Method(Node, frozen=True, array_like=True, tag="method", gc=False):
    receiver: Expr
    name: str
    type_args: tuple[TypeExpr, ...]
    args: tuple[Expr, ...]
    name_start: int


class Macro(Node, frozen=True, array_like=True, tag="macro", gc=False):
    """A macro whose arguments could be read: `args` in order of evaluation.

    family: "format" (args are used by reference: println, format, write's rest, panic, log macros; implicit `{name}`
    captures are args with the range of the name inside the string; the string itself is none), "assert" (operands by
    reference; messages are in `late`), "dbg" (by value, returns them), "value" (by value, result unknown: `ready!(e)`,
    `anyhow!(e)`), "join" (futures by value), "select" (a Match with one Arm for each branch, of which one runs: its
    scrutinee is Await(future), or crossbeam's Method `rx.recv()`, `tx.send(v)`; `else`, `default`, `complete` are plain
    expressions), "opaque" (unknown macro: args are the Locals mentioned in it, nothing is known of their use), "write"
    (first arg by `&mut`, rest as format).
    `vec!` becomes Array/Repeat with vec=True, `matches!` and `assert_matches!` a Match, `addr_of!` a Ref; never a
    Macro. `late`: only when it panics. shown: of std's format macros, for each of the (last) args the traits by which
    its string shows it ("Display", "Debug", "Debug Display"), "" for others.
    """

    path: Path
    family: str
    args: tuple[Expr, ...]
    late: tuple[Expr, ...] = ()
    shown: tuple[str, ...] = ()


class Tuple(Node, frozen=True, array_like=True, tag="tuple", gc=False):
    items: tuple[Expr, ...]  # () is the unit


class Array(Node, frozen=True, array_like=True, tag="array", gc=False):
    items: tuple[Expr, ...]
    vec: bool = False


class Repeat(Node, frozen=True, array_like=True, tag="repeat", gc=False):
    item: Expr
    length: Expr
    vec: bool = False


class StructLit(Node, frozen=True, array_like=True, tag="struct", gc=False):
    path: Path
    fields: tuple[tuple[str, Expr], ...]  # the shorthand `x` is ("x", Local)
    base: Expr | None


class Range(Node, frozen=True, array_like=True, tag="range", gc=False):
    low: Expr | None
    high: Expr | None
    inclusive: bool


class Cast(Node, frozen=True, array_like=True, tag="cast", gc=False):
    operand: Expr
    target: TypeExpr


class Param(msgspec.Struct, frozen=True, array_like=True, gc=False):
    pattern: Pattern
    annotation: TypeExpr | None


class Use(Node, frozen=True, array_like=True, gc=False):
    """One use of an outer slot inside a closure: `slot` with the field path read from it, and how.

    fields: names of fields, "*" for a written dereference, "[]" for an index. modes:
    val (moved or copied: let, return, tail, struct field, captured by an inner move closure), arg (argument of a call:
    `f(r)` reborrows a `&mut T`),
    ref (`&x`, format macro), mut (`&mut x`), assign (`x = ..`), op-assign (`x += ..`), op (operand of arithmetic or
    an index), compare (operand of == < ..: by reference), call (`x()`), method (receiver; `name` is the method),
    scrutinee (matched; `pattern` says what it binds, several arms make a POr), iterate (head of `for`), await, try,
    deref-copy (`*x` read), none (`let _ = x`), opaque (in an unknown macro). `span` of the node = the place expression.
    """

    slot: int
    fields: tuple[str, ...]
    mode: str
    name: str = ""
    pattern: Pattern | None = None


class Closure(Node, frozen=True, array_like=True, tag="closure", gc=False):
    """`|x| ..` (kind "fn"), `async { .. }` ("async"), `async |x| ..` ("async fn").

    head: the range an editor underlines: `||`, `move |x|`, `async move`. insert: where `move ` would be inserted.
    uses: of slots declared outside, in order of appearance, uses by inner closures included (an inner move closure
    uses by val). declares: slots declared inside (params and lets).
    """

    kind: Literal["fn", "async", "async fn"]
    moves: bool
    head: tuple[int, int]
    insert: int
    params: tuple[Param, ...]
    output: TypeExpr | None
    body: Expr
    uses: tuple[Use, ...]


class Let(Node, frozen=True, array_like=True, tag="let", gc=False):
    """`let` in a condition: an operand of `if`, `while`, a match guard, possibly below `&&`."""

    pattern: Pattern
    value: Expr


class If(Node, frozen=True, array_like=True, tag="if", gc=False):
    condition: Expr
    then: Block
    orelse: Expr | None


class Arm(Node, frozen=True, array_like=True, gc=False):
    pattern: Pattern
    guard: Expr | None
    body: Expr
    cfg: tuple[str, ...] = ()


class Match(Node, frozen=True, array_like=True, tag="match", gc=False):
    scrutinee: Expr
    arms: tuple[Arm, ...]


class Loop(Node, frozen=True, array_like=True, tag="loop", gc=False):
    """loop: head None. while: head is the condition. for: head is the iterated expression, pattern its variable."""

    kind: Literal["loop", "while", "for"]
    pattern: Pattern | None
    head: Expr | None
    body: Block
    label: str


class Jump(Node, frozen=True, array_like=True, tag="jump", gc=False):
    kind: Literal["break", "continue", "return"]
    label: str
    value: Expr | None


class Try(Node, frozen=True, array_like=True, tag="?", gc=False):
    operand: Expr


class Await(Node, frozen=True, array_like=True, tag="await", gc=False):
    operand: Expr


class Unknown(Node, frozen=True, array_like=True, tag="unknown", gc=False):
    """Something that could not be read, or broken code: `parts` are evaluated, the value is unknown."""

    parts: tuple[Expr, ...]


class Block(Node, frozen=True, array_like=True, tag="block", gc=False):
    """scope: index into the body's `scopes` when the block declares items or uses, else -1.
    kind: "", "unsafe", "const", "try"."""

    statements: tuple[Statement, ...]
    tail: Expr | None
    label: str = ""
    kind: str = ""
    scope: int = -1


class LetStatement(Node, frozen=True, array_like=True, tag="let", gc=False):
    pattern: Pattern
    annotation: TypeExpr | None
    value: Expr | None
    orelse: Block | None
    cfg: tuple[str, ...] = ()


class ExprStatement(Node, frozen=True, array_like=True, tag="expr", gc=False):
    """semi is False for a block-like expression without `;` that is not the tail. A tail under a cfg stays a statement
    without `;` too, since it is one of several."""

    expr: Expr
    semi: bool
    cfg: tuple[str, ...] = ()


Statement = LetStatement | ExprStatement

Expr = (
    Local | PathX | Lit | Field | Index | Unary | Ref | Binary | Assign | Call | Method | Macro | Tuple | Array | Repeat
    | StructLit | Range | Cast | Closure | Let | If | Match | Loop | Jump | Try | Await | Unknown | Block
)  # fmt: skip


def nodes(root: Node) -> Iterator[Node]:
    """Every expression, statement and pattern below `root`, itself first, in order of the text."""
    waiting: list[Any] = [root]
    while waiting:
        item = waiting.pop()
        kind = type(item)
        if kind is tuple:
            waiting.extend(reversed(item))
            continue
        is_node, names = _HOLDING.get(kind) or _holding(kind)
        if is_node:
            yield item
        for name in names:
            part = getattr(item, name)
            if part:
                waiting.append(part)


_HOLDING: dict[type[Any], tuple[bool, tuple[str, ...]]] = {}
_PLAIN = ("int", "str", "bool", "Literal[", "tuple[str, ...]", "tuple[int, int]")  # what fields without nodes are


def _holding(kind: type[Any]) -> tuple[bool, tuple[str, ...]]:
    """Whether a kind of value is a node, and which of its fields may hold nodes, last first."""
    is_node = issubclass(kind, Node)
    fields: tuple[str, ...] = kind.__struct_fields__ if is_node or kind in (Param, Arm) else ()
    types = {name: text for base in kind.__mro__ for name, text in getattr(base, "__annotations__", {}).items()}
    names = tuple(name for name in reversed(fields) if not types[name].startswith(_PLAIN))
    return _HOLDING.setdefault(kind, (is_node, names))


def expressions(root: Node) -> Iterator[Node]:
    """Every expression, statement and arm below `root`, in order of `nodes`; no patterns, types and paths."""
    waiting: list[Any] = [root]
    while waiting:
        item = waiting.pop()
        kind = type(item)
        if kind is tuple:
            waiting.extend(reversed(item))
            continue
        if kind is str:  # the name of a field in a struct literal
            continue
        yield item
        parts = _PARTS.get(kind)
        for name in parts_of(kind) if parts is None else parts:
            part = getattr(item, name)
            if part:
                waiting.append(part)


def calls(root: Node) -> Iterator[Call | Method]:
    """Every call and method call below `root`, in order of their starts as far as one lies before another."""
    return (node for node in expressions(root) if type(node) is Call or type(node) is Method)


_EXPRESSIONS = frozenset(
    {"receiver", "callee", "args", "base", "index", "operand", "left", "right", "target", "value", "late", "items"}
    | {"fields", "item", "length", "low", "high", "condition", "then", "orelse", "scrutinee", "arms", "guard", "body"}
    | {"head", "parts", "statements", "tail", "expr"}
)
_LEAVES = (Local, PathX, Lit, Path, str)
_PARTS: dict[type[Any], tuple[str, ...]] = dict.fromkeys(_LEAVES, ())


def parts_of(kind: type[Any]) -> tuple[str, ...]:
    """The fields of a kind of node that hold expressions, last first."""
    parts = _PARTS.get(kind)
    if parts is None:
        parts = _PARTS[kind] = tuple(name for name in _holding(kind)[1] if name in _EXPRESSIONS)
    return parts
