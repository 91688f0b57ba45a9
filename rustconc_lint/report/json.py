"""The report machines read: one object whose shape is the structs below, and the JSON Schema made from them.

Lines and columns are 1-based, columns count characters, `byte` is an offset into the file; ends are exclusive. The
schema is shipped as `schema.json` beside this file. `schema_version` changes when a reader of the old shape could
misread the new one.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import msgspec

from rustconc_lint import __version__
from rustconc_lint.finding import Confidence, Finding, Safety, Severity
from rustconc_lint.pipeline import Report
from rustconc_lint.rulebook import Rule
from rustconc_lint.source import SourceFile, Span

SCHEMA_VERSION = 1

Natural = Annotated[int, msgspec.Meta(ge=0)]
Positive = Annotated[int, msgspec.Meta(ge=1)]


class Position(msgspec.Struct, frozen=True):
    line: Positive
    column: Positive
    byte: Natural


class Range(msgspec.Struct, frozen=True):
    start: Position
    end: Position


class JsonLabel(msgspec.Struct, frozen=True):
    """A second place of the same mistake."""

    path: str
    range: Range
    message: str


class JsonEdit(msgspec.Struct, frozen=True):
    """Replace the text in `range` by `text`."""

    path: str
    range: Range
    text: str


class JsonFix(msgspec.Struct, frozen=True):
    """All edits or none."""

    title: str
    safety: Safety
    edits: tuple[JsonEdit, ...]


class Chapter(msgspec.Struct, frozen=True):
    """What to read: a section of the chapter on concurrency, and the matching page of The Rust Programming Language."""

    section: str
    url: str


class Diagnostic(msgspec.Struct, frozen=True):
    """One finding. fingerprint: stays the same while lines are added or removed above it."""

    rule: str
    severity: Severity
    confidence: Confidence
    message: str
    path: str
    range: Range
    label: str
    labels: tuple[JsonLabel, ...]
    help: str
    chapter: Chapter | None
    compiler: tuple[str, ...]
    fingerprint: str
    fix: JsonFix | None


class JsonError(msgspec.Struct, frozen=True):
    """A file or folder that could not be read, or whose findings could not be fixed."""

    path: str
    message: str


class Tool(msgspec.Struct, frozen=True):
    name: str
    version: str


TOOL = Tool("rustconc-lint", __version__)


class Summary(msgspec.Struct, frozen=True):
    """diagnostics: those that are left. fixed: how many were fixed; only there with `--fix`."""

    files: Natural
    diagnostics: Natural
    errors: Natural
    fixed: Natural | msgspec.UnsetType = msgspec.UNSET


class JsonReport(msgspec.Struct, frozen=True):
    """What `rustconc-lint check --format json` prints. `summary.errors` counts `errors`, not diagnostics."""

    schema_version: int
    tool: Tool
    diagnostics: tuple[Diagnostic, ...]
    errors: tuple[JsonError, ...]
    summary: Summary


class JsonRule(msgspec.Struct, frozen=True):
    """One entry of `rustconc-lint rules --format json`. default: does it run without being asked for?"""

    name: str
    severity: Severity
    default: bool
    summary: str
    chapter: Chapter | None
    compiler: tuple[str, ...]
    clippy: tuple[str, ...]


class JsonRules(msgspec.Struct, frozen=True):
    """What `rustconc-lint rules --format json` prints."""

    schema_version: int
    tool: Tool
    rules: tuple[JsonRule, ...]


def render(report: Report) -> str:
    """The report as indented JSON, ending in a newline."""
    return _indented(_whole(report))


def line(report: Report) -> str:
    """The report as JSON on one line, which a newline ends."""
    return msgspec.json.encode(_whole(report)).decode() + "\n"


def _whole(report: Report) -> JsonReport:
    sources = report.sources
    prints = fingerprints(report)
    diagnostics = tuple(
        _diagnostic(finding, print_, sources) for finding, print_ in zip(report.findings, prints, strict=True)
    )
    errors = tuple(JsonError(error.path, error.message) for error in (*report.errors, *report.unfixed))
    fixed = msgspec.UNSET if report.fixed is None else report.fixed
    return JsonReport(
        schema_version=SCHEMA_VERSION,
        tool=TOOL,
        diagnostics=diagnostics,
        errors=errors,
        summary=Summary(report.checked, len(diagnostics), len(errors), fixed),
    )


def render_rules(rules: Mapping[str, Rule]) -> str:
    """The rules as indented JSON, ending in a newline."""
    listed = tuple(
        JsonRule(
            name=name,
            severity=rule.about.severity,
            default=rule.about.default,
            summary=rule.summary,
            chapter=Chapter(rule.about.chapter, rule.about.book) if rule.about.chapter else None,
            compiler=rule.about.compiler,
            clippy=rule.about.clippy,
        )
        for name, rule in rules.items()
    )
    return _indented(JsonRules(SCHEMA_VERSION, TOOL, listed))


def _indented(whole: JsonReport | JsonRules) -> str:
    return msgspec.json.format(msgspec.json.encode(whole), indent=2).decode() + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema of the report."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(JsonReport)}


def fingerprints(report: Report) -> Iterator[str]:
    """A name for each finding that survives edits elsewhere: a hash of its rule, its package and path within, the items
    around it, and its line's text; the n-th of equal ones also of n. 16 hexadecimal digits."""
    seen: Counter[tuple[str, ...]] = Counter()
    for finding, around in zip(report.findings, report.around, strict=True):
        source, place = report.sources[finding.span.path], report.places[finding.span.path]
        line = source.line_text(source.line_column(finding.span.start)[0])
        key = (finding.rule, place.package, place.below, around, " ".join(line.split()))
        text = "\0".join((*key, str(seen[key])))
        seen[key] += 1
        yield hashlib.sha256(text.encode()).hexdigest()[:16]


def _diagnostic(finding: Finding, fingerprint: str, sources: Mapping[str, SourceFile]) -> Diagnostic:
    return Diagnostic(
        rule=finding.rule,
        severity=finding.severity or Severity.ERROR,
        confidence=finding.confidence,
        message=finding.message,
        path=finding.span.path,
        range=_range(finding.span, sources),
        label=finding.label,
        labels=tuple(JsonLabel(one.span.path, _range(one.span, sources), one.message) for one in finding.labels),
        help=finding.help,
        chapter=Chapter(finding.chapter, finding.book or "") if finding.chapter else None,
        compiler=finding.compiler or (),
        fingerprint=fingerprint,
        fix=_fix(finding, sources),
    )


def _fix(finding: Finding, sources: Mapping[str, SourceFile]) -> JsonFix | None:
    if finding.fix is None:
        return None
    edits = tuple(JsonEdit(edit.span.path, _range(edit.span, sources), edit.text) for edit in finding.fix.edits)
    return JsonFix(finding.fix.title, finding.fix.safety, edits)


def _range(span: Span, sources: Mapping[str, SourceFile]) -> Range:
    source = sources[span.path]
    start, end = (Position(*source.line_column(byte), byte) for byte in (span.start, span.end))
    return Range(start, end)
