"""The map of the program: discover, look into the cache, and else read facts, link, check, suppress.

`lint` is the whole of it. It prints nothing and decides nothing about exit codes; a mistake of the analysis itself is
not caught here, since "the analysis does not raise" is a promise, and a broken one must be heard of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

import msgspec

from rustconc_lint.cache import Cache
from rustconc_lint.cargo import Manifests
from rustconc_lint.config import Settings
from rustconc_lint.discover import Discovery, FileError, Place, Wanted, discover
from rustconc_lint.finding import Finding
from rustconc_lint.rulebook import Rule, load_rules
from rustconc_lint.source import SourceFile
from rustconc_lint.task import Task, Verdict, written

Analyser = Callable[[Task, Mapping[str, SourceFile], Mapping[str, Rule], int], Verdict]


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What to lint and how; see `Wanted` for the paths and texts, `Settings` for the rules. cache: where answers are
    kept, None: nowhere. jobs: number of processes at most."""

    paths: tuple[str, ...]
    stdin: tuple[str, bytes] | None = None
    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    edition: str = ""
    forced: bool = False
    texts: Mapping[str, bytes] = {}
    cache: Cache | None = None
    jobs: int = 1


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """findings: stamped with rule, severity and chapter, by path, place and rule. around: for each, the names of the
    items it is in. errors: what could not be read. checked: number of files that findings are shown for. reported:
    their paths as shown. sources, places: every file read, by its path as shown. fixed: number of findings that were
    fixed, None when nothing was to be. unfixed: files that could not be. remarks: what is odd in the configuration."""

    findings: tuple[Finding, ...]
    around: tuple[str, ...] = ()
    errors: tuple[FileError, ...]
    checked: int
    reported: frozenset[str] = frozenset()
    sources: Mapping[str, SourceFile]
    places: Mapping[str, Place]
    fixed: int | None = None
    unfixed: tuple[FileError, ...] = ()
    remarks: tuple[str, ...] = ()


def lint(request: Request) -> Report:
    """Everything the rules find below the given paths. Raises TomlError for a mistake in a configuration, ModelError
    for one in a model that it names; WorkerLost and WorkerFailed."""
    rules = load_rules()
    found, settings = find(request, rules)
    return report_of(found, judged(task_of(found, settings), found.sources, rules, request), request)


def report_of(found: Discovery, verdict: Verdict, request: Request) -> Report:
    """What is found in the files that were found."""
    return Report(
        findings=verdict.findings,
        around=verdict.around,
        errors=found.errors,
        checked=len(found.reported),
        reported=found.reported,
        sources=found.sources,
        places=found.places,
        remarks=(*verdict.remarks, *(request.cache.remarks if request.cache is not None else ())),
    )


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


def task_of(found: Discovery, settings: Settings) -> Task:
    """What is to be analysed, and how. Raises TomlError."""
    real = {path: found.places[path].real for path in sorted(found.reported)}
    orders = ((path, settings.lock_order(place)) for path, place in real.items())
    return Task(
        crates=found.crates,
        levels={path: settings.levels(place) for path, place in real.items()},
        orders={path: order for path, order in orders if order[0]},
        models=settings.models(real.values()),
    )


def judged(
    task: Task,
    sources: Mapping[str, SourceFile],
    rules: Mapping[str, Rule],
    request: Request,
    analysing: Analyser | None = None,
) -> Verdict:
    """What is found in the files of a task: from the cache if it is there, else by `analysis.analyse` or the given one.
    Raises ModelError."""
    cache = request.cache
    key = cache.key(written(task, sources)) if cache is not None else ""
    kept = cache.get(key) if cache is not None else None
    if kept is not None:
        with suppress(msgspec.DecodeError):  # the folder is open to everybody
            return msgspec.msgpack.decode(kept, type=Verdict)
    verdict = (analysing or _analyser())(task, sources, rules, request.jobs)
    if cache is not None:
        cache.put(key, msgspec.msgpack.encode(verdict))
    return verdict


def _analyser() -> Analyser:
    from rustconc_lint.analysis import analyse  # takes longer to load than a warm run

    return analyse
