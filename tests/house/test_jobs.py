"""Several processes: the same report to the byte, and no worker that fails in silence. Each test is a process of its
own, since a program with threads, as this one is under xdist, starts no workers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rustconc_lint.rulebook import load_rules
from tests.house.toys import ROOT

if not hasattr(os, "fork"):
    pytest.skip("nothing is forked here: every report is made by one process", allow_module_level=True)


def said(environment: dict[str, str], code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


RUN = """
import os, sys
from rustconc_lint import analysis, processes
analysis.WORTH = 0
started = []
fork = os.fork
os.fork = lambda: started.append(1) or fork()
from rustconc_lint.cli import run
code = run(["check", "--no-cache", "--format", "json", "--select", "all", *sys.argv[1:]])
print(len(started), file=sys.stderr)
sys.exit(code)
"""


def test_the_report_is_the_same_whatever_the_number_of_processes(environment: dict[str, str]) -> None:
    topics = ["fixtures/guard-across-await", "fixtures/missing-move", "fixtures/arc-mutation", "fixtures/double-lock"]
    results = [said(environment, RUN, "--jobs", str(jobs), *topics) for jobs in (1, 2, 3, 9)]
    assert [result.stderr.splitlines()[-1] for result in results] == ["0", "1", "2", "2"]
    assert len({result.stdout for result in results}) == 1
    assert {result.returncode for result in results} == {1}
    assert all(f'"rule": "{Path(topic).name}"' in results[0].stdout for topic in topics)


def test_rules_that_read_different_things_are_told_apart() -> None:
    """Else there is nothing to share out."""
    assert {rule.reads for rule in load_rules().values() if rule.about.finder == "check"} == {
        "traces",
        "spawns",
        "bodies",
    }


WORK = """
import os, sys
from rustconc_lint import processes
from rustconc_lint.processes import Worker
def work():
    {work}
try:
    with Worker(work) as worker:
        print(len(worker.result()))
except (processes.WorkerFailed, processes.WorkerLost, KeyError) as error:
    print(type(error).__name__, error, error.__cause__)
try:
    os.waitpid(-1, 0)
except ChildProcessError:
    print("nobody is left")
"""


@pytest.mark.parametrize(
    ("work", "expected"),
    [
        ("return b'x' * 1_000_000", ["1000000"]),
        ("raise ValueError('no')", ["WorkerFailed in a worker: ValueError: no", "in work", "ValueError: no"]),
        ("os.kill(os.getpid(), 9)", ["WorkerLost a worker process was ended by signal 9; `--jobs 1`"]),
        ("os._exit(3)", ["WorkerLost a worker process was ended with exit code 3"]),
        ("sys.exit(0)", ["WorkerLost a worker process was ended with exit code 1"]),
    ],
)
def test_what_happens_to_a_worker_is_heard_of(work: str, expected: list[str], environment: dict[str, str]) -> None:
    out = said(environment, WORK.format(work=work)).stdout
    assert all(text in out for text in [*expected, "nobody is left"]), out


def test_a_worker_that_nobody_waits_for_is_ended(environment: dict[str, str]) -> None:
    """Something else went wrong, or somebody pressed Ctrl-C."""
    code = WORK.format(work="import time; time.sleep(1000)").replace("print(len(worker.result()))", "raise KeyError")
    assert "nobody is left" in said(environment, code).stdout


def test_a_killed_worker_is_an_error_of_one_line(environment: dict[str, str]) -> None:
    """Out of memory, most likely: there is no report then, not half of one."""
    kill = "me = os.getpid()\nanalysis.judge = lambda *_: iter(()) if os.getpid() == me else os.kill(os.getpid(), 9)\n"
    result = said(
        environment,
        RUN.replace("from rustconc_lint.cli", kill + "from rustconc_lint.cli"),
        "--jobs",
        "2",
        "fixtures/clean",
    )
    assert (result.returncode, result.stdout) == (2, "")
    assert "error: a worker process was ended by signal 9; `--jobs 1` does without" in result.stderr


def test_with_another_thread_there_is_no_worker(environment: dict[str, str]) -> None:
    code = "import threading, time\nthreading.Thread(target=time.sleep, args=(20,), daemon=True).start()\n" + RUN
    assert said(environment, code, "--jobs", "2", "fixtures/clean").stderr.splitlines()[-1] == "0"
