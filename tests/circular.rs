// Programs whose declarations go round in circles, each below a line with its name.

//# aliases
type A = B;
type B = A;
fn f(a: A) {
    let b: B = a;
    b.lock();
    std::thread::spawn(|| b);
}

//# an alias of itself
type A = Vec<A>;
fn f(a: A) {
    a.pop();
    std::thread::spawn(|| a);
}

//# structs
struct A { b: B }
struct B { a: A, shared: std::rc::Rc<A> }
fn f(a: A) {
    std::thread::spawn(|| a.b.a.b);
}

//# a struct that grows
struct A<T> { a: Option<Box<A<(T, T)>>>, t: T }
fn f(a: A<i32>) {
    std::thread::spawn(|| a);
}

//# a default that is itself
struct A<T = A>(T);
fn f(a: A) {
    a.0.0.lock();
    std::thread::spawn(move || a);
}

//# impls
trait T {}
trait U {}
impl<X: U> T for X {}
impl<X: T> U for X {}
fn g(x: impl T + Send + 'static) {}
fn f() {
    g(1);
    std::thread::spawn(|| g(1));
}

//# an impl that grows
trait A { fn a(self); }
impl<T> A for Vec<T> where Vec<Vec<T>>: A {
    fn a(self) { vec![self].a() }
}
fn f(x: Vec<i32>) {
    x.a();
}

//# an associated type
trait A { type X; }
struct S;
impl A for S { type X = <S as A>::X; }
impl<T> A for Vec<T> { type X = <Vec<Vec<T>> as A>::X; }
fn f(x: <S as A>::X, y: <Vec<i32> as A>::X) {
    x.a(y.b());
    std::thread::spawn(|| (x, y));
}

//# dereferences
use std::ops::Deref;
struct A;
struct B;
impl Deref for A { type Target = B; fn deref(&self) -> &B { loop {} } }
impl Deref for B { type Target = A; fn deref(&self) -> &A { loop {} } }
fn f(a: A) {
    a.lock().unwrap();
    let b = *a;
    std::thread::spawn(|| b.c());
}

//# supertraits
trait A: B { fn a(&self); }
trait B: C {}
trait C: A {}
fn f<T: A>(t: T, d: Box<dyn B>) {
    t.a();
    d.a();
    std::thread::spawn(move || (t, d));
}

//# imports
mod a { pub use crate::b::*; pub use crate::b::x; }
mod b { pub use crate::a::*; pub use crate::a::x; }
use a::*;
use self::y as y;
fn f() {
    x();
    y();
    spawn(|| 1);
    a::spawn(|| 1);
}

//# globs of themselves
use self::*;
use crate::*;
use super::*;
fn f() {
    x();
    spawn(|| x());
}

//# files
#[path = "f0.rs"] mod a;
#[path = "mod.rs"] mod b;
mod a;
mod f0;
fn f() {
    a::f();
    b::f();
}

//# constants
const A: usize = B;
const B: usize = A;
static S: [i32; A] = S;
fn f() {
    S.a();
    let x = [S; B];
}

//# functions
use std::sync::Mutex;
fn f(m: &Mutex<i32>) {
    let guard = m.lock().unwrap();
    f(m);
    g(m);
}
fn g(m: &Mutex<i32>) {
    f(m);
    g(m);
}
fn main() {
    let m = Mutex::new(1);
    std::thread::scope(|s| {
        s.spawn(|| main());
        s.spawn(|| f(&m));
    });
}

//# a function that returns what it returns
fn f() -> impl Fn() {
    let g = f();
    move || g()
}
fn g() {
    std::thread::spawn(f());
}

//# a generic function that grows
use std::sync::Mutex;
fn f<T>(t: T, m: &Mutex<i32>) {
    let guard = m.lock().unwrap();
    f((t, 1), m);
    f(guard, m);
}

//# senders through a recursion
use std::sync::mpsc::{channel, Sender};
fn f(tx: Sender<i32>) -> Vec<Sender<i32>> {
    let mut all = f(tx.clone());
    all.push(tx);
    all
}
fn g() {
    let (tx, rx) = channel();
    let all = f(tx);
    for x in rx {}
}

//# closures
fn f(lock: &std::sync::Mutex<i32>) {
    let again = |g| g(g);
    again(again);
    let mut h = || 1;
    h = || h();
    h();
    let k = move || k.join(lock.lock().unwrap());
    k();
    std::thread::spawn(|| k());
}

//# inferred types
fn f() {
    let mut x = None;
    x = Some(x);
    let mut v = vec![];
    v.push(v);
    let t = (t, t);
    let mut a = None;
    let mut b = None;
    a = Some(b);
    b = Some(a);
    std::thread::spawn(move || (x, v, t, a, b));
}

//# macros
macro_rules! m { () => { m!() }; ($x:expr) => { m!($x + 1) } }
m!();
fn f() {
    m!(1);
    vec![m!()];
}

//# an impl that rests on itself for more
trait A<T> { fn a(self); }
struct P<T>(T);
impl<T> A<u8> for T where P<T>: A<u8> { fn a(self) {} }
fn f<T: A<u8>>(t: T) { std::thread::spawn(|| t); }
fn g() { f(String::new()); }
