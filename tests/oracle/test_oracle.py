"""A sample of the oracle, small enough for every run, and the oracle's own parts."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.oracle.judge import Table, Verdict, verdicts
from tests.oracle.listings import of_documentation, of_page
from tests.oracle.mutations import MUTATIONS, RULES, Mutant, chosen, mutants
from tests.oracle.programs import Found, Program
from tests.proof.rustc import Error


def test_the_linter_says_what_rustc_says(documentation: Path) -> None:
    """Of every second listing of the installed documentation that starts threads, one mutant of each kind."""
    table = Table()
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(judged, list(of_documentation(documentation))[::2]):
            for verdict in found:
                table.add(verdict)
    assert table.disagreements == [], f"\n{table}\n" + "\n".join(map(str, table.disagreements))
    assert all(table.by_rule()[rule].rejected > 20 for rule in ("missing-move", "rc-across-threads")), f"\n{table}"


def judged(program: Program) -> list[Verdict]:
    some = chosen(program.text, list(MUTATIONS), 1)
    return list(verdicts(program, some)) if some and not program.errors(program.text) else []


PROGRAM = """use std::sync::{atomic::{AtomicU8, Ordering}, Arc, Mutex};
fn main() {
    let log = Arc::new(Mutex::new(vec![1]));
    let n: AtomicU8 = AtomicU8::new(1);
    let theirs = log.clone();
    spawn(move || theirs.lock().unwrap().push(n.fetch_add(1, Ordering::SeqCst)));
    println!("{:?} {}", log.lock().unwrap(), n.load(Ordering::SeqCst));
}
async fn wait() { done().await; }
"""

MUTANTS = {
    "delete move": ["    spawn(|| theirs.lock()"],
    "Arc to Rc": ["let log = ::std::rc::Rc::new(Mutex::new(vec![1]));"],
    "capture an Rc": ["let burden = ::std::rc::Rc::new(0); spawn(move || { let _seen = &burden; theirs.lock()"],
    "wrap with an Rc": ["let theirs = Burdened(log.clone(), ::std::rc::Rc::new(0));"],
    "hold an Rc": ["async fn wait() { let _held = ::std::rc::Rc::new(0);  done().await; }"],
    "Mutex to RefCell": [
        "Arc::new(::std::cell::RefCell::new(vec![1]))",
        "move || theirs.borrow_mut().push(",
        "log.borrow_mut(), n.load",
    ],
    "Atomic to Cell": [
        "let n: ::std::cell::Cell<u8> = ::std::cell::Cell::<u8>::new(1);",
        "push(n.replace(n.get() + 1))",
        "n.get());",
    ],
    "capture an Arc<RefCell>": ["let burden = ::std::sync::Arc::new(::std::cell::RefCell::new(0)); spawn("],
    "drop a clone": ["    \n    spawn(move || log.lock()"],
    "use afterwards": ["Ordering::SeqCst))); let _late = &n;\n"],
    "capture a borrow": ["let burden = &lent; spawn(move || { let _seen = &burden; theirs.lock()"],
}


@pytest.mark.parametrize("kind", MUTATIONS)
def test_a_mutation_changes_what_it_names(kind: str) -> None:
    first = next(mutant for mutant in mutants(PROGRAM) if mutant.kind == kind)
    assert [part for part in MUTANTS[kind] if part not in first.text] == []
    assert kind in RULES


@dataclass(frozen=True)
class Toy:
    """A program about which everything is said beforehand, version by version."""

    text: str = "fn main() {\n    spawn(move || 1);\n}\n"
    name: str = "toy"
    path: str = "main.rs"
    said: Mapping[str, tuple[Error, ...]] = field(default_factory=dict)
    found: Mapping[str, list[Found]] = field(default_factory=dict)

    def errors(self, text: str) -> tuple[Error, ...]:
        return self.said.get(text, ())

    def findings(self, text: str) -> list[Found]:
        return self.found.get(text, [])

    def beside(self, path: str) -> Toy:
        return Toy(text=BESIDE, said=READ_BESIDE if path == "read.rs" else {})


MOVED = "fn main() {\n    spawn(|| 1);\n}\n"
DELETED = Mutant("delete move", 22, 2, MOVED)
PROBE = next(one.text for one in mutants(Toy.text) if one.kind == "capture an Rc")
BORROWS = Error("E0373", "closure may outlive the current function", frozenset({("main.rs", 2)}))
NOT_SENT = Error("E0277", "`Rc<i32>` cannot be sent between threads safely", frozenset({("main.rs", 2)}))
OTHER = Error("E0308", "mismatched types", frozenset({("main.rs", 2)}))
HERE, THERE = Found(2, "missing-move", "closure may outlive `main`"), Found(1, "missing-move", "closure may outlive")


READ = {
    MOVED.replace("fn main", 'compile_error! { "read" } fn main'): (Error("", "read", frozenset()),),
    MOVED.replace("spawn(", 'compile_error! { "read" } spawn('): (Error("", "read", frozenset()),),
}
BESIDE = "fn beside() {}\n"
READ_BESIDE = {f'compile_error! {{ "read" }} {BESIDE}': (Error("", "read", frozenset()),)}


def counts(
    errors: tuple[Error, ...],
    findings: list[Found],
    probe: tuple[Error, ...] = (NOT_SENT,),
    read: Mapping[str, tuple[Error, ...]] = READ,
) -> str:
    toy = Toy(said={MOVED: errors, PROBE: probe, **read}, found={MOVED: findings})
    table = Table()
    for verdict in verdicts(toy, [DELETED]):
        table.add(verdict)
    row = table.by_rule().get("missing-move")
    return "" if row is None else " ".join(name for name, count in vars(row).items() if count)


def test_a_mutant_is_judged_by_what_rustc_says() -> None:
    assert counts((BORROWS,), [HERE]) == "rejected right"
    assert counts((BORROWS,), []) == "rejected missed"
    assert counts((BORROWS,), [HERE, THERE]) == "rejected right false"
    assert counts((), []) == "accepted"
    assert counts((), [HERE]) == "false accepted"


def test_a_mutant_that_is_broken_otherwise_says_nothing() -> None:
    """Nor does a closure that has to own what it uses without a thread."""
    assert counts((BORROWS, OTHER), [HERE]) == ""
    assert counts((BORROWS,), [], probe=()) == ""


def test_what_is_not_compiled_is_not_judged() -> None:
    assert counts((), [HERE], read={}) == "accepted"
    assert counts((BORROWS,), [HERE, THERE], read={}) == "rejected right"


def test_what_is_found_in_another_file_counts() -> None:
    """An error has its lines where the changed type is used; a finding there may be about it, or false."""
    there = Error("E0373", "closure may outlive the current function", frozenset({("read.rs", 1)}))
    assert counts((there,), [Found(1, "missing-move", "closure may outlive", path="read.rs")]) == "rejected right"
    assert counts((there,), [Found(1, "missing-move", "closure may outlive")]) == "rejected missed false"
    assert counts((), [Found(1, "missing-move", "closure may outlive", path="read.rs")]) == "false accepted"
    assert counts((), [Found(1, "missing-move", "closure may outlive", path="not_read.rs")]) == "accepted"


def test_listings_are_read_from_pages() -> None:
    """Hidden lines count; an example of the library is taken whole from its address."""
    page = """<p>So:</p><pre><code class="language-rust edition2024"><span class="boring">fn main() {
</span>let a = 1 &lt; 2;<span class="boring">
}</span></code></pre>
<pre><code class="language-rust compile_fail">let a: u8 = "";</code></pre>
<pre><code class="language-toml">a = 1</code></pre>
<pre class="rust"><code><span class="kw">let </span>b</code></pre>
<a class="test-arrow" href="https://play.example/?code=fn+main()+%7B%7D&amp;edition=2018">Run</a>"""
    assert list(of_page(page)) == [("fn main() {\nlet a = 1 < 2;\n}", "2024"), ("fn main() {}", "2018")]
