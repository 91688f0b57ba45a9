use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BinaryHeap, HashMap, VecDeque};
use std::error::Error;
use std::iter::{Enumerate, Peekable, Repeat, Take};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

pub fn calls() -> Result<(), Box<dyn Error>> {
    let floats = vec![1, 2].iter().map(|x| x + 1).filter(|x| *x > 2).map(|x| x as f32).collect::<Vec<_>>(); //: Vec<f32>
    let add = |a, b| a + b; //: {closure}
    let three = add(1u8, 2); //: u8
    let mut turns = std::iter::repeat(1u8).take(3).enumerate().peekable(); //: Peekable<Enumerate<Take<Repeat<u8>>>>
    while let Some((i, v)) = turns.next() { //: i: usize; v: u8
        let next = turns.peek(); //: Option<&(usize, u8)>
        println!("{i} {v} {next:?}");
    }
    let either = if three > 1 { None } else { Some("a") }; //: Option<&str>
    let boxed: Box<dyn Fn(u8) -> u16> = Box::new(|x| {
        let y = x + 1; //: u8
        y as u16
    }); //: boxed: Box<dyn Fn(u8) -> u16>
    let called = boxed(1); //: u16
    let flat = Some(Some(3u8)).flatten(); //: Option<u8>
    let tried: Result<u8, Box<dyn Error>> = (|| {
        let n: u8 = "1".parse()?; //: u8
        Ok(n)
    })(); //: tried: Result<u8, Box<dyn Error>>
    let joined = thread::spawn(|| -> Result<u8, String> { Ok(1) }).join().unwrap()?; //: u8
    let grid = [[0u8; 3]; 4]; //: [[u8; _]; _]
    let cell = grid[1][2]; //: u8
    let total = grid.iter().flatten().copied().sum::<u8>(); //: u8
    let map = HashMap::from([("a", 1), ("b", 2)]); //: HashMap<&str, u64>
    let got = map.get("a").copied().unwrap_or(0u64); //: u64
    let names: Vec<String> = map.keys().map(|k| k.to_string()).collect(); //: Vec<String>
    let whole = names.concat(); //: String
    let parts = whole.split_once(':').map(|(a, b)| (a.trim(), b.len())); //: Option<(&str, usize)>
    let once = OnceCell::new(); //: OnceCell<u32>
    let five = once.get_or_init(|| 5u32); //: &u32
    let millis = Instant::now().elapsed().as_millis(); //: u128
    let owned = Cow::Borrowed("x").into_owned(); //: String
    let radix = usize::from_str_radix("1", 10).unwrap_or_default(); //: usize
    let pair = Box::new((1u8, "s")); //: Box<(u8, &str)>
    let (one, text) = *pair; //: one: u8; text: &str
    let cube = -(3i64.pow(2)); //: i64
    let letter = b'a' + 1; //: u8
    let arg = std::env::args().nth(1).unwrap_or_else(|| "d".into()); //: String
    let greatest = arg[..].bytes().map(u32::from).max(); //: Option<u32>
    let shared: Rc<str> = "abc".into(); //: Rc<str>
    let length = shared.len(); //: usize
    println!("{floats:?} {either:?} {called} {flat:?} {tried:?} {joined} {cell} {total} {got} {parts:?} {five}");
    println!("{millis} {owned} {radix} {one} {text} {cube} {letter} {greatest:?} {length}");
    Ok(())
}

pub fn collections() {
    let mut heap = BinaryHeap::new(); //: BinaryHeap<(u32, &str)>
    heap.push((1u32, "a"));
    while let Some((priority, name)) = heap.pop() { //: priority: u32; name: &str
        println!("{priority} {name}");
    }
    let mut queue: VecDeque<_> = (0..3u8).collect(); //: VecDeque<u8>
    queue.rotate_left(1);
    let front = queue.front().copied(); //: Option<u8>
    let mut counts = BTreeMap::new(); //: BTreeMap<char, usize>
    for c in "hello".chars() { //: char
        *counts.entry(c).or_insert(0) += 1usize;
    }
    let top = counts.iter().max_by_key(|(_, n)| **n).map(|(c, _)| *c); //: Option<char>
    let first = counts.first_key_value(); //: Option<(&char, &usize)>
    if let Some((c, n)) = first { //: c: &char; n: &usize
        println!("{c} {n}");
    }
    let grouped = counts.into_iter().fold(HashMap::new(), |mut groups, (c, n)| {
        groups.entry(n).or_insert_with(Vec::new).push(c);
        groups
    }); //: grouped: HashMap<usize, Vec<char>>
    let mut words = vec!["b", "a"]; //: Vec<&str>
    words.sort_by_key(|w| w.len());
    let removed = words.swap_remove(0); //: &str
    let drained: Vec<_> = words.drain(..).collect(); //: Vec<&str>
    let (left, right) = drained.split_at(0); //: left: &[&str]; right: &[&str]
    let found = drained.binary_search(&removed); //: Result<usize, usize>
    let path = PathBuf::from("a").join("b"); //: PathBuf
    let name = path.file_name().and_then(|n| n.to_str()); //: Option<&str>
    let nested: Vec<Vec<u8>> = vec![vec![1], vec![2]]; //: Vec<Vec<u8>>
    let flat: Vec<u8> = nested.into_iter().flatten().collect(); //: Vec<u8>
    let sum: i32 = flat.iter().map(|&b| i32::from(b)).sum(); //: i32
    let chunks: Vec<Vec<u8>> = flat.chunks(2).map(|c| c.to_vec()).collect(); //: Vec<Vec<u8>>
    let lookup: HashMap<String, usize> = chunks.iter().enumerate().map(|(i, c)| (format!("{c:?}"), i)).collect(); //: HashMap<String, usize>
    println!("{front:?} {top:?} {grouped:?} {left:?} {right:?} {found:?} {name:?} {sum} {lookup:?}");
}

static CONFIG: OnceLock<HashMap<String, u16>> = OnceLock::new();
static TABLE: LazyLock<Mutex<Vec<String>>> = LazyLock::new(|| Mutex::new(Vec::new()));

thread_local! {
    static DEPTH: std::cell::RefCell<Vec<u8>> = std::cell::RefCell::new(Vec::new());
}

pub fn statics() -> Option<u16> {
    let config = CONFIG.get_or_init(HashMap::new); //: &HashMap<String, u16>
    let port = config.get("port")?; //: &u16
    let mut table = TABLE.lock().unwrap(); //: MutexGuard<Vec<String>>
    table.push(port.to_string());
    let depth = DEPTH.with(|d| d.borrow().len()); //: usize
    let last = DEPTH.with(|d| d.borrow_mut().pop()); //: Option<u8>
    println!("{depth} {last:?}");
    Some(*port)
}

pub struct Counter {
    value: u32,
    limit: u32,
}

impl Iterator for Counter {
    type Item = u32;
    fn next(&mut self) -> Option<Self::Item> {
        let Counter { value, limit } = self; //: value: &mut u32; limit: &mut u32
        if *value < *limit {
            *value += 1;
            Some(*value)
        } else {
            None
        }
    }
}

pub fn own_iterator() {
    let evens = Counter { value: 0, limit: 9 }.filter(|n| n % 2 == 0).collect::<Vec<_>>(); //: Vec<u32>
    for n in (Counter { value: 0, limit: 3 }) { //: u32
        println!("{n}");
    }
    let zipped: Vec<(u32, char)> = Counter { value: 0, limit: 2 }.zip("ab".chars()).collect(); //: Vec<(u32, char)>
    let largest = Counter { value: 0, limit: 2 }.map(|n| n as u64).max().unwrap_or(0); //: u64
    let by_ref = Counter { value: 0, limit: 5 }.by_ref().take(2).last(); //: Option<u32>
    println!("{evens:?} {zipped:?} {largest} {by_ref:?}");
}

pub struct Builder {
    names: Vec<String>,
    timeout: Option<Duration>,
    hook: Option<Arc<dyn Fn(&str) -> bool + Send + Sync>>,
}

impl Builder {
    pub fn new() -> Self {
        Builder { names: Vec::new(), timeout: None, hook: None }
    }
    pub fn name(mut self, name: impl Into<String>) -> Self {
        let name = name.into(); //: String
        self.names.push(name);
        self
    }
    pub fn timeout(&mut self, timeout: Duration) -> &mut Self {
        self.timeout = Some(timeout);
        self
    }
    pub fn hook<F>(mut self, hook: F) -> Self
    where
        F: Fn(&str) -> bool + Send + Sync + 'static,
    {
        self.hook = Some(Arc::new(hook));
        self
    }
    pub fn run(&self) -> usize {
        let kept = self.names.iter().filter(|n| self.hook.as_ref().map_or(true, |h| h(n)));
        let kept: Vec<&String> = kept.collect(); //: Vec<&String>
        let hook = self.hook.clone(); //: Option<Arc<dyn Fn(&str) -> bool + Send + Sync>>
        if let Some(hook) = hook { //: Arc<dyn Fn(&str) -> bool + Send + Sync>
            let said = hook("x"); //: bool
            println!("{said}");
        }
        let wait = self.timeout.unwrap_or(Duration::from_secs(1)) * 2; //: Duration
        let later = Instant::now() + wait; //: Instant
        let left = later - Instant::now(); //: Duration
        println!("{left:?}");
        kept.len()
    }
}

pub fn building() {
    let mut builder = Builder::new().name("a").name(String::from("b")).hook(|name| name.len() > 1); //: Builder
    let same = builder.timeout(Duration::ZERO).timeout(Duration::MAX); //: &mut Builder
    let ran = same.run(); //: usize
    let locked = Mutex::new(builder); //: Mutex<Builder>
    let count = locked.lock().map(|b| b.names.len()).unwrap_or_else(|e| e.into_inner().names.len()); //: usize
    let mut guard: MutexGuard<Builder> = locked.lock().unwrap(); //: MutexGuard<Builder>
    let taken = std::mem::take(&mut guard.names); //: Vec<String>
    let replaced = std::mem::replace(&mut guard.timeout, None); //: Option<Duration>
    println!("{ran} {count} {taken:?} {replaced:?}");
}
