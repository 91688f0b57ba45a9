use std::collections::HashMap;
use std::fmt::{Debug, Display};
use std::io::{BufRead, BufReader, Error, Read, Write};
use std::ops::{Add, Deref, DerefMut, Index, Mul, Not};
use std::sync::{Arc, Mutex, MutexGuard};

pub trait Shape {
    type Unit: Copy;
    fn area(&self) -> f64;
    fn unit(&self) -> Self::Unit;
    fn named(&self) -> String {
        let area = self.area(); //: f64
        format!("{area}")
    }
    fn boxed(self) -> Box<dyn Shape<Unit = Self::Unit>>
    where
        Self: Sized + 'static,
    {
        let unit = self.unit(); //: <Self as Shape>::Unit
        let _ = unit;
        todo!()
    }
}

pub struct Square(pub f64);

impl Shape for Square {
    type Unit = u8;
    fn area(&self) -> f64 {
        let side = self.0; //: f64
        side * side
    }
    fn unit(&self) -> u8 {
        1
    }
}

impl Square {
    pub const SIDES: usize = 4;
}

pub struct Wrapper<T> {
    inner: T,
    count: usize,
}

impl<T: Clone + Debug> Wrapper<T> {
    pub fn new(inner: T) -> Self {
        Self { inner, count: 0 }
    }
    pub fn get(&self) -> &T {
        &self.inner
    }
    pub fn map<U, F: FnOnce(T) -> U>(self, f: F) -> Wrapper<U> {
        let mapped = f(self.inner); //: U
        Wrapper { inner: mapped, count: self.count }
    }
    pub fn duplicate(&self) -> (T, T) {
        let first = self.inner.clone(); //: T
        let second = self.get().clone(); //: T
        let both = (first, second); //: (T, T)
        both
    }
}

impl<T> Deref for Wrapper<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T> DerefMut for Wrapper<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.count += 1;
        &mut self.inner
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct V2(pub f32, pub f32);

impl Add for V2 {
    type Output = V2;
    fn add(self, other: V2) -> V2 {
        V2(self.0 + other.0, self.1 + other.1)
    }
}

impl Mul<f32> for V2 {
    type Output = V2;
    fn mul(self, k: f32) -> V2 {
        V2(self.0 * k, self.1 * k)
    }
}

impl Mul<V2> for V2 {
    type Output = f32;
    fn mul(self, other: V2) -> f32 {
        self.0 * other.0 + self.1 * other.1
    }
}

impl Not for V2 {
    type Output = bool;
    fn not(self) -> bool {
        self.0 == 0.0
    }
}

pub struct Grid {
    cells: Vec<Vec<u8>>,
}

impl Index<(usize, usize)> for Grid {
    type Output = u8;
    fn index(&self, (x, y): (usize, usize)) -> &u8 { //: x: usize; y: usize
        &self.cells[y][x]
    }
}

pub fn operators(a: V2, b: V2, grid: Grid) {
    let sum = a + b; //: V2
    let scaled = sum * 2.0; //: V2
    let dot = a * b; //: f32
    let zero = !a; //: bool
    let cell = grid[(1, 2)]; //: u8
    let row = &grid.cells[0]; //: &Vec<u8>
    let same = a == b; //: bool
    let text = String::from("a") + "b"; //: String
    println!("{scaled:?} {dot} {zero} {cell} {row:?} {same} {text}");
}

pub fn uses() {
    let square = Square(2.0); //: Square
    let area = square.area(); //: f64
    let unit = square.unit(); //: u8
    let sides = Square::SIDES; //: usize
    let named = Shape::named(&square); //: String
    let qualified = <Square as Shape>::area(&square); //: f64
    let boxed: Box<dyn Shape<Unit = u8>> = Box::new(square); //: Box<dyn Shape<Unit = u8>>
    let dynamic = boxed.area(); //: f64
    let dyn_unit = boxed.unit(); //: u8
    let wrapped = Wrapper::new(vec![1u8]); //: Wrapper<Vec<u8>>
    let length = wrapped.len(); //: usize
    let inner = wrapped.get(); //: &Vec<u8>
    let copied = (*wrapped).clone(); //: Vec<u8>
    let first = inner.first().copied(); //: Option<u8>
    let mapped = wrapped.map(|v| v.len() as u32); //: Wrapper<u32>
    let pair = mapped.duplicate(); //: (u32, u32)
    let mut text = Wrapper::new(String::new()); //: Wrapper<String>
    text.push('a');
    let target = &mut *text; //: &mut String
    target.clear();
    println!("{area} {unit} {sides} {named} {qualified} {dynamic} {dyn_unit} {length} {copied:?} {first:?} {pair:?}");
}

pub fn bounded<T, I>(items: I, describe: impl Fn(&T) -> String) -> Vec<String>
where
    I: IntoIterator<Item = T>,
    T: Display + Clone,
{
    let mut all = Vec::new(); //: Vec<String>
    for item in items { //: T
        let text = describe(&item); //: String
        let shown = item.to_string(); //: String
        let copy = item.clone(); //: T
        let _ = copy;
        all.push(text + &shown);
    }
    all
}

pub fn apply<A, B>(f: fn(A) -> B, a: A) -> B {
    let out = f(a); //: B
    out
}

pub fn closures(numbers: &[i32], lookup: &HashMap<&str, Box<dyn Fn(i32) -> bool>>) {
    let add = |a: i32, b: i32| a + b; //: {closure}
    let three = add(1, 2); //: i32
    let texts = bounded(numbers.iter(), |n| format!("{n}")); //: Vec<String>
    let applied = apply(|x: u8| x as char, 65); //: char
    let function = apply(double, 4); //: i64
    let pointer: fn(i64) -> i64 = double; //: fn(i64) -> i64
    let called = pointer(3); //: i64
    let test = lookup.get("even").map(|f| f(three)); //: Option<bool>
    let direct = &lookup["odd"]; //: &Box<dyn Fn(i32) -> bool>
    let tested = direct(3); //: bool
    let made = adder(1)(2); //: i32
    let compose = |f: &dyn Fn(i32) -> i32| f(1) > 0; //: {closure}
    let composed = compose(&|n| n + 1); //: bool
    let sorted = {
        let mut copy = numbers.to_vec(); //: Vec<i32>
        copy.sort_by(|a, b| b.cmp(a));
        copy.dedup();
        copy
    }; //: sorted: Vec<i32>
    println!("{texts:?} {applied} {function} {called} {test:?} {tested} {made} {composed} {sorted:?}");
}

pub fn double(n: i64) -> i64 {
    n * 2
}

pub fn adder(n: i32) -> impl Fn(i32) -> i32 {
    move |m| n + m
}

pub fn evens(limit: u32) -> impl Iterator<Item = u32> {
    (0..limit).filter(|n| n % 2 == 0)
}

pub fn opaque() {
    let list = evens(10).collect::<Vec<_>>(); //: Vec<u32>
    for n in evens(3) { //: u32
        println!("{n}");
    }
    let next = evens(4).next(); //: Option<u32>
    let summed = evens(4).map(u64::from).sum::<u64>(); //: u64
    println!("{list:?} {next:?} {summed}");
}

pub fn reading<R: Read, W: Write>(input: R, mut output: W) -> std::io::Result<usize> {
    let reader = BufReader::new(input); //: BufReader<R>
    let mut count = 0; //: usize
    for line in reader.lines() { //: Result<String, Error>
        let line = line?; //: String
        let bytes = line.as_bytes(); //: &[u8]
        count += bytes.len();
        output.write_all(bytes)?;
    }
    let written = output.write(&[1, 2])?; //: usize
    Ok(count + written)
}

pub struct Store<K, V> {
    map: Arc<Mutex<HashMap<K, V>>>,
}

impl<K: std::hash::Hash + Eq + Clone, V: Clone> Store<K, V> {
    pub fn get(&self, key: &K) -> Option<V> {
        let map = self.map.lock().unwrap(); //: MutexGuard<HashMap<K, V>>
        let value = map.get(key); //: Option<&V>
        value.cloned()
    }
    pub fn guard(&self) -> MutexGuard<'_, HashMap<K, V>> {
        self.map.lock().unwrap()
    }
    pub fn insert(&self, key: K, value: V) {
        let old = self.guard().insert(key.clone(), value); //: Option<V>
        let len = self.guard().len(); //: usize
        let keys: Vec<K> = self.guard().keys().cloned().collect(); //: Vec<K>
        drop((old, len, keys));
    }
}

pub enum Tree<T> {
    Leaf(T),
    Branch(Box<Tree<T>>, Box<Tree<T>>),
}

impl<T: Copy + Into<i64>> Tree<T> {
    pub fn total(&self) -> i64 {
        match self {
            Tree::Leaf(value) => { //: &T
                let number: i64 = (*value).into(); //: i64
                number
            }
            Self::Branch(left, right) => { //: left: &Box<Tree<T>>; right: &Box<Tree<T>>
                let sum = left.total() + right.total(); //: i64
                sum
            }
        }
    }
}

pub trait Feed {
    type Item;
}

pub trait FeedExt: Feed {
    fn unwrapped<T>(self) where Self: Feed<Item = Result<T, u8>> + Sized {}

    fn each<F: Fn(Self::Item)>(self, f: F) where Self: Sized {
        drop((self.one(), f));
    }

    fn one(&self) -> Option<Self::Item> {
        None
    }

    fn drained(self) where Self: Sized {
        let first = self.one(); //: Option<<Self as Feed>::Item>
        drop(first);
        self.each(|item| {
            let got = item; //: <Self as Feed>::Item
            drop(got);
        });
    }
}

impl<T: Feed> FeedExt for T {}

pub enum Either<L, R> {
    Left(L),
    Right { right: R },
}

pub type Turned<A, B> = Either<Vec<B>, A>;

pub fn by_an_alias() {
    let left = Turned::<u8, u16>::Left(Vec::new()); //: Either<Vec<u16>, u8>
    let right = Turned::<u8, u16>::Right { right: 1 }; //: Either<Vec<u16>, u8>
    if let Turned::<u8, u16>::Right { right } = left { //: right: u8
        println!("{right}");
    }
    drop(right);
}
