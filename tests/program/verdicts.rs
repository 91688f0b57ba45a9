// Which types have which traits: rustc agrees with every `yes` and `no`. `unknown` is what cannot be told from here.
use std::cell::{Cell, OnceCell, RefCell, UnsafeCell};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::error::Error;
use std::fmt::{Debug, Display};
use std::marker::PhantomData;
use std::ops::Deref;
use std::rc::{Rc, Weak};
use std::sync::atomic::{AtomicPtr, AtomicUsize};
use std::sync::mpsc::{Receiver, Sender, SyncSender};
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, Once, OnceLock, RwLock, RwLockReadGuard};

pub struct Plain { a: u8, b: String }
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point { x: i32, y: i32 }
#[derive(Clone, Copy)]
pub struct Pair<T>(T, T);
#[derive(Clone)]
pub struct Shared<T> { inner: Arc<T> }
pub struct ManualCopy;
impl Clone for ManualCopy { fn clone(&self) -> Self { *self } }
impl Copy for ManualCopy {}
pub struct HoldsRc { inner: Holder }
pub struct Holder { list: Vec<Option<Rc<u8>>> }
pub enum Tree { Leaf, Node(Box<Tree>, Box<Tree>) }
pub enum RcTree { Leaf(Rc<u8>), Node(Box<RcTree>) }
pub struct Even(Option<Box<Odd>>);
pub struct Odd(Option<Box<Even>>, Cell<u8>);
pub union Bits { a: u8, b: f32 }
pub struct Raw(*mut u8);
pub struct SendRaw(*mut u8);
unsafe impl Send for SendRaw {}
pub struct BothRaw(*const u8);
unsafe impl Send for BothRaw {}
unsafe impl Sync for BothRaw {}
pub struct Wrapper<T>(*mut T);
unsafe impl<T: Send> Send for Wrapper<T> {}
unsafe impl<T> Sync for Wrapper<T> where T: Sync {}
pub struct OnlyU8<T>(*mut T);
unsafe impl Send for OnlyU8<u8> {}
pub struct Marked<T>(PhantomData<T>, u8);
pub struct NotSend(PhantomData<*const ()>);
pub struct Ghost(PhantomData<Rc<u8>>);
pub struct Spin<T: ?Sized> { flag: AtomicUsize, data: UnsafeCell<T> }
unsafe impl<T: ?Sized + Send> Sync for Spin<T> {}
pub type Alias<T> = Arc<RwLock<T>>;
pub struct Defaulted<T = Rc<u8>>(T);
pub trait Job: Send { fn run(&self); }
pub trait Task: Job + Sync {}
pub trait Quiet { fn hush(&self); }
impl Quiet for u8 { fn hush(&self) {} }
impl<T: Quiet> Quiet for Vec<T> { fn hush(&self) {} }
impl<T: Quiet + ?Sized> Quiet for &T { fn hush(&self) {} }
pub trait Blanket { fn all(&self) {} }
impl<T: Debug> Blanket for T {}
pub struct Guard(Plain);
impl Deref for Guard { type Target = Plain; fn deref(&self) -> &Plain { &self.0 } }
pub struct Projected<I: Iterator>(I::Item);
pub struct Callback(Box<dyn Fn(u8) -> u8 + Send>);
pub struct Own<'a>(&'a Cell<u8>);
pub trait Shape { type Part; }
impl Shape for u8 { type Part = Rc<u8>; }
impl Shape for u16 { type Part = u8; }
pub struct Parts<S: Shape>(S::Part);
pub struct Growing<T>(Option<Box<Growing<T>>>, T);
mod inner {
    pub struct Rc(u8);
    pub struct Hidden { rc: std::rc::Rc<u8> }
}
pub struct OwnRc(inner::Rc);
pub struct Late(*mut u8);
const _: () = {
    unsafe impl Send for Late {}
};
macro_rules! sendable { ($name:ident) => { unsafe impl Sync for $name {} }; }
pub struct ByMacro(*mut u8);
sendable!(ByMacro);

//? u8: Send = yes
//? str: Sync = yes
//? (): Send = yes
//? (u8, String): Send = yes
//? (u8, Rc<u8>): Send = no
//? [u8; 4]: Send = yes
//? [Cell<u8>; 4]: Sync = no
//? &'static str: Send = yes
//? &'static Cell<u8>: Send = no
//? &'static mut Cell<u8>: Send = yes
//? &'static mut Cell<u8>: Sync = no
//? &'static Rc<u8>: Sync = no
//? *const u8: Send = no
//? *mut u8: Sync = no
//? fn(Rc<u8>) -> Rc<u8>: Send = yes
//? Plain: Send = yes
//? Plain: Sync = yes
//? Rc<u8>: Send = no
//? Rc<u8>: Sync = no
//? Weak<u8>: Send = no
//? Arc<u8>: Send = yes
//? Arc<Cell<u8>>: Send = no
//? Arc<RefCell<u8>>: Sync = no
//? Arc<Mutex<Cell<u8>>>: Send = yes
//? Arc<Mutex<Rc<u8>>>: Send = no
//? Arc<RwLock<Cell<u8>>>: Send = no
//? Alias<u8>: Sync = yes
//? Alias<Cell<u8>>: Sync = no
//? Mutex<Cell<u8>>: Sync = yes
//? Mutex<Rc<u8>>: Send = no
//? Mutex<Option<Box<dyn Fn()>>>: Sync = no
//? RwLock<RefCell<u8>>: Sync = no
//? RwLock<Receiver<u8>>: Sync = no
//? Cell<u8>: Send = yes
//? Cell<u8>: Sync = no
//? RefCell<Vec<u8>>: Send = yes
//? RefCell<Vec<u8>>: Sync = no
//? OnceCell<u8>: Sync = no
//? OnceLock<Sender<u8>>: Sync = yes
//? LazyLock<RefCell<u8>>: Sync = no
//? LazyLock<Mutex<u8>>: Sync = yes
//? UnsafeCell<u8>: Sync = no
//? Sender<u8>: Send = yes
//? Sender<Rc<u8>>: Send = no
//? SyncSender<u8>: Sync = yes
//? Receiver<u8>: Send = yes
//? Receiver<u8>: Sync = no
//? Arc<Receiver<u8>>: Send = no
//? MutexGuard<'static, u8>: Send = no
//? MutexGuard<'static, u8>: Sync = yes
//? MutexGuard<'static, Cell<u8>>: Sync = no
//? RwLockReadGuard<'static, u8>: Send = no
//? Condvar: Sync = yes
//? Once: Sync = yes
//? AtomicPtr<u8>: Sync = yes
//? HashMap<String, Rc<u8>>: Send = no
//? HashMap<String, u8>: Send = yes
//? BTreeMap<Rc<u8>, u8>: Send = no
//? HashSet<u8>: Sync = yes
//? VecDeque<Cell<u8>>: Sync = no
//? Vec<Box<dyn Debug>>: Send = no
//? Box<dyn Error>: Send = no
//? Box<dyn Error + Send + Sync>: Send = yes
//? Box<dyn Error + Send + Sync + 'static>: Sync = yes
//? Box<dyn Job>: Send = yes
//? Box<dyn Job>: Sync = no
//? Box<dyn Task>: Sync = yes
//? Arc<dyn Task>: Send = yes
//? Arc<dyn Job>: Send = no
//? Box<dyn Quiet>: Send = no
//? Box<dyn FnOnce() + Send>: Send = yes
//? Box<dyn FnOnce()>: Send = no
//? Callback: Send = yes
//? Callback: Sync = no
//? HoldsRc: Send = no
//? Tree: Send = yes
//? RcTree: Send = no
//? Even: Send = yes
//? Even: Sync = no
//? Odd: Sync = no
//? Bits: Sync = yes
//? Raw: Send = no
//? SendRaw: Send = yes
//? SendRaw: Sync = no
//? BothRaw: Sync = yes
//? Wrapper<u8>: Send = yes
//? Wrapper<Rc<u8>>: Send = no
//? Wrapper<Cell<u8>>: Send = yes
//? Wrapper<Cell<u8>>: Sync = no
//? OnlyU8<u8>: Send = yes
//? OnlyU8<u16>: Send = no
//? Marked<u8>: Send = yes
//? Marked<Rc<u8>>: Send = no
//? NotSend: Send = no
//? Ghost: Sync = no
//? Spin<Cell<u8>>: Sync = yes
//? Spin<Rc<u8>>: Sync = no
//? Spin<u8>: Send = yes
//? Defaulted: Send = no
//? Defaulted<u8>: Send = yes
//? Projected<std::vec::IntoIter<Rc<u8>>>: Send = no
//? Projected<std::vec::IntoIter<u8>>: Send = yes
//? Parts<u8>: Send = no
//? Parts<u16>: Send = yes
//? Own<'static>: Send = no
//? Growing<u8>: Send = yes
//? Growing<Rc<u8>>: Send = no
//? OwnRc: Send = yes
//? inner::Hidden: Send = no
//? Late: Send = yes
//? Late: Sync = no
//? ByMacro: Sync = unknown
//? ByMacro: Send = no
//? std::thread::JoinHandle<Rc<u8>>: Send = yes
//? std::thread::Thread: Send = yes
//? std::io::StdoutLock<'static>: Send = no
//? std::time::Instant: Send = yes

//? u8: Copy = yes
//? f64: Copy = yes
//? str: Copy = no
//? String: Copy = no
//? &'static String: Copy = yes
//? &'static mut u8: Copy = no
//? *mut String: Copy = yes
//? fn(String) -> String: Copy = yes
//? (u8, char): Copy = yes
//? (u8, String): Copy = no
//? [u8; 3]: Copy = yes
//? [String; 3]: Copy = no
//? Option<u8>: Copy = yes
//? Option<String>: Copy = no
//? Option<&'static String>: Copy = yes
//? Result<u8, ()>: Copy = yes
//? Point: Copy = yes
//? Pair<u8>: Copy = yes
//? Pair<String>: Copy = no
//? ManualCopy: Copy = yes
//? Plain: Copy = no
//? Shared<u8>: Copy = no
//? PhantomData<String>: Copy = yes
//? std::time::Duration: Copy = yes
//? std::time::Instant: Copy = yes
//? std::thread::ThreadId: Copy = yes
//? std::cmp::Ordering: Copy = yes
//? std::ops::Range<u8>: Copy = no
//? Vec<u8>: Copy = no
//? Arc<u8>: Copy = no
//? Cell<u8>: Copy = no

//? Point: Clone = yes
//? Point: PartialEq = yes
//? Point: Eq = no
//? Plain: Clone = no
//? Plain: Debug = no
//? Pair<Plain>: Clone = no
//? Shared<Plain>: Clone = no
//? Shared<Point>: Clone = yes
//? Vec<Point>: Clone = yes
//? Vec<Plain>: Clone = unknown
//? u8: Quiet = yes
//? u16: Quiet = no
//? Vec<u8>: Quiet = yes
//? Vec<Vec<u8>>: Quiet = yes
//? Vec<u16>: Quiet = no
//? &'static u8: Quiet = yes
//? &'static &'static Vec<u8>: Quiet = yes
//? &'static u16: Quiet = no
//? Point: Blanket = yes
//? Plain: Blanket = no
//? dyn Quiet: Quiet = yes
//? Box<dyn Task>: Clone = unknown
//? fn(): Fn() = yes
