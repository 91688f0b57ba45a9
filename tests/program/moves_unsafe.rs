// Here `move` alone would not compile, or would mean something else: a fix may be offered, but never as a safe one.
use std::sync::{Arc, Mutex};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

struct Server {
    names: Vec<String>,
    hits: AtomicUsize,
}

impl Server {
    fn run(&self) {
        thread::spawn(|| self.hits.fetch_add(1, Ordering::SeqCst));
    }
}

fn used_again() {
    let name = String::new();
    thread::spawn(|| println!("{name}"));
    println!("{name}");
}

fn another_capture_is_used_again() {
    let name = String::new();
    let other = String::new();
    thread::spawn(|| println!("{name} {other}"));
    println!("{other}");
}

fn from_outside_the_loop() {
    let shared = Arc::new(Mutex::new(0));
    for _ in 0..3 {
        thread::spawn(|| *shared.lock().unwrap() += 1);
    }
}

fn from_outside_a_repeated_closure() {
    let name = String::new();
    let handles: Vec<_> = (0..3).map(|_| thread::spawn(|| println!("{name}"))).collect();
    drop(handles);
}

fn borrowed_by_what_lives_on() {
    let list = vec![1];
    let first = &list[0];
    thread::spawn(|| println!("{}", list.len()));
    println!("{first}");
}

fn borrowed_by_an_iterator() {
    let list = vec![1];
    let mut items = list.iter();
    thread::spawn(|| println!("{}", list.len()));
    println!("{:?}", items.next());
}

fn counts_in_a_copy() {
    let mut n = 0;
    thread::spawn(|| n += 1);
    println!("{n}");
}

fn changed_afterwards() {
    let mut n = 0;
    thread::spawn(|| println!("{n}"));
    n += 1;
    println!("{n}");
}

fn holds_a_borrow(names: &Vec<String>) {
    let pair = (names, 1);
    thread::spawn(|| println!("{:?}", pair));
}

fn a_parameter_itself(name: &str) {
    thread::spawn(|| println!("{name}"));
}

fn a_thread_before_it_has_the_same_mistake() {
    let name = String::new();
    thread::spawn(|| println!("{name}"));
    thread::spawn(|| println!("{name}"));
}

fn shared_with_the_scope() {
    let total = AtomicUsize::new(0);
    thread::scope(|s| {
        for i in 0..3 {
            s.spawn(|| total.fetch_add(i, Ordering::SeqCst));
        }
    });
}

fn unknown_to_be_sendable<T: Sync + 'static>(value: T) {
    thread::spawn(|| drop(&value));
}

fn main() {}
