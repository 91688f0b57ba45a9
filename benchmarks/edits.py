"""How long a report takes after an edit, with a workspace held: `python benchmarks/edits.py PATH`.

In each file of 900 to 1,100 lines below the folder a statement is typed into a body and taken back, again and again at
another place, and each time the workspace is asked for its report (none comes from memory). Beside the median of those
times stands that of a bare tree-sitter parse of the file. Wall time, in one process.
"""

from __future__ import annotations

import argparse
import gc
import random
import statistics
import time
from collections.abc import Iterator

import tree_sitter
import tree_sitter_rust

from rustconc_lint import workspace
from rustconc_lint.pipeline import Request
from rustconc_lint.source import SourceFile
from rustconc_lint.workspace import Workspace

LINES = (900, 1_100)
STATEMENTS = (
    b"let edited = 1;\n",
    b"self.count += 1;\n",
    b"if edited.is_empty() { return; }\n",
    b'println!("{edited}");\n',
    b"let total: usize = items.iter().map(|x| x.len()).sum();\n",
)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("path", metavar="PATH")
    arguments.add_argument("--edits", type=int, default=200, help="edits in all (default 200)")
    options = arguments.parse_args()
    gc.disable()  # as the command does
    workspace.REMEMBERED = 0
    held = Workspace(Request(paths=(options.path,)))
    first = timed(held)
    found = held.found
    assert found is not None
    files = [source for source in found.sources.values() if LINES[0] < source.line_count < LINES[1]]
    lines = sum(source.line_count for source in found.sources.values())
    print(f"{len(found.sources)} files, {lines:,} lines; first run {first:.2f} s; {len(files)} files are edited")
    times: list[float] = []
    opened: list[float] = []
    for source in files:
        gc.collect()
        path = found.places[source.path].real
        held.edit(path, source.data + b"// opened\n")
        opened.append(timed(held))
        for text in edits(source, max(2, options.edits // len(files))):
            held.edit(path, text)
            times.append(timed(held))
        held.edit(path, source.data)
    parsed = statistics.median(map(parse, files))
    quick = [seconds for seconds in times if seconds < statistics.mean(opened) / 5]
    row("bare parse of the file, median", parsed, parsed)
    row(f"{len(times)} edits, median", statistics.median(times), parsed)
    row(f"{len(quick)} edits of what no rule has read, median", statistics.median(quick or [0.0]), parsed)
    slow = sorted(set(times) - set(quick))
    row(f"{len(slow)} other edits, median", statistics.median(slow or [0.0]), parsed)


def edits(source: SourceFile, count: int) -> Iterator[bytes]:
    """Texts of the file: with a statement more somewhere, and as it was, by turns."""
    chosen = random.Random(source.path)
    lines = source.data.splitlines(keepends=True)
    inner = [at for at, line in enumerate(lines, 1) if line.startswith(b"        ") and line.rstrip().endswith(b";")]
    for number in range(count):
        at = chosen.choice(inner)
        text = b"".join([*lines[:at], chosen.choice(STATEMENTS), *lines[at:]])
        yield text if number % 2 == 0 else source.data


def timed(held: Workspace) -> float:
    before = time.perf_counter()
    held.lint()
    return time.perf_counter() - before


def parse(source: SourceFile) -> float:
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_rust.language()))
    before = time.perf_counter()
    parser.parse(source.data)
    return time.perf_counter() - before


def row(name: str, seconds: float, parsed: float) -> None:
    print(f"  {name:<50} {seconds * 1e3:9.1f} ms   {seconds / parsed:8.1f} x")


if __name__ == "__main__":
    main()
