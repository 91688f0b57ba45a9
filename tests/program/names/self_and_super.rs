// `self`, `super`, `crate` and `$crate` in paths and imports.
//- src/lib.rs
pub struct Root;
pub mod a {
    pub struct A;
    pub mod b {
        pub struct B;
        use super::super::Root;
        use super::{self as parent, A};
        use self::B as Same;
        use crate::a;
        use super::b::B as Circular;
        pub use self::c::{self, C};
        mod c { pub struct C; }
    }
}
//? demo::a::b | Root | type = demo::Root
//? demo::a::b | parent::A | type = demo::a::A
//? demo::a::b | A | type = demo::a::A
//? demo::a::b | Same | type = demo::a::b::B
//? demo::a::b | Circular | type = demo::a::b::B
//? demo::a::b | a::A | type = demo::a::A
//? demo::a::b | self::super::A | type = demo::a::A
//? demo::a::b | $crate::a::b::B | type = demo::a::b::B
//? demo::a::b | c::C | type = demo::a::b::c::C
//? demo::a::b | super::super::super::Root | type = ?
//? demo | super::Root | type = ?
//? demo | a::b::C | type = demo::a::b::c::C
