"""The cache: a run that finds its answer there says what a run from nothing says, whatever was edited or damaged."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rustconc_lint import analysis, cache
from rustconc_lint.cache import Cache, places
from rustconc_lint.pipeline import Report, Request, lint
from rustconc_lint.program.model import DEEPEST_STACK
from rustconc_lint.report import json as json_report
from rustconc_lint.report import text as text_report
from tests.house.toys import Run, Tree

KEY = "0" * 64


def entries(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.answer"))


@pytest.fixture
def store(tmp_path: Path) -> Cache:
    return Cache(str(tmp_path / "kept"))


# ---------------------------------------------------------------- the folder


def test_what_is_put_is_got(store: Cache) -> None:
    store.put(KEY, b"answer")
    assert store.get(KEY) == b"answer"
    assert store.get("1" * 64) is None
    assert store.remarks == []


def test_the_folder_says_that_it_is_a_cache(store: Cache) -> None:
    """To backups, to git, and to this linter, which does not walk through it."""
    store.put(KEY, b"answer")
    assert (Path(store.folder) / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55\n")
    assert (Path(store.folder) / ".gitignore").read_text() == "*\n"


def damages(whole: bytes) -> Iterator[bytes]:
    yield b""
    yield whole[:-1]
    yield whole[: len(whole) // 2]
    yield whole + b"x"
    yield os.urandom(len(whole))
    yield bytes((whole[0] ^ 1,)) + whole[1:]
    yield whole[:-1] + bytes((whole[-1] ^ 1,))


def test_what_is_damaged_is_not_there(store: Cache) -> None:
    store.put(KEY, b"answer")
    (path,) = entries(Path(store.folder))
    for data in damages(path.read_bytes()):
        path.write_bytes(data)
        assert store.get(KEY) is None


def test_the_answer_to_another_question_is_none(store: Cache) -> None:
    store.put(KEY, b"answer")
    (path,) = entries(Path(store.folder))
    shutil.copy(path, path.with_name("1" * 64 + ".answer"))
    assert store.get("1" * 64) is None


def test_a_folder_in_place_of_an_answer_is_a_miss(store: Cache) -> None:
    (Path(store.folder) / f"{KEY}.answer").mkdir(parents=True)
    assert store.get(KEY) is None
    store.put(KEY, b"answer")
    assert "nothing is kept in" in store.remarks[0]


def test_what_was_used_last_stays(store: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST", 3)
    now = time.time()
    for number in range(3):
        store.put(str(number) * 64, b"answer")
        os.utime(Path(store.folder) / f"{str(number) * 64}.answer", (now - 100 + number,) * 2)
    assert store.get("0" * 64) == b"answer"
    store.put("3" * 64, b"answer")
    assert [store.get(str(number) * 64) is not None for number in range(4)] == [True, False, True, True]


def test_a_cache_is_bounded_in_bytes_and_in_age(store: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put("a" * 64, b"old")
    os.utime(entries(Path(store.folder))[0], (1, 1))
    (Path(store.folder) / "b.part").write_bytes(b"of a run that was ended")
    os.utime(Path(store.folder) / "b.part", (1, 1))
    monkeypatch.setattr(cache, "LARGEST", 100)
    store.put("c" * 64, b"x" * 20)
    store.put("d" * 64, b"x" * 60)
    assert [path.name[0] for path in sorted(Path(store.folder).glob("*.*")) if path.name[0] != "."] == ["C", "d"]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"XDG_CACHE_HOME": "/x"}, ["p/target", "/x"]),
        ({"XDG_CACHE_HOME": "relative"}, ["p/target", "home/.cache"]),
        ({"CARGO_TARGET_DIR": "p/built"}, ["p/built", "p/target", "home/.cache"]),
        ({"CARGO_TARGET_DIR": "gone"}, ["p/target", "home/.cache"]),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="other systems have their caches elsewhere")
def test_answers_are_kept_with_what_cargo_has_built(
    tree: Tree, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: list[str]
) -> None:
    """And only in a `target` that cargo has made: anything else of that name is somebody's own."""
    tag = "Signature: 8a477f597d28d172789f06886806bc55"
    base = tree({"p/Cargo.toml": "", "p/target/CACHEDIR.TAG": tag, "p/built/": "", "p/member/Cargo.toml": "",
                 "p/member/target/notes.md": "", "p/member/src/lib.rs": ""})  # fmt: skip
    monkeypatch.chdir(base)
    monkeypatch.setenv("HOME", str(base / "home"))
    found = list(places("p/member/src/lib.rs", None, variables))
    assert found == [str(base / folder / "rustconc-lint") for folder in expected]
    assert list(places("p", "chosen", variables)) == [str(base / "chosen/rustconc-lint")]


# ---------------------------------------------------------------- the command


def test_a_second_run_analyses_nothing(run: Run, tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    tree({"a.rs": "BUG"})
    first = run("a.rs")
    monkeypatch.setattr(analysis, "analyse", None)
    assert run("a.rs") == first
    assert run("--format", "json", "a.rs").code == first.code == 1
    with pytest.raises(TypeError):
        run("--no-cache", "a.rs")


@pytest.mark.parametrize(
    ("arguments", "files"),
    [
        (["a.rs"], {"a.rs": "BUG "}),
        (["a.rs", "--ignore", "bug-here"], {}),
        (["a.rs", "--select", "all"], {}),
        (["a.rs"], {"rustconc.toml": "[rules]\nbug-here = 'note'"}),
        (["a.rs", "--edition", "2024"], {}),
        (["a.rs", "b.rs"], {"b.rs": "BUG"}),
        (["./x/../a.rs"], {"rustconc.toml": "lock-order = ['A.b', 'B.a']", "x/": ""}),
    ],
)
def test_another_question_has_another_answer(
    run: Run, tree: Tree, monkeypatch: pytest.MonkeyPatch, arguments: list[str], files: dict[str, str]
) -> None:
    tree({"a.rs": "BUG HINT"})
    run("a.rs")
    tree(files)
    monkeypatch.setattr(analysis, "analyse", None)
    with pytest.raises(TypeError):
        run(*arguments)


def test_another_version_of_the_rules_has_another_answer(store: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    before = store.key([b"question"])
    assert before == store.key([b"question"]) != store.key([b"other"])
    monkeypatch.setattr(cache, "digest", lambda: b"another")
    assert store.key([b"question"]) != before


def test_a_folder_that_cannot_be_written_is_remarked_upon(run: Run, tree: Tree) -> None:
    tree({"a.rs": "BUG", "occupied": ""})
    result = run("--cache-dir", "occupied", "a.rs")
    assert result.code == 1
    assert "warning: nothing is kept in" in result.err
    assert "Traceback" not in result.err


def test_clean_deletes_what_is_kept_and_nothing_else(run: Run, tree: Tree, tmp_path: Path) -> None:
    tree({"a.rs": "BUG", "own/rustconc-lint/notes.md": "mine"})
    run("--cache-dir", "own", "a.rs")
    run("--cache-dir", "other", "a.rs")
    assert run("clean", "--cache-dir", "other").out.startswith("removed 1 answer from ")
    assert not (tmp_path / "other" / "rustconc-lint").exists()
    run("clean", "--cache-dir", "own")
    assert [path.name for path in (tmp_path / "own" / "rustconc-lint").iterdir()] == ["notes.md"]
    assert run("clean", "--cache-dir", "own") == (0, "", "")


def test_runs_may_share_a_folder(tmp_path: Path, environment: dict[str, str]) -> None:
    """Six at once, while their answers are deleted: each says the same."""
    (tmp_path / "a.rs").write_text('fn main() { let x = 1; std::thread::spawn(|| println!("{x}")); }\n')
    command = [sys.executable, "-m", "rustconc_lint", "--cache-dir", "kept", "a.rs"]
    running = [
        subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for _ in range(6)
    ]
    while any(process.poll() is None for process in running):
        for path in entries(tmp_path / "kept" / "rustconc-lint"):
            path.unlink(missing_ok=True)
    outputs = {process.communicate()[0] for process in running}
    assert len(outputs) == 1
    assert b"missing-move" in outputs.pop()


# ---------------------------------------------------------------- whatever is edited

FILES = {
    "Cargo.toml": ("[package]\nname = 'p'\nedition = '2021'\n", "[package]\nname = 'p'\nedition = '2018'\n"),
    "src/lib.rs": (
        "pub mod a;\nuse std::sync::Mutex;\npub struct S { pub one: Mutex<u8>, pub two: Mutex<u8> }\n",
        "pub mod a;\npub mod b;\nuse std::sync::Mutex;\npub struct S { pub one: Mutex<u8>, pub two: Mutex<u8> }\n",
        "// another line\npub mod a;\n",
    ),
    "src/a.rs": (
        "pub fn f(s: &crate::S) { let _a = s.one.lock(); let _b = s.two.lock(); }\n",
        "pub fn f(s: &crate::S) { let _b = s.two.lock(); let _a = s.one.lock(); }\n",
        "pub fn f(s: &crate::S) { let _a = s.one.lock(); let _b = s.one.lock(); }\n",
    ),
    "src/b.rs": (
        "pub fn g(s: &crate::S) { let _b = s.two.lock(); let _a = s.one.lock(); }\n",
        "pub fn g() { let x = 1; std::thread::spawn(|| println!(\"{x}\")); }\n",
        "// rustconc: allow-file(missing-move)\npub fn g() { let x = 1; std::thread::spawn(|| println!(\"{x}\")); }\n",
    ),
    "tests/t.rs": ("fn t(s: &p::S) { p::a::f(s); let _b = s.two.lock(); p::a::f(s); }\n", "fn broken( {"),
    "rustconc.toml": ("ignore = ['double-lock']\n", "lock-order = ['S.two', 'S.one']\n", "lock-order = ['S.on']\n"),
}  # fmt: skip

EDITS = st.lists(
    st.sampled_from([(name, text) for name, texts in FILES.items() for text in (*texts, None)]), min_size=1, max_size=6
)


@pytest.fixture
def deep() -> Iterator[None]:
    """The linter's own limit of recursion: hypothesis minds who raises it."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, DEEPEST_STACK))
    yield
    sys.setrecursionlimit(limit)


def said(report: Report) -> tuple[object, ...]:
    return (
        text_report.render(report, color=False),
        json_report.render(report),
        msgspec.json.encode(report.findings),
        report.remarks,
    )


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS, damage=st.booleans())
def test_a_cached_run_says_what_a_run_from_nothing_says(
    deep: None, edits: list[tuple[str, str | None]], damage: bool
) -> None:
    """Files change, come and go; now and then the cache is damaged as well."""
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        for name, texts in FILES.items():
            if name != "rustconc.toml":
                (base / name).parent.mkdir(exist_ok=True)
                (base / name).write_text(texts[0])
        for name, text in edits:
            if text is None:
                (base / name).unlink(missing_ok=True)
            else:
                (base / name).write_text(text)
            expected = said(lint(Request(paths=(folder,))))
            for _ in range(2):
                assert said(lint(Request(paths=(folder,), cache=Cache(str(base / "kept"))))) == expected
            for path in entries(base / "kept") if damage else ():
                path.write_bytes(path.read_bytes()[:-1])
