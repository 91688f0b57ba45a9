"""The lock order as a graph that people can look at, and held against the order that a project declares.

From the steps of locks.py. Nodes are the locks that take part: one that is never held while another is taken, nor taken
while another is held, has no order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches

import msgspec

from rustconc_lint.facts.model import AdtDetail
from rustconc_lint.program.hangs.locks import Cycle, Key, Lock, Step, components
from rustconc_lint.program.names.names import Names
from rustconc_lint.source import Span


class Node(msgspec.Struct, frozen=True):
    """A lock. home: where it is declared or made, or first taken when that is not known. declared: which of the two."""

    lock: Lock
    home: Span
    declared: bool


class Edge(msgspec.Struct, frozen=True, eq=False):
    """`second` is taken while `first` is held. steps: where, each pair of places once, in source order.

    contradicts: a contradiction goes through it. turns: other edges lead back, and yet no contradiction is known."""

    first: Lock
    second: Lock
    steps: tuple[Step, ...]
    contradicts: bool
    turns: bool


class LockOrder(msgspec.Struct, frozen=True):
    """nodes, edges: by name. cycles: the contradictions."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    cycles: tuple[Cycle, ...]


class DeclaredOrder(msgspec.Struct, frozen=True):
    """What a project says of its locks. names: `Server.log`, first what is taken first. place: where it is written."""

    names: tuple[str, ...]
    place: str


class Violation(msgspec.Struct, frozen=True, eq=False):
    """A step against the declared order."""

    step: Step


def lock_order(steps: Iterable[Step], cycles: Sequence[Cycle], names: Names) -> LockOrder:
    """The graph of all steps."""
    found: dict[tuple[Key, Key], dict[tuple[Span, Span], Step]] = {}
    for step in sorted(steps, key=lambda step: (step.length, step.span)):
        places = found.setdefault((step.first.key, step.second.key), {})
        places.setdefault((step.held.span, step.acquire.span), step)
    against = {(step.first.key, step.second.key) for cycle in cycles for step in cycle.steps}
    follow: dict[Key, list[Key]] = {}
    for first, second in found:
        follow.setdefault(first, []).append(second)
    round_trip = {key: number for number, keys in enumerate(components(follow)) for key in keys}
    edges = []
    for (first, second), places in found.items():
        ordered = tuple(sorted(places.values(), key=lambda step: (step.span, step.held.span)))
        contradicts = (first, second) in against
        turns = not contradicts and first in round_trip and round_trip[first] == round_trip.get(second)
        edges.append(Edge(ordered[0].first, ordered[0].second, ordered, contradicts, turns))
    edges.sort(key=lambda edge: (edge.first.name, edge.second.name, edge.first.key, edge.second.key))
    return LockOrder(tuple(nodes(edges, names)), tuple(edges), tuple(cycles))


def nodes(edges: Iterable[Edge], names: Names) -> list[Node]:
    """The ends of the edges, each once."""
    locks: dict[Key, Lock] = {}
    taken: dict[Key, Span] = {}
    for edge in edges:
        for step in edge.steps:
            for lock, span in ((step.first, step.held.span), (step.second, step.acquire.span)):
                locks.setdefault(lock.key, lock)
                taken[lock.key] = min(taken.get(lock.key, span), span)
    found = []
    for key, lock in locks.items():
        home = home_of(lock, names)
        found.append(Node(lock, home or taken[key], home is not None))
    return sorted(found, key=lambda node: (node.lock.name, node.lock.key))


def home_of(lock: Lock, names: Names) -> Span | None:
    """Where the field or static is declared."""
    kind, path = lock.key[:2]
    if kind == "owner":
        holder, _, field = path.rpartition(".")
        definition = names.definition(holder)
        detail = names.detail(definition) if definition is not None else None
        if definition is None or not isinstance(detail, AdtDetail):
            return None
        for variant in detail.variants:
            for name, written in variant.fields:
                if name == field:
                    return definition.module.file.source.span(written.start, written.end)
    if kind == "static":
        definition = names.definition(path)
        if definition is not None:
            start = definition.item.name_start
            return definition.module.file.source.span(start, start + len(definition.name.encode()))
    return None


def path_of(lock: Lock) -> str:
    """The canonical name: `demo::Server.log`, `demo::LOG`; "" for a lock that only one body knows."""
    if lock.key[0] not in ("owner", "static"):
        return ""
    crate, _, rest = ".".join(lock.key[1:]).partition("::")
    return f"{crate.partition(' ')[0]}::{rest}"  # a crate that is not alone with its name is `demo [bin]` in paths


def named(name: str, locks: Collection[Lock]) -> list[Lock]:
    """The locks that a name may mean: `Server.log`, or with as much of the path as tells it apart."""
    return [lock for lock in locks if path_of(lock) == name or path_of(lock).endswith("::" + name)]


def violations(steps: Iterable[Step], orders: Mapping[str, DeclaredOrder]) -> Iterator[Violation]:
    """The steps against the order that is declared for their file (by path), each place once."""
    seen: set[tuple[Span, Key, Key]] = set()
    for step in sorted(steps, key=lambda step: (step.length, step.span, step.held.span)):
        order = orders.get(step.span.path)
        if order is None:
            continue
        first, second = rank(step.first, order.names), rank(step.second, order.names)
        place = (step.acquire.span, step.first.key, step.second.key)
        if first is not None and second is not None and first > second and place not in seen:
            seen.add(place)
            yield Violation(step)


def odd_names(order: DeclaredOrder, locks: Collection[Lock]) -> Iterator[str]:
    """What is odd about the names in an order, given all locks that are taken: they mean none, or several."""
    for name in order.names:
        meant = sorted({path_of(lock) for lock in named(name, locks)})
        if not meant:
            close = get_close_matches(name, sorted({lock.name for lock in locks if path_of(lock)}), n=1)
            advice = f"; did you mean `{close[0]}`?" if close else ""
            yield f"{order.place}: no lock called `{name}` is taken in the files that were read{advice}"
        elif len(meant) > 1:
            listed = " and ".join(f"`{path}`" for path in meant)
            yield f"{order.place}: `{name}` means {listed}: write as much of the path as tells them apart"


def rank(lock: Lock, order: Sequence[str]) -> int | None:
    """The position of a lock in a declared order."""
    return next((index for index, name in enumerate(order) if named(name, (lock,))), None)
