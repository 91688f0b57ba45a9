use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Display;
use std::marker::PhantomData;
use std::ops::{Add, Mul, Sub};
use std::sync::atomic::{self, AtomicBool};
use std::sync::{Arc, Mutex, MutexGuard};

pub mod shapes {
    #[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
    pub struct Size(pub f64);
    pub enum Shape {
        Round { radius: Size },
        Square(Size),
        Empty,
    }
    impl Shape {
        pub const ALL: [&'static str; 3] = ["round", "square", "empty"];
        pub fn size(&self) -> Option<Size> {
            use Shape::*;
            match self {
                Round { radius } => Some(Size(radius.0 * 2.0)),
                Square(side) => { //: &Size
                    Some(*side)
                }
                Empty => None,
            }
        }
    }
    pub mod deep {
        pub use super::Size as Renamed;
        pub fn unit() -> Renamed {
            Renamed(1.0)
        }
    }
}

use shapes::deep::{self, Renamed};
use shapes::Shape::{self, Round};
use shapes::Size;

pub fn blocks(flag: bool) -> usize {
    use std::collections::BTreeSet as Sorted;
    struct Local<T> {
        value: T,
    }
    impl<T: Clone> Local<T> {
        fn get(&self) -> T {
            let copy = self.value.clone(); //: T
            copy
        }
    }
    fn helper(n: u8) -> Local<u8> {
        Local { value: n }
    }
    const STEP: u16 = 2;
    static ON: AtomicBool = AtomicBool::new(false);
    let local = helper(1); //: Local<u8>
    let value = local.get(); //: u8
    let mut sorted = Sorted::new(); //: BTreeSet<u8>
    sorted.insert(value);
    let step = STEP; //: u16
    let on = ON.load(atomic::Ordering::Relaxed); //: bool
    if flag {
        fn helper(n: u8) -> u32 {
            n as u32
        }
        let inner = helper(2); //: u32
        println!("{inner} {step} {on}");
    }
    let outer = helper(3).value; //: u8
    let sum = sorted.iter().map(|n| *n as usize).sum::<usize>(); //: usize
    sum + outer as usize
}

pub fn paths() {
    let unit = deep::unit(); //: Size
    let same: Renamed = Size(2.0); //: Size
    let round = Round { radius: unit }; //: Shape
    let size = round.size(); //: Option<Size>
    let names = Shape::ALL; //: [&str; _]
    let name = Shape::ALL[0].len(); //: usize
    let empty = self::shapes::Shape::Empty.size().map(|s| s.0); //: Option<f64>
    let bigger = unit > same; //: bool
    let made: Vec<Shape> = names.iter().map(|_| Shape::Square(same)).collect(); //: Vec<Shape>
    let sizes: Vec<Size> = made.iter().filter_map(Shape::size).collect(); //: Vec<Size>
    let wrapped: Vec<Option<u8>> = vec![1u8].into_iter().map(Some).collect(); //: Vec<Option<u8>>
    println!("{size:?} {name} {empty:?} {bigger} {sizes:?} {wrapped:?}");
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct V<T> {
    x: T,
    y: T,
}

impl<T: Add<Output = T>> Add for V<T> {
    type Output = V<T>;
    fn add(self, other: Self) -> Self::Output {
        let x = self.x + other.x; //: T
        V { x, y: self.y + other.y }
    }
}

impl<'a, T: Copy + Sub<Output = T>> Sub<&'a V<T>> for &'a V<T> {
    type Output = V<T>;
    fn sub(self, other: &V<T>) -> V<T> {
        V { x: self.x - other.x, y: self.y - other.y }
    }
}

impl Mul<V<f32>> for f32 {
    type Output = V<f32>;
    fn mul(self, v: V<f32>) -> V<f32> {
        V { x: self * v.x, y: self * v.y }
    }
}

pub fn vectors() {
    let a = V { x: 1u8, y: 2 }; //: V<u8>
    let b = a + a; //: V<u8>
    let c = &a - &b; //: V<u8>
    let d = 2.0 * V { x: 1.0, y: 0.5 }; //: V<f32>
    let e: V<i64> = Default::default(); //: V<i64>
    let f = V::<char>::default(); //: V<char>
    let g = [a, b, c].into_iter().fold(V::default(), |sum, v| sum + v); //: V<u8>
    println!("{d:?} {e:?} {f:?} {g:?}");
}

pub struct List {
    head: Option<Box<Link>>,
    len: usize,
}

pub struct Link {
    value: String,
    next: Option<Box<Link>>,
}

impl List {
    pub fn push(&mut self, value: String) {
        let next = self.head.take(); //: Option<Box<Link>>
        self.head = Some(Box::new(Link { value, next }));
        self.len += 1;
    }
    pub fn pop(&mut self) -> Option<String> {
        let link = self.head.take()?; //: Box<Link>
        let Link { value, next } = *link; //: value: String; next: Option<Box<Link>>
        self.head = next;
        Some(value)
    }
    pub fn last(&self) -> Option<&str> {
        let mut link = self.head.as_ref()?; //: &Box<Link>
        while let Some(next) = &link.next { //: &Box<Link>
            link = next;
        }
        let text = link.value.as_str(); //: &str
        Some(text)
    }
    pub fn shout(&mut self) {
        let mut current = self.head.as_deref_mut(); //: Option<&mut Link>
        while let Some(link) = current { //: &mut Link
            link.value.make_ascii_uppercase();
            current = link.next.as_deref_mut();
        }
    }
}

pub trait Plugin {
    fn name(&self) -> &str;
    fn run(&mut self, input: u32) -> Result<u32, String>;
}

pub struct Registry<'a> {
    plugins: Vec<Box<dyn Plugin + Send + 'a>>,
    by_name: HashMap<String, usize>,
    listeners: Vec<Arc<dyn Fn(&str, u32) + Send + Sync>>,
}

impl<'a> Registry<'a> {
    pub fn add(&mut self, plugin: impl Plugin + Send + 'a) -> &mut Box<dyn Plugin + Send + 'a> {
        let name = plugin.name().to_string(); //: String
        let index = self.plugins.len(); //: usize
        let before = self.by_name.insert(name, index); //: Option<usize>
        println!("{before:?}");
        self.plugins.push(Box::new(plugin));
        &mut self.plugins[index]
    }
    pub fn run(&mut self, input: u32) -> Result<Vec<u32>, String> {
        let mut results = Vec::with_capacity(self.plugins.len()); //: Vec<u32>
        for plugin in self.plugins.iter_mut() { //: &mut Box<dyn Plugin + Send>
            let result = plugin.run(input)?; //: u32
            for listener in &self.listeners { //: &Arc<dyn Fn(&str, u32) + Send + Sync>
                listener(plugin.name(), result);
            }
            results.push(result);
        }
        let best = results.iter().copied().max(); //: Option<u32>
        let named = self.by_name.get("a").and_then(|&i| self.plugins.get(i)).map(|p| p.name().len()); //: Option<usize>
        println!("{best:?} {named:?}");
        Ok(results)
    }
}

pub struct Typed<T> {
    id: u32,
    marker: PhantomData<T>,
}

impl<T: Display + Default> Typed<T> {
    pub fn show(&self) -> String {
        let value = T::default(); //: T
        let text = value.to_string(); //: String
        text + &self.id.to_string()
    }
    pub fn cast<U>(self) -> Typed<U> {
        let Typed { id, .. } = self; //: id: u32
        Typed { id, marker: PhantomData }
    }
}

pub fn typed() {
    let typed: Typed<i32> = Typed { id: 1, marker: PhantomData }; //: Typed<i32>
    let shown = typed.show(); //: String
    let other = typed.cast::<String>(); //: Typed<String>
    let mut floats = vec![2.5, 1.5]; //: Vec<f64>
    floats.sort_by(|a, b| {
        let order = b.partial_cmp(a); //: Option<Ordering>
        order.unwrap()
    });
    let locked = Arc::new(Mutex::new(floats)); //: Arc<Mutex<Vec<f64>>>
    let with = |f: &dyn Fn(MutexGuard<'_, Vec<f64>>) -> f64| f(locked.lock().unwrap()); //: {closure}
    let total = with(&|guard| guard.iter().sum()); //: f64
    let nested = |n: u8| move |m: u8| n + m; //: {closure}
    let curried = nested(1)(2); //: u8
    let pairs = [("a", 1u8), ("b", 2)]; //: [(&str, u8); _]
    let (names, numbers): (Vec<_>, Vec<_>) = pairs.iter().copied().unzip(); //: names: Vec<&str>; numbers: Vec<u8>
    println!("{shown} {} {total} {curried} {names:?} {numbers:?}", other.id);
}
