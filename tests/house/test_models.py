"""A project's own models of crates: what they make known, and how a mistake in one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from rustconc_lint import cli
from tests.house.toys import Tree

MODEL = """crate = "our_rt"
declarations = '''
use std::ops::Deref;
pub fn start<F: FnOnce() + Send + 'static>(work: F) -> Running;
pub struct Running(());
impl Running { pub fn wait(self); }
pub struct Lock<T>(std::sync::Mutex<T>);
impl<T> Lock<T> {
    pub const fn new(value: T) -> Lock<T>;
    pub fn enter(&self) -> Held<'_, T>;
}
pub struct Held<'a, T>(std::sync::MutexGuard<'a, T>);
impl<T> Deref for Held<'_, T> { type Target = T; }
'''

[types]
"our_rt::Lock" = { role = "mutex" }
"our_rt::Held" = { role = "guard" }
"our_rt::Running" = { role = "thread" }

[functions]
"our_rt::start" = { spawns = "thread" }
"our_rt::Running::wait" = { joins = true }
"our_rt::Lock::enter" = { acquires = "exclusive" }
"""

PACKAGE = '[package]\nname = "demo"\nedition = "2021"\n[dependencies]\nour_rt = "1"\n'

PROGRAM = """use our_rt::{start, Lock};
use std::rc::Rc;

static A: Lock<u32> = Lock::new(0);
static B: Lock<u32> = Lock::new(0);

fn main() {
    let name = String::new();
    start(|| println!("{name}"));
    let shared = Rc::new(1);
    start(move || drop(shared));
    let other = start(move || {
        let b = B.enter();
        let a = A.enter();
    });
    let a = A.enter();
    let b = B.enter();
    other.wait();
}
"""


def lint(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str], str]:
    """Exit code, what was found, and what was said on stderr."""
    code = cli.run(["--color", "never", str(folder)])
    printed = capsys.readouterr()
    return (
        code,
        [line.partition(":")[0] for line in printed.out.splitlines() if line[:5] in ("error", "warni")],
        printed.err,
    )


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"rustconc.toml": 'apis = ["models/our_rt.toml"]'}, "models/our_rt.toml"),
        ({"Cargo.toml": PACKAGE + '[package.metadata.rustconc]\napis = ["../our_rt.toml"]'}, "../our_rt.toml"),
    ],
    ids=["rustconc.toml", "Cargo.toml"],
)
def test_a_model_makes_a_crate_known(
    settings: dict[str, str], place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its spawner is one and its lock is one; paths are relative to the configuration."""
    folder = tmp_path / "demo"
    for name, text in {"Cargo.toml": PACKAGE, "src/main.rs": PROGRAM, place: MODEL}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    assert lint(folder, capsys) == (0, [], "")
    for name, text in settings.items():
        (folder / name).write_text(text, encoding="utf-8")
    assert lint(folder, capsys) == (
        1,
        ["error[missing-move]", "error[rc-across-threads]", "warning[inconsistent-lock-order]"],
        "",
    )


def test_a_model_takes_the_place_of_the_one_that_is_shipped(tree: Tree, capsys: pytest.CaptureFixture[str]) -> None:
    """For a fork, or a version that is not known here."""
    spawning = 'fn f(name: String) { tokio::spawn(async { println!("{name}") }); }\n'
    folder = tree({"a.rs": spawning, "rustconc.toml": "", "tokio.toml": 'crate = "tokio"\n'})
    assert lint(folder, capsys)[1] == ["error[missing-move]"]
    (folder / "rustconc.toml").write_text('apis = ["tokio.toml"]\n', encoding="utf-8")
    assert lint(folder, capsys) == (0, [], "")


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("crate =\n", "Invalid value (at line 1, column 8)"),
        ("", "Object missing required field `crate`"),
        ('crate = "x"\ncrates = 1\n', "Object contains unknown field `crates`"),
        ('crate = "x"\nrequires = ["tokyo"]\n', "requires: there is no model of `tokyo`; did you mean `tokio`?"),
        (
            'crate = "x"\ndeclarations = "pub fn a();\\npub fun b();"\n',
            "declarations: this is not Rust: `pub fun b();`",
        ),
        (
            'crate = "x"\ndeclarations = "pub fn run();"\nfunctions = { "x::ran" = { spawns = "thread" } }\n',
            'functions."x::ran": the declarations have no such path',
        ),
        (
            'crate = "x"\ndeclarations = "pub fn run();"\nfunctions = { "x::run" = { spawns = "fibre" } }\n',
            "functions.\"x::run\": Invalid enum value 'fibre' - at `$.spawns`",
        ),
        (
            'crate = "x"\ndeclarations = "pub struct Lock;"\ntypes = { "y::Lock" = { role = "mutex" } }\n',
            'types."y::Lock": the declarations have no such path',
        ),
    ],
)
def test_a_mistake_in_a_model_is_named(
    model: str, message: str, tree: Tree, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tree({"a.rs": "", "rustconc.toml": 'apis = ["x.toml"]', "x.toml": model})
    assert lint(folder, capsys) == (2, [], f"rustconc-lint: error: {folder / 'x.toml'}: {message}\n")


def test_a_model_that_is_not_there_is_named_where_it_is_configured(
    tree: Tree, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tree({"a.rs": "", "rustconc.toml": 'select = []\napis = ["x.toml"]'})
    expected = f"rustconc-lint: error: {folder / 'rustconc.toml'}:2: there is no file `x.toml`, named in `apis`\n"
    assert lint(folder, capsys) == (2, [], expected)


def test_two_models_of_one_crate_are_one_too_many(tree: Tree, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tree(
        {
            "a.rs": "",
            "rustconc.toml": 'apis = ["x.toml", "y.toml"]',
            **dict.fromkeys(["x.toml", "y.toml"], 'crate = "x"'),
        }
    )
    code, _, said = lint(folder, capsys)
    assert code == 2
    assert said == f"rustconc-lint: error: {folder / 'y.toml'}: crate: `x` has a model in {folder / 'x.toml'} already\n"
