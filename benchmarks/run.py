"""How long the linter takes on folders of Rust, as ratios in one run: `python benchmarks/run.py PATH...`.

For each folder: user time of a bare tree-sitter parse of the files that are linted, then of the lint by stage, cold and
in the same process; and wall time of whole commands, `rustconc-lint` beside `ast-grep` looking for one pattern
(installed from PyPI as `ast-grep-cli`). Each figure is the least of `--rounds` rounds, each in a process of its own.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import TypeVar

import tree_sitter
import tree_sitter_rust

from rustconc_lint import analysis, pipeline
from rustconc_lint.finding import Finding
from rustconc_lint.program.model import Program
from rustconc_lint.rulebook import Rule, load_rules

Result = TypeVar("Result")
PATTERN = "$M.lock()"


@dataclass(frozen=True)
class Round:
    """One cold run in a process. Times are user time in seconds; `stages` in the order of the pipeline. unread: files
    that could not be read, for which the command ends with 2."""

    files: int
    bytes: int
    unread: int
    parse: float
    stages: dict[str, float]


@dataclass(frozen=True)
class Figures:
    """The least times for one folder. commands: wall time of whole commands, in seconds."""

    path: str
    files: int
    bytes: int
    parse: float
    stages: dict[str, float]
    commands: dict[str, float]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("paths", nargs="+", metavar="PATH")
    arguments.add_argument("--rounds", type=int, default=3, help="rounds of each measurement (default 3)")
    arguments.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = arguments.parse_args()
    figures = [measure(path, max(1, options.rounds)) for path in options.paths]
    print(json.dumps([asdict(one) for one in figures], indent=2) if options.json else "\n\n".join(map(table, figures)))


def measure(path: str, rounds: int) -> Figures:
    """All figures for one folder."""
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        seen = [pool.apply(lint_once, (path,)) for _ in range(rounds)]
    unread = seen[0].unread
    commands = {"rustconc-lint": [sys.executable, "-m", "rustconc_lint", "--exit-zero", path]}
    grep = shutil.which("ast-grep", path=os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")]))
    if grep is not None:
        commands["ast-grep"] = [grep, "run", "-p", PATTERN, "-l", "rust", path]
    return Figures(
        path=path,
        files=seen[0].files,
        bytes=seen[0].bytes,
        parse=min(one.parse for one in seen),
        stages={stage: min(one.stages[stage] for one in seen) for stage in seen[0].stages},
        commands={
            name: wall(command, rounds, 2 if unread and name == "rustconc-lint" else 1)
            for name, command in commands.items()
        },
    )


def lint_once(path: str) -> Round:
    """The lint of a folder in this process, stage by stage, and the bare parse of the same files."""
    stages: dict[str, float] = {}

    def timed(stage: str, run: Callable[[], Result]) -> Result:
        before = user_time()
        result = run()
        stages[stage] = user_time() - before
        return result

    gc.disable()  # as the command does
    rules = load_rules()
    found, _ = timed("find files", lambda: pipeline.find(pipeline.Request(paths=(path,)), rules))
    files = [source.data for source in found.sources.values()]
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_rust.language()))
    timed("parse", lambda: [parser.parse(data) and None for data in files])
    program, _ = timed("read and link", lambda: analysis.read(found.crates, found.sources))
    for name, rule in rules.items():
        if rule.about.finder == "check" and rule.about.default:
            timed(name, partial(findings, rule, program))
    return Round(len(files), sum(map(len, files)), len(found.errors), stages.pop("parse"), stages)


def user_time() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime


def findings(rule: Rule, program: Program) -> list[Finding]:
    return list(rule.check()(program))


def wall(command: list[str], rounds: int, highest: int) -> float:
    """Least wall time of the whole command, its output thrown away. highest: of the exit codes that it may have."""
    times = []
    for _ in range(rounds):
        before = time.perf_counter()
        code = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode
        times.append(time.perf_counter() - before)
        if code > highest:  # 1: ast-grep has found nothing
            sys.exit(f"{' '.join(command)} ends with {code}")
    return min(times)


def table(figures: Figures) -> str:
    """The figures of one folder as lines of text."""
    whole = sum(figures.stages.values())
    ours = figures.commands["rustconc-lint"]
    lines = [
        f"{figures.path}: {figures.files} files, {figures.bytes / 1e6:.1f} MB",
        row("bare parse", figures.parse, "user time"),
        *(row(stage, seconds, f"{seconds / figures.parse:6.2f} x") for stage, seconds in figures.stages.items()),
        row("whole lint", whole, f"{whole / figures.parse:6.2f} x the bare parse"),
    ]
    for name, seconds in figures.commands.items():
        lines.append(row(f"command {name}", seconds, "wall time" if seconds == ours else f"{ours / seconds:6.2f} x"))
    if "ast-grep" not in figures.commands:
        lines.append("  (no ast-grep to compare with: pip install ast-grep-cli)")
    return "\n".join(lines)


def row(name: str, seconds: float, remark: str) -> str:
    return f"  {name:<26} {seconds:8.3f} s   {remark}"


if __name__ == "__main__":
    main()
