// A book listing imports nothing: std's well-known names are meant, but never one that the file declares or imports.
//+ listing listing.rs - loose
//+ imports imports.rs - loose
//+ part main.rs - loose
//- listing.rs
fn main() { let counter = Arc::new(Mutex::new(0)); }
struct Barrier;
mod inner { struct Rc; }
//- imports.rs
use tokio::sync::Mutex;
use elsewhere::*;
fn main() {}
//- main.rs
mod child;
use child::Condvar;
fn main() {}
//- child.rs
fn f() {}
//? listing | Arc | type = std::sync::Arc
//? listing | Arc::new | value = std::sync::Arc + new
//? listing | mpsc::channel | value = std::sync::mpsc::channel
//? listing | thread::spawn | value = std::thread::spawn
//? listing | Barrier | type = listing::Barrier
//? listing | Rc | type = ?
//? listing | Whatever | type = ?
//? listing | channel | value = std::sync::mpsc::channel
//? imports | Arc | type = ?
//? imports | Mutex | type = tokio::sync::Mutex
//? part | Arc | type = std::sync::Arc
//? part | Condvar | type = ?
//? part::child | Arc | type = ?
