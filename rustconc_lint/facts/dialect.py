"""Trees of Rust that the grammar does not know yet: closures `for<'a> |x|`, `safe fn`, macros named `str!`, and so on.

Only a tree with errors is tried again, with what is known to be misread overwritten by as many other bytes, so that
every offset stays; the text of a node is always taken from the file itself. It counts only if fewer errors are left.
"""

from __future__ import annotations

import re

from rustconc_lint import syntax
from rustconc_lint.syntax import Node

_PRIMITIVE = rb"(?:[iu](?:8|16|32|64|128|size)|f32|f64|bool|char|str)"
# What matches `blank` becomes spaces, `letter` an underscore, `dash` a minus sign.
_UNREAD = re.compile(
    rb"\b(?="
    + _PRIMITIVE
    + rb"""\s*(?:!\s*[(\[{]|@))(?P<letter>\w)                     # `str![..]`, `char @ 'a'`
    | (?P<dash>~(?!const\b))                                     # a token that only macros take
    | \bfor\s*<[^<>]*>(?=\s*(?:\||(?:async\s+)?move\b|async\b))  # `for<'a> |x: &'a T| ..`
    | (?:(?<=\bdyn\s)|(?<=\bimpl\s))\s*'\w+\s*\+                # `dyn 'a + Trait`
    | (?:(?<=\bimpl\s)|(?<=>\s))\s*const(?=\s+[^;{=]+\sfor\s)    # `impl<T> const Trait for T`
    | \bsafe(?=\s+(?:fn|static)\b)
    | \b(?:unsafe\s+)?auto(?=\s+trait\b)
    | \bdefault(?=\s+impl\b)
    | ~const\b
    | \basync(?=\s+Fn(?:Mut|Once)?\s*\()
    | (?<=[^=!<>]=)\s*\#\[[^\[\]]*\]                             # `let x = #[attribute] e`
    | (?<=<)\s*-(?=\s*\d\w*\s*[,>])                             # `Foo::<-1>`
    | \A(?:\#![^\[\n][^\n]*)?\s*---[^\n]*\n(?s:.*?)\n---[^\n]*   # the front matter of a script
    """,
    re.VERBOSE,
)


def tree_of(data: bytes) -> Node:
    """The root of the tree of `data`, or, if that has errors, of a text of the same length that has fewer."""
    root = syntax.parse(data)
    if not root.has_error:
        return root
    repaired = _UNREAD.sub(_overwritten, data)
    if repaired == data:
        return root
    again = syntax.parse(repaired)
    return again if not again.has_error or _errors(again) < _errors(root) else root


def _overwritten(match: re.Match[bytes]) -> bytes:
    if match["letter"]:
        return b"_"
    if match["dash"]:
        return b"-"
    return re.sub(rb"[^\n]", b" ", match[0])


def _errors(root: Node) -> int:
    """How many errors a tree has."""
    count = 0
    pending = [root]
    while pending:
        node = pending.pop()
        if node.kind_id == syntax.ERROR or node.is_missing:
            count += 1
        elif node.has_error:
            pending.extend(node.children)
    return count
