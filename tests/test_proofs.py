"""What fixtures and rule pages claim of their programs is true: rustc and the machine say so."""

from __future__ import annotations

import pytest

from tests.proof.session import Proofs
from tests.samples import Sample, fixtures, pages

SAMPLES = [*fixtures(), *(sample for page in pages() for _, sample in page.samples())]


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_program_does_what_it_claims(sample: Sample, proofs: Proofs) -> None:
    """A fixture that is wrong about Rust would teach the linter a mistake."""
    disagreements = proofs.disagreements(sample)
    assert not disagreements, "\n".join([f"{sample} is not what it says:", *disagreements])
