// What the first closure of each function captures, in words, by the edition: `ref place`, `mut place`, `value place`,
// `? place` where it is not known. The line above a function says it of 2021, and of 2018 where that differs.
use std::cell::Cell;
use std::sync::{Arc, Mutex};

struct Pair {
    text: String,
    number: i32,
    next: Option<Box<Pair>>,
}

struct Guarded {
    text: String,
    number: i32,
}

impl Drop for Guarded {
    fn drop(&mut self) {}
}

impl Pair {
    fn look(&self) {}
    fn eat(self) {}
}

fn call<F: FnOnce() -> R, R>(f: F) {
    f();
}

//? ref name
fn format_macro(name: String) {
    call(|| println!("{name}"));
}

//? value name
fn dropped(name: String) {
    call(|| drop(name));
}

//? value name
fn looked_at_and_dropped(name: String) {
    call(|| {
        println!("{name}");
        drop(name);
    });
}

//? ref n
fn number(n: i32) {
    call(|| n + 1);
}

//? mut n
fn assigned(mut n: i32) {
    call(|| n += 1);
}

//? value n
fn number_moved(n: i32) {
    call(move || n + 1);
}

//? ref pair.text, value pair.next | value pair
fn two_fields(pair: Pair) {
    call(|| {
        pair.text.len();
        drop(pair.next);
    });
}

//? value pair
fn a_field_and_the_whole(pair: Pair) {
    call(|| {
        pair.text.len();
        pair.eat();
    });
}

//? value pair.number | value pair
fn a_field_moved(pair: Pair) {
    call(move || pair.number);
}

//? value guarded | value guarded
fn a_field_of_a_type_with_drop(guarded: Guarded) {
    call(move || guarded.text.len());
}

//? value guarded.number | value guarded
fn a_number_of_a_type_with_drop(guarded: Guarded) {
    call(move || guarded.number);
}

//? ref boxed.*.number | ref boxed
fn through_a_box(boxed: Box<Pair>) {
    call(|| boxed.number);
}

//? value boxed
fn through_a_box_by_move(boxed: Box<Pair>) {
    call(move || boxed.number);
}

//? ref pair.* | ref pair
fn through_a_reference(pair: &Pair) {
    call(|| pair.text.len());
}

//? value pair
fn through_a_reference_by_move(pair: &Pair) {
    call(move || pair.text.len());
}

//? mut pair.*.number | mut pair
fn through_a_mutable_reference(pair: &mut Pair) {
    call(|| pair.number = 1);
}

//? ref shared
fn through_an_arc(shared: Arc<Pair>) {
    call(|| shared.number);
}

//? ref shared
fn a_lock(shared: Arc<Mutex<i32>>) {
    call(|| *shared.lock().unwrap() += 1);
}

//? value shared
fn a_clone_in_a_block(shared: Arc<i32>) {
    call(|| {
        let mine = shared;
        drop(mine);
    });
}

//? | ref name
fn wildcard(name: String) {
    call(|| {
        let _ = name;
    });
}

//? value maybe
fn pattern_by_value(maybe: Option<String>) {
    call(|| if let Some(text) = maybe { text.len() } else { 0 });
}

//? ref maybe
fn pattern_by_reference(maybe: Option<String>) {
    call(|| if let Some(text) = &maybe { text.len() } else { 0 });
}

//? ref maybe
fn pattern_that_binds_nothing(maybe: Option<String>) {
    call(|| matches!(maybe, Some(_)));
}

//? value pair.text, ref pair.number | value pair
fn pattern_of_fields(pair: Pair) {
    call(|| {
        let Pair { text, number, .. } = pair;
        text.len() as i32 + number
    });
}

//? value list
fn for_loop(list: Vec<i32>) {
    call(|| for _ in list {});
}

//? ref list
fn for_loop_over_a_reference(list: Vec<i32>) {
    call(|| for _ in &list {});
}

//? ref list
fn index(list: Vec<i32>) {
    call(|| list[0]);
}

//? ref text.*
fn method_of_a_reference(text: &'static str) {
    call(|| text.len());
}

//? ref text
fn a_reference_shown(text: &'static str) {
    call(|| println!("{text}"));
}

//? value name
fn inner_move(name: String) {
    call(|| {
        let inner = move || name.len();
        inner();
    });
}

//? ref name
fn inner_borrow(name: String) {
    call(|| {
        let inner = || name.len();
        inner();
    });
}

//? ref f
fn calls_an_fn(f: impl Fn()) {
    call(|| f());
}

//? mut f
fn calls_an_fn_mut(mut f: impl FnMut()) {
    call(|| f());
}

//? value f
fn calls_an_fn_once(f: impl FnOnce()) {
    call(|| f());
}

//? ? thing
fn unknown_method(thing: missing::Type) {
    call(|| thing.run());
}

//? ? name
fn unknown_macro(name: String) {
    call(|| missing!(name));
}

//? value left, value right
fn overloaded_operator(left: String, right: missing::Type) {
    call(move || left + right);
}

//? ref cell
fn interior(cell: Cell<i32>) {
    call(|| cell.set(1));
}

//? ref a, ref b
fn compared(a: String, b: String) {
    call(|| a == b);
}

//? value future
fn awaited(future: impl std::future::Future<Output = ()>) {
    drop(async { future.await });
}
