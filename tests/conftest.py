"""What the tests share: the proofs of this session, `--bless`, and a line that says whether there is a rustc to ask."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.oracle import listings
from tests.proof.rustc import rustc_version
from tests.proof.session import Proofs
from tests.samples import Sample


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--bless", action="store_true", help="rewrite the text reports in rules/*.md to what is printed now"
    )


def pytest_collection_finish() -> None:
    # Thousands of collected tests live to the end: looking for garbage among them takes longer than most tests.
    gc.freeze()


def pytest_report_header() -> str:
    return f"proofs by: {rustc_version() or 'nobody (rustc and cargo are not on PATH)'}"


@pytest.fixture(scope="session", autouse=True)
def cache_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What commands keep while they are tested, they do not keep in the user's folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RUSTCONC_LINT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def bless(request: pytest.FixtureRequest) -> bool:
    """Whether expected reports are to be rewritten."""
    return bool(request.config.getoption("--bless"))


@pytest.fixture(scope="session")
def rustc() -> str:
    """rustc's version; without rustc the test is skipped, or fails where CI=true."""
    version = rustc_version()
    if version is None and os.environ.get("CI") == "true":
        pytest.fail("rustc and cargo are not on PATH, and CI=true wants every proof")
    if version is None:
        pytest.skip("rustc and cargo are not on PATH: nothing is proved")
    return version


@pytest.fixture(scope="session")
def documentation(rustc: str) -> Path:
    """The folder of the toolchain's documentation; without it the test is skipped, or fails where CI=true."""
    folder = listings.documentation()
    if folder is None and os.environ.get("CI") == "true":
        pytest.fail("the documentation is not installed with the toolchain, and CI=true wants every proof")
    if folder is None:
        pytest.skip("the documentation is not installed with the toolchain: its listings prove nothing")
    return folder


@pytest.fixture(scope="session")
def proofs(request: pytest.FixtureRequest, rustc: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proofs]:
    """The proofs of all selected samples, begun together."""
    selected = [item.callspec.params.get("sample") for item in request.session.items if hasattr(item, "callspec")]
    samples = list(dict.fromkeys(sample for sample in selected if isinstance(sample, Sample)))
    target = request.config.cache.mkdir("proof-target")
    session = Proofs(samples, tmp_path_factory.mktemp("proofs"), target)
    yield session
    session.close()
