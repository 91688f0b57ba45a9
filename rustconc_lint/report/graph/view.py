"""The lock order in the words and places that all its pictures share.

From the engine's graph and the sources to plain values: names without what could act on a terminal, places as people
and links write them, a line of code for each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from urllib.parse import quote

import msgspec

from rustconc_lint.program.hangs.lock_order import Edge, LockOrder, path_of
from rustconc_lint.program.hangs.locks import Cycle, Key, Lock, Step
from rustconc_lint.report.snippet import visible
from rustconc_lint.source import SourceFile, Span

EXCERPT = 90  # characters of a line of code


class Kind(StrEnum):
    """What is known of an edge. turn: other edges lead back, and yet no cycle is known to be possible."""

    PLAIN = "plain"
    CYCLE = "cycle"
    TURN = "turn"


class Spot(msgspec.Struct, frozen=True):
    """A place in the source: `src/main.rs:9:22`, `src/main.rs#L9` (quoted for a URL), and its line of code."""

    text: str
    link: str
    line: int
    code: str


class Site(msgspec.Struct, frozen=True):
    """Where one lock is taken while another is held: each place with what happens there, in the order of events.

    held, calls, taken: the same by itself. in_test: only a test runs it."""

    places: tuple[tuple[str, Spot], ...]
    held: Spot
    calls: tuple[tuple[str, Spot], ...]
    taken: Spot
    in_test: bool


class Node(msgspec.Struct, frozen=True):
    """A lock. path: its canonical name, "" for a variable. said: what `home` is, "declared" or "first taken"."""

    name: str
    path: str
    home: Spot
    said: str


class Arrow(msgspec.Struct, frozen=True):
    """`target` is taken while `source` is held; both count the graph's nodes."""

    source: int
    target: int
    kind: Kind
    sites: tuple[Site, ...]


class Ring(msgspec.Struct, frozen=True):
    """A contradiction: the node held, the node waited for, and where. certain: the threads are known to run at once."""

    steps: tuple[tuple[int, int, Site], ...]
    certain: bool


class Graph(msgspec.Struct, frozen=True):
    """The whole picture. arrows: by their nodes' names."""

    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]
    rings: tuple[Ring, ...]


def view(order: LockOrder, sources: Mapping[str, SourceFile]) -> Graph:
    """The graph as it is shown. sources: every file that a span of it names."""
    names = names_of([node.lock for node in order.nodes])
    nodes = tuple(
        Node(
            names[node.lock.key],
            visible(path_of(node.lock)),
            spot(node.home, sources),
            "declared" if node.declared else "first taken",
        )
        for node in order.nodes
    )
    numbers = {node.lock.key: number for number, node in enumerate(order.nodes)}
    arrows = tuple(arrow(edge, numbers, names, sources) for edge in order.edges)
    return Graph(nodes, arrows, tuple(ring(cycle, numbers, names, sources) for cycle in order.cycles))


def names_of(locks: Sequence[Lock]) -> dict[Key, str]:
    """As people call them: `Server.log`, with as much of the path before it as tells it from the others."""
    paths = {lock.key: path_of(lock).split("::") for lock in locks if path_of(lock)}
    suffixes = Counter("::".join(path[-length:]) for path in paths.values() for length in range(1, len(path) + 1))
    names = {}
    for lock in locks:
        path = paths.get(lock.key, [lock.name])
        longer = ("::".join(path[-length:]) for length in range(1, len(path) + 1))
        names[lock.key] = visible(next((name for name in longer if suffixes[name] <= 1), path[-1]))
    return names


def arrow(edge: Edge, numbers: Mapping[Key, int], names: Mapping[Key, str], sources: Mapping[str, SourceFile]) -> Arrow:
    kind = Kind.CYCLE if edge.contradicts else Kind.TURN if edge.turns else Kind.PLAIN
    sites = tuple(site(step, names, sources) for step in edge.steps)
    return Arrow(numbers[edge.first.key], numbers[edge.second.key], kind, sites)


def ring(cycle: Cycle, numbers: Mapping[Key, int], names: Mapping[Key, str], sources: Mapping[str, SourceFile]) -> Ring:
    steps = tuple(
        (numbers[step.first.key], numbers[step.second.key], site(step, names, sources)) for step in cycle.steps
    )
    return Ring(steps, cycle.certain)


def site(step: Step, names: Mapping[Key, str], sources: Mapping[str, SourceFile]) -> Site:
    """The places of a step: the first lock, the calls, the second lock."""
    first, second = names[step.first.key], names[step.second.key]
    held, taken = spot(step.held.span, sources), spot(step.acquire.span, sources)
    before = tuple((f"calls `{visible(hop.name)}`", spot(hop.span, sources)) for hop in step.way_to_first)
    calls = tuple((f"calls `{visible(hop.name)}`", spot(hop.span, sources)) for hop in step.way)
    waits = (f"waits for `{second}`, holding `{first}`", taken)
    return Site((*before, (f"takes `{first}`", held), *calls, waits), held, calls, taken, step.is_test)


def spot(span: Span, sources: Mapping[str, SourceFile]) -> Spot:
    source = sources[span.path]
    line, column = source.line_column(span.start)
    code = visible(source.line_text(line).strip())
    cut = code if len(code) <= EXCERPT else code[: EXCERPT - 2] + " …"
    path = span.path.replace("\\", "/")
    return Spot(f"{visible(span.path)}:{line}:{column}", f"{quote(path)}#L{line}", line, cut)


def count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def summary(graph: Graph) -> str:
    """`3 locks are taken while another is held; 1 cycle`, in one line."""
    if not graph.nodes:
        return "no lock is taken while another is held"
    found = f"{count(len(graph.nodes), 'lock')}, {count(len(graph.arrows), 'order')} between them"
    return f"{found}; {count(len(graph.rings), 'cycle') if graph.rings else 'no cycle'}"


def one_order(graph: Graph) -> tuple[int, ...]:
    """An order of all nodes that every arrow agrees with, none when the arrows lead round: always the first by name of
    those that may come next."""
    before: dict[int, set[int]] = {number: set() for number in range(len(graph.nodes))}
    for arrow in graph.arrows:
        before[arrow.target].add(arrow.source)
    found: list[int] = []
    while before:
        free = next((number for number, sources in before.items() if not sources & before.keys()), None)
        if free is None:
            return ()
        found.append(free)
        del before[free]
    return tuple(found)
