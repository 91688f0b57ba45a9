"""Calls that are still being written: fewer arguments than the function takes are no reason to stop."""

from __future__ import annotations

import pytest

from rustconc_lint.apis import load_apis
from rustconc_lint.pipeline import Request, lint

GIVEN = ("&b", "tx", "&m", "&m", "rx", "thread", "|| ()")
WORK = """
use std::sync::{mpsc, Barrier, Mutex};
use std::thread::{self, JoinHandle};

fn work(
    b: &Barrier, tx: mpsc::Sender<u8>, m: &Mutex<u8>, n: &Mutex<u8>, rx: mpsc::Receiver<u8>, thread: JoinHandle<()>,
    f: impl FnOnce(),
) {
    BODY
}

fn main() {
    let (b, m, (tx, rx)) = (Barrier::new(2), Mutex::new(1), mpsc::channel());
    let thread = thread::spawn(|| ());
    let guard = m.lock().unwrap();
    work(ARGS);
    thread::spawn(work);
}
"""


@pytest.mark.parametrize(
    "body",
    [
        "b.wait();",
        "tx.send(1).unwrap();",
        "let first = m.lock().unwrap(); let second = n.lock().unwrap();",
        "for n in rx {}",
        "rx.recv().unwrap();",
        "loop { if let Ok(n) = rx.recv() {} }",
        "thread.join().unwrap();",
        "f();",
    ],
)
def test_a_call_of_the_project(body: str) -> None:
    for count in range(len(GIVEN)):
        text = WORK.replace("BODY", body).replace("ARGS", ", ".join(GIVEN[:count]))
        lint(Request(paths=(), stdin=("work.rs", text.encode())))


def test_a_call_of_a_known_crate() -> None:
    paths = sorted({path for api in load_apis(lambda name: True) for path in api.functions})
    text = "".join(f"fn f{n}() {{ let x = {path}(); for y in {path}() {{}} }}\n" for n, path in enumerate(paths))
    report = lint(Request(paths=(), stdin=("calls.rs", text.encode())))
    assert report.errors == ()
