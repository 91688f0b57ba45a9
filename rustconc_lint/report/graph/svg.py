"""The lock order as a picture that needs nothing else: boxes are locks, arrows lead from what is held to what is taken.

Boxes and arrows are links: into the source, or, as a part of the page, to what is said there of them.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from rustconc_lint.report.graph.layout import Box, Drawing, Point, lay_out
from rustconc_lint.report.graph.view import Arrow, Graph, Kind, count, summary

CHARACTER, PADDING, HEIGHT, MARGIN = 7.9, 14.0, 34.0, 20.0  # pixels: of a letter at 13 px, beside the name, of a box

STYLE = """
text { font: 13px ui-monospace, Menlo, Consolas, monospace; fill: #1f2328; }
text.aside { font-size: 12px; fill: #656d76; }
rect { fill: #ffffff; stroke: #57606a; stroke-width: 1.2; }
path.way { fill: none; stroke: #57606a; stroke-width: 1.5; }
path.hit { fill: none; stroke: transparent; stroke-width: 12; }
path.turn { stroke-dasharray: 5 4; }
path.cycle { stroke: #c62828; stroke-width: 2.4; }
rect.cycle { stroke: #c62828; stroke-width: 2; }
a:hover rect, a:focus rect { fill: #ddf4ff; }
a:hover path.way, a:focus path.way { stroke-width: 4; }
"""

Links = Callable[[int], str]


def render(graph: Graph) -> str:
    """A file of its own; ends in a newline."""
    links = [arrow.sites[0].taken.link for arrow in graph.arrows]
    picture = draw(graph, lambda number: graph.nodes[number].home.link, lambda number: links[number])
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{picture}\n'


def draw(graph: Graph, node_link: Links, arrow_link: Links) -> str:
    """The `<svg>` element. The links, by number, are not escaped yet."""
    sizes = [(len(node.name) * CHARACTER + 2 * PADDING, HEIGHT) for node in graph.nodes]
    drawing = lay_out(sizes, [(arrow.source, arrow.target) for arrow in graph.arrows])
    title = summary(graph)
    width = max(drawing.width, len(title) * CHARACTER) + 2 * MARGIN
    height = drawing.height + 2 * MARGIN + 30
    marked = {node for ring in graph.rings for held, taken, _ in ring.steps for node in (held, taken)}
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="{-MARGIN:.0f} {-MARGIN:.0f} {width:.0f} {height:.0f}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
        "<defs>",
        *(marker(kind, color) for kind, color in (("plain", "#57606a"), ("cycle", "#c62828"))),
        "</defs>",
    ]
    lines += [way(graph, drawing, number, arrow_link(number)) for number in range(len(graph.arrows))]
    lines += [
        box(graph, number, drawing.boxes[number], node_link(number), number in marked)
        for number in range(len(graph.nodes))
    ]
    legend = "an arrow leads from the lock that is held to the one that is taken" if graph.nodes else title
    lines.append(f'<text class="aside" x="0" y="{drawing.height + 30:.0f}">{escape(legend)}</text>')
    return "\n".join((*lines, "</svg>"))


def marker(kind: str, color: str) -> str:
    return (
        f'<marker id="head-{kind}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="10" markerHeight="10" '
        f'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0 L10 5 L0 10 z" fill="{color}"/></marker>'
    )


def box(graph: Graph, number: int, at: Box, link: str, marked: bool) -> str:
    node = graph.nodes[number]
    name = escape(node.name)
    tip = escape(f"{node.path or node.name}, {node.said} at {node.home.text}")
    x, y = at.x - at.width / 2, at.y - at.height / 2
    return (
        f'<a href="{escape(link)}"><title>{tip}</title>'
        f'<rect class="{"cycle" if marked else "plain"}" x="{x:.1f}" y="{y:.1f}" width="{at.width:.1f}" '
        f'height="{at.height:.1f}" rx="7"/>'
        f'<text x="{at.x:.1f}" y="{at.y + 4.5:.1f}" text-anchor="middle" textLength="{at.width - 2 * PADDING:.1f}" '
        f'lengthAdjust="spacingAndGlyphs">{name}</text></a>'
    )


def way(graph: Graph, drawing: Drawing, number: int, link: str) -> str:
    arrow = graph.arrows[number]
    shape = curve(drawing.ways[number])
    head = "cycle" if arrow.kind == Kind.CYCLE else "plain"
    return (
        f'<a href="{escape(link)}"><title>{escape(tip(graph, arrow))}</title>'
        f'<path class="way {arrow.kind}" d="{shape}" marker-end="url(#head-{head})"/>'
        f'<path class="hit" d="{shape}"/></a>'
    )


def tip(graph: Graph, arrow: Arrow) -> str:
    """What a hovering pointer is told of an arrow."""
    held, taken = graph.nodes[arrow.source].name, graph.nodes[arrow.target].name
    where = arrow.sites[0].taken.text
    more = f", and at {count(len(arrow.sites) - 1, 'other place')}" if arrow.sites[1:] else ""
    return f"{taken} is taken while {held} is held: {where}{more}"


def curve(points: tuple[Point, ...]) -> str:
    """A smooth line through the points, level at each of them."""
    (x, y), *rest = points
    shape = f"M{x:.1f} {y:.1f}"
    for to_x, to_y in rest:
        half = (to_x - x) / 2
        shape += f" C{x + half:.1f} {y:.1f} {to_x - half:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
        x, y = to_x, to_y
    return shape
