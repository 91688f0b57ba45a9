"""Proves many programs in one test session, several at a time, each once.

Compiling takes a core, a hanging program takes only its time limit: so many run at once, few compile at once.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock

from tests.marks import MarkError
from tests.proof.cargo import Built, build_crates, extern_names
from tests.proof.claims import ClaimError
from tests.proof.judge import editions, judge_crate, judge_text, names_crate
from tests.samples import Sample

PROGRAMS_AT_ONCE = 32


class Proofs:
    """The disagreements of `samples`, all begun at once in their order; `target` keeps compiled dependencies."""

    def __init__(self, samples: Sequence[Sample], folder: Path, target: Path) -> None:
        self._folder, self._target = folder.resolve(), target
        self._crates = [sample.folder for sample in samples if sample.folder is not None]
        self._building: Future[Built] | None = None
        self._lock = Lock()
        self._builder = ThreadPoolExecutor(1)
        self._pool = ThreadPoolExecutor(PROGRAMS_AT_ONCE)
        self._futures = {sample.name: self._pool.submit(self._prove, sample) for sample in samples}

    def disagreements(self, sample: Sample) -> list[str]:
        """What is not true of a sample; waits for its proof."""
        future: Future[list[str]] = self._futures[sample.name]
        return future.result()

    def close(self) -> None:
        """Drops what has not begun and waits for the rest."""
        self._pool.shutdown(cancel_futures=True)
        self._builder.shutdown()

    def built(self) -> Built:
        """All crates and the dependencies, built when first asked for."""
        with self._lock:
            if self._building is None:
                self._building = self._builder.submit(build_crates, self._crates, self._folder, self._target)
        return self._building.result()

    def _prove(self, sample: Sample) -> list[str]:
        try:
            if sample.folder is not None:
                return judge_crate(sample, self.built().crates[sample.folder])
            return [line for edition in editions(sample) for line in self._prove_in(sample, edition)]
        except (ClaimError, MarkError) as error:
            return [str(error)]

    def _prove_in(self, sample: Sample, edition: str) -> list[str]:
        externs = self.built().externs if names_crate(sample.text, extern_names()) else {}
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            lines = judge_text(sample, edition, Path(folder), externs)
        return [f"in edition {edition}:", *lines] if lines else []
