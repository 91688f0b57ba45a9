// Pairs of types that are one type: `type AskedN = A; type MeantN = B;` for each line `//? A is B`, says rustc too.
use std::collections::HashMap;
use std::fmt::Debug;
use std::iter::Peekable;
use std::ops::{Add, Deref};
use std::sync::{Arc, LockResult, Mutex, MutexGuard, PoisonError};

pub type Shared<T> = Arc<Mutex<T>>;
pub type Nested<K, V = String> = HashMap<K, Shared<V>>;
pub type Result<T> = std::result::Result<T, std::fmt::Error>;
pub type Through = inner::Exported<u8>;
pub struct Slot<T, U = Vec<T>> { first: T, second: U }
pub struct Array<T, const N: usize> { items: [T; N] }
pub enum Either<L, R> { Left(L), Right { value: R } }
pub trait Source { type Out; type Err; fn get(&self) -> Self::Out; }
pub trait Named: Source { type Name; }
impl Source for u8 { type Out = u16; type Err = Vec<Self::Out>; fn get(&self) -> Self::Out { 0 } }
impl Named for u8 { type Name = <Self as Source>::Out; }
impl<T: Source> Source for Vec<T> { type Out = Option<T::Out>; type Err = T::Err; fn get(&self) -> Self::Out { None } }
impl<T> Source for [T; 2] { type Out = (T, T); type Err = (); fn get(&self) -> Self::Out { loop {} } }
impl<'a, T: Source + ?Sized> Source for &'a T { type Out = &'a T; type Err = T::Err; fn get(&self) -> Self::Out { *self } }
impl Source for dyn Debug { type Out = (); type Err = (); fn get(&self) {} }
pub struct Meters(f64);
impl Add for Meters { type Output = Meters; fn add(self, _: Meters) -> Meters { self } }
impl Add<f64> for Meters { type Output = f64; fn add(self, _: f64) -> f64 { 0.0 } }
impl Deref for Meters { type Target = f64; fn deref(&self) -> &Self::Target { &self.0 } }
pub struct Countdown(u32);
impl Iterator for Countdown { type Item = Slot<u32>; fn next(&mut self) -> Option<Self::Item> { None } }
mod inner {
    pub use super::Either as Choice;
    pub type Exported<T> = Choice<T, std::rc::Rc<T>>;
}

//? Shared<u8> is std::sync::Arc<std::sync::Mutex<u8>>
//? Nested<u8> is HashMap<u8, Arc<Mutex<String>>>
//? Nested<u8, char> is HashMap<u8, Arc<Mutex<char>>>
//? Result<u8> is core::result::Result<u8, core::fmt::Error>
//? Through is Either<u8, std::rc::Rc<u8>>
//? inner::Choice<u8, ()> is Either<u8, ()>
//? Slot<u8> is Slot<u8, Vec<u8>>
//? (u8) is u8
//? fn() is fn() -> ()
//? Box<dyn Fn(u8)> is Box<dyn Fn(u8) -> ()>
//? LockResult<MutexGuard<'static, u8>> is std::result::Result<MutexGuard<'static, u8>, PoisonError<MutexGuard<'static, u8>>>
//? HashMap<u8, u8> is HashMap<u8, u8, std::hash::RandomState>
//? <u8 as Source>::Out is u16
//? <u8 as Source>::Err is Vec<u16>
//? <u8 as Named>::Name is u16
//? <Vec<u8> as Source>::Out is Option<u16>
//? <Vec<Vec<u8>> as Source>::Out is Option<Option<u16>>
//? <Vec<Vec<u8>> as Source>::Err is Vec<u16>
//? <[char; 2] as Source>::Out is (char, char)
//? <&'static u8 as Source>::Out is &'static u8
//? <(dyn Debug) as Source>::Out is ()
//? <Meters as Deref>::Target is f64
//? <Countdown as Iterator>::Item is Slot<u32, Vec<u32>>
//? <Countdown as IntoIterator>::Item is Slot<u32, Vec<u32>>
//? <Vec<u8> as IntoIterator>::Item is u8
//? <&'static Vec<u8> as IntoIterator>::Item is &'static u8
//? <Peekable<Countdown> as Iterator>::Item is Slot<u32>
//? <Arc<u8> as Deref>::Target is u8
//? <MutexGuard<'static, String> as Deref>::Target is String
//? <Box<dyn Iterator<Item = u8>> as Iterator>::Item is u8
//? <String as Deref>::Target is str
//? <Vec<u8> as Deref>::Target is [u8]
//? Array<u8, 3> is Array<u8, 3>
