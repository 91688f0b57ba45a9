"""What every call calls: definition, model, how self is passed, which pointers it is reached through.

One line an expectation: a piece of the program's text (its last occurrence as an expression), then what it calls.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from rustconc_lint.program.typeck.model import Callee
from tests.typeck.show import show
from tests.typeck.test_types import typed

PROGRAM = """
use std::ops::{Add, AddAssign, Index};
use std::rc::Rc;
use std::sync::{mpsc, Arc, Mutex, RwLock};
use std::thread;

pub trait Greet {
    fn greet(&self) -> String;
    fn twice(&self) -> String { self.greet() + &self.greet() }
    fn make() -> Self where Self: Sized;
}
#[derive(Clone, PartialEq)]
pub struct English { name: String }
impl Greet for English {
    fn greet(&self) -> String { self.name.clone() }
    fn make() -> Self { English { name: String::new() } }
}
impl English {
    fn into_name(self) -> String { self.name }
    fn shout(self: Arc<Self>) -> usize { self.name.len() }
    fn rename(&mut self, name: &str) { self.name.push_str(name); }
}
#[derive(Clone, Copy)]
pub struct Meters(f32);
impl Add for Meters { type Output = Meters; fn add(self, other: Meters) -> Meters { Meters(self.0 + other.0) } }
impl AddAssign<f32> for Meters { fn add_assign(&mut self, other: f32) { self.0 += other; } }
pub struct Row(Vec<u8>);
impl Index<usize> for Row { type Output = u8; fn index(&self, at: usize) -> &u8 { &self.0[at] } }
pub enum Shape { Circle(f32), Square }

pub fn generic<G: Greet>(g: &G, b: &dyn Greet) -> String { g.twice() + &b.greet() }

pub fn calls(shared: Arc<Mutex<Vec<English>>>, lock: &RwLock<u8>, e: English, mut m: Meters, row: Row) {
    let guard = shared.lock().unwrap();
    let len = guard.len();
    let first = guard.first();
    let other = shared.clone();
    let again = Arc::clone(&other);
    *lock.write().unwrap() = 1;
    let read = lock.read();
    let (tx, rx) = mpsc::channel::<Rc<u8>>();
    tx.send(Rc::new(1)).unwrap();
    for one in rx { drop(one); }
    let handle = thread::spawn(move || again.lock().map(|v| v.len()).unwrap_or(0));
    handle.join().unwrap();
    let greeting = e.greet();
    let double = e.twice();
    let made = <English as Greet>::make();
    let by_trait: English = Greet::make();
    let loud = Arc::new(made).shout();
    let mut copy = e.clone();
    copy.rename("x");
    let same = copy == e;
    let sum = m + m;
    m += 1.0;
    let byte = row[0];
    let name = e.into_name();
    let circle = Shape::Circle(1.0);
    let square = Shape::Square;
    let function = generic::<English>;
    let text = function(&by_trait, &by_trait);
    let owned: String = "x".into();
    let mut boxed = Box::new(3u8);
    let inner = boxed.clone().max(1);
    let iterated = vec![1u8].into_iter().map(|n| n + 1).sum::<u8>();
    let length = (*shared).lock().map(|v| v.len());
    let default = <u8 as Default>::default();
}
"""

EXPECTED = """
shared.lock()                       std::sync::Mutex::lock ref Mutex<Vec<English>> via Arc
lock.write()                        std::sync::RwLock::write ref RwLock<u8> via &
guard.len()                         std::vec::Vec::len ref Vec<English> via MutexGuard
guard.first()                       []::first ref [English] via MutexGuard Vec
shared.clone()                      std::clone::Clone::clone ref Arc<Mutex<Vec<English>>>
Arc::clone(&other)                  std::clone::Clone::clone value _
lock.read()                         std::sync::RwLock::read ref RwLock<u8> via &
mpsc::channel::<Rc<u8>>()           std::sync::mpsc::channel value _
tx.send(Rc::new(1))                 std::sync::mpsc::Sender::send ref Sender<Rc<u8>>
for one in rx { drop(one); }        std::iter::IntoIterator::into_iter value Receiver<Rc<u8>>
drop(one)                           std::mem::drop value _
thread::spawn(move ||               std::thread::spawn value _
again.lock()                        std::sync::Mutex::lock ref Mutex<Vec<English>> via Arc
handle.join()                       std::thread::JoinHandle::join value JoinHandle<usize>
e.greet()                           <program::English as Greet>::greet ref English
e.twice()                           program::Greet::twice ref English
<English as Greet>::make()          <program::English as Greet>::make value _
Greet::make()                       <program::English as Greet>::make value _
Arc::new(made).shout()              program::English::shout value Arc<English>
e.clone()                           std::clone::Clone::clone ref English
copy.rename("x")                    program::English::rename mut English
copy == e                           std::cmp::PartialEq::eq ref English
m + m                               <program::Meters as Add>::add value Meters
m += 1.0                            <program::Meters as AddAssign<f32>>::add_assign mut Meters
*shared                             std::ops::Deref::deref ref Arc<Mutex<Vec<English>>>
row[0]                              <program::Row as Index<usize>>::index ref Row
e.into_name()                       program::English::into_name value English
Shape::Circle(1.0)                  program::Shape::Circle value _
function(&by_trait, &by_trait)      program::generic value _
boxed.clone()                       std::clone::Clone::clone ref Box<u8>
g.twice()                           program::Greet::twice ref G via & inexact
b.greet()                           program::Greet::greet ref dyn Greet via & inexact
self.greet()                        program::Greet::greet ref Self via & inexact
vec![1u8].into_iter()               std::iter::IntoIterator::into_iter value Vec<u8>
.map(|n| n + 1)                     std::iter::Iterator::map value IntoIter<u8>
"""


def nodes(value: Any) -> Iterator[Any]:
    """Every struct below, outermost first."""
    if isinstance(value, tuple):
        for part in value:
            yield from nodes(part)
    elif isinstance(value, msgspec.Struct):
        yield value
        for part in msgspec.structs.astuple(value):
            yield from nodes(part)


def described(callee: Callee) -> str:
    """`path receiver adjusted-type [via pointers] [inexact]`."""
    pointers = [step.rsplit("::", 1)[-1] for step in callee.steps]
    via = f" via {' '.join(pointers)}" if pointers else ""
    return (
        f"{callee.definition.path} {callee.receiver} {show(callee.adjusted)}{via}{'' if callee.exact else ' inexact'}"
    )


def calls(program: str) -> dict[str, str]:
    """The text of each call -> what it calls."""
    data = program.encode()
    return {
        data[node.start : node.end].decode(): described(callee)
        for body in typed(program)
        for node in nodes(body.body.value)
        if (callee := body.calls.get(id(node))) is not None
    }


CALLS = calls(PROGRAM)


@pytest.mark.parametrize("line", EXPECTED.strip().splitlines())
def test_callee(line: str) -> None:
    text, _, expected = line.partition("  ")
    found = {CALLS[call] for call in CALLS if call.startswith(text) or (text[0] == "." and call.endswith(text))}
    assert expected.strip() in found


def test_a_function_that_the_arguments_do_not_fit_is_not_the_one_that_is_called() -> None:
    """`hidden!` may give `Group` a function of that name, as it did where the call compiles."""
    found = calls("""
        struct Group(Vec<u8>);
        hidden!(Group);
        trait Element { fn el(self); fn with(&self, size: u8); }
        impl<T: 'static> Element for T { fn el(self) {} fn with(&self, size: u8) {} }
        fn many() {
            Group::el(Group(vec![]));
            Group::el(vec![1]);
            Group(vec![]).with(1);
            Group(vec![]).with("one");
        }
    """)
    assert [text for text in found if "el(" in text or "with(" in text] == [
        "Group::el(Group(vec![]))",
        "Group(vec![]).with(1)",
    ]
