use std::cell::{Cell, Ref, RefCell, RefMut};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::cmp::Ordering;
use std::fmt;
use std::fmt::Error;
use std::num::ParseIntError;
use std::rc::{Rc, Weak};

pub fn late() {
    let mut list = Vec::new(); //: Vec<&str>
    list.push("a");
    let mut found = None; //: Option<u16>
    for n in [1u16, 2, 3] { //: u16
        if n > 1 {
            found = Some(n);
        }
    }
    let map: HashMap<String, Vec<i32>> = HashMap::new(); //: HashMap<String, Vec<i32>>
    let looked = map.get("x"); //: Option<&Vec<i32>>
    let default = Default::default(); //: u8
    let sum: u8 = default; //: u8
    let mut set = HashSet::new(); //: HashSet<char>
    for c in "abc".chars() { //: char
        set.insert(c);
    }
    let cell = RefCell::new(Vec::new()); //: RefCell<Vec<f64>>
    cell.borrow_mut().push(1.0);
    let float = 2.5; //: f64
    let single: f32 = 1.0; //: f32
    println!("{list:?} {found:?} {looked:?} {sum} {set:?} {float} {single}");
}

pub fn numbers(a: u64, b: &u64) {
    let x = a + 1; //: u64
    let y = a * b; //: u64
    let z = -1; //: i32
    let shifted = 1u8 << 3; //: u8
    let both = a > 1 && *b < 2; //: bool
    let cast = a as usize; //: usize
    let min = a.min(*b); //: u64
    let pow = 2u32.pow(3); //: u32
    let checked = a.checked_add(1); //: Option<u64>
    let mut total = 0; //: u64
    total += a;
    let root = (a as f64).sqrt(); //: f64
    let parsed: i16 = "7".parse().unwrap(); //: i16
    let turbo = "8".parse::<u128>(); //: Result<u128, ParseIntError>
    let text = a.to_string(); //: String
    let inverted = !both; //: bool
    let ordering = a.cmp(b); //: Ordering
    println!("{x} {y} {z} {shifted} {cast} {min} {pow} {checked:?} {total} {root} {parsed} {turbo:?} {text} {inverted} {ordering:?}");
}

pub fn iterators(words: Vec<String>) {
    let lengths: Vec<usize> = words.iter().map(|w| w.len()).collect(); //: Vec<usize>
    let total: usize = lengths.iter().sum(); //: usize
    let longest = words.iter().max_by_key(|w| w.len()); //: Option<&String>
    let upper = words.iter().filter(|w| w.len() > 2).map(|w| w.to_uppercase()).collect::<Vec<_>>(); //: Vec<String>
    let first = words.iter().next(); //: Option<&String>
    let position = words.iter().position(|w| w == "x"); //: Option<usize>
    let any = words.iter().any(|w| w.is_empty()); //: bool
    let folded = lengths.iter().fold(0, |acc, n| acc + n); //: usize
    let doubled = lengths.iter().copied().fold(0u64, |acc, n| acc + n as u64); //: u64
    let unique: BTreeSet<_> = lengths.iter().cloned().collect(); //: BTreeSet<usize>
    let pairs = words.iter().zip(lengths.iter()).collect::<Vec<_>>(); //: Vec<(&String, &usize)>
    let by: HashMap<_, _> = words.iter().map(|w| (w.clone(), w.len())).collect(); //: HashMap<String, usize>
    let results: Result<Vec<i32>, _> = words.iter().map(|w| w.parse::<i32>()).collect(); //: Result<Vec<i32>, ParseIntError>
    let flat: Vec<char> = words.iter().flat_map(|w| w.chars()).collect(); //: Vec<char>
    for (i, word) in words.iter().enumerate() { //: i: usize; word: &String
        println!("{i} {word}");
    }
    for pair in lengths.windows(2) { //: &[usize]
        println!("{}", pair[0]);
    }
    for (key, value) in by { //: key: String; value: usize
        println!("{key} {value}");
    }
    let (small, big): (Vec<usize>, Vec<usize>) = lengths.iter().partition(|n| **n < 3); //: small: Vec<usize>; big: Vec<usize>
    let joined = upper.join(","); //: String
    let split: Vec<&str> = joined.split(',').collect(); //: Vec<&str>
    let trimmed = split.first().map(|s| s.trim()).unwrap_or(""); //: &str
    let rev: String = trimmed.chars().rev().collect(); //: String
    let last = flat.last().copied(); //: Option<char>
    let skipped = words.iter().skip(1).step_by(2).take(3).count(); //: usize
    let chained = lengths.iter().chain(small.iter()).max(); //: Option<&usize>
    let found = words.iter().find(|w| w.starts_with('a')).cloned(); //: Option<String>
    let mapped = (1..=3).map(|n| n as u8).collect::<Vec<u8>>(); //: Vec<u8>
    let maximum = mapped.iter().copied().reduce(|a, b| a.max(b)); //: Option<u8>
    println!("{total} {longest:?} {first:?} {position:?} {any} {folded} {doubled} {unique:?} {pairs:?} {results:?} {big:?} {rev} {last:?} {skipped} {chained:?} {found:?} {maximum:?}");
    for owned in words { //: String
        println!("{owned}");
    }
}

pub fn options(value: Option<&str>, result: Result<u32, fmt::Error>) -> Result<usize, String> {
    let length = value.map(|s| s.len()); //: Option<usize>
    let or = length.unwrap_or(3); //: usize
    let chained = value.and_then(|s| s.parse::<u8>().ok()); //: Option<u8>
    let text = value.map(str::to_owned); //: Option<String>
    let some = text.as_deref(); //: Option<&str>
    let as_ref = text.as_ref(); //: Option<&String>
    let okay = result.map(|n| n + 1); //: Result<u32, Error>
    let number = okay.map_err(|e| e.to_string())?; //: u32
    let opt = value.ok_or("none"); //: Result<&str, &str>
    let word = opt?; //: &str
    let Some(first) = word.chars().next() else {
        return Err(format!("empty {number}"));
    }; //: first: char
    let either = if or > 3 { Some(first) } else { None }; //: Option<char>
    let matched = match either {
        Some(c) if c.is_alphabetic() => c as u32,
        Some(_) => return Ok(1),
        None => panic!("no"),
    };
    let zipped = chained.zip(either); //: Option<(u8, char)>
    let filtered = some.filter(|s| s.len() > 1).or(Some("x")); //: Option<&str>
    println!("{matched} {as_ref:?} {zipped:?} {filtered:?}");
    let formatted = format!("{or}"); //: String
    let count = formatted.chars().filter(|c| c.is_numeric()).count(); //: usize
    Ok(count)
}

#[derive(Clone, Default, Debug)]
pub struct Node {
    name: String,
    children: Vec<Rc<RefCell<Node>>>,
    parent: Option<Weak<RefCell<Node>>>,
    visits: Cell<u32>,
}

pub fn shared(node: &Node, root: Rc<RefCell<Node>>) {
    let copy = node.clone(); //: Node
    let made = Node { name: String::from("x"), ..Default::default() }; //: Node
    let base = Node::default(); //: Node
    let same = copy.name == base.name; //: bool
    let child = Rc::new(RefCell::new(made)); //: Rc<RefCell<Node>>
    let again = Rc::clone(&child); //: Rc<RefCell<Node>>
    let weak = Rc::downgrade(&again); //: Weak<RefCell<Node>>
    let up = weak.upgrade(); //: Option<Rc<RefCell<Node>>>
    let name = root.borrow().name.clone(); //: String
    let mut inner = root.borrow_mut(); //: RefMut<Node>
    inner.children.push(child);
    let count = inner.visits.get(); //: u32
    let kids = &inner.children; //: &Vec<Rc<RefCell<Node>>>
    for kid in kids { //: &Rc<RefCell<Node>>
        let kid = kid.borrow(); //: Ref<Node>
        println!("{}", kid.name);
    }
    let parent = node.parent.as_ref().and_then(|p| p.upgrade()); //: Option<Rc<RefCell<Node>>>
    let by_ref = &node.name; //: &String
    let slice = &by_ref[1..]; //: &str
    println!("{same} {up:?} {name} {count} {parent:?} {slice}");
}
