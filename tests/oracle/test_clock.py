"""A sample of the oracle that asks the clock, and the parts of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.oracle.channel_mutations import CHANNEL_MUTATIONS, CHANNELS, RULES
from tests.oracle.clock import HANGS, verdicts
from tests.oracle.judge import Table
from tests.oracle.listings import of_pages
from tests.oracle.mutations import mutants
from tests.oracle.programs import Listing

LIMIT = 2.0


def test_what_hangs_is_said_to_hang(documentation: Path) -> None:
    """Of the listings in the documentation of std's channels, one mutant of each kind."""
    pages = sorted((documentation / "std/sync/mpsc").glob("*.html"))
    table = Table()
    for verdict in verdicts(list(of_pages(documentation, pages, CHANNELS)), list(CHANNEL_MUTATIONS), 1, LIMIT):
        table.add(verdict)
    assert table.disagreements == [], f"\n{table}\n" + "\n".join(map(str, table.disagreements))
    assert sum(row.rejected for row in table.rows.values()) > 20, f"\n{table}"


PROGRAM = """use std::sync::mpsc;
use std::thread;
fn main() {
    let (tx, rx) = mpsc::channel();
    let theirs = tx.clone();
    let sender = thread::spawn(move || theirs.send(1).unwrap());
    drop(tx);
    for n in &rx {
        println!("{n}");
    }
    sender.join().unwrap();
    let (tx, rx) = mpsc::channel();
    tx.send(2).unwrap();
    let answer = rx.recv().unwrap();
    println!("{answer}");
    thread::spawn(move || tx.send(3));
}
"""

MUTANTS = {
    "keep a clone": "mpsc::channel(); let _kept = tx.clone();",
    "keep it in a struct": "struct Kept<T>(T); let _kept = Kept(tx.clone());",
    "keep it in an Arc": "let _kept = ::std::sync::Arc::new(::std::sync::Mutex::new(Some(tx.clone())));",
    "move a clone": "thread::spawn({ let tx = tx.clone(); move || tx.send(3) });",
    "delete a drop": "unwrap());\n    \n",
    "drop too late": "tx.send(3));\n drop(tx); }",
    "join before the drop": "    } drop(tx); ",
    "drain at the end": " for _rest in rx.iter() {} }",
    "swap send and receive": "let answer = rx.recv().unwrap();\n    tx.send(2).unwrap();",
    "receive once more": "let answer = rx.recv().unwrap(); let _more = rx.recv();",
    "no room": "= ::std::sync::mpsc::sync_channel(0);",
    "join before the drain": "sender.join().unwrap();\n    for n in &rx",
}


@pytest.mark.parametrize("kind", CHANNEL_MUTATIONS)
def test_a_mutation_changes_what_it_names(kind: str) -> None:
    texts = [mutant.text for mutant in mutants(PROGRAM, CHANNEL_MUTATIONS) if mutant.kind == kind]
    assert any(MUTANTS[kind] in text for text in texts), texts
    assert RULES[kind] in HANGS


JUDGED = """use std::sync::mpsc::channel;
fn main() {
    let (tx, rx) = channel();
    tx.send(1).unwrap();
    drop(tx);
    for n in rx {
        println!("{}", n);
    }
}
fn never_called() {
    let (tx, rx) = channel::<u8>();
    drop(tx);
    for n in rx {
        println!("{}", n);
    }
}
"""


def test_only_what_is_reached_counts(rustc: str) -> None:
    """The mutants of the function that is never called are left out."""
    program = Listing("judged", JUDGED, "2021", {})
    found = verdicts([program], ["delete a drop"], 9, LIMIT)
    assert [(one.mutant.kind, one.mutant.line, len(one.errors), one.missed, one.false) for one in found] == [
        ("as it is", 1, 0, (), ()),
        ("delete a drop", 5, 1, (), ()),
    ]
