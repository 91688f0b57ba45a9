"""Format strings: the variables that `{name}`, `{name:?}`, `{0:width$}` capture, each with its bytes in the string.

Source: the documentation of `std::fmt`. A name given as an argument of the macro is no capture.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from rustconc_lint import syntax
from rustconc_lint.facts.lowering import Lowering
from rustconc_lint.facts.model import Expr, Local, Path, PathX, Segment
from rustconc_lint.source import NAME
from rustconc_lint.syntax import Node

# Escapes first: the braces of `\u{1F600}` and `{{` are no placeholders.
_PIECES = re.compile(rb"\\u\{[^}]*\}|\\.|\{\{|\}\}|\{([^{}]*)\}", re.DOTALL)
_RAW_PIECES = re.compile(rb"\{\{|\}\}|\{([^{}]*)\}", re.DOTALL)
_NAME = re.compile(rb"\s*((?:r#)?" + NAME + rb")\s*(?=:|$)")
_NUMERIC = (b"x", b"X", b"o", b"b", b"p", b"e", b"E")  # `{:x}` and the like: never text
_WIDTH = re.compile(rb"(" + NAME + rb")\$")


def captured_names(low: Lowering, literal: Node) -> Iterator[tuple[str, int, int]]:
    """Name and byte range of each variable that a string literal captures, were it a format string."""
    for content, offset in _placeholders(low, literal):
        if not content:
            continue
        argument, _, spec = content.partition(b":")
        name = _NAME.match(argument)
        if name is not None:
            yield _place(name, offset)
        for width in _WIDTH.finditer(spec):
            yield _place(width, offset + len(argument) + 1)


def _placeholders(low: Lowering, literal: Node) -> Iterator[tuple[bytes, int]]:
    """What is between the braces of each placeholder, and where that begins."""
    start, end = low.range(literal)
    text = low.data[start:end]
    if b"{" not in text:
        return
    pieces = _RAW_PIECES if literal.kind_id == syntax.RAW_STRING else _PIECES
    for piece in pieces.finditer(text):
        if piece[1] is not None:
            yield piece[1], start + piece.start(1)


def shown(low: Lowering, literal: Node, names: list[str]) -> tuple[str, ...]:
    """The traits by which the string shows each argument. names: of the arguments, "" for those without one."""
    traits: list[set[str]] = [set() for _ in names]
    position = 0
    for content, _ in _placeholders(low, literal):
        argument, _, spec = content.partition(b":")
        written = argument.strip().decode("utf-8", "replace").removeprefix("r#")
        if b".*" in spec:  # the precision is an argument of its own
            position += 1
        if not written:
            index, position = position, position + 1
        else:
            index = int(written) if written.isdecimal() else names.index(written) if written in names else -1
        trait = "Debug" if spec.rstrip().endswith(b"?") else "" if spec.rstrip()[-1:] in _NUMERIC else "Display"
        if trait and 0 <= index < len(traits):
            traits[index].add(trait)
    return tuple([" ".join(sorted(found)) for found in traits])


def _place(match: re.Match[bytes], offset: int) -> tuple[str, int, int]:
    return match[1].decode("utf-8", "replace").removeprefix("r#"), offset + match.start(1), offset + match.end(1)


def captures(low: Lowering, literal: Node, given: Container[str]) -> list[tuple[str, Expr]]:
    """The captures of a format string by name, each once, as expressions; `given` are names of explicit arguments."""
    found: dict[str, Expr] = {}
    for name, start, end in captured_names(low, literal):
        if name in given or name in found:
            continue
        slot = low.names.get(name)
        if slot is not None:
            found[name] = Local(start, end, slot)
        else:
            found[name] = PathX(start, end, Path(start, end, (Segment(name, (), (), start),)))
    return list(found.items())
