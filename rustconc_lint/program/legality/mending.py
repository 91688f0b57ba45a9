"""Where in the text of a body a cure goes: a `drop(tx);`, a `let` before a `match`, a `collect`. None where it would
not compile or would change what a program that works does; offsets are bytes of the body's file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.finding import Edit
from rustconc_lint.program.names.names import Names
from rustconc_lint.program.typeck.model import TypedBody
from rustconc_lint.program.types import Adt, Prim, TupleTy, Ty
from rustconc_lint.source import Span

RECEIVED = "received"


class Line(msgspec.Struct, frozen=True):
    """A statement or tail of a block. around: loops and closures between it and the line around it."""

    node: f.Statement | f.Expr
    block: f.Block
    around: tuple[f.Node, ...]


def drop_before(typed: TypedBody, names: Names, declared: Span, sink: Span) -> Edit | None:
    """`drop(tx);` in a line of its own before the statement with the sink, for the variable that is declared there.

    The variable is the sender itself, nothing can borrow it by then, nobody uses it from there on, and the place is in
    no loop and no closure that the variable is not declared in."""
    slots = [number for number, slot in enumerate(typed.body.slots) if slot.start == declared.start]
    called = names.resolve_segments(("drop",), typed.module, "value")
    if len(slots) != 1 or called is None or called.path != "std::mem::drop" or has_slot(typed, "drop"):
        return None
    slot = slots[0]
    model = names.type_model(ty.path) if isinstance(ty := typed.slots[slot], Adt) else None
    if model is None or model.role != "sender":
        return None
    lines = list(lines_around(typed, sink))
    home = next((number for number, line in enumerate(lines) if declares(line.block, declared)), 0)
    inside = lines[home:]
    # A line inside of a loop or closure is run many times, or at another time.
    depth = next((number for number, line in enumerate(inside) if number and line.around), len(inside))
    if not inside or not is_idle(typed, slot, inside[depth - 1].node.start):
        return None
    line = inside[depth - 1]
    name, slots_of = typed.body.slots[slot].name, typed.body.slots
    if any(other.name == name and declared.start < other.start and hides(other, inside[:depth]) for other in slots_of):
        return None
    return before_line(typed, line.node.start, f"drop({name});")


def has_slot(typed: TypedBody, name: str) -> bool:
    return any(slot.name == name for slot in typed.body.slots)


def lines_around(typed: TypedBody, place: Span) -> Iterator[Line]:
    """The statements that `place` is in, from the outermost one inwards."""
    around: list[f.Node] = []
    for node in typed.body.expressions:
        if not (node.start <= place.start and place.end <= node.end):
            continue
        if isinstance(node, f.Block):
            items = (*node.statements, *((node.tail,) if node.tail is not None else ()))
            for item in items:
                if item.start <= place.start and place.end <= item.end:
                    yield Line(item, node, tuple(around))
                    around = []
        elif isinstance(node, f.Loop | f.Closure):
            around.append(node)


def declares(block: f.Block, declared: Span) -> bool:
    """Whether a `let` of the block itself declares the variable."""
    lets = (statement for statement in block.statements if isinstance(statement, f.LetStatement))
    return any(let.pattern.start <= declared.start and declared.end <= let.pattern.end for let in lets)


def hides(other: f.Slot, lines: Sequence[Line]) -> bool:
    """Whether a variable may be in scope at the last of the lines: one of a `let` before it, or of what is around."""
    for number, line in enumerate(lines):
        lets = [item for item in line.block.statements if isinstance(item, f.LetStatement)]
        if any(let.pattern.start <= other.start < let.pattern.end <= line.node.start for let in lets):
            return True
        if number + 1 < len(lines) and line.node.start <= other.start < lines[number + 1].block.start:
            return True
    return False


def is_idle(typed: TypedBody, slot: int, since: int) -> bool:
    """Whether the variable is used up to there only, and so that nothing borrows it for longer than a statement."""
    parents: dict[int, f.Node] = {}
    for node in typed.body.expressions:
        if isinstance(node, f.Method) and isinstance(node.receiver, f.Local):
            parents[id(node.receiver)] = node
        elif isinstance(node, f.Call):
            parents.update((id(arg.operand), node) for arg in node.args if isinstance(arg, f.Ref))
    for node in typed.body.expressions:
        if isinstance(node, f.Closure) and any(use.slot == slot for use in node.uses) and not is_over(typed, node):
            return False
    uses = [node for node in typed.body.expressions if isinstance(node, f.Local) and node.slot == slot]
    return all(use.start < since and lets_go(typed, parents.get(id(use))) for use in uses)


def is_over(typed: TypedBody, closure: f.Closure) -> bool:
    """Whether a closure that borrows is gone after its `let`, whose value borrows nothing: handles in a `Vec`."""
    if closure.moves:
        return False
    line = list(lines_around(typed, Span("", closure.start, closure.end)))[-1].node
    value = line.value if isinstance(line, f.LetStatement) else None
    return value is not None and value is not closure and borrows_nothing(typed.type_of(value))


def borrows_nothing(ty: Ty) -> bool:
    if isinstance(ty, Adt):
        return all(map(borrows_nothing, ty.args))
    return isinstance(ty, Prim) or (isinstance(ty, TupleTy) and all(map(borrows_nothing, ty.items)))


def lets_go(typed: TypedBody, call: f.Node | None) -> bool:
    """Whether the call gives back something that borrows nothing: a sender of its own, the result of a send."""
    if not isinstance(call, f.Call | f.Method):
        return False
    callee = typed.calls.get(id(call))
    if callee is None:
        return False
    sends = callee.model is not None and callee.model.sends
    return sends or (callee.definition.name == "clone" and isinstance(typed.type_of(call), Adt))


def before_line(typed: TypedBody, offset: int, text: str) -> Edit:
    """`text` as a line of its own before the one that begins at `offset`, with its indent; in the same line where
    something else stands before it."""
    file = typed.module.file
    start = file.source.data.rfind(b"\n", 0, offset) + 1
    indent = file.source.data[start:offset]
    alone = not indent.strip()
    return Edit(Span(file.path, offset, offset), f"{text}\n{indent.decode()}" if alone else f"{text} ")


# ---------------------------------------------------------------- receives under a lock


def receive_first(typed: TypedBody, head: Span) -> tuple[Edit, ...]:
    """`while let P = head {` -> `loop { let P = head else { break };`; a `let` before a `match` or `if let` of it."""
    for node in typed.body.expressions:
        match node:
            case f.Loop(kind="while", head=f.Let(pattern=pattern, value=value), label="") if is_at(value, head):
                return as_loop(typed, node, pattern, value)
            case f.Match(scrutinee=value) | f.If(condition=f.Let(value=value)) if is_at(value, head):
                return received_before(typed, node, value)
            case _:
                pass
    return ()


def is_at(node: f.Node, span: Span) -> bool:
    return (node.start, node.end) == (span.start, span.end)


def as_loop(typed: TypedBody, loop: f.Loop, pattern: f.Pattern, value: f.Expr) -> tuple[Edit, ...]:
    file = typed.module.file
    data = file.source.data
    start = data.rfind(b"\n", 0, loop.start) + 1
    before = data[start : loop.start]
    indent = before.decode()[: len(before) - len(before.lstrip())]
    opened = data.find(b"{", value.end, loop.end)
    if opened < 0 or data[value.end : opened].strip():
        return ()
    return (
        Edit(Span(file.path, loop.start, pattern.start), f"loop {{\n{indent}    let "),
        Edit(Span(file.path, value.end, opened + 1), " else { break };"),
    )


def received_before(typed: TypedBody, node: f.Node, value: f.Expr) -> tuple[Edit, ...]:
    """`let received = head;` as the line before, if the match is a line of its own."""
    file = typed.module.file
    whole = Span(file.path, node.start, node.end)
    own = [line for line in lines_around(typed, whole) if line.node.start == node.start]
    if not own or has_slot(typed, RECEIVED):
        return ()
    written = file.source.data[value.start : value.end].decode()
    return (
        before_line(typed, node.start, f"let {RECEIVED} = {written};"),
        Edit(Span(file.path, value.start, value.end), RECEIVED),
    )


# ---------------------------------------------------------------- lazy iterators


def collected(typed: TypedBody, spawn: Span) -> Edit | None:
    """`.collect::<Vec<_>>()` behind the `map` whose closure starts the thread."""
    found: f.Method | None = None
    for node in typed.body.expressions:
        if isinstance(node, f.Method) and any(is_around(arg, spawn) for arg in node.args if isinstance(arg, f.Closure)):
            callee = typed.calls.get(id(node))
            if callee is not None and callee.model is not None and callee.model.runs == "lazy":
                found = node
    if found is None:
        return None
    loops = (node for node in typed.body.expressions if isinstance(node, f.Loop) and node.head is not None)
    is_head = any(loop.kind == "for" and loop.head is found for loop in loops)
    path = typed.module.file.path
    return Edit(Span(path, found.end, found.end), ".collect::<Vec<_>>()" + ("" if is_head else ".into_iter()"))


def is_around(node: f.Node, span: Span) -> bool:
    return node.start <= span.start and span.end <= node.end
