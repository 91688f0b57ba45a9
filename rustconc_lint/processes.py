"""Work in another process of the same program, forked so that it has all that was read: only its answer is sent.

Where processes cannot be forked (Windows) or it would not be safe (another thread runs, which might hold a lock), the
caller does the work itself. A worker that fails, or is ended from outside, is always heard of.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import partial
from types import TracebackType
from typing import BinaryIO

ENOUGH = 4  # processors from which on several processes are the default
DONE, FAILED = b"+", b"-"


class WorkerLost(Exception):
    """A worker was ended before it had answered. The text says how."""


class WorkerFailed(Exception):
    """The work raised an exception in the worker. Its cause holds the worker's own traceback."""


class WorkerTraceback(Exception):
    """What the worker's traceback says."""

    def __str__(self) -> str:
        return f"\n{self.args[0]}"


class Worker:
    """A process that does `work` and answers with the bytes that this returns. Use it in a `with`: that ends it."""

    def __init__(self, work: Callable[[], bytes]) -> None:
        self._reader, writer = os.pipe()
        self._process = os.fork()
        if self._process == 0:
            os.close(self._reader)
            _answer(work, writer)
        os.close(writer)

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        """Ends the process if nobody has waited for it."""
        if self._process:
            os.close(self._reader)
            with suppress(ProcessLookupError):
                os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)
            self._process = 0

    def result(self) -> bytes:
        """The answer; waits for it. Raises WorkerLost and WorkerFailed."""
        with open(self._reader, "rb") as opened:
            data = opened.read()
        _, status = os.waitpid(self._process, 0)
        self._process = 0
        code = os.waitstatus_to_exitcode(status)
        if code != 0 or not data:
            how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
            raise WorkerLost(f"a worker process was ended {how}; `--jobs 1` does without, and needs less memory")
        if data[:1] == FAILED:
            what, _, trace = data[1:].decode("utf-8", "replace").partition("\n")
            raise WorkerFailed(f"in a worker: {what}") from WorkerTraceback(trace)
        return data[1:]


def can_fork() -> bool:
    """Whether a worker can be started here."""
    threading = sys.modules.get("threading")
    return hasattr(os, "fork") and (threading is None or threading.active_count() == 1)


def processors() -> int:
    """The number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def default_jobs() -> int:
    """As many processes as there are processors. One alone on a small machine: a third of the work is done twice, and
    with two processors, one of which has something else to do, that took longer (benchmarks/README.md)."""
    return processors() if processors() >= ENOUGH else 1


def _answer(work: Callable[[], bytes], writer: int) -> None:
    """Does the work and ends this process, whatever happens: nothing of its parent must run on here."""
    code = 1
    try:
        with open(writer, "wb") as opened, ExitStack() as told:
            told.push(partial(_tell, opened))
            opened.write(DONE + work())
        code = 0
    finally:
        os._exit(code)


def _tell(
    opened: BinaryIO, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
) -> bool:
    """Answers with an exception, if it is one; whether it was."""
    import traceback

    if not isinstance(error, Exception):
        return False
    what = "".join(traceback.format_exception_only(error)).strip().replace("\n", " ")
    whole = "".join(traceback.format_exception(kind, error, trace))
    opened.write(FAILED + f"{what}\n{whole}".encode("utf-8", "replace"))
    return True
