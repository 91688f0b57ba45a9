"""What is said when something goes wrong: of a command line, and of this program."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

import click

from rustconc_lint.cli.commands import NAME, Stop
from rustconc_lint.report.terminal import escaped

TRACEBACK = "RUSTCONC_LINT_TRACEBACK"


def complaint(error: click.UsageError) -> str:
    """What is wrong with a command line, in the words and quotes of all other messages."""
    if isinstance(error, click.NoSuchOption):
        meant = f"; did you mean `{error.possibilities[0]}`?" if error.possibilities else ""
        return f"there is no option `{error.option_name}`{meant}"
    message = error.format_message().rstrip(".").replace("'", "`")
    return message[:1].lower() + message[1:]


@contextmanager
def mistakes_named() -> Iterator[None]:
    """Turns what is wrong with a configuration or a model into an error message."""
    from rustconc_lint.cargo import TomlError
    from rustconc_lint.installation import ModelError
    from rustconc_lint.processes import WorkerLost

    try:
        yield
    except (TomlError, ModelError, WorkerLost) as error:
        raise Stop(str(error)) from error


def crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Reports a mistake of this program in one line, and ends with 2."""
    import traceback

    if os.environ.get(TRACEBACK):
        traceback.print_exception(kind, error, trace)
    else:
        last = traceback.extract_tb(trace)[-1:]
        where = f" at {os.path.basename(last[0].filename)}:{last[0].lineno}" if last else ""
        what = escaped("".join(traceback.format_exception_only(kind, error)).strip())
        advice = f"please report it, with what {TRACEBACK}=1 shows"
        print(f"{NAME}: internal error{where}: {what}; {advice}", file=sys.stderr)
    sys.exit(2)
