// `use` and items inside a fn's blocks are in scope there, before those of the module.
//- src/lib.rs
pub mod a { pub struct Mutex; pub fn helper() {} }
pub struct Outer;
pub fn run() {
    use std::sync::Mutex;
    struct Local;
    enum State { On, Off }
    use State::*;
    impl Local { fn new() -> Self { Local } }
    fn helper() {}
    use self::a as alias;
    {
        use super::nothing;
        use crate::a::Mutex;
        struct Deeper;
        let m = Mutex;
    }
}
use a::helper;
//? demo | Mutex | type = ?
//? demo::run::{} | Mutex | type = demo::a::Mutex
//? demo::run::{} | Outer | type = demo::Outer
//? demo::run::{} | Deeper | type = demo::{}::{}::Deeper
//? demo::run::{} | Local | type = demo::{}::Local
//? demo::run::{} | On | value = demo::{}::State::On
//? demo::run::{} | helper | value = demo::{}::helper
//? demo::run::{} | self::helper | value = demo::a::helper
//? demo::run::{} | alias::helper | value = demo::a::helper
//? demo | helper | value = demo::a::helper
