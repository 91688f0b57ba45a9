"""Trees of Rust that the grammar does not know yet: closures `for<'a> |x|`, `safe fn`, macros named `str!`, and so on.

Only a tree with errors is tried again, with what is known to be misread overwritten by as many other bytes, so that
every offset stays; the text of a node is always taken from the file itself. It counts only if fewer errors are left.
"""

from __future__ import annotations

import re
from functools import partial

from rustconc_lint import syntax
from rustconc_lint.syntax import Node

# A literal that must occur, a pattern, and what its group (or all of it) is overwritten with.
_GAPS: tuple[tuple[bytes, re.Pattern[bytes], bytes], ...] = (
    (b"str!", re.compile(rb"(s)tr!\s*[(\[{]"), b"_"),  # a macro named like a primitive type
    (b"bool!", re.compile(rb"(b)ool!\s*[(\[{]"), b"_"),
    (b"char!", re.compile(rb"(c)har!\s*[(\[{]"), b"_"),
    (b"char @", re.compile(rb"(c)har @"), b"_"),  # a binding named like one
    (b"str @", re.compile(rb"(s)tr @"), b"_"),
    (b"for<", re.compile(rb"for<[^<>]*>(?=\s*(?:\||(?:async\s+)?move\b|async\b))"), b" "),  # `for<'a> |x: &'a T| ..`
    (b"dyn '", re.compile(rb"(dyn) '\w+\s*\+"), b" "),  # `dyn 'a + Trait`; without `dyn` it is an object as of old
    (b"const", re.compile(rb"impl(?:\s*<[^{;]*?>)?\s+(const)\s+[^;{=]+\sfor\s"), b" "),  # `impl const Trait for T`
    (b"const trait", re.compile(rb"const(?= trait\b)"), b" "),
    (b"safe", re.compile(rb"safe(?<!\wsafe)(?=\s+(?:fn|static)\b)"), b" "),
    (b"auto trait", re.compile(rb"auto(?= trait\b)"), b" "),
    (b"default impl", re.compile(rb"default(?= impl\b)"), b" "),
    (b"async Fn", re.compile(rb"async(?= Fn(?:Mut|Once)?\s*\()"), b" "),
    (b"#[", re.compile(rb"=\s*(#\[[^\[\]]*\])"), b" "),  # `let x = #[attribute] e`
    # `S { #[attribute] x, .. } = e`
    (b"#[", re.compile(rb"(?<=[{,])\s*(#\[[^\[\]]*\])(?=\s*[\w\x80-\xff]+\s*[,}])"), b" "),
    (b"<-", re.compile(rb"<(-)\d\w*\s*[,>]"), b" "),  # `Foo::<-1>`
    (b"~const", re.compile(rb"~const"), b" "),
    (b"~", re.compile(rb"~"), b"-"),  # a token that only macros take
    (
        b"---",
        re.compile(rb"\A(?:#![^\[\n][^\n]*)?\s*---[^\n]*\n(?s:.*?\n)??---[^\n]*"),
        b" ",
    ),  # a script's front matter
)


def tree_of(data: bytes) -> Node:
    """The root of the tree of `data`, or, if that has errors, of a text of the same length that has fewer."""
    root = syntax.parse(data)
    if not root.has_error:
        return root
    repaired = data
    for literal, pattern, fill in _GAPS:
        if literal in repaired:
            repaired = pattern.sub(partial(_overwritten, fill), repaired)
    if repaired == data:
        return root
    again = syntax.parse(repaired)
    return again if not again.has_error or _errors(again) < _errors(root) else root


def _overwritten(fill: bytes, match: re.Match[bytes]) -> bytes:
    group = match.re.groups
    start, end = match.start(group) - match.start(), match.end(group) - match.start()
    return match[0][:start] + _VISIBLE.sub(fill, match[group]) + match[0][end:]


_VISIBLE = re.compile(rb"[^\n]")


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
