"""The command line: the only module that prints or exits.

Exit 0: nothing found, or only notes. 1: findings. 2: could not run, or could not read something it was asked to. The
engine is imported by the commands that need it, so that `--version` and `--help` answer at once.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

import click

from rustconc_lint import __version__

if TYPE_CHECKING:
    from rustconc_lint.fixes import Outcome
    from rustconc_lint.pipeline import Report, Request

NAME = "rustconc-lint"
TRACEBACK = "RUSTCONC_LINT_TRACEBACK"


class Stop(click.ClickException):
    """A mistake of the user's, or of a file's: one line on stderr."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        click.echo(f"{NAME}: error: {_escaped(self.message)}", file=file, err=True)


class Commands(click.Group):
    """The commands; what is none of them begins the arguments of `check`, so that `rustconc-lint src/` works."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {*self.commands, "-h", "--help", "--version"}
        if not ctx.resilient_parsing and (not args or args[0] not in own):
            if args and not args[0].startswith("-") and not os.path.lexists(args[0]):
                self._misspelt(args[0])
            args = ["check", *args]
        return super().parse_args(ctx, args)

    def _misspelt(self, word: str) -> None:
        """Raises Stop when a word that is no path looks like a command."""
        from rustconc_lint.rulebook import nearest

        meant = nearest(word, self.commands)
        if meant:
            raise Stop(f"there is no command `{word}` and no file of that name{meant}")


def main() -> NoReturn:
    """Runs the command line and ends the process."""
    # What a run builds lives to its end: looking for garbage in it, and taking it apart at last, is a third of a run.
    gc.disable()
    sys.excepthook = _crash
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
        message = error.format_message().rstrip(".")
        Stop(message[:1].lower() + message[1:]).show()
        click.echo(f"try `{error.ctx.command_path if error.ctx else NAME} --help`", err=True)
        return 2
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        return 130
    return code


def _crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    import traceback

    if os.environ.get(TRACEBACK):
        traceback.print_exception(kind, error, trace)
    else:
        last = traceback.extract_tb(trace)[-1:]
        where = f" at {os.path.basename(last[0].filename)}:{last[0].lineno}" if last else ""
        what = _escaped("".join(traceback.format_exception_only(kind, error)).strip())
        advice = f"please report it, with what {TRACEBACK}=1 shows"
        print(f"{NAME}: internal error{where}: {what}; {advice}", file=sys.stderr)
    sys.exit(2)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
def cli() -> None:
    """Find concurrency mistakes in Rust source without compiling it.

    `rustconc-lint PATH...` is short for `rustconc-lint check PATH...`.
    """


@cli.command(
    short_help="Lint files and folders.",
    epilog="Exit codes: 0 nothing found (notes count as nothing), 1 errors or warnings found, 2 could not run or read.",
)
@click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH]...")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to report.")
@click.option("--select", multiple=True, metavar="RULES", help="Run only these rules: a,b,c or `all`.")
@click.option("--ignore", multiple=True, metavar="RULES", help="Leave out these rules: a,b,c.")
@click.option(
    "--stdin-filename", type=click.Path(), metavar="PATH", help="The file that standard input is the text of."
)
@click.option(
    "--edition", type=click.Choice(["2015", "2018", "2021", "2024"]), help="Of all files, whatever Cargo.toml says."
)
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colour the text report.")
@click.option("--fix", is_flag=True, help="Apply safe fixes: only what hangs or does not compile may change.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: those too that may change other things.")
@click.option("--diff", is_flag=True, help="Write nothing, and print as a diff what --fix would change.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@click.option("--force-exclude", is_flag=True, help="Leave out what the configuration excludes, even if it is named.")
@click.option("--no-progress", is_flag=True, help="Accepted for hooks: no progress is shown.")
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
    exit_zero: bool,
    force_exclude: bool,
    no_progress: bool,
) -> int:
    """Lint Rust files and all those below folders. Without a path that is the current folder; `-` is standard input.

    .gitignore files and `exclude` in rustconc.toml or Cargo.toml hold for what is found, not for what is named.

    With --fix, standard input is printed as it is with its fixes, and the report goes to standard error.
    """
    from rustconc_lint.pipeline import Request

    if diff and form != "text":
        raise click.UsageError("--diff prints a diff instead of a report: leave out --format")
    names, stdin = _inputs(paths, stdin_filename)
    request = Request(
        paths=names,
        stdin=stdin,
        select=_rules(select, "--select"),
        ignore=_rules(ignore, "--ignore"),
        edition=edition or "",
        forced=force_exclude,
    )
    if diff:
        return _show_diff(request, unsafe_fixes, color, exit_zero)
    stream = sys.stdout
    if fix:
        report, fixed_stdin = _fix(request, unsafe_fixes)
        if fixed_stdin is not None:
            _print(fixed_stdin)
            stream = sys.stderr
    else:
        report = _lint(request)
    _print(_rendered(report, form, wants_color(color, stream)), stream)
    _warn_of_nothing(report)
    return _exit_code(report, exit_zero)


@cli.command(short_help="Show what a rule finds and why, with examples.")
@click.argument("rule")
def explain(rule: str) -> int:
    """Show the page of a rule: what it finds and why, a bad program, a good one, and what the rule cannot see."""
    from rustconc_lint.rulebook import load_rules, unknown_rule

    rules = load_rules()
    if mistake := unknown_rule([rule], rules):
        raise Stop(mistake)
    found = rules[rule]
    about = found.about
    lines = [f"{rule}: {about.severity}, {'on' if about.default else 'off'} by default"]
    lines += [f"rustc says: {', '.join(about.compiler)}"] if about.compiler else []
    lines += [f'chapter: Concurrency, "{about.chapter}"', f"book: {about.book}"] if about.chapter else []
    _print("\n".join(lines) + f"\n\n{found.page}")
    return 0


@cli.command(name="rules", short_help="List the rules.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to list them.")
def list_rules(form: str) -> int:
    """List the rules: name, severity, whether it runs by default, and what it finds."""
    from rustconc_lint.rulebook import load_rules

    rules = load_rules()
    if form == "json":
        from rustconc_lint.report.json import render_rules

        _print(render_rules(rules))
        return 0
    width = max(map(len, rules), default=0)
    for name, rule in rules.items():
        _print(f"{name:<{width}}  {rule.about.severity:<7}  {'on ' if rule.about.default else 'off'}  {rule.summary}\n")
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

    from rustconc_lint import pipeline
    from rustconc_lint.report import dump as engine
    from rustconc_lint.rulebook import load_rules

    with _mistakes_named():
        found, settings = pipeline.find(pipeline.Request(paths=paths), load_rules())
        own = settings.models(found.places[path].real for path in found.reported)
    known = engine.facts(found) if stage == "facts" else engine.program(found, pipeline.read(found, own)[0])
    _print(json.dumps(known, indent=1) + "\n")
    for failed in found.errors:
        Stop(f"{failed.path}: {failed.message}").show()
    return 2 if found.errors else 0


# ---------------------------------------------------------------- arguments


def _inputs(paths: tuple[str, ...], name: str | None) -> tuple[tuple[str, ...], tuple[str, bytes] | None]:
    """The paths to read, and the name and bytes of standard input when it is one of them."""
    if name is not None and paths and "-" not in paths:
        raise click.UsageError("--stdin-filename names the text of the path `-`, which is not among the paths")
    if name is None and "-" not in paths:
        return paths or (".",), None
    return tuple(path for path in paths if path != "-"), (name or "<stdin>", sys.stdin.buffer.read())


def _rules(lists: tuple[str, ...], option: str) -> frozenset[str]:
    """The rules in comma lists. Raises a usage error for what is none."""
    from rustconc_lint.config import ALL
    from rustconc_lint.rulebook import load_rules, unknown_rule

    names = [name for written in lists for name in written.replace(" ", "").split(",") if name]
    special = {ALL} if option == "--select" else set()
    mistake = unknown_rule((name for name in names if name not in special), load_rules()) if names else ""
    if mistake:
        raise Stop(f"{option}: {mistake}")
    return frozenset(names)


# ---------------------------------------------------------------- running and printing


@contextmanager
def _mistakes_named() -> Iterator[None]:
    """Turns what is wrong with a configuration or a model into an error message."""
    from rustconc_lint.apis import ModelError
    from rustconc_lint.cargo import TomlError

    try:
        yield
    except (TomlError, ModelError) as error:
        raise Stop(str(error)) from error


def _lint(request: Request) -> Report:
    from rustconc_lint.pipeline import lint

    with _mistakes_named():
        return lint(request)


def _fixed(request: Request, unsafe: bool) -> Outcome:
    from rustconc_lint import fixes

    with _mistakes_named():
        return fixes.fix(request, fixes.UNSAFE if unsafe else fixes.SAFE)


def _fix(request: Request, unsafe: bool) -> tuple[Report, bytes | None]:
    """Fixes the files; the report on what is left, and the text of standard input with its fixes, if that is linted."""
    from rustconc_lint import fixes

    outcome = _fixed(request, unsafe)
    with _mistakes_named():
        return fixes.write(outcome, request), None if outcome.stdin is None else outcome.stdin.after


def _show_diff(request: Request, unsafe: bool, color: str, exit_zero: bool) -> int:
    """Prints what fixes would change. The exit code: 1 if anything, 2 if something could not be read."""
    from rustconc_lint.report import diff, text

    outcome = _fixed(request, unsafe)
    changed = diff.render((*outcome.changes, *((outcome.stdin,) if outcome.stdin is not None else ())))
    if wants_color(color, sys.stdout):
        _print(diff.coloured(changed))
    else:
        _print(changed.encode("utf-8", "surrogateescape"))
    click.echo(text.plan(outcome.report), err=True)
    _warn_of_nothing(outcome.report)
    if outcome.report.errors or outcome.report.unfixed:
        return 2
    return int(bool(changed) and not exit_zero)


def _rendered(report: Report, form: str, color: bool) -> str:
    if form == "json":
        from rustconc_lint.report import json

        return json.render(report)
    from rustconc_lint.report import text

    return text.render(report, color)


def _warn_of_nothing(report: Report) -> None:
    if not report.checked and not report.errors:
        click.echo(f"{NAME}: warning: no Rust files found", err=True)


def _exit_code(report: Report, exit_zero: bool) -> int:
    from rustconc_lint.finding import Severity

    if report.errors or report.unfixed:
        return 2
    return int(not exit_zero and any(finding.severity != Severity.NOTE for finding in report.findings))


def wants_color(choice: str, stream: TextIO) -> bool:
    """Whether to colour what goes to `stream`: the flag, then the variables (no-color.org, force-color.org,
    bixense.com/clicolors), then whether it is a terminal."""
    if choice != "auto":
        return choice == "always"
    variable = os.environ.get
    if variable("NO_COLOR"):
        return False
    if variable("FORCE_COLOR", "0") not in ("", "0") or variable("CLICOLOR_FORCE", "0") not in ("", "0"):
        return True
    return variable("CLICOLOR") != "0" and variable("TERM") != "dumb" and stream.isatty()


def _print(text: str | bytes, stream: TextIO | None = None) -> None:
    """Writes to stdout or another stream, bytes as they are. When no one reads it any more, what is left is dropped,
    and the exit code stays true."""
    stream = stream or sys.stdout
    try:
        if isinstance(text, bytes):
            stream.flush()
            stream.buffer.write(text)
        else:
            stream.write(text)
        stream.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _escaped(text: str) -> str:
    """Text of unknown origin on one line, without what a terminal would act upon."""
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)
