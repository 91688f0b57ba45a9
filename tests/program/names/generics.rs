// Type parameters and `Self` are in scope where they are declared.
//- src/lib.rs
pub struct Cell2<T> { inner: T }
impl<U: Iterator> Cell2<U> {
    pub fn map<F>(self, f: F) -> Self { self }
}
pub enum Tree<T> { Leaf, Node(Box<Self>, T) }
impl<T> Tree<T> { pub fn leaf() -> Self { Self::Leaf } }
pub trait Worker<J> { type Out; fn work<X>(&self, job: J) -> Self::Out; }
impl Worker<u8> for String { type Out = u8; fn work<X>(&self, job: u8) -> u8 { job } }
pub fn free<T, const N: usize>() {}
pub struct T;
//? demo::Cell2 | T | type = T of demo::Cell2
//? demo::Cell2::map | U | type = U of demo::<impl>
//? demo::Cell2::map | U::Item | type = U of demo::<impl> + Item
//? demo::Cell2::map | F | type = F of demo::Cell2::map
//? demo::Cell2::map | T | type = demo::T
//? demo::Cell2::map | Self | type = Self of demo::Cell2
//? demo::Cell2::map | Self::new | value = Self of demo::Cell2 + new
//? demo::Tree::leaf | Self::Leaf | value = demo::Tree::Leaf
//? demo::Tree::leaf | Self::leaf | value = Self of demo::Tree + leaf
//? demo::Tree | Self | type = Self of demo::Tree
//? demo::Worker::work | J | type = J of demo::Worker
//? demo::Worker::work | X | type = X of demo::Worker::work
//? demo::Worker::work | Self | type = Self of demo::Worker
//? demo::Worker::work | Self::Out | type = Self of demo::Worker + Out
//? demo::free | T | type = T of demo::free
//? demo::free | N | value = ?
//? demo | T | type = demo::T
//? demo | Self | type = ?
