// Of items under exclusive cfgs the one an ordinary Linux build has is meant; the others keep paths of their own.
//- src/lib.rs
#[cfg(windows)]
#[path = "win.rs"]
mod imp;
#[cfg(unix)]
#[path = "unix.rs"]
mod imp;
#[cfg(loom)]
use loom::sync::Mutex;
#[cfg(not(loom))]
use std::sync::Mutex;
#[cfg(not(feature = "a"))]
pub struct Choice(u8);
#[cfg(feature = "a")]
pub struct Choice(u16);
mod same;
#[cfg(test)]
pub fn run() {}
#[cfg(not(test))]
pub fn run() {}
#[cfg(not(feature = "sync"))]
use std::rc::Rc as Shared;
#[cfg(feature = "sync")]
use std::sync::Arc as Shared;
#[cfg(target_os = "macos")]
use imp::Handle as System;
#[cfg(all(unix, not(target_os = "macos")))]
use std::fs::File as System;
//- src/win.rs
pub struct Handle;
//- src/unix.rs
pub struct Handle;
//- src/same.rs
//? demo | imp::Handle | type = demo::imp::Handle
//? demo | Mutex | type = std::sync::Mutex
//? demo | Choice | type = demo::Choice
//? demo | run | value = demo::run
//? demo | Shared | type = std::sync::Arc
//? demo | System | type = std::fs::File
//? demo::imp#2 | Handle | type = demo::imp#2::Handle
//? demo::imp | super::imp::Handle | type = demo::imp::Handle
