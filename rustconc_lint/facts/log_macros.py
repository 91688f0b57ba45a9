"""The grammar of log, tracing and slog macros, rewritten to the arguments of a call.

`info!(target: "t", parent: &s, a = ?x, %y, "m {z}", z)` and `info!(log, "m"; "k" => %v)`: sigils, names and separators
that no call has are overwritten by spaces or commas of the same length, so every offset stays.
"""

from __future__ import annotations

from rustconc_lint import syntax
from rustconc_lint.facts.lowering import Lowering
from rustconc_lint.syntax import Node

LOG_MACROS = frozenset(
    (
        "crit",
        "debug",
        "debug_span",
        "error",
        "error_span",
        "event",
        "info",
        "info_span",
        "log",
        "o",
        "span",
        "trace",
        "trace_span",
        "warn",
        "warn_span",
    )
)
_SIGILS = frozenset((syntax.T_QUESTION, syntax.T_PERCENT, syntax.T_HASH))
_STRINGS = frozenset((syntax.STRING, syntax.RAW_STRING))
_SEPARATORS = frozenset((syntax.T_COMMA, syntax.T_SEMICOLON, syntax.T_EQ, syntax.T_FAT_ARROW))


def as_arguments(low: Lowering, tree: Node, start: int, end: int) -> bytes:
    """The text `start..end` between the delimiters of a log macro, as call arguments of the same length."""
    text = bytearray(low.data[start:end])
    tokens = [c for c in tree.children[1:-1] if c.kind_id not in syntax.COMMENTS]
    begins = True
    position = 0
    while position < len(tokens):
        token = tokens[position]
        kind = token.kind_id
        here = token.start_byte + low.base - start
        if kind == syntax.T_SEMICOLON or kind == syntax.T_FAT_ARROW:
            text[here : here + token.end_byte - token.start_byte] = b", "[: token.end_byte - token.start_byte]
        elif begins and kind in _SIGILS:
            text[here : here + 1] = b" "
            position += 1
            continue
        elif begins and _is_tag(tokens, position):
            position = _without_tag(tokens, position, text, low.base - start)
            continue
        elif begins and kind == syntax.TOKEN_TREE and text[here : here + 1] == b"{":
            # `info!({ a = 1, b = ?x }, "m")`, as tracing wrote fields of old.
            text[here : here + token.end_byte - token.start_byte] = _fields(low, token)
        begins = kind in _SEPARATORS
        position += 1
    return bytes(text)


def _fields(low: Lowering, tree: Node) -> bytes:
    start, end = low.range(tree)
    inner = as_arguments(low, tree, start + 1, end - 1).rstrip().removesuffix(b",")
    return b" " + inner.ljust(end - start - 2) + b" "


def _is_tag(tokens: list[Node], position: int) -> bool:
    """Whether `name:` stands here, as in `target: "t"`."""
    following = tokens[position + 1 : position + 2]
    return tokens[position].kind_id == syntax.IDENTIFIER and [c.kind_id for c in following] == [syntax.T_COLON]


def _without_tag(tokens: list[Node], position: int, text: bytearray, shift: int) -> int:
    """Blanks `name:`; with a string literal behind it, that and its comma too. Returns where reading goes on."""
    last = position + 1
    value = tokens[position + 2 : position + 4]
    if value and value[0].kind_id in _STRINGS:
        last = position + (3 if len(value) == 2 and value[1].kind_id == syntax.T_COMMA else 2)
    elif value and value[0].kind_id in _SIGILS:
        # log's `key:? = value`.
        start, end = tokens[last].start_byte + shift, value[0].end_byte + shift
        text[start:end] = b" " * (end - start)
        return position + 3
    start, end = tokens[position].start_byte + shift, tokens[last].end_byte + shift
    text[start:end] = b" " * (end - start)
    return last + 1
