use std::any::Any;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Condvar, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use std::thread;
use std::thread::{JoinHandle, ScopedJoinHandle};
use std::time::Duration;

pub fn spawning() {
    let counter = Arc::new(Mutex::new(0)); //: Arc<Mutex<i32>>
    let mut handles = vec![]; //: Vec<JoinHandle<()>>
    for i in 0..10 { //: i32
        let counter = Arc::clone(&counter); //: Arc<Mutex<i32>>
        let handle = thread::spawn(move || {
            let mut num = counter.lock().unwrap(); //: MutexGuard<i32>
            *num += i;
        }); //: handle: JoinHandle<()>
        handles.push(handle);
    }
    for handle in handles { //: JoinHandle<()>
        let joined = handle.join(); //: Result<(), Box<dyn Any + Send>>
        joined.unwrap();
    }
    let total = *counter.lock().unwrap(); //: i32
    println!("{total}");
}

pub fn returned_values() -> u64 {
    let numbers = vec![1u64, 2, 3]; //: Vec<u64>
    let worker = thread::spawn(move || numbers.iter().sum::<u64>()); //: JoinHandle<u64>
    let text = thread::spawn(|| String::from("done")); //: JoinHandle<String>
    let sum = worker.join().unwrap(); //: u64
    let message = text.join().expect("no panic"); //: String
    let length = message.len(); //: usize
    let pair = thread::spawn(move || (length, message)).join().unwrap(); //: (usize, String)
    let (size, words) = pair; //: size: usize; words: String
    let named = thread::Builder::new().name(words).spawn(move || size as f32).unwrap(); //: JoinHandle<f32>
    let id = named.thread().name().map(|n| n.to_owned()); //: Option<String>
    drop(id);
    sum
}

pub fn scoped() {
    let data = vec![1, 2, 3]; //: Vec<i32>
    let mut total = 0i64; //: i64
    thread::scope(|s| {
        let first = s.spawn(|| data.iter().map(|n| *n as i64).sum::<i64>()); //: ScopedJoinHandle<i64>
        let second = s.spawn(|| data.len()); //: ScopedJoinHandle<usize>
        let a = first.join().unwrap(); //: i64
        let b = second.join().unwrap(); //: usize
        total = a + b as i64;
    });
    let answer = thread::scope(|s| s.spawn(|| 7u8).join().unwrap()); //: u8
    let chunks = data.chunks(2);
    for chunk in chunks { //: &[i32]
        let first = chunk[0]; //: i32
        let rest = &chunk[1..]; //: &[i32]
        println!("{first} {rest:?} {answer} {total}");
    }
}

pub struct Shared {
    pub jobs: Mutex<Vec<Job>>,
    pub ready: Condvar,
    pub names: RwLock<Vec<String>>,
    pub done: AtomicUsize,
}

pub type Job = Box<dyn FnOnce() -> u32 + Send + 'static>;

pub fn conditions(shared: Arc<Shared>) {
    let mut jobs = shared.jobs.lock().unwrap(); //: MutexGuard<Vec<Box<dyn FnOnce() -> u32 + Send>>>
    while jobs.is_empty() {
        jobs = shared.ready.wait(jobs).unwrap();
    }
    let job = jobs.pop(); //: Option<Box<dyn FnOnce() -> u32 + Send>>
    let ran = job.map(|job| job()); //: Option<u32>
    let (guard, timeout) = shared.ready.wait_timeout(jobs, Duration::from_millis(5)).unwrap(); //: guard: MutexGuard<Vec<Box<dyn FnOnce() -> u32 + Send>>>
    let timed_out = timeout.timed_out(); //: bool
    let waiting = guard.len(); //: usize
    let names = shared.names.read().unwrap(); //: RwLockReadGuard<Vec<String>>
    let first = names.first(); //: Option<&String>
    let known = first.cloned().unwrap_or_default(); //: String
    let before = shared.done.fetch_add(1, Ordering::SeqCst); //: usize
    let clone = shared.clone(); //: Arc<Shared>
    let count = Arc::strong_count(&clone); //: usize
    println!("{ran:?} {timed_out} {waiting} {known} {before} {count}");
}

pub fn inner_values() {
    let lock = Mutex::new(String::new()); //: Mutex<String>
    let poisoned = lock.lock(); //: Result<MutexGuard<String>, PoisonError<MutexGuard<String>>>
    let guard = poisoned.unwrap_or_else(|e| e.into_inner()); //: MutexGuard<String>
    let text = guard.clone(); //: String
    drop(guard);
    let inner = lock.into_inner().unwrap(); //: String
    let joined = inner + &text; //: String
    let shared = Arc::new(RwLock::new(Some(joined))); //: Arc<RwLock<Option<String>>>
    let taken = shared.write().unwrap().take(); //: Option<String>
    if let Some(ref word) = taken { //: &String
        println!("{word}");
    }
    if let Ok(guard) = shared.try_read() { //: RwLockReadGuard<Option<String>>
        let is = guard.is_some(); //: bool
        println!("{is}");
    }
    match Arc::try_unwrap(shared) {
        Ok(lock) => { //: RwLock<Option<String>>
            drop(lock);
        }
        Err(arc) => { //: Arc<RwLock<Option<String>>>
            drop(arc);
        }
    }
    let barrier = Arc::new(Barrier::new(2)); //: Arc<Barrier>
    let leader = barrier.wait().is_leader(); //: bool
    println!("{leader}");
}

pub fn kept() -> Vec<JoinHandle<usize>> {
    let handles: Vec<_> = (0..4).map(|i| thread::spawn(move || i * 2)).collect(); //: Vec<JoinHandle<usize>>
    handles
}

pub fn held<'a>(m: &'a Mutex<i32>) -> MutexGuard<'a, i32> {
    let guard = m.lock().unwrap(); //: MutexGuard<i32>
    let inside = &*guard; //: &i32
    let copied = *inside; //: i32
    assert_eq!(copied, *guard);
    guard
}

pub fn reads<'a>(lock: &'a RwLock<u8>) -> Option<RwLockReadGuard<'a, u8>> {
    let handle: Option<ScopedJoinHandle<'_, ()>> = None; //: Option<ScopedJoinHandle<()>>
    drop(handle);
    lock.read().ok()
}
