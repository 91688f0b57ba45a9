"""The command line: the only module that prints or exits.

Exit 0: nothing found, or only notes. 1: findings. 2: could not run, or could not read something it was asked to. The
engine is imported by the commands that need it, so that `--version` and `--help` answer at once.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from io import TextIOWrapper
from typing import TYPE_CHECKING, NoReturn

import click

from rustconc_lint import __version__
from rustconc_lint.cli.commands import NAME, Commands, Stop, cache_option, complete_rules
from rustconc_lint.cli.mistakes import complaint, crash, mistakes_named
from rustconc_lint.cli.output import exit_code, warn, write
from rustconc_lint.report.formats import FORMATS, GRAPHS, render
from rustconc_lint.report.terminal import escaped, wants_color

if TYPE_CHECKING:
    from rustconc_lint.cache import Cache
    from rustconc_lint.discover import Discovery
    from rustconc_lint.facts.file import RustFile
    from rustconc_lint.fixes import Outcome
    from rustconc_lint.pipeline import Report, Request
    from rustconc_lint.program.model import Program


def main() -> NoReturn:
    """Runs the command line and ends the process."""
    # What a run builds lives to its end: looking for garbage in it, and taking it apart at last, is a third of a run.
    gc.disable()
    sys.excepthook = crash
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    code = run(sys.argv[1:])
    with suppress(BrokenPipeError):
        sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def run(arguments: list[str]) -> int:
    """Runs a command line; the exit code. Raises only what is a mistake of this program."""
    try:
        code: int = cli.main(arguments, prog_name=NAME, standalone_mode=False)
    except click.UsageError as error:
        Stop(complaint(error)).show()
        within = next((word for word in arguments[:1] if word in cli.commands), "check")
        click.echo(f"try `{error.ctx.command_path if error.ctx else f'{NAME} {within}'} --help`", err=True)
        return 2
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        return 130
    return code


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    subcommand_metavar="[COMMAND] [ARGS]...",
    epilog="`rustconc-lint check --help` shows the options of linting, `--format` and `--select` among them.",
)
@click.version_option(__version__, "-V", "--version", message="%(prog)s %(version)s")
def cli() -> None:
    """Find concurrency mistakes in Rust source without compiling it.

    \b
    rustconc-lint                        lint the folder you are in
    rustconc-lint src/main.rs            lint a file; short for `rustconc-lint check src/main.rs`
    rustconc-lint --diff                 show what can be fixed; `--fix` does it
    rustconc-lint explain missing-move   show what a rule is about
    """


@cli.command(
    short_help="Lint files and folders.",
    epilog="Exit codes: 0 nothing found (notes count as nothing), 1 errors or warnings found, 2 could not run or read.",
)
@click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH]...")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="How to report.")
@click.option(
    "--select", multiple=True, metavar="RULES", shell_complete=complete_rules, help="Run only these: a,b,c or `all`."
)
@click.option(
    "--ignore", multiple=True, metavar="RULES", shell_complete=complete_rules, help="Leave out these rules: a,b,c."
)
@click.option(
    "--stdin-filename", type=click.Path(), metavar="PATH", help="The file that standard input is the text of."
)
@click.option(
    "--edition", type=click.Choice(["2015", "2018", "2021", "2024"]), help="Of all files, whatever Cargo.toml says."
)
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colour the text report.")
@click.option("--fix", is_flag=True, help="Apply the safe fixes: they change only what hangs or does not compile.")
@click.option(
    "--unsafe-fixes", is_flag=True, help="With --fix or --diff: apply those too that may change other things."
)
@click.option("--diff", is_flag=True, help="Write nothing, and show as a diff what --fix would change.")
@click.option("--watch", "-w", is_flag=True, help="Lint again whenever a file has changed, until Ctrl-C.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@click.option("--force-exclude", is_flag=True, help="Leave out what the configuration excludes, even if it is named.")
@click.option("--no-progress", is_flag=True, help="Accepted for hooks: no progress is shown.")
@cache_option
@click.option(
    "--jobs",
    "-j",
    type=click.IntRange(min=1),
    metavar="N",
    help="At most so many processes.",
)
@click.option("--no-cache", is_flag=True, help="Analyse everything anew, and keep nothing.")
def check(
    paths: tuple[str, ...],
    form: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    stdin_filename: str | None,
    edition: str | None,
    color: str,
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    watch: bool,
    exit_zero: bool,
    force_exclude: bool,
    no_progress: bool,
    cache_dir: str | None,
    jobs: int | None,
    no_cache: bool,
) -> int:
    """Lint Rust files and all those below folders. Without a path that is the current folder; `-` is standard input.

    .gitignore files and `exclude` in rustconc.toml or Cargo.toml hold for what is found, not for what is named.

    With --fix, standard input is printed with its fixes, and the report goes to standard error.
    """
    from rustconc_lint.pipeline import Request
    from rustconc_lint.processes import default_jobs

    if diff and form != "text":
        raise click.UsageError("--diff prints a diff instead of a report: leave out --format")
    if watch:
        _refuse_to_watch({"--fix": fix, "--diff": diff, "--stdin-filename": stdin_filename, "`-`": "-" in paths})
    selected, ignored = _chosen_rules(select, ignore)
    names, stdin = _inputs(paths, stdin_filename)
    request = Request(
        paths=names,
        stdin=stdin,
        select=selected,
        ignore=ignored,
        edition=edition or "",
        forced=force_exclude,
        jobs=jobs or default_jobs(),
        cache=None if no_cache else _cache((*names, *((stdin[0],) if stdin is not None else ()))[0], cache_dir),
    )
    if watch:
        return _watch(request, form, color)
    if diff:
        return _show_diff(request, unsafe_fixes, color, exit_zero)
    stream = sys.stdout
    if fix:
        report, fixed_stdin = _fix(request, unsafe_fixes)
        if fixed_stdin is not None:
            write(fixed_stdin)
            stream = sys.stderr
    else:
        report = _lint(request)
    write(render(report, form, wants_color(color, stream)), stream)
    warn(report)
    return exit_code(report, exit_zero)


@cli.command(short_help="Show what a rule finds and why, with examples.")
@click.argument("rule", shell_complete=complete_rules)
def explain(rule: str) -> int:
    """Show the page of a rule: what it finds and why, a bad program, a good one, and what the rule cannot see."""
    from rustconc_lint.report.rules import explained
    from rustconc_lint.rulebook import load_rules, unknown_rule

    rules = load_rules()
    if mistake := unknown_rule([rule], rules):
        raise Stop(mistake)
    write(explained(rules[rule], wants_color("auto", sys.stdout)))
    return 0


@cli.command(name="rules", short_help="List the rules.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to list them.")
def list_rules(form: str) -> int:
    """List the rules: name, severity, whether it runs by default, and what it finds."""
    from rustconc_lint.rulebook import load_rules

    rules = load_rules()
    if form == "json":
        from rustconc_lint.report.json import render_rules

        write(render_rules(rules))
    else:
        from rustconc_lint.report.rules import listed

        write(listed(rules, wants_color("auto", sys.stdout)))
    return 0


@cli.command(short_help="Show what the linter understands of files, as JSON.")
@click.option(
    "--stage",
    type=click.Choice(["facts", "program"]),
    default="facts",
    help="facts: what each file says. program: what functions do with locks, channels and threads.",
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(), metavar="PATH...")
def dump(stage: str, paths: tuple[str, ...]) -> int:
    """Show what the linter understands of files, as JSON. For debugging: its form may change at any time."""
    import json

    from rustconc_lint.report import dump as engine

    found, link = _found(paths)
    known = engine.facts(found) if stage == "facts" else engine.program(found, link()[0])
    write(json.dumps(known, indent=1) + "\n")
    return _unread(found)


@cli.command(short_help="Show in which order locks are taken, as text or as a picture.")
@click.option("--format", "form", type=click.Choice(GRAPHS), default="text", help="How to show it.")
@click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH]...")
def graph(form: str, paths: tuple[str, ...]) -> int:
    """Show which lock is taken while which is held, in the whole program, and where that leads round in a cycle.

    dot is for Graphviz, mermaid for Markdown; svg and html need nothing else, and link into the source.
    """
    from rustconc_lint.report.graph import draw, view

    found, link = _found(paths or (".",))
    program, files = link()
    write(draw(view.view(program.lock_order(), {path: file.source for path, file in files.items()}), form))
    return _unread(found)


@cli.command(short_help="Delete the answers that are kept.")
@cache_option
def clean(cache_dir: str | None) -> int:
    """Delete the answers that `check` has kept: those of the project you are in, and those in your cache folder."""
    from rustconc_lint.cache import Cache, places

    for folder in places(".", cache_dir, os.environ):
        removed = Cache(folder).clear()
        if removed:
            write(f"removed {removed} answer{'' if removed == 1 else 's'} from {escaped(folder)}\n")
    return 0


# ---------------------------------------------------------------- arguments


def _inputs(paths: tuple[str, ...], name: str | None) -> tuple[tuple[str, ...], tuple[str, bytes] | None]:
    """The paths to read, and the name and bytes of standard input when it is one of them."""
    if name is not None and paths and "-" not in paths:
        raise click.UsageError("--stdin-filename names the text of the path `-`, which is not among the paths")
    if name is None and "-" not in paths:
        return paths or (".",), None
    return tuple(path for path in paths if path != "-"), (name or "<stdin>", sys.stdin.buffer.read())


def _refuse_to_watch(given: Mapping[str, object]) -> None:
    """Raises a usage error for an option that is given and does not go with --watch."""
    for option, value in given.items():
        if value:
            raise click.UsageError(f"--watch reports on files whenever they change: leave out {option}")


def _cache(path: str, chosen: str | None) -> Cache | None:
    """Where answers about a path are kept, None where there is no place for them."""
    from rustconc_lint.cache import Cache, places

    folder = next(places(path, chosen, os.environ), None)
    return Cache(folder) if folder is not None else None


def _chosen_rules(select: tuple[str, ...], ignore: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """The rules that are selected, and those to leave out. Raises a usage error when that leaves none."""
    selected, ignored = _rules(select, "--select"), _rules(ignore, "--ignore")
    if selected and selected <= ignored:
        raise click.UsageError("--select and --ignore leave no rule")
    return selected, ignored


def _rules(lists: tuple[str, ...], option: str) -> frozenset[str]:
    """The rules in comma lists. Raises a usage error for what is none."""
    from rustconc_lint.config import ALL
    from rustconc_lint.rulebook import load_rules, unknown_rule

    names = [name for written in lists for name in written.replace(" ", "").split(",") if name]
    if lists and not names:
        raise click.UsageError(f"{option} names no rule")
    special = {ALL} if option == "--select" else set()
    mistake = unknown_rule((name for name in names if name not in special), load_rules()) if names else ""
    if mistake:
        raise Stop(f"{option}: {mistake}")
    return frozenset(names)


# ---------------------------------------------------------------- running and printing


def _found(paths: tuple[str, ...]) -> tuple[Discovery, Callable[[], tuple[Program, dict[str, RustFile]]]]:
    """The files and crates below the paths, and what reads and links them."""
    from rustconc_lint import analysis, pipeline
    from rustconc_lint.rulebook import load_rules

    with mistakes_named():
        found, settings = pipeline.find(pipeline.Request(paths=paths), load_rules())
        own = analysis.own_models(settings.models(found.places[path].real for path in found.reported))
    return found, lambda: analysis.read(found.crates, found.sources, own)


def _unread(found: Discovery) -> int:
    """Names the files that could not be read; the exit code."""
    for failed in found.errors:
        Stop(f"{failed.path}: {failed.message}").show()
    return 2 if found.errors else 0


def _lint(request: Request) -> Report:
    from rustconc_lint.pipeline import lint

    with mistakes_named():
        return lint(request)


def _watch(request: Request, form: str, color: str) -> int:
    from rustconc_lint.cli.watch import keep_linting

    return keep_linting(request, form, color)


def _fixed(request: Request, unsafe: bool) -> Outcome:
    from rustconc_lint import fixes

    with mistakes_named():
        return fixes.fix(request, fixes.UNSAFE if unsafe else fixes.SAFE)


def _fix(request: Request, unsafe: bool) -> tuple[Report, bytes | None]:
    """Fixes the files; the report on what is left, and the text of standard input with its fixes, if that is linted."""
    from rustconc_lint import fixes

    outcome = _fixed(request, unsafe)
    with mistakes_named():
        return fixes.write(outcome, request), None if outcome.stdin is None else outcome.stdin.after


def _show_diff(request: Request, unsafe: bool, color: str, exit_zero: bool) -> int:
    """Prints what fixes would change. The exit code: 1 if anything, 2 if something could not be read."""
    from rustconc_lint.report import diff, text

    outcome = _fixed(request, unsafe)
    changed = diff.render((*outcome.changes, *((outcome.stdin,) if outcome.stdin is not None else ())))
    if wants_color(color, sys.stdout):
        write(diff.coloured(changed))
    else:
        write(changed.encode("utf-8", "surrogateescape"))
    click.echo(text.plan(outcome.report), err=True)
    warn(outcome.report)
    if outcome.report.errors or outcome.report.unfixed:
        return 2
    return int(bool(changed) and not exit_zero)
