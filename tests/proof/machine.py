"""A compiled program -> how its run ended.

A program that has to hang gets a short limit and must be alive when it is over; one that has to end gets a long one.
Each runs in a process group of its own, which is killed whole.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HANG_LIMIT = 2.0
END_LIMIT = 30.0
PANIC_STATUS = 101


@dataclass(frozen=True)
class Run:
    """`end`: "ends", "hangs", "panics", or "fails" for any other exit; `output`: the end of what it wrote to stderr.
    `busy`: for how many seconds it has kept a processor busy, as far as it was killed."""

    end: str
    output: str
    busy: float = 0.0


def run(program: Path, arguments: Sequence[str], limit: float) -> Run:
    """Runs `program` for at most `limit` seconds; it "hangs" when it is alive then."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
        try:
            status = process.wait(limit)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            busy = _kill_group(process)
        errors.seek(0)
        output = errors.read(4000).decode(errors="replace").strip()
    return Run(_end(status), output, busy)


def limit_for(claimed: str) -> float:
    """Seconds after which a program that is claimed to `hang`, `end`, .. is killed."""
    return HANG_LIMIT if claimed in ("hangs", "either") else END_LIMIT


def _end(status: int | None) -> str:
    if status is None:
        return "hangs"
    return {0: "ends", PANIC_STATUS: "panics"}.get(status, "fails")


def _kill_group(process: subprocess.Popen[bytes]) -> float:
    """Kills what is left of the group, which its leader may have ended before; the leader's id is ours until then.

    Returns the seconds of processor time that the leader has used."""
    if process.returncode is not None:
        return 0.0
    os.killpg(process.pid, signal.SIGKILL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime
