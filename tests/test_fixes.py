"""Every fix that a rule offers for a fixture or a page is applied, and rustc and the machine judge what comes of it.

For each program: its safe fixes alone, then all of them. Whatever rustc then says, a finding that is left must speak
of it, or it was said before and is no business of the rules whose findings were fixed. A program that hung or
panicked, and has nothing left to find after safe fixes, ends; what an unsafe one makes it do, only its user can judge.
A new rule needs to do nothing for this but to have fixtures.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec
import pytest

from rustconc_lint.finding import Finding, Safety
from rustconc_lint.fixes import SAFE, UNSAFE, fix, fixable
from rustconc_lint.pipeline import Report, Request, lint
from tests.linting import selected
from tests.marks import Mark, read_marks
from tests.proof.cargo import build_crates, extern_names
from tests.proof.claims import functions, read_claim
from tests.proof.judge import editions, judge_text, names_crate
from tests.proof.rustc import WRAPPED_BY, Compilation, Error, check, wrapped
from tests.proof.session import Proofs
from tests.samples import FIXTURES, Sample, compiler_errors, fixtures, pages

# Not called `sample`, which is what conftest has proved as it stands.
PROGRAMS = [*fixtures(), *(sample for page in pages() for _, sample in page.samples())]
EACH = pytest.mark.parametrize("program", PROGRAMS, ids=str)
RUN = re.compile(r"//@ run: (hangs|panics)$")
CHOICES = {"safe": SAFE, "unsafe": UNSAFE}


@dataclass(frozen=True)
class Fixed:
    """A program with its fixes. before: all its findings. texts: path within the sample -> text. rules: of the findings
    that were fixed. report: what is left, by paths as linted, of which `paths` are the ones within the sample."""

    before: tuple[Finding, ...]
    texts: dict[str, str]
    rules: frozenset[str]
    report: Report
    paths: dict[str, str]

    def left(self) -> Iterator[tuple[Finding, str, int]]:
        """The findings that are left, with path within the sample and line."""
        for finding in self.report.findings:
            path = finding.span.path
            yield finding, self.paths[path], self.report.sources[path].line_column(finding.span.start)[0]

    def marks(self) -> set[tuple[str, Mark]]:
        """The marks that still say something: of what is left, and of what is not found at all."""
        there = {(finding.rule, path, line) for finding, path, line in self.left()}
        return {
            (path, mark)
            for path, text in self.texts.items()
            for mark in read_marks(text)
            if mark.kind == "missed" or (mark.rule, path, mark.line) in there
        }


@cache
def linted(program: Sample, edition: str) -> tuple[Path, Request, Report]:
    """The folder that paths within the program start from, and what is found in it."""
    if program.name.startswith("rules/"):
        base, request = Path.cwd(), Request(paths=(), stdin=("main.rs", program.text.encode()))
    else:
        base = FIXTURES / program.topic if program.folder is None else program.folder
        request = Request(paths=(str(base if program.folder else base / program.files[0][0]),))
    request = msgspec.structs.replace(request, edition=edition, select=selected(program.topic))
    return base, request, lint(request)


@cache
def fixed(program: Sample, edition: str, wanted: frozenset[Safety]) -> Fixed | None:
    """The program with its fixes; None where there is nothing to fix."""
    base, request, before = linted(program, edition)
    if not fixable(before, wanted) or (wanted is UNSAFE and len(fixable(before, SAFE)) == len(fixable(before, UNSAFE))):
        return None  # all of its fixes are safe, and judged as such
    outcome = fix(request, wanted)
    report = outcome.report
    paths = {path: Path(place.real).relative_to(base).as_posix() for path, place in report.places.items()}
    texts = {paths[path]: source.data.decode() for path, source in report.sources.items()}
    rules = frozenset(applied.finding.rule for applied in outcome.applied)
    return Fixed(before.findings, texts, rules, report, paths)


@EACH
def test_fixing_leaves_nothing_to_fix_and_brings_nothing_new(program: Sample) -> None:
    """No fix is offered for ever, and none makes another mistake."""
    for edition in editions_of(program):
        for name, wanted in CHOICES.items():
            found = fixed(program, edition, wanted)
            if found is None:
                continue
            where = f"{program}, edition {edition or 'of the crate'}, {name} fixes"
            assert not fixable(found.report, wanted), f"{where}: not the end"
            new = said(found.report.findings, wanted) - said(found.before, wanted)
            assert not new, f"{where}: found now and not before: {new}"


def said(findings: Iterable[Finding], wanted: frozenset[Safety]) -> Counter[tuple[str, str]]:
    """What is said, and how often. After an unsafe fix, what only a program that compiles can do is left out: threads
    that get a clone of a sender may keep its channel open."""
    return Counter((found.rule, found.message) for found in findings if wanted is SAFE or found.compiler)


@EACH
def test_what_is_fixed_compiles_and_ends(program: Sample, externs: Externs, tmp_path: Path) -> None:
    for edition in editions_of(program):
        for name, wanted in CHOICES.items():
            found = fixed(program, edition, wanted)
            run = wanted is SAFE
            lines = judged(program, edition, found, externs, tmp_path / name, run) if found is not None else []
            assert not lines, "\n".join([f"{program}, edition {edition or 'of the crate'}, with {name} fixes:", *lines])


def editions_of(program: Sample) -> tuple[str, ...]:
    return editions(program) if program.folder is None else ("",)


# ---------------------------------------------------------------- what rustc says


class Externs:
    """The crates that programs may use, compiled when the first of them does."""

    def __init__(self, folder: Path, target: Path) -> None:
        self.folder, self.target = folder, target
        self.proofs = Proofs([], folder, target)

    def of(self, text: str) -> dict[str, Path]:
        return dict(self.proofs.built().externs) if names_crate(text, extern_names()) else {}


@pytest.fixture(scope="session")
def externs(request: pytest.FixtureRequest, rustc: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Externs]:
    found = Externs(tmp_path_factory.mktemp("fixes"), request.config.cache.mkdir("proof-target"))
    yield found
    found.proofs.close()


def judged(program: Sample, edition: str, found: Fixed, externs: Externs, folder: Path, run: bool) -> list[str]:
    """What is wrong with a program after its fixes, which is run if it was before and `run` is true."""
    folder.mkdir(exist_ok=True)
    claim = read_claim(program.text)
    if program.folder is not None:
        return unexplained(found, before(program), crate(program.folder, found, externs, folder).errors)
    text = next(iter(found.texts.values()))
    name = program.files[0][0] if not program.name.startswith("rules/") else "main.rs"
    if claim.run and run:
        sample = Sample(program.name, program.topic, ((name, with_true_claims(text, found)),))
        return judge_text(sample, edition, folder, externs.of(text))
    source, moved = (wrapped(text), WRAPPED_BY) if claim.wrapped else (text, 0)
    errors = check(source, edition, folder, externs.of(text)).errors
    return unexplained(found, before(program), [at_home(error, name, moved) for error in errors])


def before(program: Sample) -> tuple[str, ...]:
    """What rustc says of the program as it is: codes, and words of errors without one."""
    claim = read_claim(program.text)
    return (*claim.codes, *claim.texts)


def at_home(error: Error, name: str, moved: int) -> Error:
    return Error(error.code, error.message, frozenset((name, line - moved) for _, line in error.lines))


def unexplained(found: Fixed, known: tuple[str, ...], errors: Iterable[Error]) -> list[str]:
    """The errors that no finding is left to speak of, and that were not there before, or were and should be gone."""
    left = {(said, path, line) for finding, path, line in found.left() for said in finding.compiler or ()}
    left |= {(said, path, mark.line) for path, mark in found.marks() for said in compiler_errors(mark.rule)}
    cured = {said for rule in found.rules for said in compiler_errors(rule)}
    lines = []
    for error in errors:
        said = {text for text, _, _ in left} | set(known)
        kinds = {error.code} if error.code else {text for text in said | cured if text in error.message}
        spoken_of = any((kind, path, line) in left for kind in kinds for path, line in error.lines)
        if not spoken_of and not (kinds & set(known)) - cured:
            lines.append(f"rustc says: {error}")
    return lines


def crate(source: Path, found: Fixed, externs: Externs, folder: Path) -> Compilation:
    """The crate with its new texts, built beside the dependencies of all."""
    copy = folder / "fixed" / source.name
    shutil.copytree(source, copy)
    for path, text in found.texts.items():
        (copy / path).write_text(text, encoding="utf-8")
    return build_crates([copy], folder / "workspace", externs.target).crates[copy]


def with_true_claims(text: str, found: Fixed) -> str:
    """The text of a program to run, marked where something is left. If it hung or panicked, it ends when nothing is; so
    does each of its functions that is run by itself."""
    lines = [line.partition("//~")[0] for line in text.split("\n")]
    left = {mark.line: mark for _, mark in found.marks()}
    for line, mark in left.items():
        lines[line - 1] += f" //~ {mark.rule}"
    for part in functions(text):
        marked = {mark.line for mark in read_marks(text) if part.first <= mark.line <= part.last}
        if part.run and marked and marked.isdisjoint(left):
            lines[part.first - 2] = ""
    if functions(text):
        return "\n".join(lines)
    ending = "either" if left else "ends"
    return "\n".join(f"//@ run: {ending}" if RUN.match(line) else line for line in lines)
