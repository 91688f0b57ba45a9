"""Where the boxes and arrows of a graph go: in layers from left to right, as Sugiyama and others draw them (1981).

Each connected part alone: arrows that lead back are turned round, boxes get the layer behind the last that leads to
them, long arrows get a bend in every layer between, layers are sorted by the mean of their neighbours, and so are the
heights. Units are pixels; sizes come in, positions go out; nothing is known of what is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

GAP_X, GAP_Y, BEND = 90.0, 26.0, 14.0  # between layers, between boxes of one, height of a bend
SWEEPS = 8

Point = tuple[float, float]
Pair = tuple[int, int]


class Box(msgspec.Struct):
    """Centre and size."""

    x: float
    y: float
    width: float
    height: float


class Drawing(msgspec.Struct, frozen=True):
    """boxes: by node. ways: of each arrow given, the points it goes through, borders of its boxes included."""

    boxes: tuple[Box, ...]
    ways: tuple[tuple[Point, ...], ...]
    width: float
    height: float


def lay_out(sizes: Sequence[tuple[float, float]], arrows: Sequence[Pair]) -> Drawing:
    """Positions for boxes of these sizes, so that no two overlap. An arrow from a node to itself has no way."""
    boxes = [Box(0, 0, *size) for size in sizes]
    ways: dict[Pair, tuple[Point, ...]] = {}
    top, width = 0.0, 0.0
    for part in parts(len(sizes), arrows):
        inside = {*part}
        own = sorted({pair for pair in arrows if pair[0] in inside and pair[0] != pair[1]})
        height, reach = place(part, own, boxes, top, ways)
        top += height + 2 * GAP_Y
        width = max(width, reach)
    return Drawing(tuple(boxes), tuple(ways.get(pair, ()) for pair in arrows), width, max(0.0, top - 2 * GAP_Y))


def parts(count: int, arrows: Iterable[Pair]) -> list[list[int]]:
    """The nodes of each connected part, the largest part first."""
    home = list(range(count))

    def root(node: int) -> int:
        while home[node] != node:
            node = home[node]
        return node

    for first, second in arrows:
        home[root(second)] = root(first)
    found: dict[int, list[int]] = {}
    for node in range(count):
        found.setdefault(root(node), []).append(node)
    return sorted(found.values(), key=lambda part: (-len(part), part))


def place(
    part: list[int], arrows: list[Pair], boxes: list[Box], top: float, ways: dict[Pair, tuple[Point, ...]]
) -> tuple[float, float]:
    """Places the boxes of one part below `top`; its height and width."""
    back = backward(part, arrows)
    forward = {pair: turned(pair, back) for pair in arrows}
    layer = layers(part, sorted(set(forward.values())))
    chains = {pair: chain(pair, layer) for pair in sorted(set(forward.values()))}
    rows, bends = fill(part, layer, chains)
    links = [link for points in chains.values() for link in pairwise(points)]
    untangle(rows, links)
    at: dict[Spot, Box] = {("node", node): boxes[node] for node in part}
    at.update((bend, Box(0, 0, 0, BEND)) for bend in bends)
    width = spread(rows, at)
    height = settle(rows, links, at, top)
    for pair, straight in forward.items():
        points = [at[point] for point in chains[straight]]
        ways[pair] = route(points if straight == pair else points[::-1], 7.0 if twin(pair, arrows) else 0.0)
    return height, width


Spot = tuple[str, int] | tuple[str, int, int, int]  # ("node", number), or ("bend", source, target, layer)


def backward(part: list[int], arrows: list[Pair]) -> frozenset[Pair]:
    """Arrows that close a ring, as a walk in depth meets them."""
    follow: dict[int, list[int]] = {}
    entered = set()
    for first, second in arrows:
        follow.setdefault(first, []).append(second)
        entered.add(second)
    found: set[Pair] = set()
    state: dict[int, int] = {}  # 1: on the way, 2: done
    for start in sorted(part, key=lambda node: (node in entered, node)):
        if start in state:
            continue
        state[start] = 1
        way = [(start, iter(follow.get(start, ())))]
        while way:
            node, rest = way[-1]
            child = next(rest, None)
            if child is None:
                state[node] = 2
                way.pop()
            elif state.get(child) == 1:
                found.add((node, child))
            elif child not in state:
                state[child] = 1
                way.append((child, iter(follow.get(child, ()))))
    return frozenset(found)


def turned(pair: Pair, back: frozenset[Pair]) -> Pair:
    return (pair[1], pair[0]) if pair in back else pair


def twin(pair: Pair, arrows: list[Pair]) -> bool:
    return (pair[1], pair[0]) in arrows


def layers(part: list[int], arrows: list[Pair]) -> dict[int, int]:
    """The longest way to each node, in arrows; these have no ring."""
    layer = dict.fromkeys(part, 0)
    before = {node: sum(1 for _, second in arrows if second == node) for node in part}
    ready = [node for node in part if not before[node]]
    for node in ready:
        for first, second in arrows:
            if first == node:
                layer[second] = max(layer[second], layer[node] + 1)
                before[second] -= 1
                if not before[second]:
                    ready.append(second)
    return layer


def chain(pair: Pair, layer: dict[int, int]) -> list[Spot]:
    """The node, a bend in each layer between, the other node."""
    first, second = pair
    bends: list[Spot] = [("bend", first, second, number) for number in range(layer[first] + 1, layer[second])]
    return [("node", first), *bends, ("node", second)]


def fill(part: list[int], layer: dict[int, int], chains: dict[Pair, list[Spot]]) -> tuple[list[list[Spot]], list[Spot]]:
    """What stands in each layer, in the order of the nodes, and the bends among it."""
    rows: list[list[Spot]] = [[] for _ in range(max(layer.values()) + 1)]
    for node in part:
        rows[layer[node]].append(("node", node))
    bends = []
    for (first, _), points in chains.items():
        for number, bend in enumerate(points[1:-1], start=layer[first] + 1):
            rows[number].append(bend)
            bends.append(bend)
    return rows, bends


def untangle(rows: list[list[Spot]], links: list[tuple[Spot, Spot]]) -> None:
    """Sorts each layer by where its neighbours in the one before (then: behind) stand, to and fro."""
    left: dict[Spot, list[Spot]] = {}
    right: dict[Spot, list[Spot]] = {}
    for first, second in links:
        left.setdefault(second, []).append(first)
        right.setdefault(first, []).append(second)
    for sweep in range(SWEEPS):
        neighbours = right if sweep % 2 else left
        for row in reversed(rows) if sweep % 2 else rows:
            position = {spot: index for other in rows for index, spot in enumerate(other)}
            row.sort(key=lambda spot: mean([position[other] for other in neighbours.get(spot, ())], position[spot]))


def mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def spread(rows: list[list[Spot]], at: dict[Spot, Box]) -> float:
    """Gives each layer its column; the right border of the last."""
    x = 0.0
    for row in rows:
        width = max(at[spot].width for spot in row)
        for spot in row:
            at[spot].x = x + width / 2
        x += width + GAP_X
    return x - GAP_X


def settle(rows: list[list[Spot]], links: list[tuple[Spot, Spot]], at: dict[Spot, Box], top: float) -> float:
    """Heights: each layer stacked in its order, then drawn to its neighbours as far as there is room; the height."""
    near: dict[Spot, list[Spot]] = {}
    for first, second in links:
        near.setdefault(first, []).append(second)
        near.setdefault(second, []).append(first)
    for row in rows:
        stack(row, at, [0.0] * len(row))
    for sweep in range(SWEEPS):
        for row in reversed(rows) if sweep % 2 else rows:
            stack(row, at, [mean([at[other].y for other in near.get(spot, ())], at[spot].y) for spot in row])
    upper = min(at[spot].y - at[spot].height / 2 for row in rows for spot in row)
    lower = max(at[spot].y + at[spot].height / 2 for row in rows for spot in row)
    for row in rows:
        for spot in row:
            at[spot].y += top - upper
    return lower - upper


def stack(row: list[Spot], at: dict[Spot, Box], wanted: list[float]) -> None:
    """Keeps the order and the gaps of a layer, and otherwise comes as near as can be to the wanted heights.

    Least squares: what would overlap is pooled, and a pool stands where its members want it in the mean."""
    offsets = [0.0]
    for upper, lower in pairwise(row):
        offsets.append(offsets[-1] + (at[upper].height + at[lower].height) / 2 + GAP_Y)
    pools: list[tuple[float, int]] = []  # the mean of wanted - offset, and how many
    for height, offset in zip(wanted, offsets, strict=True):
        total, number = height - offset, 1
        while pools and pools[-1][0] >= total:
            before, size = pools.pop()
            total, number = (before * size + total * number) / (size + number), size + number
        pools.append((total, number))
    heights = [total for total, number in pools for _ in range(number)]
    for spot, height, offset in zip(row, heights, offsets, strict=True):
        at[spot].y = height + offset


def route(points: list[Box], aside: float) -> tuple[Point, ...]:
    """From border to border. aside: pixels by which it keeps to its right, beside one that comes the other way."""
    first, last = points[0], points[-1]
    sign = 1.0 if first.x <= last.x else -1.0
    inner = [(box.x, box.y + sign * aside) for box in points[1:-1]]
    start = (first.x + sign * first.width / 2, first.y + sign * aside)
    return (start, *inner, (last.x - sign * last.width / 2, last.y + sign * aside))
