"""The report people read: rustc's own look, since its users read that all day.

`render` is pure; whether there is colour is the caller's decision. Text from the source, from paths and from messages
is shown so that it cannot act on the terminal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import groupby

from rustconc_lint.finding import Finding, Safety, Severity
from rustconc_lint.fixes import SAFE, fixable
from rustconc_lint.pipeline import Report
from rustconc_lint.report.snippet import Mark, Row, Style, snippet, visible
from rustconc_lint.source import SourceFile

STYLES = {Severity.ERROR: Style.ERROR, Severity.WARNING: Style.WARNING, Severity.NOTE: Style.NOTE}


def render(report: Report, color: bool) -> str:
    """Every finding and every file that could not be read or fixed, then what `summary` says; ends in a newline."""
    blocks = [_finding(finding, report.sources) for finding in report.findings]
    errors = (*report.errors, *report.unfixed)
    blocks.extend([_heading(Severity.ERROR, "", f"{error.path}: {error.message}")] for error in errors)
    text = "".join("".join(_paint(row, color) + "\n" for row in rows) + "\n" for rows in blocks)
    return text + summary(report) + "\n"


def summary(report: Report) -> str:
    """`2 errors, 1 warning in 12 files`, or after fixing `3 fixed; nothing left in 12 files`; if any of them can be
    fixed, a second line that says how."""
    counts = Counter(finding.severity for finding in report.findings)
    parts = [_count(counts[severity], str(severity)) for severity in Severity if counts[severity]]
    files = _count(report.checked, "file")
    if report.fixed:
        found = f"{report.fixed} fixed; {', '.join(parts) or 'nothing'} left in {files}"
    else:
        found = f"{', '.join(parts) or 'nothing found'} in {files}"
    failures = ((report.errors, "path", "read"), (report.unfixed, "file", "fixed"))
    found += "".join(f"; {_count(len(errors), noun)} could not be {done}" for errors, noun, done in failures if errors)
    return "\n".join((found, *hint(report)))


def plan(report: Report) -> str:
    """What `--diff` says of the report with the fixes: `would fix 2 findings`, and what else could be."""
    found = f"would fix {_count(report.fixed, 'finding')}" if report.fixed else "would fix nothing"
    errors = (*report.errors, *report.unfixed)
    lines = [visible(f"error: {error.path}: {error.message}") for error in errors]
    return "\n".join((*lines, found, *hint(report)))


def hint(report: Report) -> Iterator[str]:
    """The line that says how many findings can be fixed, if any can."""
    safe, unsafe = (len(fixable(report, wanted)) for wanted in (SAFE, frozenset((Safety.UNSAFE,))))
    if safe and unsafe:
        yield f"{safe} can be fixed with `--fix`, {unsafe} more with `--fix --unsafe-fixes`"
    elif safe or unsafe:
        yield f"{safe or unsafe} can be fixed with `--fix{' --unsafe-fixes' if unsafe else ''}`"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _finding(finding: Finding, sources: Mapping[str, SourceFile]) -> list[Row]:
    severity = finding.severity or Severity.ERROR
    marks = [Mark(finding.span, finding.label, True)]
    marks.extend(Mark(label.span, label.message, False) for label in finding.labels)
    width, rows = snippet(marks, sources, STYLES[severity])
    notes = [("help", finding.help)] if finding.help else []
    notes += [("chapter", f'Concurrency, "{finding.chapter}"')] if finding.chapter else []
    notes.append(("more", f"rustconc-lint explain {finding.rule}"))
    return [
        _heading(severity, finding.rule, finding.message),
        *rows,
        [(" " * width + " |", Style.FRAME)],
        *(row for name, text in notes for row in _note(name, text, width)),
    ]


def _heading(severity: Severity, rule: str, message: str) -> Row:
    name = f"{severity}[{rule}]" if rule else str(severity)
    return [(visible(name), STYLES[severity]), (f": {visible(message)}", Style.STRONG)]


def _note(name: str, text: str, width: int) -> Iterator[Row]:
    first, *rest = text.split("\n")
    yield [(" " * width + " = ", Style.FRAME), (name, Style.STRONG), (f": {visible(first)}", Style.PLAIN)]
    for line in rest:
        yield [(" " * (width + len(name) + 5) + visible(line), Style.PLAIN)]


def _paint(row: Row, color: bool) -> str:
    """The row as text, without blanks at its end."""
    runs = [("".join(text for text, _ in cells), style) for style, cells in groupby(row, key=lambda cell: cell[1])]
    if runs:
        runs[-1] = (runs[-1][0].rstrip(), runs[-1][1])
    if not color:
        return "".join(text for text, _ in runs).rstrip()
    return "".join(f"\x1b[{style}m{text}\x1b[0m" if style and text.strip() else text for text, style in runs)
