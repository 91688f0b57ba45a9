"""How long the linter takes on folders of Rust, as ratios in one run: `python benchmarks/run.py PATH...`.

For each folder: user time of a bare tree-sitter parse of all its `.rs` files, then of the whole lint by stage, cold and
in the same process; and, as whole commands, `rustconc-lint` next to `ast-grep` looking for one pattern (installed from
PyPI as `ast-grep-cli`). Each figure is the least of `--rounds` rounds, each round in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Result = TypeVar("Result")
PATTERN = "$M.lock()"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("paths", nargs="+", metavar="PATH")
    arguments.add_argument("--rounds", type=int, default=3, help="rounds of each measurement (default 3)")
    arguments.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = arguments.parse_args()
    results = [measure(path, options.rounds) for path in options.paths]
    print(json.dumps(results, indent=2) if options.json else "\n\n".join(map(table, results)))


def measure(path: str, rounds: int) -> dict[str, object]:
    """All figures for one folder, times in seconds."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1, maxtasksperchild=1) as pool:
        staged = [pool.apply(stages, (path,)) for _ in range(rounds)]
    least = {stage: min(times[stage] for times in staged) for stage in staged[0]}
    parse = least.pop("bare parse")
    size = least.pop("bytes"), least.pop("files")
    total = sum(least.values())
    commands = {"rustconc-lint": [sys.executable, "-m", "rustconc_lint", "--exit-zero", path]}
    grep = shutil.which("ast-grep", path=f"{Path(sys.executable).parent}:{Path('/usr/bin')}") or shutil.which(
        "ast-grep"
    )
    if grep is not None:
        commands["ast-grep"] = [grep, "run", "-p", PATTERN, "-l", "rust", path]
    return {
        "path": path, "bytes": size[0], "files": size[1], "bare parse": parse, "stages": least, "lint": total,
        "ratio": total / parse, "commands": {name: wall(command, rounds) for name, command in commands.items()},
    }  # fmt: skip


def stages(path: str) -> dict[str, float]:
    """User time of each stage, in this process, in the order of the pipeline."""
    import gc

    import tree_sitter
    import tree_sitter_rust

    from rustconc_lint import pipeline
    from rustconc_lint.rulebook import load_rules

    files = [file.read_bytes() for file in sorted(Path(path).rglob("*.rs")) if "target" not in file.parts]
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_rust.language()))
    times: dict[str, float] = {"bytes": sum(map(len, files)), "files": len(files)}

    def timed(stage: str, run: Callable[[], Result]) -> Result:
        before = time.process_time()
        result = run()
        times[stage] = time.process_time() - before
        return result

    gc.disable()  # as the command does
    timed("bare parse", lambda: [parser.parse(data) and None for data in files])
    rules = load_rules()
    found, _ = timed("find files", lambda: pipeline.find(pipeline.Request(paths=(path,)), rules))
    program, _ = timed("read and link", lambda: pipeline.read(found))
    for name, rule in rules.items():
        if rule.about.finder == "check" and rule.about.default:
            timed(name, lambda rule=rule: list(rule.check()(program)))
    return times


def wall(command: list[str], rounds: int) -> float:
    """Least wall time of the whole command, its output thrown away."""
    times = []
    for _ in range(rounds):
        before = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        times.append(time.perf_counter() - before)
    return min(times)


def table(result: dict[str, object]) -> str:
    """The figures of one folder as lines of text."""
    stages_, commands = result["stages"], result["commands"]
    assert isinstance(stages_, dict) and isinstance(commands, dict)
    parse = float(str(result["bare parse"]))
    lines = [f"{result['path']}: {result['files']} files, {int(str(result['bytes'])) / 1e6:.1f} MB"]
    lines.append(f"  {'bare parse':28} {parse:7.3f} s")
    lines += [f"  {stage:28} {seconds:7.3f} s  {seconds / parse:5.2f} x" for stage, seconds in stages_.items()]
    lines.append(
        f"  {'whole lint':28} {float(str(result['lint'])):7.3f} s  {float(str(result['ratio'])):5.2f} x bare parse"
    )
    ours = commands["rustconc-lint"]
    for name, seconds in commands.items():
        lines.append(f"  command {name:20} {seconds:7.3f} s  {ours / seconds:5.2f} of its time is ours")
    if "ast-grep" not in commands:
        lines.append("  (ast-grep is not installed: pip install ast-grep-cli)")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
