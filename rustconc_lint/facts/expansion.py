"""`macro_rules!` of the same file, expanded where they are called as expressions: `t!(thread::spawn(|| ..))`.

What rustc does, for macros that hand their arguments on: their text may match, compare, return and format, but call
nothing except constructors and the few methods that take a Result or Option apart. All others stay opaque, since the
gates of speed look for calls in the text of a function. The expanded text is read like any other; its nodes that stand
in an argument keep their place in the file, all others have the place of the call. Hygiene: a name of the macro's own
hides nothing and sees nothing; where an argument has the same word, nothing is expanded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import msgspec

from rustconc_lint import syntax
from rustconc_lint.facts import reparse
from rustconc_lint.facts.dialect import tree_of
from rustconc_lint.facts.lowering import Lowering
from rustconc_lint.facts.model import Expr
from rustconc_lint.source import NAME
from rustconc_lint.syntax import Node

_WORD = re.compile(NAME)
_ITEMS = re.compile(rb"(?<!')\b(?:fn|struct|enum|union|trait|impl|type|static|const|mod|use|extern|macro_rules)\b")
_CODE = re.compile(rb"\||\basync\b|\bself\b|\blet\b|\bmove\b|\bunsafe\b")
_TAKING_APART = frozenset((b"unwrap", b"expect", b"into", b"from"))
_ENDS = frozenset((b",", b";", b"=>"))
_UNUSED = frozenset((b"stringify", b"concat"))
_LITERALS = frozenset((syntax.INTEGER, syntax.FLOAT, syntax.STRING, syntax.RAW_STRING, syntax.CHAR, syntax.BOOLEAN))
_MOST = 20_000  # bytes of an expanded text
_OFFSETS = frozenset(("start", "end", "name_start", "insert"))


class Unclear(Exception):
    """What the macro stands for is not clear."""


class Argument(NamedTuple):
    """What a metavariable stands for: a text at a byte of the file, parenthesised if it is an expression."""

    text: bytes
    start: int
    expression: bool


Bound = Argument | list[Any]  # of a repetition, one for each turn
Bindings = dict[bytes, Bound]


class Piece(NamedTuple):
    """A part of the expanded text, at byte `at` of it; start: where it stands in the file."""

    at: int
    end: int
    start: int


def expanded(low: Lowering, definition: Node, tree: Node, call: tuple[int, int]) -> Expr | None:
    """The call of a macro, with this token tree and range, as what it stands for; None where that is not clear."""
    try:
        bindings, body = _matched(low, definition, tree)
        _check(body, tree)
        text, pieces = _Writer(bindings).written(body)
        return _read(low, text, pieces, call, _own_names(body))
    except Unclear:
        return None


# ---------------------------------------------------------------- matching


def _matched(low: Lowering, definition: Node, tree: Node) -> tuple[Bindings, Node]:
    """What the first rule that matches binds, and its transcriber."""
    tokens = _inside(tree)
    for rule in definition.named_children:
        if rule.kind_id != syntax.MACRO_RULE:
            continue
        pattern, body = rule.child_by_field_id(syntax.F_LEFT), rule.child_by_field_id(syntax.F_RIGHT)
        if pattern is None or body is None:
            raise Unclear
        bindings: Bindings = {}
        if _Matcher(low).all(_inside(pattern), tokens, 0, bindings, last=True) == len(tokens):
            return bindings, body
    raise Unclear


def _inside(tree: Node) -> list[Node]:
    return [child for child in tree.children[1:-1] if child.kind_id not in syntax.COMMENTS]


class _Matcher:
    def __init__(self, low: Lowering) -> None:
        self.low = low

    def all(self, pattern: Sequence[Node], tokens: Sequence[Node], at: int, found: Bindings, last: bool) -> int | None:
        """Where the match of a whole pattern ends, None if there is none."""
        position: int | None = at
        for part in pattern:
            position = self.one(part, tokens, position, found) if position is not None else None
        return position if position is None or not last or position == len(tokens) else None

    def one(self, part: Node, tokens: Sequence[Node], at: int, found: Bindings) -> int | None:
        kind = part.kind_id
        if kind == syntax.TOKEN_REPETITION_PATTERN:
            return self.repeated(part, tokens, at, found)
        if at >= len(tokens):
            return None
        token = tokens[at]
        if kind == syntax.TOKEN_BINDING_PATTERN:
            end = self.fragment(part.children[-1].text or b"", tokens, at)
            if end is not None:
                found[part.children[0].text or b""] = self.argument(tokens[at:end], part.children[-1].text == b"expr")
            return end
        if kind == syntax.TOKEN_TREE_PATTERN:
            same = token.kind_id == syntax.TOKEN_TREE and token.children[0].type == part.children[0].type
            inner = _inside(token) if same else []
            return at + 1 if same and self.all(_inside(part), inner, 0, found, last=True) is not None else None
        return at + 1 if token.text == part.text else None

    def argument(self, tokens: Sequence[Node], expression: bool) -> Argument:
        start, end = tokens[0].start_byte + self.low.base, tokens[-1].end_byte + self.low.base
        return Argument(self.low.data[start:end], start, expression)

    def fragment(self, kind: bytes, tokens: Sequence[Node], at: int) -> int | None:
        """Where a fragment ends that begins with a token."""
        token = tokens[at]
        match kind:
            case b"tt":
                return at + 1
            case b"ident":
                return at + 1 if token.kind_id == syntax.IDENTIFIER else None
            case b"literal":
                return at + 1 if token.kind_id in _LITERALS else None
            case b"block":
                return at + 1 if (token.text or b"").startswith(b"{") and token.kind_id == syntax.TOKEN_TREE else None
            case b"expr":
                return self.parsed(tokens, at, lambda text: reparse.expression(text, 0) is not None)
            case b"ty" | b"path":
                return self.parsed(tokens, at, lambda text: not tree_of(b"type T = " + text + b";").has_error)
        raise Unclear

    def parsed(self, tokens: Sequence[Node], at: int, is_one: Callable[[bytes], bool]) -> int:
        """The first place where a fragment may end and what is before it is one."""
        for end in range(at + 1, len(tokens) + 1):
            if (end == len(tokens) or tokens[end].text in _ENDS) and is_one(self.argument(tokens[at:end], False).text):
                return end
        raise Unclear  # rustc does not try another rule then

    def repeated(self, part: Node, tokens: Sequence[Node], at: int, found: Bindings) -> int | None:
        inner, separator, operator = _repetition(part)
        turns: list[Bindings] = []
        while operator != b"?" or not turns:
            start = at
            if turns and separator:
                start += [token.text for token in tokens[at : at + 1]] == [separator]
                if start == at:
                    break
            turn: Bindings = {}
            end = self.all(inner, tokens, start, turn, last=False) if start < len(tokens) else None
            if end is None or end == start:
                break
            turns.append(turn)
            at = end
        for name in _metavariables(part):
            found[name] = [turn[name] for turn in turns if name in turn]
        return at if turns or operator != b"+" else None


def _repetition(part: Node) -> tuple[list[Node], bytes, bytes]:
    """What is repeated, the separator, which is no node of its own, and the operator."""
    children = part.children
    closing = next(index for index, child in enumerate(children) if child.type == ")")
    between = (part.text or b"")[children[closing].end_byte - part.start_byte :]
    operator = children[-1].text or b""
    return children[2:closing], between[: len(between) - len(operator)].strip(), operator


def _metavariables(node: Node) -> set[bytes]:
    return {one.text or b"" for one in _nodes(node) if one.kind_id == syntax.METAVARIABLE}


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _nodes(child)


# ---------------------------------------------------------------- what may be expanded


def _check(body: Node, tree: Node) -> None:
    """Refuses what could not be placed, or what the gates could not see."""
    own = body.text or b""
    given = tree.text or b""
    if _ITEMS.search(own) or _CODE.search(own) or _ITEMS.search(given):
        raise Unclear
    tokens = [token for token in syntax.tokens(body) if token.kind_id not in syntax.COMMENTS]
    for token, following in pairwise(tokens):
        name = token.text or b""
        called = token.kind_id == syntax.IDENTIFIER and following.type == "("
        if called and name[:1].islower() and name not in _TAKING_APART:
            raise Unclear
    if not _own_names(body).isdisjoint(_WORD.findall(given)):
        raise Unclear


def _own_names(body: Node) -> frozenset[bytes]:
    """The names in a macro's own text that may be of variables."""
    tokens = list(syntax.tokens(body))
    return (
        frozenset(
            token.text or b""
            for token, following in zip(tokens, [*tokens[1:], body], strict=True)
            if token.kind_id == syntax.IDENTIFIER and following.type != "!" and (token.text or b"")[:1].islower()
        )
        - _TAKING_APART
    )


# ---------------------------------------------------------------- writing


class _Writer:
    def __init__(self, bindings: Bindings) -> None:
        self.bindings = bindings
        self.text = bytearray()
        self.pieces: list[Piece] = []
        self.used: set[int] = set()

    def written(self, body: Node) -> tuple[bytes, list[Piece]]:
        """The expanded text, and where its arguments stand in it."""
        self.tokens(body.children[1:-1], self.bindings)
        return bytes(self.text), self.pieces

    def tokens(self, tokens: Sequence[Node], bindings: Bindings) -> None:
        before, unused = 0, False
        for index, token in enumerate(tokens):
            if len(self.text) > _MOST:
                raise Unclear
            self.text += b" " if token.start_byte > before else b""
            before = token.end_byte
            kind = token.kind_id
            if kind == syntax.METAVARIABLE:
                self.variable(token.text or b"", bindings)
            elif kind == syntax.TOKEN_REPETITION:
                self.repetition(token, bindings)
            elif kind == syntax.TOKEN_TREE:
                unused = index > 1 and tokens[index - 2].text in _UNUSED
                self.text += (token.children[0].type + ("" if not unused else token.children[-1].type)).encode()
                if not unused:
                    self.tokens(token.children[1:-1], bindings)
                    self.text += token.children[-1].type.encode()
            elif kind not in syntax.COMMENTS:
                self.text += token.text or b""

    def variable(self, name: bytes, bindings: Bindings) -> None:
        bound = bindings.get(name)
        if name == b"$crate":
            self.text += b"crate"
        elif not isinstance(bound, Argument):
            raise Unclear
        else:
            if bound.start in self.used and re.search(rb"\||\basync\b", bound.text):
                raise Unclear  # one closure would be two
            self.used.add(bound.start)
            self.text += b"(" if bound.expression else b" "
            at = len(self.text)
            self.text += bound.text
            self.pieces.append(Piece(at, len(self.text), bound.start))
            self.text += b"\n)" if bound.expression else b" "

    def repetition(self, part: Node, bindings: Bindings) -> None:
        inner, separator, _ = _repetition(part)
        repeated: dict[bytes, list[Bound]] = {}
        for name in _metavariables(part):
            bound = bindings.get(name)
            if isinstance(bound, list):
                repeated[name] = bound
        turns = set(map(len, repeated.values()))
        if len(turns) != 1:
            raise Unclear
        for turn in range(turns.pop()):
            self.text += separator if turn else b""
            self.tokens(inner, bindings | {name: one[turn] for name, one in repeated.items()})


# ---------------------------------------------------------------- reading


def _read(low: Lowering, text: bytes, pieces: list[Piece], call: tuple[int, int], own: frozenset[bytes]) -> Expr | None:
    read = reparse.expression(text, 0)
    if read is None or read[0][0].kind_id not in low.expressions:
        return None
    (node,), base = read
    outer, first, scopes, mark = (low.data, low.base), len(low.slots), len(low.scopes), low.mark()
    hidden = {name: low.names.pop(name) for name in [one.decode() for one in own] if name in low.names}
    low.data, low.base = text, base
    made = low.expr(node)
    low.release(mark)
    low.data, low.base = outer
    low.names |= hidden
    placed = _Placing(pieces, call)
    low.slots[first:] = [msgspec.structs.replace(slot, start=placed.offset(slot.start)) for slot in low.slots[first:]]
    if len(low.scopes) != scopes:
        return None
    result: Expr = placed.of(made)
    return result


class _Placing:
    """The places in the file of what was read from an expanded text."""

    def __init__(self, pieces: list[Piece], call: tuple[int, int]) -> None:
        self.pieces = pieces
        self.call = call

    def offset(self, at: int) -> int:
        piece = self.around(at, at)
        return self.call[0] if piece is None else at - piece.at + piece.start

    def around(self, start: int, end: int) -> Piece | None:
        return next((piece for piece in self.pieces if piece.at <= start and end <= piece.end), None)

    def of(self, part: Any) -> Any:
        """The same node, type or path in its place."""
        if isinstance(part, tuple):
            return tuple(map(self.of, part))
        if not isinstance(part, msgspec.Struct):
            return part
        values = {name: getattr(part, name) for name in part.__struct_fields__}
        ranged = isinstance(values.get("head"), tuple)
        changed = {
            name: self.of(value)
            for name, value in values.items()
            if name not in _OFFSETS and not (ranged and name == "head")
        }
        if "end" in values:
            piece = self.around(values["start"], values["end"])
            shift = 0 if piece is None else piece.start - piece.at
            start, end = (values["start"] + shift, values["end"] + shift) if piece else self.call
            changed |= {"start": start, "end": end}
        elif "start" in values:
            changed["start"] = self.offset(values["start"])
        changed |= {name: self.offset(values[name]) for name in ("name_start", "insert") if name in values}
        if ranged:
            changed["head"] = tuple(map(self.offset, values["head"]))
        return msgspec.structs.replace(part, **changed)
