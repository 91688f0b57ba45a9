use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::thread::JoinHandle;

pub struct Timer {
    ticks: Arc<Mutex<u32>>,
}

impl Future for Timer {
    type Output = Result<u32, String>;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut ticks = self.ticks.lock().unwrap(); //: MutexGuard<u32>
        *ticks += 1;
        let now = *ticks; //: u32
        let waker = cx.waker().clone(); //: Waker
        waker.wake();
        if now > 3 { Poll::Ready(Ok(now)) } else { Poll::Pending }
    }
}

pub async fn fetch(id: u32) -> Option<String> {
    let timer = Timer { ticks: Arc::new(Mutex::new(id)) }; //: Timer
    let outcome = timer.await; //: Result<u32, String>
    let ticks = outcome.ok()?; //: u32
    Some(ticks.to_string())
}

pub fn boxed(id: u32) -> Pin<Box<dyn Future<Output = usize> + Send>> {
    Box::pin(async move { id as usize })
}

pub async fn uses(m: &Mutex<Vec<u8>>) -> usize {
    let pending = fetch(1); //: impl Future<Output = Option<String>>
    let text = pending.await; //: Option<String>
    let size = boxed(2).await; //: usize
    let block = async { 5u8 }; //: {closure}
    let five = block.await; //: u8
    let inner = async move {
        let text = text.unwrap_or_default(); //: String
        text.len()
    }; //: inner: {closure}
    let length = inner.await; //: usize
    let guard: MutexGuard<'_, Vec<u8>> = m.lock().unwrap(); //: MutexGuard<Vec<u8>>
    let copy = guard.to_vec(); //: Vec<u8>
    drop(guard);
    size + length + copy.len() + five as usize
}

pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut pinned = Box::pin(future); //: Pin<Box<F>>
    let mut cx = Context::from_waker(Waker::noop()); //: Context
    loop {
        let polled = pinned.as_mut().poll(&mut cx); //: Poll<<F as Future>::Output>
        if let Poll::Ready(value) = polled { //: <F as Future>::Output
            return value;
        }
    }
}

pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let handle = std::thread::spawn(move || block_on(future)); //: JoinHandle<<F as Future>::Output>
    handle
}

pub fn run() {
    let value = block_on(async {
        let one = async { 1 }.await; //: i32
        one + 1
    }); //: value: i32
    let handle = spawn(async move { value as u64 }); //: JoinHandle<u64>
    let joined = handle.join().unwrap(); //: u64
    let text = block_on(fetch(3)); //: Option<String>
    let sized = block_on(boxed(4)); //: usize
    println!("{joined} {text:?} {sized}");
}
