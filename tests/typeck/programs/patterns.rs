use std::collections::HashMap;
use std::ops::{Range, RangeInclusive};
use std::sync::{Arc, Mutex, MutexGuard};

pub struct Point {
    pub x: i32,
    pub y: i32,
}

pub enum Event {
    Key(char, bool),
    Move { at: Point, by: (i32, i32) },
    Text(String),
    Nested(Option<Result<String, u8>>),
}

pub fn ergonomics(event: &mut Event, point: &Point, pairs: &[(String, u32)]) {
    match event {
        Event::Key(key, down) => { //: key: &mut char; down: &mut bool
            println!("{key} {down}");
        }
        Event::Move { at: Point { x, .. }, by: (dx, _) } => { //: x: &mut i32; dx: &mut i32
            *x += *dx;
        }
        Event::Text(text) if text.is_empty() => {}
        Event::Text(text) => { //: &mut String
            text.push('a');
        }
        Event::Nested(Some(Ok(word))) => { //: &mut String
            word.clear();
        }
        Event::Nested(inner) => { //: &mut Option<Result<String, u8>>
            let taken = inner.take(); //: Option<Result<String, u8>>
            drop(taken);
        }
    }
    let Point { x, y } = point; //: x: &i32; y: &i32
    let &Point { x: a, y: ref b } = point; //: a: i32; b: &i32
    for (name, n) in pairs { //: name: &String; n: &u32
        println!("{name} {n}");
    }
    for &(ref name, n) in pairs { //: name: &String; n: u32
        println!("{name} {n}");
    }
    let total = x + y + a + *b; //: i32
    if let [first, .., last] = pairs { //: first: &(String, u32); last: &(String, u32)
        println!("{} {}", first.1, last.0);
    }
    if let [(head, _), rest @ ..] = pairs { //: head: &String; rest: &[(String, u32)]
        println!("{head} {}", rest.len());
    }
    println!("{total}");
}

pub fn owned(event: Event) -> usize {
    match event {
        Event::Key(key, down) => { //: key: char; down: bool
            if down { key.len_utf8() } else { 0 }
        }
        Event::Move { at, by: (dx, dy) } => { //: at: Point; dx: i32; dy: i32
            (at.x + dx + dy) as usize
        }
        Event::Text(ref text) | Event::Nested(Some(Ok(ref text))) => { //: &String
            text.len()
        }
        whole @ Event::Nested(_) => { //: Event
            drop(whole);
            0
        }
    }
}

pub fn tuples(list: Vec<(u8, Option<char>)>) {
    let (a, mut b) = (1u8, "x"); //: a: u8; b: &str
    b = "y";
    let ((c, d), e) = ((1.5, 'x'), [1u64; 3]); //: c: f64; d: char; e: [u64; _]
    let [f, g, h] = e; //: f: u64; g: u64; h: u64
    let nested @ (n, _) = (1i8, 2i8); //: nested: (i8, i8); n: i8
    let closure = |(p, q): (u8, u16)| p as u16 + q; //: {closure}
    let called = closure((1, 2)); //: u16
    let firsts: Vec<u8> = list.iter().map(|(n, _)| *n).collect(); //: Vec<u8>
    let some: Vec<char> = list.into_iter().filter_map(|(_, c)| c).collect(); //: Vec<char>
    println!("{a} {b} {c} {d} {f} {g} {h} {nested:?} {n} {called} {firsts:?} {some:?}");
}

pub fn maps(map: &mut HashMap<String, Vec<u32>>) {
    if let Some(list) = map.get_mut("a") { //: &mut Vec<u32>
        list.push(1);
    }
    for (key, list) in map.iter_mut() { //: key: &String; list: &mut Vec<u32>
        list.retain(|n| *n > key.len() as u32);
    }
    let entry = map.entry("b".to_string()).or_default(); //: &mut Vec<u32>
    entry.push(2);
    for list in map.values() { //: &Vec<u32>
        for n in list { //: &u32
            println!("{n}");
        }
    }
    while let Some((key, list)) = map.remove_entry("c") { //: key: String; list: Vec<u32>
        println!("{key} {list:?}");
    }
    match map.get("d").map(|v| v.as_slice()) {
        Some([]) | None => {}
        Some([only]) => println!("{only}"),
        Some([one, two, ..]) => { //: one: &u32; two: &u32
            println!("{one} {two}");
        }
    }
}

pub fn guards(lock: &Mutex<Option<Point>>, shared: Arc<Mutex<Vec<Point>>>) {
    let mut guard = lock.lock().unwrap(); //: MutexGuard<Option<Point>>
    if let Some(point) = guard.as_mut() { //: &mut Point
        point.x = 1;
    }
    if let Some(Point { x, y }) = &*guard { //: x: &i32; y: &i32
        println!("{x} {y}");
    }
    match *guard {
        Some(ref mut point) => { //: &mut Point
            point.y = 2;
        }
        None => {}
    }
    for point in shared.lock().unwrap().iter() { //: &Point
        let x = point.x; //: i32
        println!("{x}");
    }
    let len = shared.lock().map(|points| points.len()).unwrap_or(0); //: usize
    let first = shared.lock().unwrap().pop(); //: Option<Point>
    println!("{len} {}", first.is_some());
}

pub fn control(n: i32) -> Option<&'static str> {
    let found = loop {
        if n > 3 {
            break n + 1;
        }
    }; //: found: i32
    let labelled = 'outer: loop {
        loop {
            if found > 2 {
                break 'outer 'x';
            }
        }
    }; //: labelled: char
    let block = 'done: {
        if n == 0 {
            break 'done 0;
        }
        1usize
    }; //: block: usize
    let chosen = if n > 1 { "a" } else { return None }; //: &str
    let unit = while n > 10 {}; //: ()
    let matched = match n {
        0 => 1u8,
        1 => panic!("one"),
        _ => unreachable!(),
    }; //: matched: u8
    let diverges = if false { std::process::exit(1) } else { 5u16 }; //: u16
    let range = 0..n; //: Range<i32>
    let inclusive = 1..=block; //: RangeInclusive<usize>
    let array = [0u8; 4]; //: [u8; _]
    let slice = &array[..2]; //: &[u8]
    let nested = vec![vec![0.5; 2]; 3]; //: Vec<Vec<f64>>
    let item = nested[0][1]; //: f64
    let pointer = &n as *const i32; //: *const i32
    let read = unsafe { *pointer }; //: i32
    println!("{labelled} {chosen} {unit:?} {matched} {diverges} {range:?} {inclusive:?} {slice:?} {item} {read}");
    Some(chosen)
}

static GLOBAL: Mutex<Vec<u8>> = Mutex::new(Vec::new());
const LIMIT: usize = 10;

pub fn globals<'a>() -> MutexGuard<'a, Vec<u8>> {
    let guard = GLOBAL.lock().unwrap(); //: MutexGuard<Vec<u8>>
    let limit = LIMIT * 2; //: usize
    let max = u8::MAX; //: u8
    let pi = std::f64::consts::PI; //: f64
    println!("{limit} {max} {pi}");
    guard
}
