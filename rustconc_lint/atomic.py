"""Texts -> files: each is replaced in one step, and never one that is not what it was when it was read.

The new text is written to a file beside the old one and takes its name; whoever reads either sees all of the old text
or all of the new. Permissions, owner and attributes stay (as far as the user may set them), links lead where they led.
A second hard link to the file keeps the old text.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, suppress

import msgspec


class Change(msgspec.Struct, frozen=True):
    """path: as shown. target: the file, links resolved. before, after: its whole text."""

    path: str
    target: str
    before: bytes
    after: bytes


def replace_files(changes: Sequence[Change], bound: Collection[frozenset[str]]) -> dict[str, str]:
    """Writes the changed texts. bound: sets of targets that are written all or none. Returns, for each target that was
    not written, why."""
    failed: dict[str, str] = {}
    for group in _groups(changes, bound):
        try:
            _replace(group)
        except OSError as error:
            reason = error.strerror or str(error)
            failed |= {change.target: reason for change in group}
    return failed


def _groups(changes: Sequence[Change], bound: Collection[frozenset[str]]) -> Iterator[list[Change]]:
    """The changes, those together that are bound to each other by any number of sets."""
    groups: list[frozenset[str]] = [frozenset((change.target,)) for change in changes]
    for targets in {targets for targets in bound if len(targets) > 1}:
        apart = [group for group in groups if not group & targets]
        groups = [*apart, targets.union(*(group for group in groups if group & targets))]
    for group in groups:
        yield [change for change in changes if change.target in group]


def _replace(changes: Sequence[Change]) -> None:
    """Replaces all files or none. Raises OSError."""
    with ExitStack() as cleanup:
        written = [(_beside(change, cleanup), change) for change in changes]
        for _, change in written:
            with open(change.target, "rb") as opened:
                if opened.read() != change.before:
                    raise OSError("it was changed by someone else meanwhile")
        for new, change in written:
            os.replace(new, change.target)


def _beside(change: Change, cleanup: ExitStack) -> str:
    """The path of a new file with the new text, in the folder of the old one; `cleanup` removes it if it is left."""
    import shutil  # these two only where there is something to write
    import tempfile

    status = os.stat(change.target)
    if not (status.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) and os.access(change.target, os.W_OK)):
        raise OSError("it is read-only")
    handle, path = tempfile.mkstemp(prefix=".rustconc-lint-", dir=os.path.dirname(change.target))
    cleanup.callback(_remove, path)
    with open(handle, "wb") as opened:
        opened.write(change.after)
        opened.flush()
        os.fsync(opened.fileno())
    with suppress(PermissionError):  # a file of another user, or of a group that this one is not in
        os.chown(path, status.st_uid, status.st_gid)
    shutil.copystat(change.target, path)
    os.utime(path)  # cargo builds again what is newer
    return path


def _remove(path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)
