"""`--watch`: lints, prints, waits until a file has changed that counts, and so on until Ctrl-C.

The folders that a run has searched are watched, each by itself, so that nothing is seen of what git ignores or cargo
builds; and the folders above them, for manifests, configurations and ignore files. Nothing is missed between two runs:
whenever the folders are other ones than those that are watched, the disk is looked at once more.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import click
import msgspec

from rustconc_lint.cargo import TomlError
from rustconc_lint.cli.commands import NAME, Stop
from rustconc_lint.cli.mistakes import mistakes_named
from rustconc_lint.cli.output import warn, write
from rustconc_lint.report.formats import render_line
from rustconc_lint.report.terminal import acts, wants_color
from rustconc_lint.workspace import Workspace

if TYPE_CHECKING:
    from watchfiles import Change

    from rustconc_lint.pipeline import Report, Request

    Changes = Generator[set[tuple[Change, str]], None, None]

CLEAR = "\x1b[H\x1b[2J\x1b[3J"  # the screen, and what was scrolled out of it
PAUSE = 100  # milliseconds that the first look at a watched folder takes
SETTINGS = frozenset(("Cargo.toml", "rustconc.toml", ".gitignore", ".git", "CACHEDIR.TAG"))
EXCLUDE = os.path.join(".git", "info")


class Scope(msgspec.Struct, frozen=True):
    """What counts when it changes, by paths with their links resolved. searched: folders with Rust files in them, and
    those that may get some. watched: those and all others in which something may change. files: single files."""

    searched: frozenset[str]
    watched: frozenset[str]
    files: frozenset[str]

    def holds(self, change: Change, path: str) -> bool:
        """Whether this change can change a report."""
        folder, name = os.path.split(path)
        if name.endswith(".rs") and folder in self.searched:
            return True
        if path in self.files or (name in SETTINGS and folder in self.watched):
            return True
        if name == "exclude" and folder.endswith(EXCLUDE):
            return True
        if change.name == "modified":
            return False
        return path in self.watched or (folder in self.searched and os.path.isdir(path))


NOWHERE = Scope(frozenset(), frozenset(), frozenset())


def keep_linting(request: Request, form: str, color: str) -> int:
    """Prints a report, and another one whenever something has changed. Returns when it is interrupted, or when nobody
    reads what it prints. Raises Stop when it cannot watch."""
    try:
        from watchfiles import watch
    except ModuleNotFoundError as error:
        advice = "`pip install watchfiles`, or install rustconc-lint with its extra: `rustconc-lint[watch]`"
        raise Stop(f"--watch needs the library watchfiles: {advice}") from error
    # One process: facts that another one has read would not be here for the next run.
    workspace = Workspace(msgspec.structs.replace(request, jobs=1))
    with suppress(KeyboardInterrupt):
        _alternate(workspace, Printer(form, color), watch)
    return 0


def _alternate(workspace: Workspace, printer: Printer, watch: Callable[..., Changes]) -> None:
    """Lints and waits by turns."""
    scope, changes = NOWHERE, None
    while True:
        workspace.refresh()
        said = _outcome(workspace)
        if not printer.show(said):
            return
        needed = _scope(workspace, said, scope)
        if changes is None or needed != scope:
            # What has changed before the folders were watched is seen by the next turn.
            scope, changes = needed, _begun(watch, needed)
            continue
        printer.wait()
        changed = next(filter(None, changes))
        if any(path in scope.watched for _, path in changed):
            changes.close()
            changes = None  # there may be another folder by that name


def _outcome(workspace: Workspace) -> Report | Stop:
    """A report, or what is wrong with a configuration."""
    try:
        with mistakes_named():
            return workspace.lint()
    except Stop as stop:
        return stop


def _scope(workspace: Workspace, said: Report | Stop, before: Scope) -> Scope:
    """What has to be watched after a run. Where it could not find its files, that is what was watched before it."""
    found = workspace.found
    if found is not None:
        searched, others = frozenset(map(os.path.realpath, found.folders)), found.manifests
        files = frozenset(map(os.path.realpath, workspace.models))
    else:
        given = [path if os.path.isdir(path) else os.path.dirname(path) for path in workspace.request.paths]
        searched, others = before.searched.union(map(os.path.realpath, given)), frozenset()
        broken = said.__cause__ if isinstance(said, Stop) else None
        files = before.files | {os.path.realpath(broken.path)} if isinstance(broken, TomlError) else before.files
    inner = searched.union(map(os.path.realpath, others), map(os.path.dirname, files))
    watched = inner.union(*map(_above, inner))
    watched |= {info for info in (os.path.join(folder, EXCLUDE) for folder in watched) if os.path.isdir(info)}
    return Scope(searched, frozenset(filter(os.path.isdir, watched)), files)


def _above(folder: str) -> Iterator[str]:
    """The folders that a folder (an absolute path) is in."""
    while folder != (folder := os.path.dirname(folder)):
        yield folder


def _begun(watch: Callable[..., Changes], scope: Scope) -> Changes | None:
    """The changes from now on; None when a folder has vanished meanwhile."""
    changes = watch(
        *sorted(scope.watched),
        watch_filter=scope.holds,
        rust_timeout=PAUSE,
        yield_on_timeout=True,
        recursive=False,
        ignore_permission_denied=True,
    )
    try:
        next(changes)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Stop(f"cannot watch {len(scope.watched)} folders: {error}") from error
    return changes


class Printer:
    """Shows what runs say, each time that it is something else."""

    def __init__(self, form: str, color: str) -> None:
        self._form = form
        self._color = color
        self._shown: Report | str | None = None
        self._waits = False

    def show(self, said: Report | Stop) -> bool:
        """Shows a report or a mistake, if it is not what was shown last; whether somebody reads it."""
        new = said.message if isinstance(said, Stop) else said
        if new is self._shown or (isinstance(new, str) and new == self._shown):
            return True
        if self._shown is not None and self._form == "text" and acts(sys.stdout) and not write(CLEAR):
            return False
        self._shown, self._waits = new, False
        if isinstance(said, Stop):
            said.show()
            return True
        written = write(render_line(said, self._form, wants_color(self._color, sys.stdout)))
        warn(said)
        return written

    def wait(self) -> None:
        """Says that changes are waited for, once for each report, and takes apart what the run has built."""
        if not self._waits:
            gc.collect()
            self._waits = True
            if self._form == "text":
                click.echo(f"{NAME}: waiting for changes (Ctrl-C ends)", err=True)
