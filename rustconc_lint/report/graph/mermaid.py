"""The lock order as a Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html), for Markdown."""

from __future__ import annotations

from rustconc_lint.report.graph.view import Graph, Kind, count


def render(graph: Graph) -> str:
    """Ends in a newline."""
    lines = ["flowchart LR"]
    lines += [f"  n{number}[{text(node.name)}]" for number, node in enumerate(graph.nodes)]
    for arrow in graph.arrows:
        where = arrow.sites[0].taken
        more = f" and {len(arrow.sites) - 1} more" if arrow.sites[1:] else ""
        line = "-.->" if arrow.kind == Kind.TURN else "-->"
        lines.append(f"  n{arrow.source} {line}|{text(where.text + more)}| n{arrow.target}")
    for number, node in enumerate(graph.nodes):
        said = f"{node.said} at {node.home.text}"
        lines.append(f'  click n{number} href "{node.home.link}" {text(said)}')
    marked = [str(number) for number, arrow in enumerate(graph.arrows) if arrow.kind == Kind.CYCLE]
    if marked:
        lines.append(f"  linkStyle {','.join(marked)} stroke:#c62828,stroke-width:2px,color:#c62828")
    if graph.rings:
        lines.append(f"  %% {count(len(graph.rings), 'cycle')}, in red")
    return "\n".join(lines) + "\n"


def text(value: str) -> str:
    """A quoted string; what Mermaid or the HTML it makes would act upon is written as its number."""
    return '"' + "".join(c if c.isalnum() or c in " ._-:/,()" else f"#{ord(c)};" for c in value) + '"'
