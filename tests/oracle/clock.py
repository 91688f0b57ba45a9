"""Mutants of programs that end, and the clock asked which of them never do.

Many programs are compiled as one, each a module of its own, and those that do not compile are taken out. A mutant that
is alive when its time is over hangs: it counts as rejected, and a finding has to say so, in a function that was called.
One that ends is accepted, if the changed place was reached; a finding at a place that was reached is then false.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rustconc_lint.pipeline import Request, lint
from tests.oracle.channel_mutations import CHANNEL_MUTATIONS, RULES
from tests.oracle.judge import Verdict
from tests.oracle.mutations import Mutant, Source, chosen
from tests.oracle.programs import Found, Listing
from tests.proof.machine import Run, run
from tests.proof.rustc import Error, build

HANGS = frozenset(RULES.values()) | {"closed-channel-ignored", "barrier-count-mismatch"}
"""The rules that say of a program that it never ends."""

NEVER = Error("", "never ends", frozenset())
AS_IT_IS = "as it is"
TOGETHER, AT_ONCE = 120, 32
BUSY, PATIENCE = 20, 5
CHANGED = 0
REACHED = re.compile(r"^reached (\d+)$", re.MULTILINE)


@dataclass(frozen=True)
class Trial:
    """A mutant, what is found in it, and its text with a word put on stderr at each place of interest: CHANGED is the
    place of the mutation, n + 1 that of finding n."""

    program: Listing
    mutant: Mutant
    found: Sequence[Found]
    marked: str


def verdicts(programs: Sequence[Listing], kinds: Sequence[str], each: int, limit: float) -> Iterator[Verdict]:
    """What comes of the mutants of all programs that end in half of `limit` (seconds), those left out that say
    nothing."""
    originals = [trial(program, Mutant(AS_IT_IS, 0, 1, program.text)) for program in programs]
    ended = []
    for one, ran in tried(originals, limit / 2):
        if ran.end == "ends":
            ended.append(one.program)
            yield verdict(one, ran)
    mutated = [
        trial(program, mutant) for program in ended for mutant in chosen(program.text, kinds, each, CHANNEL_MUTATIONS)
    ]
    for one, ran in tried(mutated, limit):
        reached = {int(number) for number in REACHED.findall(ran.output)}
        if CHANGED in reached:
            yield verdict(one, ran)


def verdict(one: Trial, ran: Run) -> Verdict:
    reached = {int(number) for number in REACHED.findall(ran.output)}
    there = tuple(found for number, found in enumerate(one.found, start=1) if number in reached)
    hangs = ran.end == "hangs"
    errors = (NEVER,) if hangs else ()
    missed = errors if not there else ()
    return Verdict(one.program, one.mutant, RULES[one.mutant.kind], errors, missed, () if hangs else there)


# ---------------------------------------------------------------- linted


def trial(program: Listing, mutant: Mutant) -> Trial:
    request = Request(paths=(), stdin=(program.path, mutant.text.encode()), edition=program.edition, select=HANGS)
    report = lint(request)
    source = Source(mutant.text)
    found, marks = [], [(start_of(source) if mutant.kind == AS_IT_IS else mutant.place, CHANGED)]
    for number, finding in enumerate(report.findings, start=1):
        line, _ = report.sources[program.path].line_column(finding.span.start)
        found.append(Found(line, finding.rule, finding.message))
        marks.append((source.statement_at(finding.span.start), number))
    edits = [(place, place, SAYING.format(number)) for place, number in marks]
    return Trial(program, mutant, found, source.edited([*edits, *published(source)]))


ONCE = "::std::sync::Once"
SAYING = f' {{{{ static SAID: {ONCE} = {ONCE}::new(); SAID.call_once(|| ::std::eprintln!("reached {{}}")); }}}} '


def main_of(source: Source) -> Iterator[tuple[int, int]]:
    """Where `main` and its body start."""
    for function in source.nodes("function_item"):
        name, body = function.child_by_field_name("name"), function.child_by_field_name("body")
        if name is not None and body is not None and source.text(name) == "main" and function.parent == source.root:
            yield function.start_byte, body.start_byte


def start_of(source: Source) -> int:
    return next((body + 1 for _, body in main_of(source)), 0)


def published(source: Source) -> Iterator[tuple[int, int, str]]:
    """`main` is called from outside of its module."""
    for start, _ in main_of(source):
        if not source.data[start:].startswith(b"pub"):
            yield start, start, "pub "


# ---------------------------------------------------------------- run


def tried(trials: Sequence[Trial], limit: float) -> Iterator[tuple[Trial, Run]]:
    """Each trial that compiles, with its run."""
    groups: dict[str, list[Trial]] = {}
    for one in trials:
        groups.setdefault(one.program.edition, []).append(one)
    parts = [(some[i : i + TOGETHER]) for some in groups.values() for i in range(0, len(some), TOGETHER)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while parts:
            part = parts.pop(0)
            with tempfile.TemporaryDirectory() as folder:
                try:
                    compiled, program = together(part, Path(folder).resolve())
                except Unnamed:
                    half = len(part) // 2
                    parts[:0] = [some for some in (part[:half], part[half:]) if 0 < len(some) < len(part)]
                    continue
                if program is not None:
                    starts = [pool.submit(run, program, [str(number)], limit) for number in range(len(compiled))]
                    runs = [start.result() for start in starts]
                    for number, (one, ran) in enumerate(zip(compiled, runs, strict=True)):
                        yield one, again(program, number, limit) if is_slow(ran, limit) else ran


class Unnamed(Exception):
    """rustc rejects a program of many modules, and does not say for which of them."""


def is_slow(ran: Run, limit: float) -> bool:
    """Whether it may only have worked for too long: what waits for ever keeps no processor busy."""
    return ran.end == "hangs" and ran.busy > limit / BUSY


def again(program: Path, number: int, limit: float) -> Run:
    """The same run with nothing beside it, and with more time."""
    return run(program, [str(number)], limit * PATIENCE)


def together(trials: Sequence[Trial], folder: Path) -> tuple[Sequence[Trial], Path | None]:
    """One program of those trials that compile, which runs the one of the number it is given."""
    while trials:
        text, firsts = modules(trials)
        first = trials[0].program
        made = build(text, first.edition, folder, externs_of(trials))
        if not made.errors:
            return trials, made.program
        lines = [line for error in made.errors for _, line in error.lines]
        bad = {sum(first <= line for first in firsts) - 1 for line in lines}
        kept = [one for number, one in enumerate(trials) if number not in bad]
        if len(kept) == len(trials):
            raise Unnamed(made.errors)
        trials = kept
    return [], None


def externs_of(trials: Sequence[Trial]) -> Mapping[str, Path]:
    return {name: path for one in trials for name, path in one.program.externs.items()}


def modules(trials: Sequence[Trial]) -> tuple[str, list[int]]:
    """The text of the program, and the 1-based line on which each module starts."""
    arms = " ".join(f'"{number}" => {{ let _ = m{number}::main(); }}' for number in range(len(trials)))
    lines = [f"fn main() {{ match &*::std::env::args().nth(1).unwrap() {{ {arms} _ => {{}} }} }}"]
    firsts = []
    for number, one in enumerate(trials):
        firsts.append(len(lines) + 1)
        lines += [f"mod m{number} {{", *one.marked.split("\n"), "}"]
    return "\n".join(lines), firsts
