// Several crates: dependencies by name, renamed, unknown; `pub use` of another crate; a bin beside its lib.
//+ app app/src/lib.rs 2021 lib util=util short=other serde parking=parking_lot
//+ util util/src/lib.rs 2018 lib log
//+ other other/src/lib.rs 2021 lib util=util
//+ app_bin app/src/main.rs 2021 bin app=app
//- app/src/lib.rs
use util::Helper;
pub use util::log;
use short::Thing;
pub use serde::Serialize;
use serde::de::Visitor as Arc;
pub use util::reexported::*;
extern crate util as tool;
use log::info;
pub mod nested { use util::Helper; use crate::tool::helper; use ::util::Helper as H2; }
//- util/src/lib.rs
pub struct Helper;
pub fn helper() {}
pub extern crate log;
pub mod reexported { pub use other::Hidden; pub fn visible() {} }
//- other/src/lib.rs
pub struct Thing;
pub use util::Helper as FromUtil;
//- app/src/main.rs
use app::Serialize;
use app::visible;
fn main() {}
//? app | Helper | type = util::Helper
//? app | Thing | type = other::Thing
//? app | short::FromUtil | type = util::Helper
//? app | Serialize | type = ?
//? app | Arc | type = ?
//? app | Arc::new | value = ?
//? app | tool::helper | value = util::helper
//? app | visible | value = util::reexported::visible
//? app | Hidden | type = ?
//? app | serde::Serialize | type = ?
//? app | info | macro = ?
//? app | parking::Mutex | type = parking_lot::Mutex
//? app::nested | Helper | type = util::Helper
//? app::nested | helper | value = util::helper
//? app::nested | H2 | type = util::Helper
//? app_bin | Serialize | type = ?
//? app_bin | visible | value = util::reexported::visible
//? app_bin | app::Helper | type = util::Helper
