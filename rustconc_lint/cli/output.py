"""What is said of a report, where, and with which exit code."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TextIO

import click

from rustconc_lint.cli.commands import NAME
from rustconc_lint.report.terminal import escaped

if TYPE_CHECKING:
    from rustconc_lint.pipeline import Report


def warn(report: Report) -> None:
    """Says on stderr what is odd but stops nothing."""
    for remark in report.remarks:
        click.echo(f"{NAME}: warning: {escaped(remark)}", err=True)
    if not report.checked and not report.errors:
        click.echo(f"{NAME}: warning: no Rust files found", err=True)


def exit_code(report: Report, exit_zero: bool) -> int:
    """0, 1 or 2: what was found, and what could not be read."""
    from rustconc_lint.finding import Severity

    if report.errors or report.unfixed:
        return 2
    return int(not exit_zero and any(finding.severity != Severity.NOTE for finding in report.findings))


def write(text: str | bytes, stream: TextIO | None = None) -> bool:
    """Writes to stdout or another stream, bytes as they are; whether somebody reads it. When no one does any more, what
    is left is dropped, and the exit code stays true."""
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
        return False
    return True
