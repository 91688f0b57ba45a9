// Imports that name each other in circles have no meaning, and do no harm.
//- src/lib.rs
mod a { pub use super::b::X; pub use super::b::Y as Z; }
mod b { pub use super::a::X; pub use super::a::Z as Y; }
mod c { pub use self::c::D; pub use super::c::*; }
mod d { pub use super::e::*; pub struct InD; }
mod e { pub use super::f::*; pub struct InE; }
mod f { pub use super::d::*; pub struct InF; }
use log::log;
mod tokio_named { use tokio; pub mod tokio2 {} }
use std::sync::Arc; use a::Arc as Other;
//? demo | a::X | type = ?
//? demo | a::Z | type = ?
//? demo | c::D | type = ?
//? demo | d::InE | type = demo::e::InE
//? demo | d::InF | type = demo::f::InF
//? demo | e::InD | type = demo::d::InD
//? demo | f::InE | type = demo::e::InE
//? demo | d::Nothing | type = ?
//? demo | Arc | type = std::sync::Arc
//? demo | Other | type = ?
