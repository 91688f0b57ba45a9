// Each function takes `A` somewhere and calls `probe` somewhere else: is the guard of `A` still held there?
// Compiled and run for every edition; the interpreter must say the same.
#![allow(warnings, let_underscore_lock)]
use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard};

pub struct State {
    n: i32,
    list: Vec<i32>,
    option: Option<i32>,
}

static A: Mutex<State> = Mutex::new(State { n: 3, list: Vec::new(), option: Some(1) });
static B: Mutex<i32> = Mutex::new(0);

fn probe() -> bool {
    let held = A.try_lock().is_err();
    println!("{held}");
    let _b = B.lock().unwrap();
    true
}

fn number() -> i32 {
    probe();
    1
}

fn a() -> MutexGuard<'static, State> {
    A.lock().unwrap()
}

pub struct Pair {
    first: i32,
    second: bool,
}

fn two(_: i32, _: bool) {}
fn id<T>(value: T) -> T {
    value
}

fn and_second_operand() {
    let _ = a().n == 3 && probe();
}
fn or_second_operand() {
    let _ = a().n == 4 || probe();
}
fn if_condition_and() {
    if a().n == 3 && probe() {}
}
fn if_body() {
    if a().n == 3 {
        probe();
    }
}
fn if_let_body() {
    if let Some(_) = a().option {
        probe();
    }
}
fn if_let_else() {
    if let Some(5) = a().option {
    } else {
        probe();
    }
}
fn if_let_else_if() {
    if let Some(5) = a().option {
    } else if probe() {
    }
}
fn match_arm() {
    match a().n {
        _ => {
            probe();
        }
    }
}
fn match_arm_of_a_method() {
    match a().list.len() {
        _ => {
            probe();
        }
    }
}
fn for_over_a_range() {
    for _ in 0..a().n {
        probe();
        break;
    }
}
fn for_over_an_iterator() {
    for _ in a().option.iter() {
        probe();
    }
}
fn while_condition() {
    let mut turns = 0;
    while a().n > turns {
        probe();
        turns = 9;
    }
}
fn while_let() {
    while let Some(_) = a().option {
        probe();
        break;
    }
}
fn later_field_of_a_struct() {
    let _ = Pair { first: a().n, second: probe() };
}
fn later_argument() {
    two(a().n, probe());
}
fn argument_of_a_method() {
    a().list.push(number());
}
fn copy_out_then_next_statement() {
    let _n = a().n;
    probe();
}
fn reference_to_a_field() {
    let _r = &a().n;
    probe();
}
fn reborrow() {
    let _r = &mut *a();
    probe();
}
fn underscore() {
    let _ = a();
    probe();
}
fn named_guard() {
    let _g = a();
    probe();
}
fn let_else() {
    let Some(_) = a().option else { return };
    probe();
}
fn let_else_by_reference() {
    let Some(_x) = &a().option else { return };
    probe();
}
fn ref_binding() {
    let ref _r = a();
    probe();
}
fn format_arguments() {
    let mut s = String::new();
    write!(s, "{} {}", a().n, probe());
}
fn assignment_from_the_guard() {
    let mut x = [0];
    x[(number() - 1) as usize] = a().n;
}
fn assignment_to_the_guard() {
    a().n = { probe(); 3 };
}
fn closure_in_a_later_link() {
    let _ = a().option.map(|_| probe());
}
fn right_operand_of_plus() {
    let _ = a().n + number();
}
fn right_operand_of_a_comparison() {
    let _ = a().n == number();
}
fn block_tail() {
    let _n = { a().n };
    probe();
}
fn block_tail_in_a_condition() {
    match { a().n } {
        _ => {
            probe();
        }
    }
}
fn if_as_a_value() {
    let _v = if a().n == 3 { probe() } else { false };
}
fn tuple_later_element() {
    match (a().n, probe()) {
        _ => {}
    }
}
fn tuple_in_an_arm() {
    match (a().n, 1) {
        _ => {
            probe();
        }
    }
}
fn explicit_drop() {
    let g = a();
    drop(g);
    probe();
}
fn drop_of_a_reference() {
    let g = a();
    drop(&g);
    probe();
}
fn block() {
    {
        let _g = a();
    }
    probe();
}
fn moved_into_an_option() {
    let g = a();
    let _o = Some(g);
    probe();
}
fn moved_into_a_box() {
    let _b = Box::new(a());
    probe();
}
fn moved_into_a_tuple() {
    let _p = (a(), 1);
    probe();
}
fn moved_into_a_vec() {
    let mut v = Vec::new();
    v.push(a());
    probe();
}
fn through_identity() {
    let _g = id(a());
    probe();
}
fn moved_by_assignment() {
    let g = a();
    let _h = g;
    probe();
}
fn moved_into_an_inner_block() {
    let g = a();
    {
        let _h = g;
    }
    probe();
}
fn shadowed() {
    let g = a();
    let g = 1;
    probe();
}
fn extended_in_a_tuple() {
    let _t = (&*a(), 1);
    probe();
}
fn extended_in_some() {
    let _t = Some(&*a());
    probe();
}
fn extended_in_a_branch() {
    let _t = if true { &*a() } else { &*a() };
    probe();
}
fn extended_block() {
    let _t = { &*a() };
    probe();
}
fn not_extended_through_a_method() {
    let _n = a().list.len();
    probe();
}
fn cloned_out() {
    let _v = a().list.clone();
    probe();
}
fn match_guard() {
    match 1 {
        _ if a().n == 3 => {
            probe();
        }
        _ => {}
    }
}
fn statement_expression() {
    a().list.push(1);
    probe();
}
fn poison_idiom() {
    let _g = A.lock().unwrap_or_else(|e| e.into_inner());
    probe();
}
fn if_let_ok() {
    if let Ok(_g) = A.lock() {
        probe();
    }
}
fn match_ok() {
    match A.lock() {
        Ok(_g) => {
            probe();
        }
        Err(_) => {}
    }
}
fn match_value_then_next() {
    let _n = match A.lock() {
        Ok(g) => g.n,
        Err(_) => 0,
    };
    probe();
}
fn try_lock_some() {
    if let Ok(_g) = A.try_lock() {
        probe();
    }
}
fn early_return_in_one_branch() {
    let g = a();
    if g.n == 4 {
        drop(g);
        return;
    }
    probe();
}
fn closure_called_in_place() {
    let _g = a();
    let f = || probe();
    f();
}
fn getter_in_an_expression() {
    let _n = id(a().n);
    probe();
}
fn option_taken() {
    let mut slot = Some(a());
    slot.take();
    probe();
}
fn replaced() {
    let mut slot = Some(a());
    slot = None;
    probe();
}
fn loop_body_ends() {
    for _ in 0..1 {
        let _g = a();
    }
    probe();
}
fn break_out() {
    loop {
        let _g = a();
        break;
    }
    probe();
}

fn main() {
    CALLS
}
