// Types, values and macros are apart: one name may be in each; an import brings all that exist.
//- src/lib.rs
pub mod m {
    pub mod both {}
    pub fn both() {}
    pub struct Unit;
    pub struct Braced { pub x: u8 }
    pub fn Braced() {}
    pub trait Speak { fn speak(&self); }
    pub const LIMIT: usize = 1;
    pub static COUNT: usize = 1;
    pub union Bits { a: u8 }
    pub type Alias = Unit;
    pub enum Kind { A { x: u8 }, B }
    pub type Kinds = Kind;
}
macro_rules! local { () => {} }
pub mod with_macro { #[macro_export] macro_rules! exported { () => {} } }
use m::both;
use m::{Alias, Bits, Braced, Kind, Kinds, Speak, Unit, COUNT, LIMIT};
//? demo | both | type = demo::m::both
//? demo | both | value = demo::m::both
//? demo | both | macro = ?
//? demo | Unit | value = demo::m::Unit
//? demo | Braced | value = demo::m::Braced
//? demo | Speak::speak | value = demo::m::Speak + speak
//? demo | LIMIT | value = demo::m::LIMIT
//? demo | LIMIT | type = ?
//? demo | COUNT | value = demo::m::COUNT
//? demo | Alias | type = demo::m::Alias
//? demo | Bits | type = demo::m::Bits
//? demo | Kind::A | type = demo::m::Kind::A
//? demo | Kinds::B | value = demo::m::Kind::B
//? demo | local | macro = demo::local
//? demo | exported | macro = demo::with_macro::exported
//? demo | crate::exported | macro = demo::with_macro::exported
//? demo::m | local | macro = demo::local
