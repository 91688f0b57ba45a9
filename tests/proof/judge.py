"""A program's claims against what rustc and the machine say: a list of disagreements, empty when all is true."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.proof.claims import DEFAULT_EDITION, Claim, Function, functions, read_claim
from tests.proof.machine import limit_for, run
from tests.proof.rustc import MAIN, WRAPPED_BY, Compilation, Error, build, check, wrapped
from tests.samples import Sample, compiler_errors


def names_crate(text: str, crates: Iterable[str]) -> bool:
    """Whether a loose text uses one of the external `crates`, and is to be compiled against them."""
    return re.search(rf"\b(?:{'|'.join(map(re.escape, sorted(crates)))})\b(?:::|;)", text) is not None


def judge_text(sample: Sample, edition: str, folder: Path, externs: Mapping[str, Path]) -> list[str]:
    """Disagreements of a loose program under one edition. Raises ClaimError or MarkError where it cannot be read."""
    claim = read_claim(sample.text)
    text, moved = sample.text, 0
    if claim.wrapped:
        text, moved = wrapped(text), WRAPPED_BY
    parts = functions(text) if claim.run == "each" else ()
    if claim.run == "each":
        if not parts or MAIN.search(text):
            return ["`run: each` needs functions without parameters at the left margin, and no `main`"]
        text += _main_of(parts)
    elif claim.run and not MAIN.search(text):
        return [f"`run: {claim.run}` needs a `main`"]
    compiled = (build if claim.run else check)(text, edition, folder, externs)
    lines = {"main.rs": sample.files[0][0]}
    errors = [_moved(error, lines, moved) for error in compiled.errors]
    return _judge(sample, claim, Compilation(tuple(errors), compiled.program), parts)


def judge_crate(sample: Sample, compiled: Compilation) -> list[str]:
    """Disagreements of a crate that Cargo has built."""
    claim = read_claim(sample.text)
    if claim.editions or claim.wrapped or claim.run == "each":
        return ["`edition`, `wrap` and `run: each` are for programs of one file; the edition is Cargo.toml's"]
    return _judge(sample, claim, compiled, ())


def editions(sample: Sample) -> tuple[str, ...]:
    """The editions in which the claims of a loose program have to hold."""
    return read_claim(sample.text).editions or (DEFAULT_EDITION,)


def _judge(sample: Sample, claim: Claim, compiled: Compilation, parts: Sequence[Function]) -> list[str]:
    if disagreements := _of_errors(claim, compiled.errors):
        return disagreements
    if compiled.errors:
        return _of_lines(sample, compiled.errors)
    if claim.run is None:
        return []
    if compiled.program is None:
        return ["rustc made no program to run"]
    if claim.run == "each":
        marked = {mark.line for _, mark in sample.marks() if mark.kind != "false"}
        return _of_parts(compiled.program, parts, marked)
    return _of_run(compiled.program, claim.run, "")


def _of_errors(claim: Claim, errors: Sequence[Error]) -> list[str]:
    """Whether rustc says exactly the claimed codes, and an error without code for each of the claimed words."""
    codes = {error.code for error in errors if error.code}
    uncoded = [error for error in errors if not error.code]
    wrong = [error for error in errors if error.code and error.code not in claim.codes]
    wrong += [error for error in uncoded if not any(words in error.message for words in claim.texts)]
    missing = [code for code in sorted(claim.codes) if code not in codes]
    missing += [f'"{words}"' for words in claim.texts if not any(words in error.message for error in uncoded)]
    if not wrong and not missing:
        return []
    expected = ", ".join([*sorted(claim.codes), *(f'"{words}"' for words in claim.texts)]) or "ok"
    got = [f"  unexpected {error}" for error in wrong] + [f"  no {said}" for said in missing]
    return [f"rustc: expected {expected}, got {len(errors)} errors, among them:", *got]


def _of_lines(sample: Sample, errors: Sequence[Error]) -> list[str]:
    """Errors that touch no mark, and marks of a rule about such errors which no error touches."""
    marks = [(path, mark) for path, mark in sample.marks() if compiler_errors(mark.rule)]
    real = [(path, mark) for path, mark in marks if mark.kind != "false"]
    ours = {said for rule in {sample.topic, *(mark.rule for _, mark in marks)} for said in compiler_errors(rule)}
    marked = {(path, mark.line) for path, mark in real}
    lines = []
    for error in errors:
        known = error.code in ours or any(said in error.message for said in ours if not error.code)
        if known and error.lines and not error.lines & marked:
            lines.append(f"rustc rejects what no mark expects: {error}")
    touched = {line for error in errors for line in error.lines}
    for path, mark in marks:
        if ((path, mark.line) in touched) is (mark.kind == "false"):
            says = "rejects what is called false" if mark.kind == "false" else "accepts what is marked"
            lines.append(f"rustc {says}: {path}: {mark}")
    return lines


def _of_parts(program: Path, parts: Sequence[Function], marked: set[int]) -> list[str]:
    """Each function run by itself, all at once: those that hang take nothing but time."""
    with ThreadPoolExecutor(len(parts)) as pool:
        runs = pool.map(lambda part: _of_run(program, _expected(part, marked), part.name), parts)
        return [line for lines in runs for line in lines]


def _of_run(program: Path, claimed: str, function: str) -> list[str]:
    if claimed == "either":
        return []
    outcome = run(program, [function] if function else [], limit_for(claimed))
    if outcome.end == claimed:
        return []
    said = f"; it said: {outcome.output}" if outcome.output else ""
    name = f"`{function}`" if function else "the program"
    return [f"run: expected that {name} {claimed}, got: {outcome.end}{said}"]


def _expected(part: Function, marked: set[int]) -> str:
    """What a function has to do: what the line above it says, else hang if it has a mark, else end."""
    return part.run or ("hangs" if any(part.first <= line <= part.last for line in marked) else "ends")


def _main_of(parts: Sequence[Function]) -> str:
    """A `main` that calls the function its first argument names."""
    arms = "".join(f'Some("{part.name}") => {{ {_call(part)}; }} ' for part in parts)
    return f'\nfn main() {{ match std::env::args().nth(1).as_deref() {{ {arms} _ => panic!("no such function") }} }}\n'


def _call(part: Function) -> str:
    call = f"{part.name}()"
    return f"tokio::runtime::Runtime::new().unwrap().block_on({call})" if part.asynchronous else call


def _moved(error: Error, paths: Mapping[str, str], lines: int) -> Error:
    where = frozenset((paths[path], line - lines) for path, line in error.lines)
    return Error(error.code, error.message, where)
