use std::collections::{BTreeMap, HashMap, VecDeque};
use std::rc::Rc;
use std::sync::mpsc;
use std::sync::mpsc::{channel, sync_channel, Receiver, RecvError, RecvTimeoutError, SendError, Sender, SyncSender, TryRecvError, TrySendError};
use std::sync::{Arc, Mutex};
use std::thread;
use std::thread::JoinHandle;
use std::time::Duration;

pub enum Message {
    Work(u32),
    Named { name: String, id: usize },
    Stop,
}

pub fn basic() {
    let (tx, rx) = mpsc::channel(); //: tx: Sender<String>; rx: Receiver<String>
    let tx2 = tx.clone(); //: Sender<String>
    thread::spawn(move || {
        let val = String::from("hi"); //: String
        tx.send(val).unwrap();
    });
    drop(tx2);
    for received in rx { //: String
        println!("{received}");
    }
}

pub fn late_known() {
    let (tx, rx) = channel(); //: tx: Sender<Rc<i32>>; rx: Receiver<Rc<i32>>
    let sent = tx.send(Rc::new(1)); //: Result<(), SendError<Rc<i32>>>
    let one = rx.recv().unwrap(); //: Rc<i32>
    let value = *one; //: i32
    println!("{} {value}", sent.is_ok());
}

pub fn annotated() {
    let (tx, rx): (Sender<Message>, Receiver<Message>) = channel(); //: tx: Sender<Message>; rx: Receiver<Message>
    let worker = thread::spawn(move || {
        let mut sum = 0; //: u32
        while let Ok(message) = rx.recv() { //: Message
            match message {
                Message::Work(n) => { //: u32
                    sum += n;
                }
                Message::Named { name, id } => { //: name: String; id: usize
                    println!("{name} {id}");
                }
                Message::Stop => break,
            }
        }
        sum
    }); //: worker: JoinHandle<u32>
    tx.send(Message::Work(3)).unwrap();
    tx.send(Message::Named { name: "a".to_string(), id: 1 }).unwrap();
    tx.send(Message::Stop).unwrap();
    let total = worker.join().unwrap(); //: u32
    println!("{total}");
}

pub fn bounded() {
    let (tx, rx) = sync_channel::<Vec<u8>>(4); //: tx: SyncSender<Vec<u8>>; rx: Receiver<Vec<u8>>
    let full = tx.try_send(vec![1]); //: Result<(), TrySendError<Vec<u8>>>
    let first = rx.try_recv(); //: Result<Vec<u8>, TryRecvError>
    match first {
        Ok(bytes) => { //: Vec<u8>
            let byte = bytes[0]; //: u8
            println!("{byte}");
        }
        Err(TryRecvError::Empty) => {}
        Err(e) => { //: TryRecvError
            println!("{e}");
        }
    }
    let timed = rx.recv_timeout(Duration::from_secs(1)); //: Result<Vec<u8>, RecvTimeoutError>
    println!("{:?} {:?}", full.is_ok(), timed.is_ok());
    let all = rx.iter().collect::<Vec<_>>(); //: Vec<Vec<u8>>
    let some = rx.try_iter().map(|bytes| bytes.len()).max(); //: Option<usize>
    println!("{} {some:?}", all.len());
}

pub fn workers() {
    let (job_tx, job_rx) = mpsc::channel::<Box<dyn FnOnce() + Send>>(); //: job_tx: Sender<Box<dyn FnOnce() + Send>>
    let job_rx = Arc::new(Mutex::new(job_rx)); //: Arc<Mutex<Receiver<Box<dyn FnOnce() + Send>>>>
    let (result_tx, result_rx) = mpsc::channel(); //: result_tx: Sender<(i32, u64)>; result_rx: Receiver<(i32, u64)>
    for id in 0..3 { //: i32
        let rx = Arc::clone(&job_rx); //: Arc<Mutex<Receiver<Box<dyn FnOnce() + Send>>>>
        let tx = result_tx.clone(); //: Sender<(i32, u64)>
        thread::spawn(move || loop {
            let message = rx.lock().unwrap().recv(); //: Result<Box<dyn FnOnce() + Send>, RecvError>
            match message {
                Ok(job) => { //: Box<dyn FnOnce() + Send>
                    job();
                    tx.send((id, 1u64)).unwrap();
                }
                Err(_) => break,
            }
        });
    }
    job_tx.send(Box::new(|| println!("job"))).unwrap();
    drop(job_tx);
    drop(result_tx);
    let mut seen = HashMap::new(); //: HashMap<i32, Vec<u64>>
    for (id, n) in result_rx { //: id: i32; n: u64
        seen.entry(id).or_insert_with(Vec::new).push(n);
    }
    let sorted: BTreeMap<_, _> = seen.into_iter().collect(); //: BTreeMap<i32, Vec<u64>>
    for (id, list) in &sorted { //: id: &i32; list: &Vec<u64>
        println!("{id} {}", list.len());
    }
}

pub struct Pool {
    sender: Option<Sender<Message>>,
    handles: Vec<Option<thread::JoinHandle<()>>>,
    queue: VecDeque<Message>,
}

impl Pool {
    pub fn new(size: usize) -> Self {
        let (sender, receiver) = channel::<Message>(); //: sender: Sender<Message>; receiver: Receiver<Message>
        let receiver = Arc::new(Mutex::new(receiver)); //: Arc<Mutex<Receiver<Message>>>
        let mut handles = Vec::with_capacity(size); //: Vec<Option<JoinHandle<()>>>
        for _ in 0..size {
            let receiver = receiver.clone(); //: Arc<Mutex<Receiver<Message>>>
            handles.push(Some(thread::spawn(move || while let Ok(_m) = receiver.lock().unwrap().recv() {})));
        }
        Pool { sender: Some(sender), handles, queue: VecDeque::new() }
    }

    pub fn send(&self, message: Message) -> Result<(), RecvError> {
        let sender = self.sender.as_ref().unwrap(); //: &Sender<Message>
        let sent = sender.send(message); //: Result<(), SendError<Message>>
        sent.map_err(|_| RecvError)
    }

    pub fn next(&mut self) -> Option<Message> {
        let front = self.queue.front(); //: Option<&Message>
        if front.is_some() {
            let message = self.queue.pop_front()?; //: Message
            return Some(message);
        }
        None
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        drop(self.sender.take());
        for handle in &mut self.handles { //: &mut Option<JoinHandle<()>>
            if let Some(handle) = handle.take() { //: JoinHandle<()>
                handle.join().unwrap();
            }
        }
        let drained = std::mem::take(&mut self.handles); //: Vec<Option<JoinHandle<()>>>
        for handle in drained.into_iter().flatten() { //: JoinHandle<()>
            let outcome = handle.join().is_ok(); //: bool
            println!("{outcome}");
        }
    }
}

pub fn given(tx: SyncSender<u8>, rx: Receiver<u8>) -> Option<u8> {
    let result = tx.send(1); //: Result<(), SendError<u8>>
    result.ok()?;
    let got = rx.recv().ok()?; //: u8
    Some(got)
}
