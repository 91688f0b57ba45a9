"""rules/apis/*.toml -> ApiModel: what the functions, types and methods of known crates do.

A model declares a crate's public surface in Rust itself (signatures without bodies, read by the same `facts` as any
file), and says in two small tables what no signature says: which types are guards, senders, locks, and which functions
spawn, acquire, send, receive, join, drop, or run a closure now.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Role = Literal[
    "mutex", "rwlock", "reentrant",        # locks
    "guard", "read-guard",                  # what keeps a lock held
    "sender", "receiver",                   # ends of a channel
    "thread", "task", "scoped-thread",      # handles of running code
    "shared", "weak",                       # Arc, Rc: clones are one allocation
    "scope",                                # std::thread::Scope: its end joins
    "condvar", "barrier", "once",
]  # fmt: skip


class TypeModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """role: what a value of the type is to concurrency. drains: dropping the last one closes the channel (std, tokio: True;
    broadcast and watch: False)."""

    role: Role
    closes: bool = True


class FnModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a call does beyond its signature.

    spawns: runs its closure (or future) elsewhere: "thread", "task" (Send future), "blocking" (closure on a pool), "scoped"
      (joined at the scope's end), "local" (another task of this thread: no Send), "pool" (rayon::spawn).
    scope: calls its closure now and joins all that was spawned in it.
    acquires / tries: a lock is taken (blocking / or not at all), "exclusive", "shared" or "upgradable".
    acts: "call" or "await": when the effect happens (an async fn's at its `.await`).
    channel: makes a channel: "unbounded", "bounded" (capacity in argument 0), "rendezvous".
    sends; receives: "one" (blocks), "try", "timeout", "iter" (an iterator that blocks for each item until closed), "try-iter".
    joins: waits for the thread or task in the receiver (or argument 0).
    runs: when closures in the arguments run: "now", "lazy" (when the returned iterator is consumed), "later" (unknown time).
    drives: consumes the receiver iterator to its end ("all"), or perhaps not ("some": find, any, take..).
    drops: argument 0 (or the receiver) is dropped at once. forgets: is never dropped.
    waits: gives up the guard in its argument while it waits and returns it (Condvar). blocks: waits for something else.
    """

    spawns: Literal["thread", "task", "blocking", "scoped", "local", "pool"] | None = None
    scope: bool = False
    acquires: Literal["exclusive", "shared", "upgradable"] | None = None
    tries: Literal["exclusive", "shared", "upgradable"] | None = None
    acts: Literal["call", "await"] = "call"
    channel: Literal["unbounded", "bounded", "rendezvous"] | None = None
    sends: bool = False
    receives: Literal["one", "try", "timeout", "iter", "try-iter"] | None = None
    joins: bool = False
    runs: Literal["now", "lazy", "later"] | None = None
    drives: Literal["all", "some"] | None = None
    drops: bool = False
    forgets: bool = False
    waits: bool = False
    blocks: bool = False


class ApiFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rules/apis/<crate>.toml. crates: the names it declares (`std` also serves `core` and `alloc`).

    prelude: paths that are in scope everywhere (std only). declarations: Rust text, one file a crate root."""

    crate: str
    declarations: str
    aliases: tuple[str, ...] = ()
    prelude: tuple[str, ...] = ()
    types: dict[str, TypeModel] = {}
    functions: dict[str, FnModel] = {}
