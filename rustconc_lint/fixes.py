"""Fixes of findings -> the texts that result, and the report on those.

Until `write`, everything happens in memory. A fix is applied whole or not at all, and only within files whose findings
were asked for. Of fixes that meet in the text, the first one is applied, a safe one before the others; then everything
is linted again, until there is nothing more to apply. A text that could be parsed before can be parsed afterwards.
"""

from __future__ import annotations

import gc
import os
from bisect import bisect_left, insort
from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from rustconc_lint.atomic import Change, replace_files
from rustconc_lint.discover import FileError
from rustconc_lint.finding import Edit, Finding, Fix, Safety
from rustconc_lint.pipeline import Report, Request, lint
from rustconc_lint.source import Span

SAFE = frozenset((Safety.SAFE,))
UNSAFE = frozenset((Safety.SAFE, Safety.UNSAFE))
PASSES = 10  # cures that make each other necessary again must end somewhere


class Applied(msgspec.Struct, frozen=True):
    """A finding that was fixed, and the files (resolved paths) that its fix is in."""

    finding: Finding
    targets: frozenset[str]


class Outcome(msgspec.Struct, frozen=True):
    """report: on the texts with the fixes, which are not written yet. changes: what is to be written. stdin: the text
    of standard input with its fixes, if that was linted."""

    report: Report
    changes: tuple[Change, ...]
    stdin: Change | None
    applied: tuple[Applied, ...]


class Chosen(msgspec.Struct, frozen=True):
    """What one pass applies. edits: by path as shown."""

    edits: Mapping[str, tuple[Edit, ...]]
    applied: tuple[Applied, ...]


# ---------------------------------------------------------------- one text


def apply(data: bytes, edits: Iterable[Edit]) -> bytes:
    """The text with all edits made; of two insertions at one place the first given comes first. Raises ValueError for
    edits that overlap, lie outside of the text or cut a character in two."""
    parts: list[bytes] = []
    position = 0
    for edit in sorted(edits, key=lambda edit: (edit.span.start, edit.span.end)):
        start, end = edit.span.start, edit.span.end
        if not (position <= start <= end <= len(data) and _between_characters(data, start, end)):
            raise ValueError(f"no text can be replaced at {start}..{end}")
        parts += (data[position:start], edit.text.encode())
        position = end
    return b"".join((*parts, data[position:]))


def _between_characters(data: bytes, *offsets: int) -> bool:
    return all(offset == len(data) or data[offset] & 0xC0 != 0x80 for offset in offsets)


# ---------------------------------------------------------------- one pass


def fixable(report: Report, wanted: Collection[Safety]) -> list[Finding]:
    """The findings with a fix of a wanted safety that can be applied, safe ones first."""
    found = [finding for finding in report.findings if finding.fix is not None and finding.fix.safety in wanted]
    found = [finding for finding in found if finding.fix is not None and _is_applicable(finding.fix, report)]
    return sorted(found, key=lambda finding: finding.fix is not None and finding.fix.safety is not Safety.SAFE)


def _is_applicable(fix: Fix, report: Report) -> bool:
    edits: dict[str, list[Edit]] = {}
    for edit in fix.edits:
        edits.setdefault(edit.span.path, []).append(edit)
    if not edits or not edits.keys() <= report.reported:
        return False
    try:
        return any(apply(data := report.sources[path].data, edits[path]) != data for path in edits)
    except ValueError:
        return False


def choose(report: Report, wanted: Collection[Safety], refused: Collection[str]) -> Chosen:
    """Fixes that do not meet, the first ones first; none in a refused file (resolved path)."""
    owner: dict[str, str] = {}
    taken: dict[str, list[Edit]] = {}
    ranges: dict[str, list[tuple[int, int]]] = {}
    applied = []
    for finding in fixable(report, wanted):
        edits = finding.fix.edits if finding.fix is not None else ()
        targets = {edit.span.path: resolved(report, edit.span.path) for edit in edits}
        if any(target in refused or owner.setdefault(target, path) != path for path, target in targets.items()):
            continue
        if not all(edit in taken.get(edit.span.path, ()) for edit in edits):  # two findings may share one fix
            if any(_meets(ranges.get(edit.span.path, ()), edit.span) for edit in edits):
                continue
            for edit in edits:
                taken.setdefault(edit.span.path, []).append(edit)
                insort(ranges.setdefault(edit.span.path, []), (edit.span.start, edit.span.end))
        applied.append(Applied(finding, frozenset(targets.values())))
    return Chosen({path: tuple(edits) for path, edits in taken.items()}, tuple(applied))


def _meets(ranges: Sequence[tuple[int, int]], span: Span) -> bool:
    """Does a span overlap or touch one of the ranges, which are sorted?"""
    at = bisect_left(ranges, (span.start, span.start))
    return (at < len(ranges) and ranges[at][0] <= span.end) or (at > 0 and ranges[at - 1][1] >= span.start)


def resolved(report: Report, path: str) -> str:
    """The path of the file that a path as shown leads to, without links."""
    return os.path.realpath(report.places[path].real)


# ---------------------------------------------------------------- all passes


def fix(request: Request, wanted: Collection[Safety]) -> Outcome:
    """Lints, applies the fixes of the wanted safety, and lints again. Raises what `lint` raises."""
    report = lint(request)
    changes: dict[str, Change] = {}
    stdin = _of_stdin(request, report)
    applied: list[Applied] = []
    refused: dict[str, str] = {}
    for _ in range(PASSES):
        chosen = choose(report, wanted, refused)
        texts = {path: apply(report.sources[path].data, edits) for path, edits in chosen.edits.items()}
        broken = {resolved(report, path): path for path, text in texts.items() if _breaks(report, path, text)}
        if broken:
            refused |= broken
            continue
        if not texts:
            break
        for path, text in texts.items():
            if stdin is not None and path == stdin.path:
                stdin = msgspec.structs.replace(stdin, after=text)
                continue
            target, before = resolved(report, path), report.sources[path].data
            change = changes.setdefault(target, Change(path, target, before, text))
            changes[target] = msgspec.structs.replace(change, after=text)
        applied += chosen.applied
        request = msgspec.structs.replace(
            request,
            texts={target: change.after for target, change in changes.items()},
            stdin=None if request.stdin is None or stdin is None else (request.stdin[0], stdin.after),
        )
        del report, chosen
        gc.collect()  # the command runs without the collector, and a whole program is as large as the next one
        report = lint(request)
    message = "is left as it was: a fix would break its syntax, which is a mistake of this program"
    unfixed = tuple(sorted(FileError(path, message) for path in refused.values()))
    report = msgspec.structs.replace(report, fixed=len(applied), unfixed=unfixed)
    return Outcome(report, tuple(changes.values()), stdin, tuple(applied))


def write(outcome: Outcome, request: Request) -> Report:
    """Writes the changed files; the report on what they then hold. Raises what `lint` raises."""
    failed = replace_files(outcome.changes, [applied.targets for applied in outcome.applied])
    if not failed:
        return outcome.report
    if request.stdin is not None and outcome.stdin is not None:
        request = msgspec.structs.replace(request, stdin=(request.stdin[0], outcome.stdin.after))
    paths = {change.target: change.path for change in outcome.changes}
    errors = (FileError(paths[target], f"is left as it was: {reason}") for target, reason in failed.items())
    return msgspec.structs.replace(
        lint(request),
        fixed=sum(applied.targets.isdisjoint(failed) for applied in outcome.applied),
        unfixed=tuple(sorted((*outcome.report.unfixed, *errors))),
    )


def _of_stdin(request: Request, report: Report) -> Change | None:
    if request.stdin is None:
        return None
    name, text = request.stdin
    real = os.path.abspath(name)
    shown = next((path for path, place in report.places.items() if place.real == real), name)
    return Change(shown, "", text, text)


def _breaks(report: Report, path: str, text: bytes) -> bool:
    """Could the text of a file be parsed, and its new text cannot?"""
    from rustconc_lint import syntax  # the parser: only where there is something to fix

    return syntax.parse(text).has_error and not syntax.parse(report.sources[path].data).has_error
