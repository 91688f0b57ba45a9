// Items, imports, renames and re-exports through several hops; an import that leads nowhere is unknown.
//- src/lib.rs
pub mod a {
    pub struct Thing;
    pub fn make() -> Thing { Thing }
    pub(crate) mod deep {
        pub use super::Thing as Renamed;
        pub use self::inner::*;
        mod inner {
            pub enum Shape { Round, Square(u8) }
            fn hidden() {}
        }
    }
}
pub mod b {
    pub use crate::a::deep::Renamed as Again;
    pub use super::a::deep;
    use crate::a::make;
}
use a::{self, deep::Shape, make as build, Thing};
use b::Again;
use a::missing;
use a::missing::Arc;
pub mod std_like { pub struct Vec; }
mod shadow { use super::std_like::Vec; }
mod imported_types { use super::a::Thing; }
//? demo | Thing | type = demo::a::Thing
//? demo | Thing | value = demo::a::Thing
//? demo | a::Thing | type = demo::a::Thing
//? demo | self::a::make | value = demo::a::make
//? demo | build | value = demo::a::make
//? demo | make | value = ?
//? demo | Again | type = demo::a::Thing
//? demo | b::Again | type = demo::a::Thing
//? demo | b::deep::Renamed | type = demo::a::Thing
//? demo | crate::b::deep | type = demo::a::deep
//? demo | Shape::Round | value = demo::a::deep::inner::Shape::Round
//? demo | Shape::Square | value = demo::a::deep::inner::Shape::Square
//? demo | Shape::area | value = demo::a::deep::inner::Shape + area
//? demo | a::deep::hidden | value = ?
//? demo | missing | value = ?
//? demo | Arc | type = ?
//? demo::a | Thing | type = demo::a::Thing
//? demo::a | super::b::Again | type = demo::a::Thing
//? demo::a::deep | super::super::Again | type = demo::a::Thing
//? demo::a::deep | crate::Again | type = demo::a::Thing
//? demo::shadow | Vec | type = demo::std_like::Vec
//? demo | Vec | type = std::vec::Vec
