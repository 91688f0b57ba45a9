// Here `move` needs something before it: a clone for the thread, or a reference for a scoped one. Each function has
// one closure without `move` for each mark, and with all the fixes the file compiles.
use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{mpsc, Arc, Mutex};
use std::thread;

fn in_a_loop() {
    let counter = Arc::new(Mutex::new(0));
    let mut handles = vec![];
    for i in 0..3 {
        // one for each worker
        let handle = thread::spawn(|| { //~
            *counter.lock().unwrap() += i;
        });
        handles.push(handle);
    }
    println!("{counter:?}");
}

fn in_a_loop_of_one_line() {
    let name = String::new();
    for _ in 0..3 { thread::spawn(|| println!("{name}")); } //~
}

fn as_the_last_expression_of_a_loop_body() {
    let name = String::new();
    loop {
        match thread::spawn(|| name.len()).join() { //~
            Ok(0) => {}
            _ => break,
        }
    }
}

fn in_the_head_of_a_loop() {
    let name = String::new();
    while thread::spawn(|| name.len()).join().is_ok() {} //~
}

fn used_later_in_the_block(name: String) {
    let handle = thread::spawn(|| { //~
        println!("{name}");
    });
    handle.join().unwrap();
    println!("{name}");
}

fn used_later_in_the_statement() {
    let name = String::new();
    let both = (thread::spawn(|| name.len()), name.len()); //~
    drop(both);
}

fn used_earlier_in_the_statement_in_a_loop() {
    let names = vec![String::new()];
    for _ in 0..2 {
        println!("{} {:?}", names.len(), thread::spawn(|| names.len()).join()); //~
    }
}

fn with_an_attribute() {
    let name = String::new();
    for _ in 0..2 {
        #[cfg(not(windows))]
        thread::spawn(|| println!("{name}")); //~
    }
}

fn in_arms(which: u8) {
    let name = String::new();
    loop {
        match which {
            0 => drop(thread::spawn(|| println!("{name}"))), //~
            1 => {
                thread::spawn(|| println!("{name}")); //~
            }
            _ => break,
        }
    }
}

fn of_a_variable_that_the_statement_declares(text: Option<String>) {
    match text {
        Some(text) if text.is_empty() => for _ in 0..2 { thread::spawn(|| println!("{text}")); }, //~
        Some(text) => drop((thread::spawn(|| println!("{text}")), &text)), //~
        None => {}
    }
}

fn in_closures() {
    let name = String::new();
    let all: Vec<_> = (0..3).map(|_| thread::spawn(|| println!("{name}"))).collect(); //~
    let again: Vec<_> = (0..3)
        .map(|i| {
            println!("{i}");
            thread::spawn(|| println!("{name}")) //~
        })
        .collect();
    drop((all, again));
}

fn in_macros() {
    let name = String::new();
    let all = vec![thread::spawn(|| name.len()), thread::spawn(|| name.len())]; //~ //~
    assert_eq!(all.len(), 2, "{name}");
}

fn several_at_once() {
    let (tx, rx) = mpsc::channel();
    let names = Arc::new(vec![String::new()]);
    let ages: HashMap<String, u8> = HashMap::new();
    for i in 0..3 {
        thread::spawn(|| tx.send((i, names.len(), ages.len())).unwrap()); //~
    }
    println!("{}", ages.len());
    drop((tx, rx));
}

fn by_another_name() {
    let r#type = String::new();
    thread::spawn(|| println!("{}", r#type)); //~
    println!("{}", r#type);
}

fn named_apart() {
    struct Arc;
    let name = std::sync::Arc::new(0);
    thread::spawn(|| println!("{name}")); //~
    println!("{name} {}", std::mem::size_of_val(&Arc));
}

fn kept_in_a_variable() {
    let name = String::new();
    let work = || println!("{name}"); //~
    thread::spawn(work);
    println!("{name}");
}

fn borrowed_elsewhere() {
    let list = vec![1];
    let first = &list[0];
    thread::spawn(|| println!("{}", list.len())); //~
    println!("{first}");
}

fn a_field_of_a_struct() {
    #[derive(Clone)]
    struct Pair {
        one: String,
        two: String,
    }
    let pair = Pair { one: String::new(), two: String::new() };
    thread::spawn(|| println!("{}", pair.one)); //~
    println!("{} {}", pair.one, pair.two);
}

fn shared_with_a_scope() {
    let total = AtomicUsize::new(0);
    let names = vec![String::new()];
    thread::scope(|s| {
        for i in 0..3 {
            s.spawn(|| total.fetch_add(names[0].len() + i, Ordering::SeqCst)); //~
        }
        println!("{total:?}");
    });
}

fn owned_by_a_scope() {
    let total = Mutex::new(0);
    thread::scope(|s| {
        let step = Arc::new(1_i32);
        for _ in 0..3 {
            s.spawn(|| *total.lock().unwrap() += step.pow(2)); //~
        }
    });
}

fn returned() -> impl Future<Output = usize> {
    let name = String::new();
    thread::spawn(|| println!("{name}")); //~
    async { name.len() } //~
}

fn with_a_bound<T: Clone + Send + Sync + std::fmt::Debug + 'static>(value: T) {
    thread::spawn(|| println!("{value:?}")); //~
    println!("{value:?}");
}

fn main() {}
