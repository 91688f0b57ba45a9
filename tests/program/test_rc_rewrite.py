"""The fix of rc-across-threads: `Arc` in place of `Rc` in a whole file, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from rustconc_lint.fixes import UNSAFE, fix
from rustconc_lint.pipeline import Request
from tests.proof.rustc import check

PROGRAM = """use std::sync::Arc;
use std::rc::Rc;
use std::thread;

mod names {
    use std::rc::Rc;

    pub type Names = Rc<Vec<String>>;
}

fn main() {
    let names: names::Names = Rc::new(vec![]);
    let other = std::rc::Rc::clone(&names);
    thread::spawn(move || println!("{}", other.len()));
    println!("{} {}", Rc::strong_count(&names), Arc::new(1));
}
"""

EXPECTED = """use std::sync::Arc;
use std::thread;

mod names {
    use std::sync::Arc;

    pub type Names = Arc<Vec<String>>;
}

fn main() {
    let names: names::Names = Arc::new(vec![]);
    let other = std::sync::Arc::clone(&names);
    thread::spawn(move || println!("{}", other.len()));
    println!("{} {}", Arc::strong_count(&names), Arc::new(1));
}
"""


def fixed(text: str) -> str:
    """The text with all fixes."""
    outcome = fix(Request(paths=(), stdin=("main.rs", text.encode()), edition="2021"), UNSAFE)
    assert outcome.stdin is not None
    return outcome.stdin.after.decode()


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_every_mention_is_rewritten(line_break: str, rustc: str, tmp_path: Path) -> None:
    """Imports too, each module's own; rustc refuses the program before and takes it after."""
    text = PROGRAM.replace("\n", line_break)
    assert {error.code for error in check(text, "2021", tmp_path, {}).errors} == {"E0277"}
    assert fixed(text) == EXPECTED.replace("\n", line_break)
    assert check(fixed(text), "2021", tmp_path, {}).errors == ()


@pytest.mark.parametrize(
    "addition",
    [
        "// Rc is enough here\n",
        "use std::rc::Weak;\n",
        "macro_rules! shared { ($e:expr) => { Rc::new($e) } }\n",
        "mod cells { pub type Cell = std::rc::Rc<std::cell::RefCell<u8>>; }\n",
    ],
)
def test_a_mention_that_cannot_be_rewritten_leaves_all_as_they_are(addition: str) -> None:
    """Half of a file with Arc would not compile, and a comment would not be true any more."""
    assert fixed(PROGRAM + addition) == PROGRAM + addition


def test_an_import_beside_something_else_leaves_it() -> None:
    """Only what is alone on its line takes the line with it."""
    text = PROGRAM.replace("use std::rc::Rc;\nuse std::thread;", "use std::rc::Rc; use std::thread;")
    assert fixed(text) == EXPECTED.replace("use std::thread;", " use std::thread;")
