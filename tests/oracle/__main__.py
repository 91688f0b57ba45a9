"""The command line of the oracle; the package's docstring explains it."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.oracle import judge
from tests.oracle.channel_mutations import CHANNEL_MUTATIONS, CHANNELS
from tests.oracle.clock import verdicts
from tests.oracle.crates import copied, findings_as_they_are, of_package
from tests.oracle.examples import of_examples
from tests.oracle.judge import Table, Verdict
from tests.oracle.listings import documentation, of_documentation
from tests.oracle.mutations import MUTATIONS, chosen
from tests.oracle.programs import Program, of_fixtures
from tests.proof.cargo import build_crates
from tests.proof.rustc import MAIN

AT_ONCE = 4


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.oracle", description="See the docstring of tests/oracle.")
    parser.add_argument("source", choices=("fixtures", "listings", "crates", "zero", "clock"))
    parser.add_argument("packages", nargs="*", type=Path, help="folders with a Cargo.toml")
    parser.add_argument(
        "--kind", action="append", choices=[*MUTATIONS, *CHANNEL_MUTATIONS], help="only mutations of this kind"
    )
    parser.add_argument("--limit", type=float, default=8.0, help="seconds after which a program counts as hanging")
    parser.add_argument("--each", type=int, default=1000, help="at most so many mutants of a file and kind")
    parser.add_argument("--only", default="", help="only programs with this in their name")
    parser.add_argument("--work", type=Path, help="a folder for copies and compiled code, kept afterwards")
    asked = parser.parse_intermixed_args()
    with tempfile.TemporaryDirectory() as temporary:
        work = (asked.work or Path(temporary)).resolve()
        if asked.source == "zero":
            zero(asked.packages)
            return
        table = Table()
        found = (
            timed(asked, work) if asked.source == "clock" else run(programs(asked.source, asked.packages, work), asked)
        )
        for verdict in found:
            table.add(verdict)
            if verdict.missed or verdict.false:
                print(verdict, flush=True)
        print(table)


def programs(source: str, packages: Sequence[Path], work: Path) -> Iterator[Sequence[Program]]:
    """Programs in groups; those of one group may be compiled at the same time."""
    match source:
        case "fixtures":
            yield list(of_fixtures(libraries(work)))
        case "listings":
            folder = documentation()
            if folder is None:
                print("the documentation is not installed with the toolchain: no listings")
            else:
                yield list(of_documentation(folder))
        case "crates":
            for package in packages:
                files = of_package(copied(package, work / "crates"), work / "target")
                print(
                    f"{package.name}: {len(files)} files"
                    if files
                    else f"{package.name} is left out: it does not compile"
                )
                for file in files:
                    yield [file]


def libraries(work: Path) -> Mapping[str, Path]:
    """The crates that fixtures may name, compiled."""
    shutil.rmtree(work / "externs", ignore_errors=True)
    (work / "externs").mkdir(parents=True)
    return build_crates([], work / "externs", work / "target").externs


def timed(asked: argparse.Namespace, work: Path) -> Iterator[Verdict]:
    """The clock is asked about examples in the packages; without any, about fixtures and listings."""
    externs = libraries(work)
    folder = documentation()
    programs = [one for package in asked.packages for one in of_examples(package, externs, CHANNELS)]
    if not programs:
        programs = [one for one in of_fixtures(externs) if MAIN.search(one.text)]
        programs += of_documentation(folder, CHANNELS) if folder is not None else []
    wanted = [one for one in programs if asked.only in one.name and any(word in one.text for word in CHANNELS)]
    yield from verdicts(wanted, asked.kind or list(CHANNEL_MUTATIONS), asked.each, asked.limit)


def run(groups: Iterable[Sequence[Program]], asked: argparse.Namespace) -> Iterator[Verdict]:
    kinds = asked.kind or list(MUTATIONS)

    def judged(program: Program) -> list[Verdict]:
        some = chosen(program.text, kinds, asked.each)
        return list(judge.verdicts(program, some)) if some and not program.errors(program.text) else []

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for group in groups:
            for found in pool.map(judged, [program for program in group if asked.only in program.name]):
                yield from found


def zero(packages: Sequence[Path]) -> None:
    """Lints packages as they are, those that start threads."""
    count = 0
    for package in packages:
        findings = findings_as_they_are(package)
        if findings is not None:
            count += 1
            print(package.name, *findings, sep="\n    ", flush=True)
    print(f"{count} packages")


main()
