// `mod` items lead to files: beside, below, by `#[path]`, and inside inline modules. A missing file is unknown.
//- src/lib.rs
mod plain;
mod folder;
#[path = "elsewhere/odd.rs"]
mod odd;
mod inline {
    mod below;
    #[path = "named.rs"]
    mod by_path;
}
mod gone;
cfg_rt! { mod gated; }
use gone::Lost;
//- src/plain.rs
pub mod child;
#[path = "beside.rs"]
pub mod by_path;
pub struct Plain;
//- src/plain/child.rs
pub struct Child;
use super::Plain;
//- src/beside.rs
pub struct Beside;
//- src/folder/mod.rs
pub mod inner;
//- src/folder/inner.rs
pub struct Inner;
//- src/elsewhere/odd.rs
pub mod deeper;
//- src/elsewhere/deeper.rs
pub struct Deeper;
//- src/inline/below.rs
pub struct Below;
//- src/inline/named.rs
pub struct Named;
//- src/gated.rs
pub struct Gated;
//? demo | plain::child::Child | type = demo::plain::child::Child
//? demo::plain::child | Plain | type = demo::plain::Plain
//? demo | plain::by_path::Beside | type = demo::plain::by_path::Beside
//? demo | folder::inner::Inner | type = demo::folder::inner::Inner
//? demo | odd::deeper::Deeper | type = demo::odd::deeper::Deeper
//? demo | inline::below::Below | type = demo::inline::below::Below
//? demo | inline::by_path::Named | type = demo::inline::by_path::Named
//? demo | gated::Gated | type = demo::gated::Gated
//? demo | gone | type = demo::gone
//? demo | gone::Anything | type = ?
//? demo | Lost | type = ?
