"""The lock order for Graphviz (https://graphviz.org/doc/info/lang.html); `URL` makes its SVG clickable."""

from __future__ import annotations

from rustconc_lint.report.graph.view import Graph, Kind

STYLES = {
    Kind.PLAIN: "",
    Kind.CYCLE: ', color="#c62828", fontcolor="#c62828", penwidth=2',
    Kind.TURN: ", style=dashed",
}


def render(graph: Graph) -> str:
    """Ends in a newline."""
    lines = ["digraph locks {", "  rankdir=LR;", '  node [shape=box, style=rounded, fontname="sans-serif"];']
    lines.append('  edge [fontname="sans-serif", fontsize=10];')
    for number, node in enumerate(graph.nodes):
        tip = f"{node.said} at {node.home.text}"
        lines.append(f"  n{number} [label={text(node.name)}, tooltip={text(tip)}, URL={text(node.home.link)}];")
    for arrow in graph.arrows:
        where = arrow.sites[0].taken
        tip = "; ".join(f"{what}: {spot.text}" for what, spot in arrow.sites[0].places)
        label = where.text + (f" and {len(arrow.sites) - 1} more" if arrow.sites[1:] else "")
        style = f"label={text(label)}, tooltip={text(tip)}, URL={text(where.link)}{STYLES[arrow.kind]}"
        lines.append(f"  n{arrow.source} -> n{arrow.target} [{style}];")
    return "\n".join((*lines, "}")) + "\n"


def text(value: str) -> str:
    """A quoted string. A backslash begins an escape in a label (`\\N` is the node's name), so that it is doubled."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
