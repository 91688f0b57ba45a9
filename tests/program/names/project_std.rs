// A project's own crate called `std`: everybody else's std stays the language's.
//+ std std/src/lib.rs 2021 lib
//+ app app/src/lib.rs 2021 lib
//+ user user/src/lib.rs 2021 lib std=std
//- std/src/lib.rs
pub struct Mine;
pub mod thread { pub fn spawn() {} }
//- app/src/lib.rs
use std::thread;
//- user/src/lib.rs
pub use std::Mine;
//? app | thread::spawn | value = std::thread::spawn
//? app | std::sync::Mutex | type = std::sync::Mutex
//? app | std::Mine | type = ?
//? app | Vec | type = std::vec::Vec
//? user | Mine | type = std [crate]::Mine
//? user | std::thread::spawn | value = std [crate]::thread::spawn
//? user | Option | type = std::option::Option
//? std [crate] | thread::spawn | value = std [crate]::thread::spawn
