// The preludes, primitive types, modules named like them, and `core` and `alloc` as std.
//- src/lib.rs
use std::sync::{self, mpsc, Arc as Shared};
use std::u8;
use core::cell::RefCell;
use alloc::collections::VecDeque;
extern crate alloc;
use std::thread::{self, *};
mod own { pub struct u16; pub struct String; use self::u16 as word; }
mod with_own { use super::own::*; }
//? demo | Vec | type = std::vec::Vec
//? demo | Vec::new | value = std::vec::Vec + new
//? demo | Some | value = std::option::Option::Some
//? demo | None | value = std::option::Option::None
//? demo | drop | value = std::mem::drop
//? demo | Shared | type = std::sync::Arc
//? demo | Arc | type = ?
//? demo | sync::Mutex | type = std::sync::Mutex
//? demo | sync::Mutex::new | value = std::sync::Mutex + new
//? demo | mpsc::channel | value = std::sync::mpsc::channel
//? demo | thread::spawn | value = std::thread::spawn
//? demo | spawn | value = std::thread::spawn
//? demo | ::std::rc::Rc | type = std::rc::Rc
//? demo | core::option::Option | type = std::option::Option
//? demo | RefCell | type = std::cell::RefCell
//? demo | VecDeque | type = std::collections::VecDeque
//? demo | u8 | type = primitive u8
//? demo | u8::from_str | value = primitive u8 + from_str
//? demo | u32::max_value | value = primitive u32 + max_value
//? demo | str | type = primitive str
//? demo | std::nonsense::Arc | type = ?
//? demo::own | Arc | type = ?
//? demo::own | u16 | type = demo::own::u16
//? demo::with_own | String | type = demo::own::String
//? demo::with_own | u16 | type = demo::own::u16
