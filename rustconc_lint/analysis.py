"""Files -> what the rules find in them: read facts, link, check, suppress. All that takes time, and nothing else.

Loaded only when the answer is not in the cache. What is found depends on the task and the sources alone: nothing is
read from disk here but the rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial

import msgspec

from rustconc_lint.apis import ApiFile, load_apis, own_model, shipped
from rustconc_lint.facts.file import Reader, RustFile
from rustconc_lint.facts.model import Item
from rustconc_lint.finding import Edit, Finding
from rustconc_lint.installation import ModelError
from rustconc_lint.processes import Worker, can_fork
from rustconc_lint.program.crates import CrateInput
from rustconc_lint.program.gates.mentions import has
from rustconc_lint.program.hangs.lock_order import DeclaredOrder
from rustconc_lint.program.model import Program, link
from rustconc_lint.rulebook import Reads, Rule, nearest
from rustconc_lint.source import SourceFile
from rustconc_lint.suppress import suppress
from rustconc_lint.task import Levels, Task, Verdict

GROUPS: tuple[Reads, ...] = ("traces", "spawns", "bodies")  # the first one takes longest
WORTH = 1_000_000  # bytes of source that take longer to analyse than a process takes to start


def analyse(task: Task, sources: Mapping[str, SourceFile], rules: Mapping[str, Rule], jobs: int = 1) -> Verdict:
    """What is found in the files of a task, by so many processes at most. Raises ModelError for a mistake in a model
    that it names, WorkerLost and WorkerFailed."""
    return shown(analysed(task, sources, rules, jobs, RustFile), sources, rules)


class Analysis(msgspec.Struct, frozen=True):
    """What a run has made. found: what the rules say, as it was yielded."""

    task: Task
    program: Program
    files: Mapping[str, RustFile]
    found: tuple[Finding, ...]
    remarks: tuple[str, ...]


def analysed(
    task: Task, sources: Mapping[str, SourceFile], rules: Mapping[str, Rule], jobs: int, reader: Reader
) -> Analysis:
    """What the rules find in the files of a task. Raises as `analyse` does."""
    program, files = read(task.crates, sources, own_models(task.models), reader)
    if task.orders:
        program.declared_orders = {path: DeclaredOrder(*order) for path, order in task.orders.items()}
    large = sum(len(source.data) for source in sources.values()) >= WORTH
    found = judge_together(program, rules, task.levels, jobs if large and can_fork() else 1)
    return Analysis(task, program, files, tuple(found), tuple(program.remarks) if task.orders else ())


def shown(made: Analysis, sources: Mapping[str, SourceFile], rules: Mapping[str, Rule]) -> Verdict:
    """What is shown of it: without what the code allows, in order."""
    task, files = made.task, made.files
    kept = suppress(made.found, files, rules, task.levels)
    findings = tuple(stamp(map(partial(end_lines, sources=sources), kept), rules, task.levels))
    return Verdict(
        findings=findings,
        around=tuple("::".join(names_around(files[one.span.path].items, one.span.start)) for one in findings),
        remarks=made.remarks,
    )


def own_models(texts: Mapping[str, bytes]) -> tuple[ApiFile, ...]:
    """The models of a project (path -> text), by path. Raises ModelError."""
    found: dict[str, tuple[str, ApiFile]] = {}
    for path in sorted(texts):
        model = own_model(path, texts[path])
        other, _ = found.setdefault(model.crate, (path, model))
        if other != path:
            raise ModelError(f"{path}: crate: `{model.crate}` has a model in {other} already")
    known = found.keys() | set(shipped()) if found else set()
    for path, model in found.values():
        for crate in model.requires:
            if crate not in known:
                raise ModelError(f"{path}: requires: there is no model of `{crate}`{nearest(crate, known)}")
    return tuple(model for _, model in found.values())


def read(
    crates: Sequence[CrateInput],
    sources: Mapping[str, SourceFile],
    own: Sequence[ApiFile] = (),
    reader: Reader = RustFile,
) -> tuple[Program, dict[str, RustFile]]:
    """The facts of every file, and all of them linked. own: the project's models of crates. reader: what gives the
    facts of a file and of a model's declarations."""
    files = {path: reader(source) for path, source in sources.items()}

    def mentioned(crate: str) -> bool:
        word = crate.encode()
        return any(has(file.source, word) for file in files.values())

    # A manifest names what its crate may use; of a loose file nobody knows.
    loose = any(crate.kind == "loose" for crate in crates)
    dependencies = None if loose else frozenset(name for crate in crates for name in crate.externs)
    return link(crates, files, load_apis(mentioned, own, dependencies), reader=reader), files


def judge_together(program: Program, rules: Mapping[str, Rule], levels: Levels, jobs: int) -> list[Finding]:
    """What `judge` says, by so many processes at most: this one, and copies of it that run some of the rules each."""
    wanted = {name for on in levels.values() for name in on}
    run = [rule for name, rule in rules.items() if name in wanted and rule.about.finder == "check"]
    groups = [[rule for rule in run if rule.reads == kind] for kind in GROUPS]
    shares: list[dict[str, Rule]] = [{} for _ in range(max(1, min(jobs, sum(map(bool, groups)))))]
    for number, group in enumerate(filter(None, groups)):
        shares[min(number, len(shares) - 1)].update({rule.name: rule for rule in group})

    def answer(share: Mapping[str, Rule]) -> bytes:
        return msgspec.msgpack.encode(list(judge(program, share, levels)))

    with ExitStack() as ended:
        workers = [ended.enter_context(Worker(partial(answer, share))) for share in shares[1:]]
        found = list(judge(program, shares[0], levels))
        for worker in workers:
            found.extend(msgspec.msgpack.decode(worker.result(), type=list[Finding]))
    return found


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


def end_lines(finding: Finding, sources: Mapping[str, SourceFile]) -> Finding:
    """The finding, the lines in its fix ended as the file ends the line they come into."""
    fix = finding.fix
    if fix is None or not any("\n" in edit.text for edit in fix.edits):
        return finding
    edits = tuple(
        Edit(edit.span, edit.text.replace("\n", sources[edit.span.path].line_break(edit.span.start)))
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


def names_around(items: tuple[Item, ...], offset: int) -> Iterator[str]:
    """The names of the items that a byte offset is in, from the outside in."""
    for item in items:
        if item.start <= offset < item.end:
            yield item.name or item.kind
            yield from names_around(item.members, offset)
            return
