"""rules/apis/*.toml -> ApiFile: what the functions, types and methods of known crates do.

A model declares a crate's public surface in Rust itself (signatures without bodies, read by the same `facts` as any
file), and says in two small tables what no signature says: which types are guards, senders, locks, and which functions
spawn, acquire, send, receive, join, drop, or run a closure now.

Paths in the tables are those of the declarations, whatever they are re-exported as: a function `std::thread::spawn`, a
method `std::sync::Mutex::lock` (type, then name), a trait's method `std::iter::Iterator::map`, the methods of built-in
types `i32::pow`, `str::split`, `[]::sort_by` (slices), `[_]::map` (arrays). Braces join what shares a model:
`"std::option::Option::{map, and_then}" = { runs = "now" }`.

Modules that stand in the table `[modules]`, and as `pub mod name;` in the declarations, are only read where the code
mentions their name, or a module does that is read: parsing what nobody uses costs more than linting a small file.

Not tried here: reading the declarations; `facts.file.RustFile` does that as for any file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec
import tomli

from rustconc_lint.installation import ModelError, rules_dir

Role = Literal[
    "mutex", "rwlock", "reentrant",        # locks
    "guard", "read-guard",                  # what keeps a lock held
    "permit",                               # of a semaphore
    "borrow",                               # held like a guard, but no lock: RefCell's Ref, tracing's Entered
    "sender", "receiver",                   # ends of a channel
    "reservation",                          # of room in a channel
    "messages",                             # an iterator whose every item is received
    "thread", "task", "scoped-thread",      # handles of running code
    "shared", "weak",                       # Arc, Rc: clones are one allocation
    "scope",                                # std::thread::Scope: its end joins
    "condvar", "barrier", "once",
]  # fmt: skip


class TypeModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """role: what a value of the type is to concurrency. closes: each message goes to one receiver, and dropping the
    last sender closes the channel; else (broadcast, watch) every receiver gets all that is sent. closable: a call on a
    sender closes it as well. asynchronous: a guard that is made to be held over `.await` (tokio's). keeps: of a
    "borrow", what nobody else has meanwhile: a "lock" that others wait for, a "cell" whose next borrow panics, or the
    thread's current "span"."""

    role: Role
    closes: bool = True
    closable: bool = False
    asynchronous: bool = False
    keeps: Literal["lock", "cell", "span"] = "lock"


class FnModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a call does beyond its signature.

    spawns: runs its closure (or future) elsewhere: "thread", "task" (Send future), "blocking" (closure on a pool),
      "scoped" (joined at the scope's end), "local" (another task of this thread: no Send), "pool" (rayon::spawn).
    scope: calls its closure now and joins all that was spawned in it.
    acquires / tries: a lock is taken (blocking / or not at all), "exclusive", "shared" or "upgradable".
    recursive: a guard of the same thread does not block it; a shared acquisition does not wait for a waiting writer.
    acts: "call" or "await": when the effect happens (an async fn's at its `.await`).
    channel: makes a channel: "unbounded", "bounded" (capacity in argument 0), "rendezvous".
    sends (it may wait for room only if `blocks` as well); receives: "one" (blocks), "many" (blocks for one, and takes
      others that are there, at most as many as argument 1 says), "some" (blocks until one is there of a kind that may
      be there already), "try", "timeout", "iter" (an iterator that blocks for each item until closed), "try-iter".
    reserves: waits for the room of a message, which is sent later through the permit that it gives; with an argument,
      of as many as that says. subscribes: makes one more receiver, of all that is sent from here on.
    offers: gives a selector (the receiver) an operation on the end of a channel in argument 1, which `chooses` waits
      for: until one of those that were given can be done. completes: does that one, on the end in argument 1.
    joins: waits for the thread or task in the receiver (or argument 0).
    runs: when closures and futures in the arguments run: "now", "lazy" (when the returned iterator is consumed, the
      returned future awaited), "later" (unknown time). otherwise: only where the receiver is Err or None.
    drives: consumes the receiver iterator (argument 0 of `extend`, `from_iter`) to its end ("all"), or perhaps not
      ("some": find, any..).
    drops: argument 0 (or the receiver) is dropped at once. forgets: is never dropped.
    beside: runs the futures that it is given side by side, all to their ends.
    each: the iterator gives one item for each that it gets; or the call does something once with each item.
    fails: the first Err that it gets ends it. flattens: the iterator gives the items of its items.
    draws: gives the next item, None only at the end. generates: the iterator ends when its closure returns None.
    swaps: the contents of two places change places.
    empties: what the receiver (or argument 0, through a reference) holds is returned or dropped: `Option::take`.
    thins: some of what the receiver holds may be dropped or returned: `Vec::truncate`.
    meets: waits until as many have come as argument 0 said when the receiver was made (a barrier).
    gives_up: waits no longer than a given time, or not at all.
    parallel: runs the closures it is given in several threads at once.
    waits: gives up the guard in its argument while it waits and returns it (Condvar). notifies: wakes who waits.
    spurious: it may end although nobody has notified.
    releases: the lock in the receiver is free from here on, whoever has a guard.
    unlocks: gives up the guard in argument 0 while its closure runs. initialises: runs the initialiser of a `once`, or
      waits for the thread that does. blocks: waits for something else; this thread does nothing meanwhile.
    brief: mostly not worth a thread of its own: a file that is read, a line that somebody types.
    panics_in_async: it blocks, and refuses to do so on a thread of the runtime.
    loads, stores: an atomic is read or written, and not both.
    cancel_unsafe: what it has read or written is lost when its future is dropped before it is ready (`select!`).
    shortens: the iterator it makes may end before the receiver does (`take`), or before the arguments do (`zip`).
    finished: tells whether the thread in the receiver has ended. exits: ends the process.
    lends: what it gives is taken from everybody else as long as it lives, and is no lock (role "borrow").
    grants: gives a semaphore permits that nobody has given back: who waits for one may wait for no more than that.
    closes: closes the channel of the receiver, whoever still has a sender. aborts: the task of the receiver ends.
    """

    spawns: Literal["thread", "task", "blocking", "scoped", "local", "pool"] | None = None
    scope: bool = False
    acquires: Literal["exclusive", "shared", "upgradable"] | None = None
    tries: Literal["exclusive", "shared", "upgradable"] | None = None
    recursive: bool = False
    acts: Literal["call", "await"] = "call"
    channel: Literal["unbounded", "bounded", "rendezvous"] | None = None
    sends: bool = False
    receives: Literal["one", "many", "some", "try", "timeout", "iter", "try-iter"] | None = None
    reserves: bool = False
    subscribes: bool = False
    offers: bool = False
    chooses: bool = False
    completes: bool = False
    joins: bool = False
    runs: Literal["now", "lazy", "later"] | None = None
    otherwise: bool = False
    drives: Literal["all", "some"] | None = None
    beside: bool = False
    each: bool = False
    fails: bool = False
    flattens: bool = False
    draws: bool = False
    generates: bool = False
    drops: bool = False
    forgets: bool = False
    swaps: bool = False
    empties: bool = False
    thins: bool = False
    meets: bool = False
    gives_up: bool = False
    parallel: bool = False
    waits: bool = False
    spurious: bool = False
    notifies: bool = False
    releases: bool = False
    unlocks: bool = False
    initialises: bool = False
    lends: bool = False
    grants: bool = False
    blocks: bool = False
    brief: bool = False
    loads: bool = False
    stores: bool = False
    panics_in_async: bool = False
    cancel_unsafe: bool = False
    shortens: Literal["receiver", "arguments"] | None = None
    finished: bool = False
    exits: bool = False
    closes: bool = False
    aborts: bool = False


class ApiFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rules/apis/<crate>.toml. aliases: other names of the whole crate (`std` also serves `core` and `alloc`).

    requires: crates whose items this one re-exports. prelude: paths that are in scope everywhere (std only);
    prelude_since: an edition -> those that are since then.
    declarations: Rust text, one file a crate root; it may name every crate in `requires`, and std.
    same_methods: a built-in type -> the one whose `impl` declares its methods too (`u8 = "u32"`), with `Self` in it."""

    crate: str
    declarations: str = ""
    aliases: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    prelude: tuple[str, ...] = ()
    prelude_since: dict[str, tuple[str, ...]] = {}
    same_methods: dict[str, str] = {}
    types: dict[str, TypeModel] = {}
    functions: dict[str, FnModel] = {}


Mentioned = Callable[[str], bool]
"""Whether the linted code has this word."""


def shipped() -> list[str]:
    """The crates that have a model here, by name."""
    return sorted(path.stem for path in (rules_dir() / "apis").glob("*.toml"))


def load_apis(
    mentioned: Mentioned | None = None, own: Sequence[ApiFile] = (), dependencies: Container[str] | None = None
) -> tuple[ApiFile, ...]:
    """The models shipped with the linter: std first, then each crate whose name `mentioned` accepts (None: all of them)
    and that is among the `dependencies` (None: it may be any), with what it requires, by name. Names are written with
    underscores. `own` are a project's; such a one takes the place of the shipped model of its crate. Raises
    ModelError."""
    folder = rules_dir() / "apis"
    crates = shipped()
    given = {api.crate: api for api in own}
    loaded: dict[str, ApiFile] = {}
    possible = crates if dependencies is None else filter(dependencies.__contains__, crates)
    waiting = ["std", *given, *(crate for crate in possible if mentioned is None or mentioned(crate))]
    while waiting:
        crate = waiting.pop(0)
        if crate not in loaded:
            loaded[crate] = given[crate] if crate in given else read_model(folder / f"{crate}.toml", mentioned)
            waiting.extend(loaded[crate].requires)
    return (loaded.pop("std"), *(loaded[crate] for crate in sorted(loaded)))


def read_model(path: Path, mentioned: Mentioned | None = None) -> ApiFile:
    """The model in a TOML file. Raises ModelError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror or error}") from error
    return decode_model(_decoded(data, str(path)), str(path), mentioned)


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ModelError(f"{name}: is not valid UTF-8 (byte {error.start})") from error


def own_model(path: str, text: bytes) -> ApiFile:
    """The model that a project has written of a crate, with mistakes named that tests find in those shipped here: text
    that is no Rust, paths that are not declared. Raises ModelError."""
    api = decode_model(_decoded(text, path), path)
    unreadable = _unreadable(api.declarations)
    if unreadable:
        raise ModelError(f"{path}: declarations: this is not Rust: {unreadable}")
    for key, entries, keywords in (
        ("types", api.types, "struct|enum|union|trait|type"),
        ("functions", api.functions, "fn"),
    ):
        for entry in entries:
            crate, _, rest = entry.partition("::")
            name = rest.rpartition("::")[2]
            if crate != api.crate or not re.search(rf"\b(?:{keywords})\s+{re.escape(name)}\b", api.declarations):
                raise ModelError(f'{path}: {key}."{entry}": the declarations have no such path')
    return api


def _unreadable(text: str) -> str:
    """The first line with something in it that cannot be read, "" when all can."""
    from rustconc_lint.facts.dialect import tree_of  # the parser, which a list of the rules does not need

    node = tree_of(text.encode())
    if not node.has_error:
        return ""
    while broken := next((child for child in node.children if child.has_error or child.is_missing), None):
        node = broken
    lines = text.encode()[node.start_byte :].decode("utf-8", "replace").split("\n")
    return next((f"`{line.strip()}`" for line in lines if line.strip()), "it ends too early")


def decode_model(text: str, name: str, mentioned: Mentioned | None = None) -> ApiFile:
    """The model written in `text` with the modules that are `mentioned` (None: all); `name` is what errors call it.

    Raises ModelError."""
    try:
        table = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        raise ModelError(f"{name}: {error}") from error
    types = _entries(table.get("types", {}), TypeModel, name, "types")
    functions = _entries(table.get("functions", {}), FnModel, name, "functions")
    modules = table.pop("modules", {})
    try:
        api = msgspec.convert({**table, "types": types, "functions": functions}, ApiFile)
    except msgspec.ValidationError as error:
        raise ModelError(f"{name}: {error}") from error
    declarations = _with_modules(api.declarations, modules, name, mentioned)
    return msgspec.structs.replace(
        api,
        prelude=_all_paths(api.prelude),
        prelude_since={edition: _all_paths(written) for edition, written in api.prelude_since.items()},
        declarations=declarations,
    )


def _all_paths(written: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(path for one in written for path in _paths(one))


def _with_modules(declarations: str, table: Any, name: str, mentioned: Mentioned | None) -> str:
    """The declarations with the text of mentioned modules in place of their `pub mod name;`."""
    try:
        modules = msgspec.convert(table, dict[str, str])
    except msgspec.ValidationError as error:
        raise ModelError(f"{name}: modules: {error}") from error
    wanted = [module for module in modules if mentioned is None or mentioned(module)]
    for module in wanted:  # grows
        wanted.extend(other for other in modules if other not in wanted and re.search(rf"\b{other}\b", modules[module]))
    for module in wanted:
        if declarations.count(f"pub mod {module};") != 1:
            raise ModelError(f"{name}: modules.{module}: declarations must have `pub mod {module};` once")
        declarations = declarations.replace(f"pub mod {module};", f"pub mod {module} {{\n{modules[module]}}}")
    return declarations


Model = TypeVar("Model", TypeModel, FnModel)


def _entries(table: Any, model: type[Model], name: str, key: str) -> dict[str, Model]:
    """The table's entries, converted, one for each path a key with braces stands for."""
    if not isinstance(table, dict):
        raise ModelError(f"{name}: `{key}` must be a table of paths")
    entries: dict[str, Model] = {}
    for written, value in table.items():
        try:
            entry = msgspec.convert(value, model)
        except msgspec.ValidationError as error:
            raise ModelError(f'{name}: {key}."{written}": {error}') from error
        for path in _paths(written):
            if path in entries:
                raise ModelError(f'{name}: {key}."{written}": `{path}` has a model already')
            entries[path] = entry
    return entries


_BRACES = re.compile(r"(.*)\{(.*)\}(.*)", re.DOTALL)


def _paths(written: str) -> Iterator[str]:
    match = _BRACES.fullmatch(written)
    if match is None:
        yield written
        return
    before, inner, after = match.groups()
    for part in inner.split(","):
        yield from _paths(before + part.strip() + after)
