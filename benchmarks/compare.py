"""The linter beside its neighbours on folders of Rust: `python benchmarks/compare.py PATH...`.

Whole commands, each the least wall time of `--rounds`, with the processor time and the peak memory of that round:
rustconc-lint cold, warm, after an edit of one file, and on one file of 300 lines; a bare tree-sitter parse; `ast-grep`,
`semgrep` and `cargo clippy` where they are found. `--scale PATH` lints 1, 4 and 16 copies of a folder under other crate
names and draws the times as an SVG picture. All is done on copies in a temporary folder; nothing is fetched.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

PATTERN = "$M.lock()"
SHAPES = {
    "lock": PATTERN,
    "discarded": "let _ = $M.lock();",
    "spawn": "thread::spawn(|| $$$BODY)",
    "spawn-join": "thread::spawn($$$CODE).join()",
    "load-store": "$A.store($A.load($$$ORDER) + $N, $$$ORDERS)",
    "await-lock": "let $G = $M.lock().await;",
}
PARSE = """
import sys, tree_sitter, tree_sitter_rust
parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_rust.language()))
for path in open(sys.argv[1], encoding="utf-8").read().splitlines():
    parser.parse(open(path, "rb").read())
"""
IMPORTS = "import click, tree_sitter, tree_sitter_rust, msgspec"
COPIES = (1, 4, 16)


class Figure(NamedTuple):
    """wall, processor: seconds. memory: the largest process, in MB. code: above 2 it is not that of a report."""

    wall: float
    processor: float
    memory: float
    code: int


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("paths", nargs="*", metavar="PATH")
    arguments.add_argument("--rounds", type=int, default=3, help="rounds of each measurement (default 3)")
    arguments.add_argument("--clippy", action="store_true", help="run `cargo clippy --offline` as well: it builds")
    arguments.add_argument("--scale", metavar="PATH", help="lint copies of this folder")
    arguments.add_argument("--svg", metavar="FILE", default="scaling.svg", help="where the picture goes")
    options = arguments.parse_args()
    for path in options.paths:
        with tempfile.TemporaryDirectory() as work:
            print("\n".join(table(Path(path), Path(work), options.rounds, options.clippy)), flush=True)
    if options.scale:
        with tempfile.TemporaryDirectory() as work:
            points = list(scaling(Path(options.scale), Path(work), options.rounds))
        Path(options.svg).write_text(picture(points), encoding="utf-8")


# ---------------------------------------------------------------- one folder


def table(path: Path, work: Path, rounds: int, clippy: bool) -> Iterator[str]:
    """The figures of one folder as rows of a Markdown table."""
    folder = work / path.name
    copy(path, folder)
    files = sorted(folder.rglob("*.rs"))
    lines = sum(file.read_bytes().count(b"\n") for file in files)
    yield f"\n**{path.name}**: {len(files)} files, {lines:,} lines\n\n| | wall s | processor s | memory MB | x cold |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    cold = 0.0
    for name, figure in figures(folder, work, files, rounds, clippy):
        cold = cold or figure.wall
        if not 0 <= figure.code <= 2:
            yield f"| {name} | could not run: exit code {figure.code} | | | |"
            continue
        values = (f"{figure.wall:.2f}", f"{figure.processor:.2f}", f"{figure.memory:.0f}", f"{figure.wall / cold:.2f}")
        yield f"| {name} | {' | '.join(values)} |"


def figures(folder: Path, work: Path, files: list[Path], rounds: int, clippy: bool) -> Iterator[tuple[str, Figure]]:
    """Each command's name and figure, the cold run first."""

    def least(command: list[str], before: Callable[[], object] = lambda: None) -> Figure:
        return min(run(command, folder, before) for _ in range(rounds))

    lint = [sys.executable, "-m", "rustconc_lint", "--exit-zero"]
    kept = [*lint, "--cache-dir", str(work / "kept")]
    yield "rustconc-lint --no-cache --jobs 1", least([*lint, "--no-cache", "--jobs", "1", "."])
    yield "rustconc-lint --no-cache --jobs 3", least([*lint, "--no-cache", "--jobs", "3", "."])
    run([*kept, "."], folder)
    yield "rustconc-lint, nothing changed", least([*kept, "."])
    yield "rustconc-lint, one file changed", least([*kept, "."], lambda: edit(max(files, key=size)))
    small = work / "small.rs"
    small.write_bytes(b"".join(max(files, key=size).read_bytes().splitlines(keepends=True)[:300]))
    yield "rustconc-lint --no-cache, 300 lines", least([*lint, "--no-cache", str(small)])
    yield f'python -c "{IMPORTS}"', least([sys.executable, "-c", IMPORTS])
    names = work / "names"
    names.write_text("\n".join(map(str, files)), encoding="utf-8")
    yield "bare parse", least([sys.executable, "-c", PARSE, str(names)])
    yield from neighbours(work, least, clippy)


def neighbours(work: Path, least: Callable[..., Figure], clippy: bool) -> Iterator[tuple[str, Figure]]:
    """Other tools, as far as they are here."""
    grep, semgrep = found("ast-grep"), found("semgrep")
    if grep:
        rules = "\n---\n".join(
            f"id: {name}\nlanguage: rust\nrule: {{pattern: '{text}'}}" for name, text in SHAPES.items()
        )
        yield f"ast-grep, `{PATTERN}`", least([grep, "run", "-p", PATTERN, "-l", "rust", "."])
        yield f"ast-grep, {len(SHAPES)} rules", least([grep, "scan", "--inline-rules", rules, "."])
    if semgrep:
        config = work / "semgrep.yml"
        rule = "  - {{id: {}, languages: [rust], severity: ERROR, message: m, pattern: '{}'}}\n"
        shapes = ("$M.lock()", "thread::spawn(...)")
        config.write_text("rules:\n" + "".join(rule.format(f"r{n}", shape) for n, shape in enumerate(shapes)))
        quiet = ["--metrics", "off", "--disable-version-check", "--quiet"]
        yield "semgrep, 2 rules", least([semgrep, "scan", *quiet, "--config", str(config), "."])
    cargo = shutil.which("cargo") if clippy else None
    if cargo:
        target = work / "target"
        command = [cargo, "clippy", "--offline", "--all-targets", "--quiet", "--target-dir", str(target)]
        yield "cargo clippy, cold", least(command, lambda: shutil.rmtree(target, ignore_errors=True))
        yield "cargo clippy, nothing changed", least(command)


def found(tool: str) -> str | None:
    """Where a tool is: beside this Python, or on the path."""
    return shutil.which(tool, path=os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")]))


def run(command: list[str], folder: Path, before: Callable[[], object] = lambda: None) -> Figure:
    """The figure of one command in a folder, its output thrown away."""
    before()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    return Figure(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, process.returncode)


def size(path: Path) -> int:
    return path.stat().st_size


def edit(path: Path) -> None:
    """One more statement in the first function of a file that has one on a line of its own, else a comment."""
    text = path.read_bytes()
    path.write_bytes(re.sub(rb"(\n *(?:pub )?fn [^\n]*\{\n)", rb"\1let _edited = 1;\n", text, count=1) + b"// edited\n")


def copy(path: Path, folder: Path) -> None:
    shutil.copytree(path, folder, symlinks=True, ignore=shutil.ignore_patterns("target", ".git"))


# ---------------------------------------------------------------- copies of one folder


def scaling(path: Path, work: Path, rounds: int) -> Iterator[tuple[int, Figure]]:
    """The cold time of so many copies, and a line about each."""
    print(f"\n**Copies of {path.name}**\n\n| copies | wall s | processor s | memory MB | x time | x memory |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    base: Figure | None = None
    for number in range(max(COPIES)):
        renamed(path, work / f"copy{number}", f"_{number}")
        if number + 1 in COPIES:
            command = [sys.executable, "-m", "rustconc_lint", "--exit-zero", "--no-cache", "--jobs", "1", "."]
            figure = min(run(command, work) for _ in range(rounds))
            base = base or figure
            times = f"{figure.processor / base.processor:.1f} | {figure.memory / base.memory:.1f}"
            print(
                f"| {number + 1} | {figure.wall:.2f} | {figure.processor:.2f} | {figure.memory:.0f} | {times} |",
                flush=True,
            )
            yield number + 1, figure


def renamed(path: Path, folder: Path, suffix: str) -> None:
    """A copy whose packages, and all that is said of them, have other names."""
    copy(path, folder)
    names: set[str] = set()
    for manifest in folder.rglob("Cargo.toml"):
        name = tomllib.loads(manifest.read_text(encoding="utf-8")).get("package", {}).get("name")
        names |= {name, name.replace("-", "_")} if isinstance(name, str) else set()
    if not names:
        return
    either = b"|".join(sorted((re.escape(name.encode()) for name in names), key=len, reverse=True))
    within = {
        "*.rs": re.compile(rb"(?<![\w-])()(" + either + rb")(?![\w-])"),
        "Cargo.toml": re.compile(rb"(?m)^((?:(?:name|package)\s*=\s*\")?)(" + either + rb")(?=\"|\s*[.=])"),
    }
    for pattern, word in within.items():
        for file in filter(Path.is_file, folder.rglob(pattern)):
            file.write_bytes(word.sub(rb"\g<1>\g<2>" + suffix.encode(), file.read_bytes()))


def picture(points: list[tuple[int, Figure]]) -> str:
    """Processor time over copies, with the line that would be exactly proportional."""
    width, height, edge = 480, 320, 50
    most, longest = points[-1][0], max(points[-1][1].processor, points[0][1].processor * points[-1][0])

    def at(copies: float, seconds: float) -> str:
        x, y = (width - 2 * edge) * copies / most, (height - 2 * edge) * seconds / longest
        return f"{edge + x:.0f},{height - edge - y:.0f}"

    line = " ".join(at(copies, figure.processor) for copies, figure in points)
    ideal = f"{at(0, 0)} {at(most, points[0][1].processor * most)}"
    marks = "".join(
        f'<circle cx="{x}" cy="{y}" r="4" fill="#b7410e"/>'
        f'<text x="{int(x) + 8}" y="{int(y) + 10}">{copies}x: {figure.processor:.1f} s</text>'
        for copies, figure in points
        for x, y in [at(copies, figure.processor).split(",")]
    )
    corner = f"{at(0, longest)} {at(0, 0)} {at(most, 0)}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width + edge} {height}" font-family="sans-serif">'
        f'<rect width="{width + edge}" height="{height}" fill="white"/>'
        f'<polyline points="{corner}" fill="none" stroke="#444"/>'
        f'<polyline points="{ideal}" fill="none" stroke="#aaa" stroke-dasharray="5"/>'
        f'<polyline points="{line}" fill="none" stroke="#b7410e" stroke-width="2"/>{marks}'
        f'<text x="{width / 2:.0f}" y="{height - 15}" text-anchor="middle">copies (dashed: proportional)</text>'
        f'<text x="{edge}" y="{edge - 15}" text-anchor="middle">seconds</text></svg>\n'
    )


if __name__ == "__main__":
    main()
