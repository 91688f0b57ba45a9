"""Macro calls as expressions: their arguments read again as Rust, by the grammar of each family.

A macro that is not known here is "opaque": which locals it mentions is all that is said of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from rustconc_lint import syntax
from rustconc_lint.facts import reparse, select
from rustconc_lint.facts.expansion import expanded
from rustconc_lint.facts.expressions import array
from rustconc_lint.facts.formats import captured_names, captures, shown
from rustconc_lint.facts.log_macros import LOG_MACROS, as_arguments
from rustconc_lint.facts.lowering import Lowering
from rustconc_lint.facts.model import (
    Arm,
    Expr,
    Lit,
    Local,
    Macro,
    Match,
    Path,
    Pattern,
    PBind,
    PWild,
    Ref,
    Scope,
    Unknown,
)
from rustconc_lint.facts.types import read_path
from rustconc_lint.syntax import Node

_MAX_NESTING = 8  # of macros in macros: each level is parsed again
_STRINGS = frozenset((syntax.STRING, syntax.RAW_STRING))


class _Call(NamedTuple):
    """A macro call: its range, path, last name, token tree and the range between the delimiters."""

    start: int
    end: int
    path: Path
    name: str
    tree: Node
    first: int
    last: int


def _macro(low: Lowering, node: Node) -> Expr:
    start, end = low.range(node)
    head = node.child_by_field_id(syntax.F_MACRO)
    tree = reparse.token_tree(node)
    if head is None or tree is None:
        return Unknown(start, end, ())
    path = read_path(low, head)
    call = _Call(start, end, path, path.segments[-1].name, tree, *reparse.inner_range(low, tree))
    reader = _READERS.get(call.name)
    read: Expr | None = None
    if low.macros and low.nesting < _MAX_NESTING:
        read = _expanded(low, call)
        if read is not None:
            return read
    if reader is not None and low.nesting < _MAX_NESTING:
        low.nesting += 1
        read = reader(low, call)
        low.nesting -= 1
    return _opaque(low, call) if read is None else read


def _expanded(low: Lowering, call: _Call) -> Expr | None:
    """The call of a macro of the file's own; None of any other, and of one that is not clear."""
    own = low.macros.get(call.name)
    if own is None or len(call.path.segments) > 1 or any(_declares(scope, call.name) for scope in low.scopes):
        return None
    place = low.place if low.place >= 0 else call.start
    if not own.start <= place < own.end:
        return None
    outer, low.place = low.place, place
    low.nesting += 1
    made = expanded(low, own.node, call.tree, (call.start, call.end))
    low.nesting -= 1
    low.place = outer
    return made


def _declares(scope: Scope, name: str) -> bool:
    return any(item.kind == "macro" and item.name == name for item in scope.items)


def _opaque(low: Lowering, call: _Call) -> Expr:
    """The locals that any token, or a placeholder in any string literal, may stand for; each once."""
    found: dict[int, Expr] = {}
    after_dot = False
    for token in () if call.name in _MENTIONS_NOTHING else syntax.tokens(call.tree):
        kind = token.kind_id
        if kind == syntax.IDENTIFIER or kind == syntax.SELF:
            slot = low.names.get(low.name(token))
            if slot is not None and not after_dot:
                found.setdefault(slot, Local(*low.range(token), slot))
        elif kind in _STRINGS:
            for name, start, end in captured_names(low, token):
                slot = low.names.get(name)
                if slot is not None:
                    found.setdefault(slot, Local(start, end, slot))
        after_dot = kind == syntax.T_DOT
    return Macro(call.start, call.end, call.path, "opaque", tuple(found.values()))


def rebound(low: Lowering, node: Node, read: Expr) -> tuple[Pattern, ...]:
    """The variables that a macro statement may have declared anew, as `clone!(tx)` and `to_owned![name]` do: those that
    are whole arguments of a macro that is not known. read: the call, lowered."""
    if not isinstance(read, Macro) or read.family != "opaque" or read.path.segments[-1].name in _DECLARES_NOTHING:
        return ()
    tree = reparse.token_tree(node)
    found: dict[str, int] = {}
    read_tokens = [] if tree is None else list(syntax.tokens(tree))
    for before, token, after in zip(read_tokens, read_tokens[1:], read_tokens[2:], strict=False):
        if token.kind_id != syntax.IDENTIFIER or after.kind_id not in _AFTER_A_NAME:
            continue
        name = low.name(token)
        if name in low.names and (before.kind_id in _BEFORE_A_NAME or low.bytes(before) in (b"ref", b"let")):
            found[name] = token.start_byte + low.base
    low.bound = {}
    return tuple([PBind(at, at, low.bind(name, at, mutable=True), "", True, None) for name, at in found.items()])


# ---------------------------------------------------------------- argument lists


def _arguments(low: Lowering, call: _Call) -> reparse.Reread | None:
    return reparse.arguments(low.data[call.first : call.last], call.first)


def _lowered(low: Lowering, read: reparse.Reread) -> tuple[Expr, ...]:
    nodes, base = read
    outer, low.base = low.base, base
    result = tuple([low.expr(node) for node in nodes])
    low.base = outer
    return result


def _formatted(low: Lowering, nodes: list[Node], base: int) -> tuple[Expr, ...]:
    """The arguments of a format macro, then what its string captures. The string itself is none of them."""
    return _read_format(low, nodes, base)[0]


def _read_format(low: Lowering, nodes: list[Node], base: int) -> tuple[tuple[Expr, ...], tuple[str, ...]]:
    """Those arguments, and the traits by which each is shown."""
    outer, low.base = low.base, base
    args: list[Expr] = []
    names: list[str] = []
    literal: Node | None = None
    for node in nodes:
        kind = node.kind_id
        if kind == syntax.ASSIGNMENT:
            name = node.child_by_field_id(syntax.F_LEFT)
            value = node.child_by_field_id(syntax.F_RIGHT)
            if value is not None:
                names.append(low.name(name) if name is not None else "")
                args.append(low.expr(value))
        elif literal is None and kind in _STRINGS:
            literal = node
        else:
            names.append("")
            args.append(low.expr(node))
    traits: tuple[str, ...] = ()
    if literal is not None:
        for captured, expr in captures(low, literal, names):
            names.append(captured)
            args.append(expr)
        traits = shown(low, literal, names) if args else ()
    low.base = outer
    return tuple(args), traits


def _format(low: Lowering, call: _Call) -> Expr | None:
    read = _arguments(low, call)
    if read is None:
        return None
    args, traits = _read_format(low, *read)
    return Macro(call.start, call.end, call.path, "format", args, (), traits)


def _log(low: Lowering, call: _Call) -> Expr | None:
    read = _arguments(low, call)
    if read is None:
        read = reparse.arguments(as_arguments(low, call.tree, call.first, call.last), call.first)
    return None if read is None else Macro(call.start, call.end, call.path, "format", _formatted(low, *read))


def _write(low: Lowering, call: _Call) -> Expr | None:
    read = _arguments(low, call)
    if read is None or not read[0]:
        return None
    nodes, base = read
    target = _lowered(low, (nodes[:1], base))
    args, traits = _read_format(low, nodes[1:], base)
    return Macro(call.start, call.end, call.path, "write", target + args, (), traits)


def _assert(low: Lowering, call: _Call) -> Expr | None:
    """One operand of `assert!`, two of `assert_eq!`; the message is formatted only when it fails."""
    read = _arguments(low, call)
    if read is None:
        return None
    nodes, base = read
    count = 2 if call.name.endswith(("_eq", "_ne")) else 1
    operands = _lowered(low, (nodes[:count], base))
    return Macro(call.start, call.end, call.path, "assert", operands, _formatted(low, nodes[count:], base))


def _error(low: Lowering, call: _Call) -> Expr | None:
    """`anyhow!("m {x}")` formats, `anyhow!(e)` takes a value."""
    read = _arguments(low, call)
    if read is None:
        return None
    if read[0] and read[0][0].kind_id not in _STRINGS:
        return Macro(call.start, call.end, call.path, "value", _lowered(low, read))
    return Macro(call.start, call.end, call.path, "format", _formatted(low, *read))


def _values(family: str) -> Callable[[Lowering, _Call], Expr | None]:
    def read(low: Lowering, call: _Call) -> Expr | None:
        found = _arguments(low, call)
        return None if found is None else Macro(call.start, call.end, call.path, family, _lowered(low, found))

    return read


# ---------------------------------------------------------------- macros that stand for an expression


def _vec(low: Lowering, call: _Call) -> Expr | None:
    read = reparse.array(low.data[call.first : call.last], call.first)
    if read is None:
        return None
    outer, low.base = low.base, read[1]
    made = array(low, read[0][0], vec=True)
    low.base = outer
    return _respanned(made, call)


def _respanned(made: Expr, call: _Call) -> Expr:
    """The expression with the range of the macro call it stands for."""
    values = [getattr(made, name) for name in made.__struct_fields__[2:]]
    return type(made)(call.start, call.end, *values)


def _matches(low: Lowering, call: _Call) -> Expr | None:
    comma = next((c for c in call.tree.children if c.kind_id == syntax.T_COMMA), None)
    if comma is None:
        return None
    text = low.data[call.first : call.last]
    read = reparse.matching(text, comma.start_byte + low.base - call.first, call.first)
    if read is None:
        return None
    made = _lowered(low, read)[0]
    if not isinstance(made, Match) or not made.arms:
        return None
    arm = made.arms[0]
    end = call.end
    yes = Arm(arm.pattern.start, end, arm.pattern, arm.guard, Lit(end, end, "bool", "true"))
    no = Arm(end, end, PWild(end, end), None, Lit(end, end, "bool", "false"))
    return Match(call.start, end, made.scrutinee, (yes, no))


def _address(low: Lowering, call: _Call) -> Expr | None:
    read = reparse.expression(low.data[call.first : call.last], call.first)
    if read is None:
        return None
    return Ref(call.start, call.end, "raw mut" if call.name == "addr_of_mut" else "raw", _lowered(low, read)[0])


def _join(low: Lowering, call: _Call) -> Expr | None:
    """`join!(a, b)`, perhaps with tokio's `biased;` in front."""
    text = low.data[call.first : call.last]
    stripped = text.lstrip()
    start = call.last - len(stripped)
    if stripped.startswith(b"biased"):
        start += stripped.find(b";") + 1
    read = reparse.arguments(low.data[start : call.last], start)
    return None if read is None else Macro(call.start, call.end, call.path, "join", _lowered(low, read))


def _select(low: Lowering, call: _Call) -> Expr | None:
    found = select.branches(low, call.tree)
    return None if found is None else Macro(call.start, call.end, call.path, "select", tuple(found))


def _pin(low: Lowering, call: _Call) -> Expr | None:
    """`pin!(future())` takes a value; tokio's `pin!(name)` binds its name anew, which nothing here can say."""
    read = _arguments(low, call)
    if read is None or len(read[0]) != 1 or read[0][0].kind_id == syntax.IDENTIFIER:
        return None
    return Macro(call.start, call.end, call.path, "value", _lowered(low, read))


_Reader = Callable[[Lowering, _Call], Expr | None]
_FORMATS = ("print", "println", "eprint", "eprintln", "format", "format_args", "panic", "unreachable", "todo")
_ASSERTS = ("assert", "assert_eq", "assert_ne", "debug_assert", "debug_assert_eq", "debug_assert_ne", "ensure")
_TOKIO_TEST = (
    *("assert_ok", "assert_err", "assert_ready", "assert_pending"),
    *("assert_ready_ok", "assert_ready_err", "assert_ready_eq"),
)
_READERS: Mapping[str, _Reader] = {
    **dict.fromkeys((*_FORMATS, "unimplemented"), _format),
    **dict.fromkeys(LOG_MACROS, _log),
    **dict.fromkeys(_ASSERTS, _assert),
    **dict.fromkeys(("write", "writeln"), _write),
    **dict.fromkeys(("anyhow", "bail", "eyre", "format_err"), _error),
    **dict.fromkeys(("matches", "assert_matches", "debug_assert_matches"), _matches),
    **dict.fromkeys(("addr_of", "addr_of_mut"), _address),
    **dict.fromkeys(("join", "try_join"), _join),
    **dict.fromkeys(("select", "select_biased"), _select),
    **dict.fromkeys(("ready", "try", *_TOKIO_TEST), _values("value")),
    "pin": _pin,
    "dbg": _values("dbg"),
    "vec": _vec,
}
_MENTIONS_NOTHING = frozenset(("stringify", "concat", "cfg", "env", "option_env", "include_str", "include_bytes"))
_DECLARES_NOTHING = _MENTIONS_NOTHING | {*_READERS, "pin_mut"}
_OPENING = (syntax.T_LPAREN, syntax.T_LBRACKET, syntax.T_LBRACE)
_CLOSING = (syntax.T_RPAREN, syntax.T_RBRACKET, syntax.T_RBRACE)
_SEPARATORS = (syntax.T_COMMA, syntax.T_SEMICOLON, syntax.T_FAT_ARROW)
_BEFORE_A_NAME = frozenset((*_OPENING, *_SEPARATORS, syntax.MUTABLE_SPECIFIER))
_AFTER_A_NAME = frozenset((*_CLOSING, *_SEPARATORS, syntax.T_COLON, syntax.T_EQ))
EXPRESSION_MACROS = frozenset(_READERS)

MACROS: Mapping[int, Callable[[Lowering, Node], Expr]] = {syntax.MACRO: _macro}
