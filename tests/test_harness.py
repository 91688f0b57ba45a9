"""The harness itself: it believes a true claim and catches a false one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.marks import Mark, MarkError, read_marks, without_marks
from tests.proof.cargo import build_crates
from tests.proof.claims import Claim, ClaimError, functions, read_claim
from tests.proof.judge import judge_crate, judge_text, names_crate
from tests.samples import Sample, read_page

DEADLOCK = "let m = std::sync::Mutex::new(0); let _g = m.lock().unwrap(); let _h = m.lock().unwrap();"


def judged(text: str, folder: Path, topic: str = "clean") -> list[str]:
    return judge_text(Sample("sample", topic, (("sample.rs", text),)), "2021", folder, {})


@pytest.mark.parametrize(
    "text",
    [
        "//@ rustc: ok\nfn f() {}\n",
        "//@ run: ends\nfn main() {}\n",
        f"//@ run: hangs\nfn main() {{ {DEADLOCK} }}\n",
        "//@ run: panics\nfn main() { panic!() }\n",
        "//@ rustc: E0425\nfn f() { g() }\n",
        '//@ rustc: "expected expression"\nfn f() { let x = ; }\n',
        "//@ rustc: let_underscore_lock\nfn f() { let _ = std::sync::Mutex::new(0).lock(); }\n",
        "//@ wrap: main\n//@ run: ends\nlet m = Arc::new(Mutex::new(0));\n",
        f"//@ run: each\nfn a() {{ {DEADLOCK} }} //~ double-lock\nfn b() {{}}\n",
        f"//@ run: each\n//@ run: hangs\nfn a() {{\n    {DEADLOCK}\n}}\n",
    ],
)
def test_a_true_claim_is_believed(text: str, tmp_path: Path, rustc: str) -> None:
    """Each kind of claim, on the smallest program of which it is true."""
    assert judged(text, tmp_path) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("//@ rustc: ok\nfn f() { g() }\n", "unexpected E0425"),
        ("//@ rustc: E0425\nfn f() {}\n", "no E0425"),
        ("//@ rustc: E0425\nfn f() { g() }\nfn h() -> u8 { true }\n", "unexpected E0308"),
        ('//@ rustc: "some words"\nfn f() {}\n', 'no "some words"'),
        ("//@ run: hangs\nfn main() {}\n", "expected that the program hangs, got: ends"),
        ("//@ run: ends\nfn main() { panic!() }\n", "expected that the program ends, got: panics"),
        ("//@ run: ends\nfn main() { std::process::exit(3) }\n", "got: fails"),
        ("//@ run: ends\nfn f() {}\n", "needs a `main`"),
        ("//@ run: each\nfn a() {}  //~ double-lock\n", "expected that `a` hangs, got: ends"),
        ("//@ run: each\n//@ run: panics\nfn a() {}\n", "expected that `a` panics, got: ends"),
    ],
)
def test_a_false_claim_is_caught(text: str, said: str, tmp_path: Path, rustc: str) -> None:
    """Each kind of claim, on the smallest program of which it is not true."""
    assert said in "\n".join(judged(text, tmp_path))


LATE = "fn {name}() {{ let s = String::new(); std::thread::spawn(|| s.len()); }}"


@pytest.mark.parametrize(
    ("mark_a", "mark_b", "said"),
    [
        ("//~ missing-move", "//~ missing-move", ""),
        ("//~ missing-move", "//~ missed: missing-move", ""),
        ("//~ missing-move", "", "rejects what no mark expects: E0373 (lines 3)"),
        ("//~ missing-move", "//~ false: missing-move", "rejects what is called false"),
    ],
)
def test_errors_and_marks_agree_line_by_line(mark_a: str, mark_b: str, said: str, tmp_path: Path, rustc: str) -> None:
    """One right mark does not vouch for the other functions of a fixture."""
    text = f"//@ rustc: E0373\n{LATE.format(name='a')} {mark_a}\n{LATE.format(name='b')} {mark_b}\n"
    lines = "\n".join(judged(text, tmp_path, "missing-move"))
    assert said in lines if said else not lines


def test_a_mark_that_rustc_does_not_confirm_is_caught(tmp_path: Path, rustc: str) -> None:
    """The second function compiles, so a rule about rustc's errors has nothing to say there."""
    text = f"//@ rustc: E0373\n{LATE.format(name='a')} //~ missing-move\nfn b() {{}} //~ missing-move\n"
    assert "rustc accepts what is marked: sample.rs: line 3" in "\n".join(judged(text, tmp_path, "missing-move"))


def test_crates_are_built_together_and_judged_apart(tmp_path: Path, pytestconfig: pytest.Config, rustc: str) -> None:
    """A crate that fails does not hide what another one does; a workspace is built after them."""
    crates = {}
    for name, main in {
        "good": "fn main() {}",
        "bad": "fn main() { missing() }",
        "own": "fn main() { loop {} }",
    }.items():
        folder = tmp_path / "given" / name
        (folder / "src").mkdir(parents=True)
        workspace = "[workspace]\n" if name == "own" else ""
        manifest = f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2021"\n{workspace}'
        (folder / "Cargo.toml").write_text(manifest)
        (folder / "src" / "main.rs").write_text(main)
        crates[name] = folder
    root = tmp_path / "root"
    root.mkdir()
    built = build_crates(list(crates.values()), root.resolve(), pytestconfig.cache.mkdir("proof-target"))

    def crate_judged(name: str, claim: str) -> str:
        sample = Sample(name, "clean", (("src/main.rs", f"//@ {claim}"),), crates[name])
        return "\n".join(judge_crate(sample, built.crates[crates[name]]))

    assert crate_judged("good", "run: ends") == ""
    assert crate_judged("bad", "rustc: E0425") == ""
    assert crate_judged("own", "run: hangs") == ""
    assert "unexpected E0425" in crate_judged("bad", "run: ends")
    assert "tokio" in built.externs


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fn main() {}", "no proof"),
        ("//@ edition: 2021", "no proof"),
        ("//@ rustc: ok\n//@ rustc: ok", "line 2: a second `rustc`"),
        ("//@ rustc: fine!", "expected `ok`"),
        ("//@ run: sometimes", "one of ends, hangs"),
        ("//@ rustc: E0373\n//@ run: ends", "cannot be run"),
        ("//@ edition: 2020\n//@ rustc: ok", "2020 is not an edition"),
        ("//@ expect: ok\n//@ rustc: ok", "unknown claim `expect`"),
        ("code(); //@ rustc: ok", "line 1: a claim stands on a line of its own"),
        ("//@ wrap: test\n//@ rustc: ok", "only `main` is known"),
    ],
)
def test_a_claim_that_cannot_be_read_is_an_error(text: str, said: str) -> None:
    """A slip in a claim must not turn into a proof of nothing."""
    with pytest.raises(ClaimError, match=None) as error:
        read_claim(text)
    assert said in str(error.value)


def test_claims_are_read() -> None:
    """Codes and words may be mixed; several editions may be named."""
    text = '//@ edition: 2018 2024\n//@ rustc: E0277, "sent between", let_underscore_lock\n'
    expected = Claim(("2018", "2024"), frozenset({"E0277", "let_underscore_lock"}), ("sent between",))
    assert read_claim(text) == expected


def test_functions_to_be_run_by_themselves() -> None:
    """Only those without parameters and at the left margin; the line above may say how one ends."""
    text = "//@ run: each\n//@ run: ends\nfn a() {\n}\nfn b(n: u8) {}\n    fn c() {}\nasync fn d() {}\npub fn e() {}\n"
    found = [(one.name, one.first, one.last, one.asynchronous, one.run) for one in functions(text)]
    assert found == [("a", 3, 4, False, "ends"), ("d", 7, 7, True, None), ("e", 8, 8, False, None)]
    assert read_claim(text).run == "each"


def test_marks_are_read() -> None:
    """On the line, lines above, several on one, with words, and the two kinds that are known to be wrong."""
    text = 'a //~ one "with words"\nb\n//~^^ two //~^ three\nc //~ missed: four "why"\nd //~ false: five\n'
    assert read_marks(text) == (
        Mark(1, "one", "found", "with words"),
        Mark(1, "two", "found", ""),
        Mark(2, "three", "found", ""),
        Mark(4, "four", "missed", "why"),
        Mark(5, "five", "false", ""),
    )
    assert without_marks(text) == "a\nb\n\nc\nd\n"


@pytest.mark.parametrize("text", ["//~", "x //~ Rule", "x //~ rule words", "//~^ rule", "x //~ wrong: rule"])
def test_a_mark_that_cannot_be_read_is_an_error(text: str) -> None:
    """A misspelt mark must not be a comment."""
    with pytest.raises(MarkError):
        read_marks(text)


@pytest.mark.parametrize(
    ("text", "named"),
    [("use tokio::sync::Mutex;", True), ("flume::bounded(1)", True), ("use rayon;", True), ("let tokio = 1;", False)],
)
def test_programs_that_need_a_crate_are_told_apart(text: str, named: bool) -> None:
    """Only they wait for Cargo."""
    assert names_crate(text, ["tokio", "flume", "rayon"]) is named


def test_a_page_is_read(tmp_path: Path) -> None:
    """Its sections, and its blocks with the line they begin on."""
    path = tmp_path / "some-rule.md"
    path.write_text('+++\nseverity = "error"\n+++\nOne sentence.\n\n## Bad\n\n```rust\n## no heading\n```\n\n## Good\n')
    page = read_page(path)
    assert page.rule == "some-rule"
    assert list(page.sections) == ["Bad", "Good"]
    assert [(block.section, block.language, block.first, block.text) for block in page.blocks] == [
        ("Bad", "rust", 8, "## no heading\n")
    ]
