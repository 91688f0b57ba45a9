"""A program with channels -> copies of it, each with a mistake that may make it wait for ever.

Whether it does, the clock says (`clock`): a mutation is free to do no harm, or to make what does not compile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rustconc_lint.syntax import Node
from tests.oracle.mutations import Edit, Mutation, Mutations, Source, body_of, is_moving, is_spawned, walk

RULES = {
    "as it is": "undropped-sender",
    "keep a clone": "undropped-sender",
    "keep it in a struct": "undropped-sender",
    "keep it in an Arc": "undropped-sender",
    "move a clone": "undropped-sender",
    "delete a drop": "undropped-sender",
    "drop too late": "undropped-sender",
    "join before the drop": "undropped-sender",
    "drain at the end": "undropped-sender",
    "swap send and receive": "receive-never-comes",
    "receive once more": "receive-never-comes",
    "no room": "channel-self-deadlock",
    "join before the drain": "channel-self-deadlock",
}
"""The kinds of mutations, each with the rule that is first to speak of what comes of it."""

CHANNELS = ("channel(", "channel::<", "bounded(", "bounded::<")
"""Words of a program that makes a channel."""

MAKERS = ("channel", "bounded", "unbounded")
CRATES = ("crossbeam_channel", "flume", "kanal", "async_channel")


@dataclass(frozen=True)
class Channel:
    """`let (tx, rx) = ..;` in a block."""

    let: Node
    block: Node
    value: Node
    tx: str
    rx: str


def channels(source: Source) -> Iterator[Channel]:
    for let in source.nodes("let_declaration"):
        pattern, value, block = let.child_by_field_name("pattern"), let.child_by_field_name("value"), let.parent
        if pattern is None or value is None or block is None or block.type != "block":
            continue
        names = [source.text(child).removeprefix("mut ") for child in pattern.named_children]
        made = source.text(value)
        if pattern.type == "tuple_pattern" and len(names) == 2 and any(word in made for word in MAKERS):
            yield Channel(let, block, value, *names)


def put_after(code: str) -> Callable[[Source], Mutation]:
    """The mutation that writes this after each channel is made; `{tx}` in it is the sender's name."""

    def mutation(source: Source) -> Mutation:
        for channel in channels(source):
            end = channel.let.end_byte
            yield end, [(end, end, " " + code.replace("{tx}", channel.tx))]

    return mutation


def moving_a_clone(source: Source) -> Mutation:
    """`{ let tx = tx.clone(); move || .. }` for each closure or async block that takes a sender."""
    for channel in channels(source):
        for code in source.nodes("closure_expression", "async_block"):
            inside = channel.let.end_byte <= code.start_byte and code.end_byte <= channel.block.end_byte
            body = body_of(code)
            if not inside or body is None or not (is_moving(code) or is_spawned(source, code)):
                continue
            if channel.tx in (source.texts[i] for i in source.within(body)):
                clone = f"{{ let {channel.tx} = {channel.tx}.clone(); "
                yield channel.let.end_byte, [(code.start_byte, code.start_byte, clone), (code.end_byte,) * 2 + (" }",)]


def drops(source: Source) -> Iterator[Node]:
    """Statements `drop(tx);` of what may be a sender."""
    names = {channel.tx for channel in channels(source)}
    for statement in source.nodes("expression_statement"):
        call = statement.named_children[0] if statement.named_children else None
        if call is not None and call.type == "call_expression":
            words = source.text(call).removeprefix("std::").removeprefix("mem::").removesuffix(")").split("(")
            if words[0] == "drop" and len(words) == 2 and (words[1] in names or "tx" in words[1] or "send" in words[1]):
                yield statement


def without_drop(source: Source) -> Mutation:
    for drop in drops(source):
        yield drop.start_byte, [(drop.start_byte, drop.end_byte, "")]


def late_drop(source: Source) -> Mutation:
    """`drop(tx)` moves to the end of its block."""
    for drop in drops(source):
        if drop.parent is not None:
            end = end_of(drop.parent)
            yield drop.start_byte, [(drop.start_byte, drop.end_byte, ""), (end, end, f" {source.text(drop)} ")]


def join_before_drop(source: Source) -> Mutation:
    """`drop(tx)` moves behind the next statement that joins, awaits or receives."""
    for drop in drops(source):
        after = drop.next_named_sibling
        while after is not None and not any(word in source.text(after) for word in ("join()", "recv", "for ")):
            after = after.next_named_sibling
        if after is not None:
            end = after.end_byte
            yield drop.start_byte, [(drop.start_byte, drop.end_byte, ""), (end, end, f" {source.text(drop)} ")]


def drained_at_the_end(source: Source) -> Mutation:
    """Whoever made the channel receives at the end of the block all that there may be left."""
    for channel in channels(source):
        end = end_of(channel.block)
        loop = f"for _rest in {channel.rx}.iter() {{}}"
        if f"{channel.rx}.recv().await" in source.text(channel.block):
            some = "Some" if "tokio" in source.text(source.root) else "Ok"
            loop = f"while let {some}(_rest) = {channel.rx}.recv().await {{}}"
        yield channel.let.end_byte, [(end, end, f" {loop} ")]


def swapped(first: str, second: str) -> Callable[[Source], Mutation]:
    """The mutation that swaps neighbouring statements, the one with `first` in it and the one with `second`."""

    def mutation(source: Source) -> Mutation:
        for block in source.nodes("block"):
            for one, other in zip(block.named_children, block.named_children[1:], strict=False):
                if first in source.text(one) and second in source.text(other) and other.type != "line_comment":
                    edits: list[Edit] = [(other.start_byte, other.end_byte, source.text(one))]
                    yield one.start_byte, [(one.start_byte, one.end_byte, source.text(other)), *edits]

    return mutation


def receiving_once_more(source: Source) -> Mutation:
    for statement in source.nodes("let_declaration", "expression_statement"):
        if statement.parent is None or statement.parent.type != "block" or holds_code(statement):
            continue
        for node in walk(statement):
            text = source.text(node)
            if node.type == "call_expression" and text.endswith(".recv()"):
                awaited = ".await" if source.data[node.end_byte :].startswith(b".await") else ""
                end = statement.end_byte
                yield end, [(end, end, f" let _more = {text}{awaited};")]


def holds_code(statement: Node) -> bool:
    return any(node.type in ("closure_expression", "async_block", "block") for node in walk(statement))


def without_room(source: Source) -> Mutation:
    """The channel becomes one in which nothing waits: `sync_channel(0)`, `bounded(0)`."""
    text = source.text(source.root)
    crate = next((crate for crate in CRATES if crate in text), "")
    for channel in channels(source):
        function = channel.value.child_by_field_name("function")
        arguments = channel.value.child_by_field_name("arguments")
        if function is None or arguments is None:
            continue
        path, turbofish, types = source.text(function).partition("::<")
        name = path.rpartition("::")[2]
        if name in ("channel", "sync_channel") and "mpsc" in text and "tokio" not in text:
            path = "::std::sync::mpsc::sync_channel"
        elif name in ("bounded", "unbounded") and crate:
            path = f"::{crate}::bounded"
        else:
            continue
        edits = [(function.start_byte, arguments.end_byte, f"{path}{turbofish}{types}({int(crate == CRATES[-1])})")]
        yield channel.let.start_byte, edits


def end_of(block: Node) -> int:
    """Where a statement can be written that is the last of the block: before its value, if it has one."""
    last = block.named_children[-1]
    is_statement = last.type.endswith(("_statement", "_declaration", "_item", "_comment"))
    return block.end_byte - 1 if is_statement else last.start_byte


CHANNEL_MUTATIONS: Mutations = {
    "keep a clone": put_after("let _kept = {tx}.clone();"),
    "keep it in a struct": put_after("struct Kept<T>(T); let _kept = Kept({tx}.clone());"),
    "keep it in an Arc": put_after("let _kept = ::std::sync::Arc::new(::std::sync::Mutex::new(Some({tx}.clone())));"),
    "move a clone": moving_a_clone,
    "delete a drop": without_drop,
    "drop too late": late_drop,
    "join before the drop": join_before_drop,
    "drain at the end": drained_at_the_end,
    "swap send and receive": swapped("send(", "recv("),
    "receive once more": receiving_once_more,
    "no room": without_room,
    "join before the drain": swapped("for ", ".join()"),
}
