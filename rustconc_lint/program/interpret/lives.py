"""How long a guard lives, in words a person can follow: which variable or which head of a statement keeps it.

From the structure of a body alone: the interpreter knows that the guard lives, this says what of the text is to blame.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.program.interpret.events import Held
from rustconc_lint.source import Span


class Life(msgspec.Struct, frozen=True):
    """keeper: "variable" (`name`), "borrow" (of a temporary, by the variable `name`), "head" (`name`: match, if let,
    while let, for), "statement", "call" (a function runs a closure under it) or "" when it is not known. end: the last
    byte of what must end first."""

    keeper: str
    name: str = ""
    end: Span | None = None


UNKNOWN_LIFE = Life("")


def life(body: f.Body, held: Held, at: Span) -> Life:
    """What keeps the guard alive at `at`, both in the same body."""
    site = held.span
    if site.start <= at.start and at.end <= site.end and (site.start, site.end) != (at.start, at.end):
        return called_inside(body, site, at)
    if held.slot >= 0 and held.slot < len(body.slots) and body.slots[held.slot].name:
        return Life("variable", body.slots[held.slot].name, last_byte(site.path, home(body, held.slot)))
    around = [node for node in nodes_around(body.value, site.start, site.end) if node.start <= at.start < node.end]
    for node in reversed(around):
        head = head_of(node)
        if head is not None and head[1].start <= site.start < head[1].end and at.start >= head[1].end:
            return Life("head", head[0], last_byte(site.path, node))
    return borrowed(body, site, at) or Life("statement", "", last_byte(site.path, statement_around(body, site)))


def called_inside(body: f.Body, site: Span, at: Span) -> Life:
    """The second place is within the call that made the guard: a closure that runs under it, or a chain of calls."""
    for node in nodes_around(body.value, at.start, at.end):
        if isinstance(node, f.Closure) and site.start < node.start:
            return Life("call", "", last_byte_of(site))
    return Life("statement", "", None)


def borrowed(body: f.Body, site: Span, at: Span) -> Life | None:
    """`let first = &*m.lock()..;`: the temporary lives as long as the variable."""
    for node in reversed(list(nodes_around(body.value, site.start, site.end))):
        if isinstance(node, f.LetStatement) and node.end <= at.start:
            names = [item.slot for item in f.nodes(node.pattern) if isinstance(item, f.PBind)]
            if names:
                return Life("borrow", body.slots[names[0]].name, last_byte(site.path, home(body, names[0])))
    return None


def nodes_around(root: f.Node, start: int, end: int) -> Iterator[f.Node]:
    """Every node that has the range inside, the outermost first."""
    waiting: list[object] = [root]
    while waiting:
        item = waiting.pop()
        if isinstance(item, tuple):
            waiting.extend(reversed(item))
        elif isinstance(item, f.Node | f.Arm | f.Param):
            if isinstance(item, f.Node):
                if item.start > start or end > item.end:
                    continue
                yield item
            waiting.extend(getattr(item, name) for name in reversed(item.__struct_fields__))


def head_of(node: f.Node) -> tuple[str, f.Node] | None:
    """The head whose temporaries live through the whole construct."""
    match node:
        case f.Match(scrutinee=scrutinee):
            return "match", scrutinee
        case f.If(condition=condition) if any(isinstance(item, f.Let) for item in f.nodes(condition)):
            return "if let", condition
        case f.Loop(kind="while", head=head) if head is not None and isinstance(head, f.Let):
            return "while let", head
        case f.Loop(kind="for", head=head) if head is not None:
            return "for", head
        case _:
            return None


def home(body: f.Body, slot: int) -> f.Node | None:
    """The block, arm, branch or loop that the variable lives in; None for a parameter."""
    found: f.Node | None = None
    for node in body.expressions:
        if isinstance(node, f.Block) and any(
            isinstance(statement, f.LetStatement) and binds(statement.pattern, slot) for statement in node.statements
        ):
            found = node
        elif isinstance(node, f.Match):
            found = next((arm.body for arm in node.arms if binds(arm.pattern, slot)), found)
        elif isinstance(node, f.If) and any(
            isinstance(item, f.Let) and binds(item.pattern, slot) for item in f.nodes(node.condition)
        ):
            found = node.then
        elif isinstance(node, f.Loop) and node.pattern is not None and binds(node.pattern, slot):
            found = node.body
    return found if found is not None else body.value


def binds(pattern: f.Pattern, slot: int) -> bool:
    return any(isinstance(item, f.PBind) and item.slot == slot for item in f.nodes(pattern))


def statement_around(body: f.Body, site: Span) -> f.Node | None:
    """The innermost statement, or tail of a block, that the place is in."""
    found: f.Node | None = None
    for node in nodes_around(body.value, site.start, site.end):
        if isinstance(node, f.LetStatement | f.ExprStatement):
            found = node
        elif isinstance(node, f.Block) and node.tail is not None and node.tail.start <= site.start < node.tail.end:
            found = node.tail
    return found


def last_byte(path: str, node: f.Node | None) -> Span | None:
    return Span(path, max(node.start, node.end - 1), node.end) if node is not None else None


def last_byte_of(span: Span) -> Span:
    return Span(span.path, span.end - 1, span.end)
