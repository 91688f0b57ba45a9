"""How a closure uses the variables around it: each outermost place expression, and what is done with it.

Computed from the lowered body alone. Whether a use moves, copies or borrows depends on types, so a use only says its
context: an argument, a receiver, an operand, a scrutinee. A closure inside a closure brings its own uses along.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rustconc_lint.facts.model import (
    Array,
    Assign,
    Await,
    Binary,
    Block,
    Call,
    Cast,
    Closure,
    Expr,
    ExprStatement,
    Field,
    If,
    Index,
    Jump,
    Let,
    LetStatement,
    Local,
    Loop,
    Macro,
    Match,
    Method,
    Pattern,
    PBind,
    POr,
    PWild,
    Range,
    Ref,
    Repeat,
    StructLit,
    Try,
    Tuple,
    Unary,
    Unknown,
    Use,
)

_COMPARISONS = frozenset(("==", "!=", "<", ">", "<=", ">="))
_BEHIND = frozenset(("*", "[]"))
_PLACES = (Local, Field, Index, Unary)


def uses_of(body: Expr, outer: int) -> tuple[Use, ...]:
    """The uses, in order of appearance, of slots below `outer` in the body of a closure."""
    reader = _Uses(outer)
    reader.use(body, "val")
    return tuple(reader.found)


class _Uses:
    __slots__ = ("found", "outer")

    def __init__(self, outer: int) -> None:
        self.outer = outer
        self.found: list[Use] = []

    def use(self, expr: Expr, mode: str, name: str = "", pattern: Pattern | None = None) -> None:
        """Reads an expression whose value or place is used in this way."""
        if isinstance(expr, _PLACES) and self._place(expr, mode, name, pattern):
            return
        inside = _INSIDE.get(type(expr))
        if inside is not None:
            inside(self, expr)

    def each(self, exprs: Sequence[Expr], mode: str) -> None:
        for expr in exprs:
            self.use(expr, mode)

    def _place(self, expr: Expr, mode: str, name: str, pattern: Pattern | None) -> bool:
        """Records a place that begins at a local; False when the expression is no place or begins elsewhere."""
        fields: list[str] = []
        indices: list[Expr] = []
        root = expr
        while True:
            if isinstance(root, Field):
                fields.append(root.name)
                root = root.base
            elif isinstance(root, Index):
                fields.append("[]")
                indices.append(root.index)
                root = root.base
            elif isinstance(root, Unary) and root.op == "*":
                fields.append("*")
                root = root.operand
            else:
                break
        if isinstance(root, Local):
            if root.slot < self.outer:
                fields.reverse()
                if mode in _READS and fields and fields[-1] == "*":
                    mode = "deref-copy"
                self.found.append(Use(expr.start, expr.end, root.slot, tuple(fields), mode, name, pattern))
        elif root is expr:
            return False
        else:
            # `f(x).y[i]`: what the place is reached through is used for its value.
            self.use(root, "method" if isinstance(root, _PLACES) else "val")
        for index in reversed(indices):
            self.use(index, "op")
        return True

    def bind(self, value: Expr, pattern: Pattern) -> None:
        """Reads a value that a `let` pattern takes apart."""
        if isinstance(pattern, PWild):
            self.use(value, "none")
        elif isinstance(pattern, PBind) and pattern.sub is None:
            self.use(value, pattern.by_ref or "val")
        else:
            self.use(value, "scrutinee", "", pattern)


_READS = frozenset(("val", "arg"))


def _unary(uses: _Uses, expr: Unary) -> None:
    uses.use(expr.operand, "op")


def _ref(uses: _Uses, expr: Ref) -> None:
    uses.use(expr.operand, "mut" if expr.kind.endswith("mut") else "ref")


def _binary(uses: _Uses, expr: Binary) -> None:
    # Comparison chains nest to the left; the left spine of `a + b + c` is followed in a loop.
    rights: list[tuple[Expr, str]] = []
    left: Expr = expr
    mode = "op"
    while isinstance(left, Binary):
        mode = "compare" if left.op in _COMPARISONS else "op"
        rights.append((left.right, mode))
        left = left.left
    uses.use(left, mode)
    for right, mode in reversed(rights):
        uses.use(right, mode)


def _assign(uses: _Uses, expr: Assign) -> None:
    if expr.op:
        uses.use(expr.target, "op-assign")
        uses.use(expr.value, "op")
        return
    _assigned(uses, expr.target)
    # `_ = x` moves nothing.
    discarded = isinstance(expr.target, Unknown) and not expr.target.parts
    uses.use(expr.value, "none" if discarded else "val")


def _assigned(uses: _Uses, target: Expr) -> None:
    """The targets of `(a, b) = ..`, `S { x: a } = ..`, `Some(a) = ..`."""
    match target:
        case Tuple(items=items) | Array(items=items) | Call(args=items):
            for item in items:
                _assigned(uses, item)
        case StructLit(fields=fields):
            for _, item in fields:
                _assigned(uses, item)
        case _:
            uses.use(target, "assign")


def _call(uses: _Uses, expr: Call) -> None:
    uses.use(expr.callee, "call")
    uses.each(expr.args, "arg")


def _method(uses: _Uses, expr: Method) -> None:
    uses.use(expr.receiver, "method", expr.name)
    uses.each(expr.args, "arg")


def _macro(uses: _Uses, expr: Macro) -> None:
    family = expr.family
    args = expr.args
    if family == "write" and args:
        uses.use(args[0], "method", "write_fmt")
        args = args[1:]
    if family == "assert":
        # `assert!` tests a bool, `assert_eq!` borrows both sides.
        uses.each(args, "compare" if len(args) > 1 else "op")
    else:
        uses.each(args, _MACRO_MODES.get(family, "opaque"))
    uses.each(expr.late, "ref")


_MACRO_MODES = {"format": "ref", "write": "ref", "dbg": "val", "value": "val", "join": "val", "select": "val"}


def _values(uses: _Uses, expr: Tuple | Array) -> None:
    uses.each(expr.items, "val")


def _repeat(uses: _Uses, expr: Repeat) -> None:
    uses.use(expr.item, "val")
    uses.use(expr.length, "val")


def _struct(uses: _Uses, expr: StructLit) -> None:
    for _, value in expr.fields:
        uses.use(value, "val")
    if expr.base is not None:
        uses.use(expr.base, "val")


def _range(uses: _Uses, expr: Range) -> None:
    for bound in (expr.low, expr.high):
        if bound is not None:
            uses.use(bound, "val")


def _cast(uses: _Uses, expr: Cast) -> None:
    uses.use(expr.operand, "op")


def _closure(uses: _Uses, expr: Closure) -> None:
    for use in expr.uses:
        if use.slot >= uses.outer:
            continue
        if expr.moves and use.mode != "none":
            # A move closure takes the place up to the first dereference or index.
            cut = next((i for i, name in enumerate(use.fields) if name in _BEHIND), len(use.fields))
            uses.found.append(Use(use.start, use.end, use.slot, use.fields[:cut], "val"))
        else:
            uses.found.append(use)


def _let(uses: _Uses, expr: Let) -> None:
    uses.bind(expr.value, expr.pattern)


def _if(uses: _Uses, expr: If) -> None:
    uses.use(expr.condition, "op")
    _block(uses, expr.then)
    if expr.orelse is not None:
        uses.use(expr.orelse, "val")


def _match(uses: _Uses, expr: Match) -> None:
    patterns = [arm.pattern for arm in expr.arms]
    if patterns and all(isinstance(pattern, PWild) for pattern in patterns):
        uses.use(expr.scrutinee, "none")
    elif len(patterns) == 1:
        uses.bind(expr.scrutinee, patterns[0])
    else:
        start, end = (patterns[0].start, patterns[-1].end) if patterns else (expr.start, expr.end)
        uses.use(expr.scrutinee, "scrutinee", "", POr(start, end, tuple(patterns)))
    for arm in expr.arms:
        if arm.guard is not None:
            uses.use(arm.guard, "op")
        uses.use(arm.body, "val")


def _loop(uses: _Uses, expr: Loop) -> None:
    if expr.head is not None:
        uses.use(expr.head, "iterate" if expr.kind == "for" else "op")
    _block(uses, expr.body)


def _jump(uses: _Uses, expr: Jump) -> None:
    if expr.value is not None:
        uses.use(expr.value, "val")


def _try(uses: _Uses, expr: Try) -> None:
    uses.use(expr.operand, "try")


def _await(uses: _Uses, expr: Await) -> None:
    uses.use(expr.operand, "await")


def _unknown(uses: _Uses, expr: Unknown) -> None:
    uses.each(expr.parts, "opaque")


def _block(uses: _Uses, expr: Block) -> None:
    for statement in expr.statements:
        if isinstance(statement, ExprStatement):
            uses.use(statement.expr, "val")
        else:
            _let_statement(uses, statement)
    if expr.tail is not None:
        uses.use(expr.tail, "val")


def _let_statement(uses: _Uses, statement: LetStatement) -> None:
    if statement.value is not None:
        uses.bind(statement.value, statement.pattern)
    if statement.orelse is not None:
        _block(uses, statement.orelse)


_INSIDE: dict[type, Callable[[_Uses, Any], None]] = {
    Unary: _unary,
    Ref: _ref,
    Binary: _binary,
    Assign: _assign,
    Call: _call,
    Method: _method,
    Macro: _macro,
    Tuple: _values,
    Array: _values,
    Repeat: _repeat,
    StructLit: _struct,
    Range: _range,
    Cast: _cast,
    Closure: _closure,
    Let: _let,
    If: _if,
    Match: _match,
    Loop: _loop,
    Jump: _jump,
    Try: _try,
    Await: _await,
    Unknown: _unknown,
    Block: _block,
}
