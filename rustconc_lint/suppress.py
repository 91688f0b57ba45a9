"""Findings that the code says are meant: `// rustconc: allow(rule, ...) reason`, and clippy's `allow` of the same lint.

A comment at the end of a line holds for that line, one on its own for the next line, or for all of the item that
begins there; `allow-file` holds for the file. An allow of a rule that ran and found nothing there is itself a finding.
Attributes for clippy and rustc are honoured on items and files; one that stops nothing is their business.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import msgspec

from rustconc_lint import syntax
from rustconc_lint.facts.file import RustFile
from rustconc_lint.facts.model import Item
from rustconc_lint.finding import Edit, Finding, Fix, Safety
from rustconc_lint.rulebook import FrontMatter, Rule, nearest
from rustconc_lint.source import SourceFile, Span
from rustconc_lint.syntax import Node

MARK = re.compile(rb"rustconc:")
UNUSED = "unused-allow"

_COMMENT = re.compile(r"// ?rustconc:\s*(?P<verb>[\w-]*)\s*(?:\((?P<rules>[^()]*)\))?")
_NAME = re.compile(r"[^\s,][^,]*[^\s,]|[^\s,]")

_ITEMS = frozenset(
    (
        syntax.FUNCTION_ITEM, syntax.STRUCT_ITEM, syntax.ENUM_ITEM, syntax.UNION_ITEM, syntax.TRAIT_ITEM,
        syntax.IMPL_ITEM, syntax.TYPE_ITEM, syntax.STATIC_ITEM, syntax.CONST_ITEM, syntax.MOD_ITEM,
        syntax.MACRO_DEFINITION,
    )
)  # fmt: skip
_BEFORE_ITEMS = syntax.COMMENTS | {syntax.ATTRIBUTE_ITEM}


class Allow(msgspec.Struct, frozen=True, eq=False):
    """One rule name in an allow. span: of that name (for a malformed comment, with rule "", of the comment). lines:
    where it holds, first and last. scope: what that is called. comment: the whole comment. alone: its only name."""

    rule: str
    span: Span
    lines: tuple[int, int]
    scope: str
    comment: Span
    alone: bool = True

    def covers(self, finding: Finding, source: SourceFile) -> bool:
        first, last = self.lines
        return first <= source.line_column(finding.span.start)[0] <= last


def suppress(
    findings: Iterable[Finding],
    files: Mapping[str, RustFile],
    rules: Mapping[str, Rule],
    ran: Mapping[str, Collection[str]],
) -> Iterator[Finding]:
    """The findings (stamped with their rules) that nothing allows, then one for each allow that stopped none.

    ran: path -> the rules that were on for that file: only there, and of those, can an allow be unused."""
    comments = {path: allows(file) for path, file in files.items() if MARK.search(file.source.data)}
    used: set[Allow] = set()
    for finding in findings:
        file = files[finding.span.path]
        stopping = [
            allow
            for allow in comments.get(file.path, ())
            if allow.rule == finding.rule and allow.covers(finding, file.source)
        ]
        used.update(stopping)
        if not stopping and not _allowed_for_others(finding, file, rules[finding.rule].about):
            yield finding
    for path, found in comments.items():
        if UNUSED in ran.get(path, ()):
            yield from _unused(found, used, files[path].source, rules, ran[path])


def allows(file: RustFile) -> tuple[Allow, ...]:
    """The allows of a file, in order. Only comments count: not strings, not documentation."""
    root = syntax.parse(file.source.data)
    found: list[Allow] = []
    for mark in MARK.finditer(file.source.data):
        node = root.descendant_for_byte_range(mark.start(), mark.end())
        if node is not None and node.kind_id == syntax.LINE_COMMENT:
            found.extend(_read(node, file.source))
    return tuple(found)


def _read(node: Node, source: SourceFile) -> Iterator[Allow]:
    text = source.text(node.start_byte, node.end_byte).rstrip()
    comment = source.span(node.start_byte, node.start_byte + len(text.encode()))
    written = _COMMENT.match(text)
    if written is None:
        return
    names = list(_NAME.finditer(text, *written.span("rules"))) if written["rules"] else []
    if written["verb"] not in ("allow", "allow-file") or not names:
        yield Allow("", comment, (0, 0), "", comment)
        return
    lines, scope = _extent(node, source) if written["verb"] == "allow" else ((1, source.line_count + 1), "in this file")
    for name in names:
        start = comment.start + len(text[: name.start()].encode())
        span = source.span(start, start + len(name[0].encode()))
        yield Allow(name[0], span, lines, scope, comment, len(names) == 1)


def _extent(node: Node, source: SourceFile) -> tuple[tuple[int, int], str]:
    """The lines that an `allow` comment holds for."""
    line = source.line_column(node.start_byte)[0]
    before = source.data[source.line_start(line) : node.start_byte]
    if before.strip():
        return (line, line), "on this line"
    following = node.next_sibling
    while following is not None and following.kind_id in _BEFORE_ITEMS:
        following = following.next_sibling
    if following is not None and following.kind_id in _ITEMS and _adjoins(line, following, source):
        last = source.line_column(following.end_byte)[0]
        return (line + 1, last), "in this item"
    line += 1
    while source.line_text(line).lstrip().startswith("//"):
        line += 1
    return (line, line), "on the next line"


def _adjoins(line: int, item: Node, source: SourceFile) -> bool:
    """Is there no empty line between the comment's line and an item?"""
    first = source.line_column(item.start_byte)[0]
    return all(source.line_text(between).strip() for between in range(line + 1, first))


def _unused(
    found: Sequence[Allow], used: Collection[Allow], source: SourceFile, rules: Mapping[str, Rule], ran: Collection[str]
) -> Iterator[Finding]:
    for allow in found:
        if not allow.rule:
            message = "this comment allows nothing"
            advice = "write `// rustconc: allow(rule)`, then the reason"
        elif allow.rule not in rules:
            message = f"there is no rule `{allow.rule}` to allow{nearest(allow.rule, rules)}"
            advice = "`rustconc-lint rules` lists the rules"
        elif allow.rule in ran and allow not in used and allow.rule != UNUSED:
            message = f"`{allow.rule}` finds nothing {allow.scope}"
            advice = "remove it, or it will hide the next mistake here"
        else:
            continue
        fix = _removal(allow, source) if allow.rule and allow.alone else None
        yield Finding(span=allow.span, message=message, help=advice, rule=UNUSED, fix=fix)


def _removal(allow: Allow, source: SourceFile) -> Fix:
    """Takes the comment out: with its line if it stands alone, with the blanks before it if not."""
    start, end = allow.comment.start, allow.comment.end
    line = source.line_start(source.line_column(start)[0])
    before = source.data[line:start]
    if before.strip():
        start = line + len(before.rstrip())
    else:
        start = line
        end += len(source.data[end : end + 2]) - len(source.data[end : end + 2].lstrip(b"\r\n"))
    return Fix("remove the comment", Safety.SAFE, (Edit(source.span(start, end), ""),))


def _allowed_for_others(finding: Finding, file: RustFile, about: FrontMatter) -> bool:
    """Does an `allow` or `expect`, on the file or on an item or statement around the finding, name a lint of clippy or
    of rustc that the rule's page names?"""
    names = {lint if lint.startswith("clippy::") else f"clippy::{lint}" for lint in about.clippy}
    names |= {lint for lint in about.compiler if lint.islower()}
    if not any(name.encode() in file.source.data for name in names):
        return False
    here = finding.span.start
    items: tuple[Item, ...] = file.items
    allowed = not names.isdisjoint(file.attributes.allows)
    while not allowed and (around := next((item for item in items if item.start <= here < item.end), None)):
        allowed = not names.isdisjoint(around.attributes.allows)
        items = around.members
    return allowed or not names.isdisjoint(file.allowed_at(here))
