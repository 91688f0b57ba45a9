"""The lock-order graph as text, as a picture, or as a page: `draw` chooses by the name that a user gives."""

from __future__ import annotations

from rustconc_lint.report.graph.view import Graph


def draw(graph: Graph, form: str) -> str:
    """The graph in one of `formats.GRAPHS`. Only that one is loaded."""
    match form:
        case "dot":
            from rustconc_lint.report.graph import dot

            return dot.render(graph)
        case "mermaid":
            from rustconc_lint.report.graph import mermaid

            return mermaid.render(graph)
        case "svg":
            from rustconc_lint.report.graph import svg

            return svg.render(graph)
        case "html":
            from rustconc_lint.report.graph import html

            return html.render(graph)
    from rustconc_lint.report.graph import text

    return text.render(graph)
