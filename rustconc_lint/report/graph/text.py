"""The lock order in words: the cycles first, then every lock with what is taken while it is held."""

from __future__ import annotations

from collections.abc import Iterator

from rustconc_lint.report.graph.view import Graph, Kind, Ring, Site, count, one_order, summary

SITES = 3  # that are shown of one edge; the page shows all


def render(graph: Graph) -> str:
    """Ends in a newline."""
    lines = [summary(graph)]
    for ring in graph.rings:
        lines += ["", *cycle(graph, ring)]
    for number, node in enumerate(graph.nodes):
        arrows = [arrow for arrow in graph.arrows if arrow.source == number]
        if not arrows:
            continue
        lines += ["", f"while `{node.name}` is held ({node.said} at {node.home.text}):"]
        for arrow in arrows:
            lines += [f"  `{graph.nodes[arrow.target].name}` is taken{REMARKS[arrow.kind]}", *sites(arrow.sites)]
    order = one_order(graph)
    if order:
        names = ", ".join(f"`{graph.nodes[number].name}`" for number in order)
        lines += ["", f"all of it agrees with this order: {names}"]
    return "\n".join(lines) + "\n"


REMARKS = {
    Kind.PLAIN: "",
    Kind.CYCLE: ": part of a cycle",
    Kind.TURN: ": others lead back from it, but threads were not seen to meet there",
}


def cycle(graph: Graph, ring: Ring) -> Iterator[str]:
    """What each thread of a contradiction does."""
    names = " -> ".join(f"`{graph.nodes[held].name}`" for held, _, _ in ring.steps)
    sure = "" if ring.certain else ", if these run at once"
    yield f"cycle: {names} -> `{graph.nodes[ring.steps[0][0]].name}`: each thread waits for the next{sure}"
    for number, (_, _, where) in enumerate(ring.steps, start=1):
        for index, (what, spot) in enumerate(where.places):
            yield f"  {f'thread {number}' if index == 0 else '        '} {what}: {spot.text}"


def sites(found: tuple[Site, ...]) -> Iterator[str]:
    """Each place in a line: where the second lock is taken, since where the first, through which calls."""
    for site in found[:SITES]:
        through = "".join(f", {what} at {spot.text}" for what, spot in site.calls)
        test = " (in a test)" if site.in_test else ""
        yield f"    {site.taken.text}, the first since {site.held.text}{through}{test}"
    if len(found) > SITES:
        yield f"    and {count(len(found) - SITES, 'more place')}"
