"""The map of the program: discover, read facts, link, check, suppress.

`lint` is the whole of it. It prints nothing and decides nothing about exit codes; a mistake of the analysis itself is
not caught here, since "the analysis does not raise" is a promise, and a broken one must be heard of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

import msgspec

from rustconc_lint.apis import ApiFile, load_apis
from rustconc_lint.cargo import Manifests
from rustconc_lint.config import Settings
from rustconc_lint.discover import Discovery, FileError, Place, Wanted, discover
from rustconc_lint.facts.file import RustFile
from rustconc_lint.finding import Edit, Finding, Severity
from rustconc_lint.program.hangs.lock_order import DeclaredOrder
from rustconc_lint.program.model import Program, link
from rustconc_lint.rulebook import Rule, load_rules
from rustconc_lint.suppress import suppress

Levels = Mapping[str, Mapping[str, Severity | None]]


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What to lint and how; see `Wanted` for the paths and texts, `Settings` for the rules."""

    paths: tuple[str, ...]
    stdin: tuple[str, bytes] | None = None
    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    edition: str = ""
    forced: bool = False
    texts: Mapping[str, bytes] = {}


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """findings: stamped with rule, severity and chapter, by path, place and rule. errors: what could not be read.
    checked: number of files that findings are shown for. reported: their paths as shown. files, places: every file
    read, by its path as shown. fixed: number of findings that were fixed, None when nothing was to be. unfixed: files
    that could not be. remarks: what is odd in the configuration."""

    findings: tuple[Finding, ...]
    errors: tuple[FileError, ...]
    checked: int
    reported: frozenset[str] = frozenset()
    files: Mapping[str, RustFile]
    places: Mapping[str, Place]
    fixed: int | None = None
    unfixed: tuple[FileError, ...] = ()
    remarks: tuple[str, ...] = ()


def lint(request: Request) -> Report:
    """Everything the rules find below the given paths. Raises TomlError for a mistake in a configuration, ModelError
    for one in a model that it names."""
    rules = load_rules()
    found, settings = find(request, rules)
    levels = {path: settings.levels(found.places[path].real) for path in sorted(found.reported)}
    program, files = read(found, settings.models(found.places[path].real for path in found.reported))
    orders = declared_orders(found, settings)
    if orders:
        program.declared_orders = orders
    findings = suppress(judge(program, rules, levels), files, rules, levels)
    return Report(
        findings=tuple(stamp(map(partial(end_lines, files=files), findings), rules, levels)),
        errors=found.errors,
        checked=len(found.reported),
        reported=found.reported,
        files=files,
        places=found.places,
        remarks=tuple(program.remarks) if orders else (),
    )


def declared_orders(found: Discovery, settings: Settings) -> dict[str, DeclaredOrder]:
    """The order of locks that is declared for each reported file, where one is."""
    orders = ((path, *settings.lock_order(found.places[path].real)) for path in sorted(found.reported))
    return {path: DeclaredOrder(names, place) for path, names, place in orders if names}


def find(request: Request, rules: Mapping[str, Rule]) -> tuple[Discovery, Settings]:
    """The files and crates of a request, and the settings that hold for them. Raises TomlError."""
    manifests = Manifests()
    settings = Settings(rules, manifests, request.select, request.ignore)
    wanted = Wanted(
        paths=request.paths,
        stdin=request.stdin,
        edition=request.edition,
        excluded=settings.excluded,
        forced=request.forced,
        loose_edition=settings.loose_edition,
        texts=request.texts,
    )
    return discover(wanted, manifests), settings


def read(found: Discovery, own: Sequence[ApiFile] = ()) -> tuple[Program, dict[str, RustFile]]:
    """The facts of every file found, and all of them linked. own: the project's models of crates."""
    files = {path: RustFile(source) for path, source in found.sources.items()}

    def mentioned(crate: str) -> bool:
        word = crate.encode()
        return any(word in source.data for source in found.sources.values())

    return link(found.crates, files, load_apis(mentioned, own)), files


def judge(program: Program, rules: Mapping[str, Rule], levels: Levels) -> Iterator[Finding]:
    """What the rules that are on find in the files of `levels`, each finding once, with the name of its rule."""
    wanted = {name for on in levels.values() for name in on}
    for name, rule in rules.items():
        if name not in wanted or rule.about.finder != "check":
            continue
        seen: set[tuple[object, str]] = set()
        for finding in rule.check()(program):
            place = (finding.span, finding.message)
            if place not in seen and name in levels.get(finding.span.path, ()):
                seen.add(place)
                yield msgspec.structs.replace(finding, rule=name)


def end_lines(finding: Finding, files: Mapping[str, RustFile]) -> Finding:
    """The finding, the lines in its fix ended as the file ends the line they come into."""
    fix = finding.fix
    if fix is None or not any("\n" in edit.text for edit in fix.edits):
        return finding
    edits = tuple(
        Edit(edit.span, edit.text.replace("\n", files[edit.span.path].source.line_break(edit.span.start)))
        for edit in fix.edits
    )
    return msgspec.structs.replace(finding, fix=msgspec.structs.replace(fix, edits=edits))


def stamp(findings: Iterable[Finding], rules: Mapping[str, Rule], levels: Levels) -> list[Finding]:
    """The findings in order, with what their rule's page says wherever they say nothing. A configured level holds."""
    stamped = []
    for finding in findings:
        about = rules[finding.rule].about
        level = levels[finding.span.path].get(finding.rule)
        stamped.append(
            msgspec.structs.replace(
                finding,
                severity=level or finding.severity or about.severity,
                compiler=about.compiler if finding.compiler is None else finding.compiler,
                chapter=finding.chapter or about.chapter,
                book=finding.book or about.book,
            )
        )
    return sorted(stamped, key=lambda finding: (finding.span, finding.rule, finding.message))
