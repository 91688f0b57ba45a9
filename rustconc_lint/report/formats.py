"""The forms a report can take, by the name that a user gives. Only the one that is asked for is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rustconc_lint.pipeline import Report

FORMATS = ("text", "json")
GRAPHS = ("text", "dot", "mermaid", "svg", "html")  # of the lock order


def render(report: Report, form: str, color: bool) -> str:
    """The report in one of FORMATS; only text has colours."""
    if form == "json":
        from rustconc_lint.report import json

        return json.render(report)
    from rustconc_lint.report import text

    return text.render(report, color)


def render_line(report: Report, form: str, color: bool) -> str:
    """As `render`, but JSON on one line: for reports that follow each other."""
    if form == "json":
        from rustconc_lint.report import json

        return json.line(report)
    return render(report, form, color)
