// In 2015 imports begin at the crate's root, and so does `::name`.
//+ old src/lib.rs 2015 lib util=util
//+ util util/src/lib.rs 2015 lib
//- src/lib.rs
extern crate util;
pub mod a { pub struct Thing; pub mod b { use a::Thing; use util::Helper; use std::sync::Arc; use self::c::Inner; mod c { pub struct Inner; } } }
use a::Thing;
//- util/src/lib.rs
pub struct Helper;
//? old::a::b | Thing | type = old::a::Thing
//? old::a::b | ::a::Thing | type = old::a::Thing
//? old::a::b | a::Thing | type = ?
//? old::a::b | Helper | type = util::Helper
//? old::a::b | ::util::Helper | type = util::Helper
//? old::a::b | Arc | type = std::sync::Arc
//? old::a::b | Inner | type = old::a::b::c::Inner
//? old | Thing | type = old::a::Thing
