// Every finding here is cured by `move` alone: rustc accepts the file once all of them are written.
use std::sync::{mpsc, Arc, Mutex};
use std::thread;

struct Pair {
    text: String,
    number: i32,
}

fn a_variable() {
    let name = String::new();
    thread::spawn(|| println!("{name}"));
}

fn several() {
    let name = String::new();
    let numbers = vec![1];
    thread::spawn(|| println!("{name} {numbers:?}"));
}

fn one_of_each_mode() {
    let eaten = String::new();
    let looked_at = String::new();
    thread::spawn(|| {
        drop(eaten);
        println!("{looked_at}");
    });
}

fn a_number_that_is_read_again() {
    let n = 1;
    thread::spawn(|| n + 1);
    println!("{n}");
}

fn of_the_loop() {
    for i in 0..3 {
        let own = format!("{i}");
        thread::spawn(|| println!("{own}"));
    }
}

fn a_number_from_outside_the_loop() {
    let n = 1;
    for _ in 0..3 {
        thread::spawn(|| n + 1);
    }
}

fn cloned_before() {
    let shared = Arc::new(Mutex::new(0));
    let mine = Arc::clone(&shared);
    thread::spawn(|| *mine.lock().unwrap() += 1);
    println!("{shared:?}");
}

fn its_length_was_taken() {
    let list = vec![1, 2];
    let length = list.len();
    thread::spawn(|| println!("{}", list.len()));
    println!("{length}");
}

fn a_borrow_that_is_over() {
    let list = vec![1, 2];
    let first = &list[0];
    println!("{first}");
    thread::spawn(|| println!("{}", list.len()));
}

fn a_field_beside_another() {
    let pair = Pair { text: String::new(), number: 1 };
    thread::spawn(|| println!("{}", pair.text));
    println!("{}", pair.number);
}

fn a_receiver() {
    let (sender, receiver) = mpsc::channel::<i32>();
    thread::spawn(|| receiver.recv().is_ok());
    drop(sender);
}

fn a_static_reference() {
    let text = "text";
    thread::spawn(|| println!("{text}"));
}

fn within_another_thread() {
    thread::spawn(|| {
        let own = String::new();
        thread::spawn(|| println!("{own}"));
    });
}

fn changed_by_the_thread_alone() {
    let mut list = vec![1];
    thread::spawn(|| list.push(2));
}

fn of_a_scope() {
    thread::scope(|s| {
        for i in 0..3 {
            s.spawn(|| println!("{i}"));
        }
    });
}

fn main() {}
