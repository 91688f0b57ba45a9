"""Mutants -> where the linter agrees with rustc, what it missed, and what it said for nothing.

A mutant is *rejected* when rustc has errors and each of them belongs to the mistake that was made; *accepted* when it
compiles all the same. Any other has been broken in some other way and says nothing. Of a rejected mutant each error
should be touched by a finding, and each finding should touch an error; of an accepted one every finding is false. rustc
says of a type only once a function that it cannot be sent; so a finding that repeats an error's words about a type is
not false.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tests.oracle.mutations import RULES, Mutant, Source, mutants
from tests.oracle.programs import Found, Program
from tests.proof.rustc import Error
from tests.samples import compiler_errors

SEND = "between threads safely"
MOVES = frozenset(("E0382", "E0507"))
OWNING = frozenset(("missing-move", "use-after-thread-move", "borrow-across-threads"))
QUOTED = re.compile(r"`([^`]+)`")
TYPE = re.compile(r"`(?:\w+::)*([^<`]+)")


@dataclass(frozen=True)
class Verdict:
    """One mutant that was rejected or accepted. rule: which speaks of the mistake. `missed`: errors that no finding
    touches; `false`: findings that touch no error."""

    program: Program
    mutant: Mutant
    rule: str
    errors: tuple[Error, ...]
    missed: tuple[Error, ...]
    false: tuple[Found, ...]

    def __str__(self) -> str:
        where = f"{self.program.name}:{self.mutant.line}: {self.mutant.kind}"
        lines = [f"missed  {where}: {error}" for error in self.missed]
        lines += [f"false   {where}: line {one.line}: {one.rule}: {one.message}" for one in self.false]
        return "\n".join(lines)


@dataclass
class Row:
    """Counts of mutants: `rejected` and `accepted` by rustc; of the rejected ones `right` if all errors are found."""

    rejected: int = 0
    right: int = 0
    missed: int = 0
    false: int = 0
    accepted: int = 0

    @property
    def recall(self) -> float:
        return self.right / self.rejected if self.rejected else 1.0


@dataclass
class Table:
    """Rows by rule and by kind of mutation, and the verdicts that show a disagreement."""

    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    disagreements: list[Verdict] = field(default_factory=list)

    def add(self, verdict: Verdict) -> None:
        row = self.rows.setdefault((verdict.rule, verdict.mutant.kind), Row())
        row.rejected += bool(verdict.errors)
        row.accepted += not verdict.errors
        row.missed += bool(verdict.missed)
        row.right += bool(verdict.errors) and not verdict.missed
        row.false += bool(verdict.false)
        if verdict.missed or verdict.false:
            self.disagreements.append(verdict)

    def by_rule(self) -> dict[str, Row]:
        """The sums of the rows of each rule."""
        sums: dict[str, Row] = {}
        for (rule, _), row in self.rows.items():
            total = sums.setdefault(rule, Row())
            for name, count in vars(row).items():
                setattr(total, name, getattr(total, name) + count)
        return sums

    def __str__(self) -> str:
        head = f"{'':<26}{'rejected':>9}{'right':>7}{'missed':>8}{'false':>7}{'recall':>8}{'accepted':>10}"
        lines = [head]
        for rule, total in sorted(self.by_rule().items()):
            lines.append(line_of(rule, total))
            lines += [line_of(f"  {kind}", row) for (of, kind), row in sorted(self.rows.items()) if of == rule]
        return "\n".join(lines)


def line_of(name: str, row: Row) -> str:
    return f"{name:<26}{row.rejected:>9}{row.right:>7}{row.missed:>8}{row.false:>7}{row.recall:>8.3f}{row.accepted:>10}"


def verdicts(program: Program, chosen: Iterable[Mutant]) -> Iterator[Verdict]:
    """What comes of these mutants of a program, those left out that say nothing."""
    for mutant in chosen:
        errors = program.errors(mutant.text)
        rule = RULES[mutant.kind]
        if not all(belongs(error, rule) for error in errors):
            continue
        findings = program.findings(mutant.text)
        touched = [error for error in errors if any(touches(program, one, error) for one in findings)]
        missed = tuple(error for error in errors if error not in touched and not is_told_of(error, touched))
        if missed and not needs_send(program, mutant, missed):
            continue
        false = (one for one in findings if is_false(program, one, errors))
        compiled = tuple(one for one in false if is_compiled(program, mutant, one))
        yield Verdict(program, mutant, rule, errors, missed, compiled)


def is_told_of(error: Error, others: Sequence[Error]) -> bool:
    """Whether another error says the same: the same value has been moved away, E0507 where it is taken again and again,
    E0382 where it is used afterwards; or the same type is refused by the same bound, which rustc says of each signature
    of an impl that mentions the impl's trait."""
    if error.code == "E0277":
        return any(other.message == error.message and len(error.lines - other.lines) == 1 for other in others)
    return error.code in MOVES and any(
        other.code in MOVES and set(QUOTED.findall(other.message)) & set(QUOTED.findall(error.message))
        for other in others
    )


def is_false(program: Program, one: Found, errors: Sequence[Error]) -> bool:
    if any(touches(program, one, error) for error in errors):
        return False
    return culprit(one.message) not in {culprit(error.message) for error in errors if SEND in error.message}


def touches(program: Program, one: Found, error: Error) -> bool:
    """Whether a finding is about an error. Of what has moved away rustc names one use, perhaps another than we do; of a
    future that may not be sent, the call that it is given to and not the block. What they point to is the same then."""
    lines = lines_of(one.path or program.path, error)
    if one.line in lines:
        return True
    # A static in `lazy_static! { .. }`: the span is the whole macro call.
    if lines and error.code == "E0277" and culprit(one.message) == culprit(error.message) and "static" in one.message:
        return one.line in between(lines)
    labelled = {(path or program.path, line) for path, line in one.labelled}
    return (error.code in MOVES or not error.code) and not error.lines.isdisjoint(labelled)


def culprit(message: str) -> str:
    """The name of the type that "`sync::Mutex<u8>` cannot be shared between threads safely" speaks of."""
    named = TYPE.match(message)
    return "" if named is None else named[1]


def lines_of(file: str, error: Error) -> set[int]:
    """The lines of a file that an error mentions; of a borrow that is too short also those between, since its span may
    be a whole chain of calls, with the closure somewhere within."""
    lines = {line for path, line in error.lines if path == file}
    return between(lines) if lines and error.code == "E0597" else lines


def between(lines: set[int]) -> set[int]:
    return set(range(min(lines), max(lines) + 1))


def belongs(error: Error, rule: str) -> bool:
    """Whether the rule's page names an error; E0277 says many things, and must speak of threads."""
    said = compiler_errors(rule)
    if error.code == "E0277" or not error.code:
        return SEND in error.message and (error.code in said or any(words in error.message for words in said))
    return error.code in said


def is_compiled(program: Program, mutant: Mutant, one: Found) -> bool:
    """Whether rustc reads the place of a finding at all: it may be there for another system, or a feature that is
    off."""
    text = mutant.text
    if one.path:
        program = program.beside(one.path)
        text = program.text
    source = Source(text)
    before = source.data.splitlines(keepends=True)[: one.line]
    line = before.pop()
    start = source.statement_at(sum(map(len, before)) + len(line) - len(line.lstrip()))
    errors = program.errors(source.edited([(start, start, 'compile_error! { "read" } ')]))
    return any(error.message == "read" for error in errors)


def needs_send(program: Program, mutant: Mutant, missed: Sequence[Error]) -> bool:
    """Whether the changed code is for another thread. A closure that is returned or stored must own what it uses as
    well, and takes it away; that is no concern of a rule about threads. So rustc is asked whether the same code could
    capture an `Rc`."""
    if RULES[mutant.kind] not in OWNING or any(error.code == "E0277" for error in missed):
        return True
    probes = [one for one in mutants(program.text) if one.kind == "capture an Rc" and one.place == mutant.place]
    return not probes or any(SEND in error.message for probe in probes for error in program.errors(probe.text))
