"""A Rust file -> copies of it, each with one mistake put in.

A mutation is free to miss: rustc reads every copy, and only one that it rejects for the right reason counts. So names
are told by their letters here. Where code begins and ends is taken from the syntax tree, and inside macro calls, which
have none, from the tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rustconc_lint.syntax import Node, parse, tokens

RULES = {
    "delete move": "missing-move",
    "Arc to Rc": "rc-across-threads",
    "capture an Rc": "rc-across-threads",
    "wrap with an Rc": "rc-across-threads",
    "hold an Rc": "rc-across-threads",
    "Mutex to RefCell": "non-send-across-threads",
    "Atomic to Cell": "non-send-across-threads",
    "capture an Arc<RefCell>": "non-send-across-threads",
    "drop a clone": "use-after-thread-move",
    "use afterwards": "use-after-thread-move",
    "capture a borrow": "borrow-across-threads",
}
"""The kinds of mutations, each with the rule that speaks of the mistake it makes."""

Edit = tuple[int, int, str]
Mutation = Iterator[tuple[int, list[Edit]]]


@dataclass(frozen=True)
class Mutant:
    """A changed file. `place`: where in the original the closure, function or statement starts that was changed (byte),
    `line` the same, 1-based."""

    kind: str
    place: int
    line: int
    text: str


Mutations = Mapping[str, "Callable[[Source], Mutation]"]


def mutants(text: str, of_kinds: Mutations | None = None) -> Iterator[Mutant]:
    """Every mutant of a file, kind by kind, each from top to bottom."""
    source = Source(text)
    for kind, mutations in (of_kinds or MUTATIONS).items():
        seen = {text}
        for place, edits in mutations(source):
            changed = source.edited(edits)
            if changed not in seen:
                seen.add(changed)
                yield Mutant(kind, place, source.data.count(b"\n", 0, place) + 1, changed)


def chosen(text: str, kinds: Sequence[str], each: int, of_kinds: Mutations | None = None) -> list[Mutant]:
    """At most `each` mutants of a kind, spread over the file."""
    every = list(mutants(text, of_kinds))
    some = []
    for kind in kinds:
        of_kind = [mutant for mutant in every if mutant.kind == kind]
        step = -(-len(of_kind) // each) or 1
        some += of_kind[::step]
    return some


class Source:
    """A file, its tree and its tokens."""

    def __init__(self, text: str) -> None:
        self.data = text.encode()
        self.root = parse(self.data)
        self.tokens = list(tokens(self.root))
        self.texts = [self.text(token) for token in self.tokens]

    def text(self, node: Node) -> str:
        return self.data[node.start_byte : node.end_byte].decode()

    def edited(self, edits: Sequence[Edit]) -> str:
        data = self.data
        for start, end, text in sorted(edits, reverse=True):
            data = data[:start] + text.encode() + data[end:]
        return data.decode()

    def nodes(self, *types: str) -> Iterator[Node]:
        """The nodes of these types, in order of the text."""
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            if node.type in types:
                yield node
            waiting.extend(reversed(node.children))

    def statement_at(self, place: int) -> int:
        """Where the innermost statement or item around a byte starts."""
        node = self.root.descendant_for_byte_range(place, place)
        while node is not None and node.parent is not None and node.parent.type not in ("block", "declaration_list"):
            if node.parent.parent is None:
                break
            node = node.parent
        return 0 if node is None else node.start_byte

    def within(self, node: Node) -> Iterator[int]:
        """The indices of the tokens of a node."""
        return (i for i, t in enumerate(self.tokens) if node.start_byte <= t.start_byte and t.end_byte <= node.end_byte)

    def closing(self, opening: int) -> int:
        """The index of the token that closes the parenthesis at `opening`."""
        depth = 0
        for index in range(opening, len(self.texts)):
            depth += (self.texts[index] in "([{") - (self.texts[index] in ")]}")
            if depth == 0:
                return index
        return len(self.texts) - 1


# ---------------------------------------------------------------- ownership


def without_move(source: Source) -> Mutation:
    for token, text in zip(source.tokens, source.texts, strict=True):
        if text == "move":
            parent = token.parent
            place = token.start_byte if parent is None or parent.type == "token_tree" else parent.start_byte
            yield place, [(token.start_byte, token.end_byte + 1, "")]


def without_clone(source: Source) -> Mutation:
    """`let b = a.clone();` or `let b = Arc::clone(&a);` goes, and below it, where moving code has `b`, it is `a`."""
    moving = [code for code in source.nodes("closure_expression", "async_block") if is_moving(code)]
    for let in source.nodes("let_declaration"):
        pattern, value, block = let.child_by_field_name("pattern"), let.child_by_field_name("value"), let.parent
        if pattern is None or value is None or block is None or value.type != "call_expression":
            continue
        name, written = source.text(pattern).removeprefix("mut "), source.text(value)
        if not (written.endswith(".clone()") or "::clone(&" in written):
            continue
        original = written.removesuffix(".clone()").rpartition("::clone(&")[2].removesuffix(")")
        below = [source.tokens[i] for i in source.within(block) if source.texts[i] == name]
        if not any(
            c.start_byte <= t.start_byte < c.end_byte for t in below for c in moving if c.start_byte > let.end_byte
        ):
            continue
        renamed = [(t.start_byte, t.end_byte, original) for t in below if t.start_byte >= let.end_byte]
        yield let.start_byte, [(let.start_byte, let.end_byte, ""), *(renamed if name != original else [])]


def used_afterwards(source: Source) -> Mutation:
    """After the statement with moving code, a variable that the code has and the block before it declares is used."""
    for code in source.nodes("closure_expression", "async_block"):
        statement = statement_of(code)
        if not is_moving(code) or statement is None or statement.parent is None:
            continue
        if statement.type not in ("expression_statement", "let_declaration"):
            continue
        inside = {source.texts[i] for i in source.within(code)}
        before = [node for node in statement.parent.children if node.end_byte <= statement.start_byte]
        patterns = [node.child_by_field_name("pattern") for node in before if node.type == "let_declaration"]
        declared = [source.text(pattern).removeprefix("mut ") for pattern in patterns if pattern is not None]
        for name in dict.fromkeys(declared):
            if name in inside:
                yield code.start_byte, [(statement.end_byte, statement.end_byte, f" let _late = &{name};")]


# ---------------------------------------------------------------- values put in

RC = "::std::rc::Rc::new(0)"
SHARED_CELL = "let burden = ::std::sync::Arc::new(::std::cell::RefCell::new(0));"
BORROW = "let lent = ::std::string::String::new(); let burden = &lent;"


def capturing(source: Source, made: str) -> Mutation:
    """A new variable before the statement, and the code mentions it."""
    for code in source.nodes("closure_expression", "async_block"):
        body = body_of(code)
        statement = statement_of(code)
        if body is None or statement is None or not (is_moving(code) or is_spawned(source, code)):
            continue
        use = "let _seen = &burden;"
        if body.type == "block":
            inside: list[Edit] = [(body.start_byte + 1, body.start_byte + 1, f" {use} ")]
        else:
            inside = [(body.start_byte, body.start_byte, f"{{ {use} "), (body.end_byte, body.end_byte, " }")]
        yield code.start_byte, [(statement.start_byte, statement.start_byte, f"{made} "), *inside]


def holding(source: Source) -> Mutation:
    """An `Rc` that lives to the end of an async body which awaits."""
    for code in source.nodes("async_block", "function_item"):
        body = body_of(code)
        if body is None or not any(child.type == "await_expression" for child in walk(body)):
            continue
        if code.type == "async_block" or source.text(code).partition("fn ")[0].endswith("async "):
            yield code.start_byte, [(body.start_byte + 1, body.start_byte + 1, f" let _held = {RC}; ")]


WRAPPER = (
    " struct Burdened<T>(T, ::std::rc::Rc<u8>);"
    " impl<T> ::std::ops::Deref for Burdened<T> { type Target = T; fn deref(&self) -> &T { &self.0 } }"
    " impl<T> ::std::ops::DerefMut for Burdened<T> { fn deref_mut(&mut self) -> &mut T { &mut self.0 } } "
)


def wrapping(source: Source) -> Mutation:
    """A variable that some moving code below mentions, in a struct that also has an `Rc`."""
    moving = [code for code in source.nodes("closure_expression", "async_block") if is_moving(code)]
    for let in source.nodes("let_declaration"):
        pattern, value, block = let.child_by_field_name("pattern"), let.child_by_field_name("value"), let.parent
        home = enclosing(let, "function_item")
        body = body_of(home) if home is not None else None
        if pattern is None or value is None or block is None or body is None or let.child_by_field_name("type"):
            continue
        name = source.text(pattern).removeprefix("mut ")
        inside = [c for c in moving if let.end_byte <= c.start_byte and c.end_byte <= block.end_byte]
        if any(name == source.texts[i] for code in inside for i in source.within(code)):
            wrapped = [(value.start_byte, value.start_byte, "Burdened("), (value.end_byte, value.end_byte, f", {RC})")]
            yield let.start_byte, [(body.start_byte + 1, body.start_byte + 1, WRAPPER), *wrapped]


# ---------------------------------------------------------------- types and their calls

RCS = {"Arc": "::std::rc::Rc", "Weak": "::std::rc::Weak"}
CELLS = {"Mutex": "::std::cell::RefCell", "RwLock": "::std::cell::RefCell"}
NUMBERS = {f"Atomic{kind}{bits}": f"{kind.lower()}{bits}" for kind in "IU" for bits in ("8", "16", "32", "64")}
ATOMICS = NUMBERS | {"AtomicBool": "bool", "AtomicUsize": "usize", "AtomicIsize": "isize"}
BORROWS = {"lock": "borrow_mut", "write": "borrow_mut", "read": "borrow"}
ACCESSES = {"load": "get", "store": "set", "swap": "replace"}
OPERATORS = {"fetch_add": "+", "fetch_sub": "-", "fetch_or": "|", "fetch_and": "&", "fetch_xor": "^"}


def counted(source: Source) -> Mutation:
    for scope in scopes(source, RCS):
        yield scope.start_byte, renamed(source, scope, RCS)


def unlocked(source: Source) -> Mutation:
    """`m.lock().unwrap()` becomes `m.borrow_mut()`, and so do `expect(..)` and `?`."""
    for scope in scopes(source, CELLS):
        edits = renamed(source, scope, CELLS)
        for i in source.within(scope):
            if (
                source.texts[i] in BORROWS
                and source.texts[i - 1 : i] == ["."]
                and source.texts[i + 1 : i + 3] == list("()")
            ):
                end = i + 2
                if source.texts[i + 3 : i + 5] in ([".", "unwrap"], [".", "expect"]):
                    end = source.closing(i + 5)
                elif source.texts[i + 3 : i + 4] == ["?"]:
                    end = i + 3
                start = source.tokens[i].start_byte
                edits.append((start, source.tokens[end].end_byte, f"{BORROWS[source.texts[i]]}()"))
        yield scope.start_byte, edits


def unsynchronised(source: Source) -> Mutation:
    """`n.load(o)` becomes `n.get()`, `n.store(v, o)` `n.set(v)`, `n.fetch_add(v, o)` `n.replace(n.get() + v)`."""
    for scope in scopes(source, ATOMICS):
        edits = renamed(source, scope, {name: f"::std::cell::Cell::<{number}>" for name, number in ATOMICS.items()})
        for i in source.within(scope):
            if source.texts[i] in ACCESSES and source.texts[i - 1] == "." and source.texts[i + 1] == "(":
                closing = source.closing(i + 1)
                commas = [k for k in range(i + 2, closing) if source.texts[k] == ","]
                start = source.tokens[i].start_byte
                edits.append((start, source.tokens[i].end_byte, ACCESSES[source.texts[i]]))
                ordering = source.tokens[commas[-1] if commas else i + 2].start_byte
                edits.append((ordering, source.tokens[closing].start_byte, ""))
            elif source.texts[i] in OPERATORS and source.texts[i + 1] == "(" and source.texts[i - 1] == ".":
                edits.extend(replaced(source, i))
        yield scope.start_byte, edits


def replaced(source: Source, index: int) -> list[Edit]:
    """The edits of the call of `fetch_..` at this token; none inside of a macro, where its receiver is unknown."""
    field = source.tokens[index].parent
    receiver = field.child_by_field_name("value") if field is not None else None
    closing = source.closing(index + 1)
    commas = [k for k in range(index + 2, closing) if source.texts[k] == ","]
    if receiver is None or not commas:
        return []
    start, opening = source.tokens[index].start_byte, source.tokens[index + 1].end_byte
    kept = f"replace({source.text(receiver)}.get() {OPERATORS[source.texts[index]]} "
    return [(start, opening, kept), (source.tokens[commas[-1]].start_byte, source.tokens[closing].start_byte, "")]


def scopes(source: Source, names: Mapping[str, str]) -> Iterator[Node]:
    """The whole file, and each outermost function with one of the names."""
    named = [token.start_byte for token, text in zip(source.tokens, source.texts, strict=True) if text in names]
    if named:
        yield source.root
    last = 0
    for function in source.nodes("function_item"):
        if function.start_byte >= last:
            last = function.end_byte
            if any(function.start_byte <= start < function.end_byte for start in named):
                yield function


def renamed(source: Source, scope: Node, names: Mapping[str, str]) -> list[Edit]:
    """Replaces names by paths, with what stands before them (`sync::Arc`); what is imported stays imported."""
    edits: list[Edit] = []
    for i in source.within(scope):
        if source.texts[i] not in names or enclosing(source.tokens[i], "use_declaration") is not None:
            continue
        first = i
        while first > 0 and source.texts[first - 1] == "::":
            first -= 2 if source.texts[first - 2].isidentifier() else 1
        path = names[source.texts[i]]
        if source.tokens[i].type == "type_identifier":
            path = path.replace("::<", "<")
        edits.append((source.tokens[first].start_byte, source.tokens[i].end_byte, path))
    return edits


MUTATIONS = {
    "delete move": without_move,
    "Arc to Rc": counted,
    "capture an Rc": lambda source: capturing(source, f"let burden = {RC};"),
    "wrap with an Rc": wrapping,
    "hold an Rc": holding,
    "Mutex to RefCell": unlocked,
    "Atomic to Cell": unsynchronised,
    "capture an Arc<RefCell>": lambda source: capturing(source, SHARED_CELL),
    "drop a clone": without_clone,
    "use afterwards": used_afterwards,
    "capture a borrow": lambda source: capturing(source, BORROW),
}


# ---------------------------------------------------------------- the tree


def walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from walk(child)


def enclosing(node: Node, type_: str) -> Node | None:
    above = node.parent
    while above is not None and above.type != type_:
        above = above.parent
    return above


def body_of(code: Node) -> Node | None:
    """The body of a closure, function or `async` block."""
    return code.child_by_field_name("body") or next((child for child in code.children if child.type == "block"), None)


def statement_of(code: Node) -> Node | None:
    """The statement, or the value at the end of a block, that an expression stands in."""
    while code.parent is not None and code.parent.type != "block":
        code = code.parent
    return code if code.parent is not None else None


def is_moving(code: Node) -> bool:
    return any(child.type == "move" for child in code.children)


def is_spawned(source: Source, code: Node) -> bool:
    """Whether the code is an argument of a call of something like `spawn`."""
    call = code.parent.parent if code.parent is not None and code.parent.type == "arguments" else None
    function = call.child_by_field_name("function") if call is not None else None
    return function is not None and "spawn" in source.text(function)
