// Globs bring what is visible, yield to explicit names, and may go in circles.
//- src/lib.rs
pub mod first {
    pub struct One;
    pub struct Both;
    fn private() {}
    pub use super::second::*;
    pub mod child {
        use super::*;
        pub fn local() {}
    }
}
pub mod second {
    pub struct Two;
    pub use super::first::*;
    use super::third::Secret;
}
pub mod third { pub struct Secret; pub struct Both; }
pub mod outside {
    use super::first::*;
    pub struct Both;
}
pub mod variants {
    pub enum Level { Low, High }
    use self::Level::*;
}
pub mod prelude { pub use super::third::*; pub struct Option; }
mod user { use super::prelude::*; }
mod unknown_glob { use nowhere::prelude::*; }
mod assoc { pub use super::variants::Level as L; use L::High; }
//? demo::second | One | type = demo::first::One
//? demo::first | Two | type = demo::second::Two
//? demo::first | Three | type = ?
//? demo::first::child | Two | type = demo::second::Two
//? demo::first::child | private | value = demo::first::private
//? demo::first::child | One | type = demo::first::One
//? demo::outside | Two | type = demo::second::Two
//? demo::outside | private | value = ?
//? demo::outside | Secret | type = ?
//? demo::outside | Both | type = demo::outside::Both
//? demo::outside | child | type = demo::first::child
//? demo::variants | Low | value = demo::variants::Level::Low
//? demo::assoc | High | value = demo::variants::Level::High
//? demo::assoc | L::Low | value = demo::variants::Level::Low
//? demo::user | Secret | type = demo::third::Secret
//? demo::user | Option | type = demo::prelude::Option
//? demo::user | Result | type = std::result::Result
//? demo::unknown_glob | Vec | type = std::vec::Vec
//? demo::unknown_glob | Mutex | type = ?
