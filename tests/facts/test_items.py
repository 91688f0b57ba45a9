"""Items: heads, attributes, imports, signatures and types as written, also inside the macros that wrap them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rustconc_lint.facts import model as f
from rustconc_lint.facts.file import RustFile
from tests.facts.written import Writer, bounds_text, path_text, read, written


def heads(items: tuple[f.Item, ...], indent: str = "") -> Iterator[str]:
    """One line an item: `pub fn name(receiver) #cfg`, members below."""
    for item in items:
        marks = "".join(f" #{text}" for text in item.attributes.cfg) + (" test" if item.attributes.test else "")
        receiver = f"({item.receiver})" if item.receiver else ""
        yield f"{indent}{'pub ' if item.public else ''}{item.kind} {item.name}{receiver}".rstrip() + marks
        yield from heads(item.members, indent + " ")


HEADS = [
    ("pub fn a() {} fn b(&self) -> T;", ["pub fn a", "fn b(&self)"]),
    ("pub struct A; enum B { C } union D { x: u8 }", ["pub struct A", "enum B", "union D"]),
    ("static A: u8 = 1; const B: u8 = 1; type C = u8;", ["static A", "const B", "type C"]),
    ("mod a; mod b { fn c() {} }", ["mod a", "mod b", " fn c"]),
    ("trait A { type B; const C: u8; fn d(); }", ["trait A", " type B", " const C", " fn d"]),
    ("impl A { pub fn b(&mut self) {} fn c(self); }", ["impl", " pub fn b(&mut self)", " fn c(self)"]),
    (
        "impl A { fn a(self: Box<Self>) {} fn b(mut self) {} fn c(&'a mut self) {} fn d(x: u8) {} }",
        ["impl", " fn a(typed)", " fn b(self)", " fn c(&mut self)", " fn d"],
    ),
    ("macro_rules! a { () => {} } extern crate b;", ["macro a", "extern crate b"]),
    ('extern "C" { fn a(); static B: u8; }', ["fn a", "static B"]),
    ('unsafe extern "C" { safe fn a(); pub unsafe fn b(); }', ["fn a", "pub fn b"]),
    ("#[cfg(test)] mod t { fn a() {} #[test] fn b() {} }", ["mod t #test test", " fn a test", " fn b test"]),
    ("#[tokio::test] async fn a() {} #[cfg(not(test))] fn b() {}", ["fn a test", "fn b #not(test)"]),
    ("fn r#type() {} pub(in a::b) fn c() {}", ["fn type", "pub fn c"]),
    ("cfg_rt! { pub mod a; fn b() {} }", ["pub mod a #cfg_rt!", "fn b #cfg_rt!"]),
    ("cfg_not_rt! { fn a() {} }", ["fn a #not(cfg_rt!)"]),
    (
        "cfg_if! { if #[cfg(a)] { fn x() {} } else if #[cfg(b)] { fn y() {} } else { fn z() {} } }",
        ["fn x #a", "fn y #b #not(a)", "fn z #not(a) #not(b)"],
    ),
    (
        "cfg_select! { a => { fn x() {} } all(b, c) => { fn y() {} } _ => { fn z() {} } }",
        ["fn x #a", "fn y #all(b,c) #not(a)", "fn z #not(a) #not(all(b,c))"],
    ),
    ("cfg_a! { cfg_b! { fn x() {} } }", ["fn x #cfg_a! #cfg_b!"]),
    ("lazy_static! { static ref A: T = e(); }", ["static A"]),
    ("thread_local!(static A: T = e());", ["static A"]),
    ("pin_project! { struct A { #[pin] x: T } }", ["struct A"]),
    ("unknown!(a, b); unknown! { x => y } println!();", []),
    ("mod a { #![cfg(unix)] }", ["mod a #unix"]),
]


@pytest.mark.parametrize(("rust", "expected"), HEADS)
def test_heads(rust: str, expected: list[str]) -> None:
    assert list(heads(read(rust).items)) == expected


USES = [
    ("use a::b;", "a::b as b"),
    ("use a::{self, b as c, d::*, e::{f, g}};", "a as a, a::b as c, a::d as *, a::e::f as f, a::e::g as g"),
    ("use ::a; use crate::b as _; use super::r#type;", "::a as a, crate::b as _, super::type as type"),
    ("use {a, b::c}; use a::\n  /* x */ b;", "a as a, b::c as c, a::b as b"),
    ("extern crate a; extern crate b as c; extern crate self as d;", "a as a, b as c, self as d"),
    ("use *; use ::{a};", " as *, ::a as a"),
]


@pytest.mark.parametrize(("rust", "expected"), USES)
def test_imports_are_flattened(rust: str, expected: str) -> None:
    leaves = [leaf for item in read(rust).items for leaf in item.uses]
    assert ", ".join(f"{'::'.join(leaf.segments)} as {leaf.name}" for leaf in leaves) == expected


ATTRIBUTES = [
    ('#[cfg(all(unix, feature = "a b"))] fn f() {}', f.Attributes(cfg=('all(unix,feature="a b")',))),
    ("#[derive(Clone, std::fmt::Debug)] struct S;", f.Attributes(derives=("Clone", "Debug"))),
    ("#[cfg_attr(x, derive(Copy))] struct S;", f.Attributes(derives=("Copy",))),
    ('#[test] #[should_panic(expected = "x")] fn f() {}', f.Attributes(test=True, should_panic=True)),
    (
        '#[allow(clippy::await_holding_lock, reason = "x")] #[expect(b)] fn f() {}',
        f.Attributes(allows=("clippy::await_holding_lock", "b")),
    ),
    ('#[path = "a/b.rs"] mod c;', f.Attributes(path="a/b.rs")),
    ("#[macro_use] mod c;", f.Attributes(macro_use=True)),
    ("#[cfg(any(test, loom))] fn f() {}", f.Attributes(cfg=("any(test,loom)",), test=True)),
    ('#[doc = "x"] /// c\n #[inline] fn f() {}', f.Attributes()),
    ("#[cfg(a)] use b; fn f() {}", f.Attributes()),
]


@pytest.mark.parametrize(("rust", "expected"), ATTRIBUTES)
def test_attributes(rust: str, expected: f.Attributes) -> None:
    assert read(rust).items[-1].attributes == expected


def test_the_files_own_attributes() -> None:
    file = read("#![allow(clippy::x)]\n#![cfg(unix)]\nfn f() {}")
    assert file.attributes == f.Attributes(cfg=("unix",), allows=("clippy::x",))
    assert file.facts().attributes == file.attributes


TYPES = [
    "Vec<T>",
    "&'a mut [u8]",
    "[u8;N]",
    "*const T",
    "(A,B)",
    "()",
    "!",
    "_",
    "fn(A,&B)->C",
    "dyn A+Send+'static",
    "<Q as a::T<U>>::X",
    "<Q>::X",
    "Self::X<u8>",
    "::a::B",
    "crate::C",
    "Box<dyn Iterator<Item=u8>+Send>",
    "impl Iterator<Item=impl A>",
    "T::Item",
]
SUGARED = [
    ("&'static (dyn A + Send)", "&'static dyn A+Send"),
    ("impl Fn(A, B) -> C + Send", "impl Fn<(A,B),Output=C>+Send"),
    ("dyn for<'a> FnMut(&'a u8)", "dyn FnMut<(&'a u8),Output=()>"),
    ("impl ?Sized + 'a", "impl ?Sized+'a"),
    ("Box<dyn 'static + Fn()>", "Box<dyn 'static+Fn<(),Output=()>>"),
    ("impl 'static + Fn() -> u8 + Send", "impl 'static+Fn<(),Output=u8>+Send"),
    ("A<'a, 3, { N }, T>", "A<T>"),
    ("(T)", "T"),
    ("(T,)", "(T)"),
    ("Box<(dyn A + Send)>", "Box<dyn A+Send>"),
    ('unsafe extern "C" fn(x: A, _: B)', "fn(A,B)"),
    ("impl Iterator<Item: Send>", "impl Iterator<Item=impl Send>"),
    ("m!(x)", "_"),
    ("r#type::X", "type::X"),
    ("impl A + use<'a, T>", "impl A"),
]


@pytest.mark.parametrize(("rust", "expected"), [(text, text) for text in TYPES] + SUGARED)
def test_types(rust: str, expected: str) -> None:
    file = read(f"type X = {rust};" if "->C" not in rust else f"type X = {rust.replace('->', ' -> ')};")
    detail = file.detail(file.items[0])
    assert isinstance(detail, f.AliasDetail)
    assert written(detail.aliased) == expected


def signature(file: RustFile) -> str:
    """The signature of the file's first function, as facts."""
    item = file.items[0].members[0] if file.items[0].members else file.items[0]
    detail = file.detail(item)
    assert isinstance(detail, f.FnDetail)
    s = detail.signature
    slots = () if detail.body is None else detail.body.slots
    params = [Writer(slots).pattern(p.pattern) + ":" + written(p.annotation) for p in s.params]
    self_type = [] if s.self_type is None else ["self:" + written(s.self_type)]
    words = ("async " if s.is_async else "") + ("unsafe " if s.is_unsafe else "")
    generics = generics_text(s.generics)
    return f"{words}fn{generics[0]}({', '.join(self_type + params)})->{written(s.output)}{generics[1]}"


def generics_text(g: f.Generics) -> tuple[str, str]:
    """Parameters in angle brackets, and the where clause."""
    params = [
        p.name + (":" + bounds_text(p.bounds) if p.bounds else "") + ("=" + written(p.default) if p.default else "")
        for p in g.params
    ]
    where = [f"{written(w.subject)}:{bounds_text(w.bounds)}" for w in g.where]
    return f"<{','.join(params)}>" if params else "", " where " + ",".join(where) if where else ""


SIGNATURES = [
    ("fn f() {}", "fn()->_"),
    ("async unsafe fn f(x: u8, (a, mut b): T) -> U {}", "async unsafe fn(x0:u8, (a1,mut b2):T)->U"),
    ("impl X { fn f(&'a self, mut y: u8) {} }", "fn(self:&'a Self, mut y1:u8)->_"),
    ("impl X { fn f(self: Arc<Self>) {} }", "fn(self:Arc<Self>)->_"),
    ("trait X { fn f(&mut self) -> T; }", "fn(self:&mut Self)->T"),
    ("trait X { fn f(u8, _: &T); }", "fn(_:u8, _:&T)->_"),
    (
        "fn f<'a: 'b, T: A + ?Sized, const N: usize>(_: T) where &'a T: B<C>, T::X: D, 'a: 'b {}",
        "fn<'a:'b,T:A+?Sized,N>(_:T)->_ where &'a T:B<C>,T::X:D",
    ),
    (
        "fn f<F>(f: F) where F: for<'a> FnOnce(&'a u8) -> B + Send {}",
        "fn<F>(f0:F)->_ where F:FnOnce<(&'a u8),Output=B>+Send",
    ),
    ("fn f<T>(#[a] x: T) {}", "fn<T>(x0:T)->_"),
]


@pytest.mark.parametrize(("rust", "expected"), SIGNATURES)
def test_signatures(rust: str, expected: str) -> None:
    assert signature(read(rust)) == expected


ADTS = [
    ("struct S;", "S{}"),
    ("pub struct S<T: A>(pub T, #[x] u8) where T: B;", "S{0:T,1:u8}"),
    ("struct S { a: u8, pub b: Vec<T> }", "S{a:u8,b:Vec<T>}"),
    ("enum E { A, #[x] B(u8), C { d: T } = 3 }", "A{} B{0:u8} C{d:T}"),
    ("union U { a: u8, b: i8 }", "U{a:u8,b:i8}"),
    ("struct S { #[cfg(a)] x: A, #[cfg(not(a))] x: B }", "S{x:A}"),  # one field under exclusive cfgs
]


@pytest.mark.parametrize(("rust", "expected"), ADTS)
def test_fields_and_variants(rust: str, expected: str) -> None:
    file = read(rust)
    detail = file.detail(file.items[0])
    assert isinstance(detail, f.AdtDetail)
    variants = [f"{v.name}{{{','.join(f'{n}:{written(t)}' for n, t in v.fields)}}}" for v in detail.variants]
    assert " ".join(variants) == expected


IMPLS = [
    ("impl A {}", "A"),
    ("impl<T: B> A<T> for C<T> where T: D {}", "A<T> for C<T>"),
    ("unsafe impl Send for X {}", "Send for X"),
    ("impl<T> !Send for M<T> {}", "!Send for M<T>"),
    ("impl !Sync for X;", "!Sync for X"),
    ("impl a::B for dyn C + Send {}", "a::B for dyn C+Send"),
    ("impl const A for &'a B {}", "A for &'a B"),
]


@pytest.mark.parametrize(("rust", "expected"), IMPLS)
def test_impls(rust: str, expected: str) -> None:
    file = read(rust)
    detail = file.detail(file.items[0])
    assert isinstance(detail, f.ImplDetail)
    trait = "" if detail.trait is None else f"{'!' if detail.negative else ''}{path_text(detail.trait)} for "
    assert trait + written(detail.self_type) == expected


def test_traits_and_associated_types() -> None:
    file = read("trait A<T>: B<T> + 'static { type X: C + Send; type Y<'a> = u8; }")
    trait = file.detail(file.items[0])
    assert isinstance(trait, f.TraitDetail)
    assert bounds_text(trait.supertraits) == "B<T>+'static"
    types = [file.detail(member) for member in file.items[0].members]
    assert [
        (bounds_text(t.bounds), None if t.aliased is None else written(t.aliased))
        for t in types
        if isinstance(t, f.AliasDetail)
    ] == [("C+Send", None), ("", "u8")]


VALUES = [
    ("static mut A: u8 = 1;", ("u8", True, False, False, "1")),
    ("const A: &str = b(2);", ("&str", False, False, False, "(call b 2)")),
    ("static A: T;", ("T", False, False, False, None)),
    ("lazy_static! { static ref A: T = b(); }", ("T", False, False, True, "(call b)")),
    ("thread_local! { static A: T = const { b } }", ("T", False, True, False, "const{=> b}")),
    ("tokio_thread_local! { pub static A: T = b; }", ("T", False, True, False, "b")),
]


@pytest.mark.parametrize(("rust", "expected"), VALUES)
def test_statics_and_constants(rust: str, expected: tuple[str, bool, bool, bool, str | None]) -> None:
    file = read(rust)
    detail = file.detail(file.items[0])
    assert isinstance(detail, f.ValueDetail)
    value = None if detail.body is None else Writer(detail.body.slots).expr(detail.body.value)
    assert (written(detail.annotation), detail.mutable, detail.thread_local, detail.lazy, value) == expected


def test_items_in_blocks_are_known_by_their_scope() -> None:
    """A scope knows the block it belongs to and the scope around it; its items have details of their own."""
    text = "fn f() { use a::b; { fn g(x: u8) { x } } cfg_rt! { const C: u8 = 1; } }"
    file = read(text)
    outer = file.detail(file.items[0])
    assert isinstance(outer, f.FnDetail)
    assert outer.body is not None
    assert [(list(heads(s.items)), s.parent) for s in outer.body.scopes] == [
        (["use", "const C #cfg_rt!"], -1),
        (["fn g"], 0),
    ]
    inner = file.detail(outer.body.scopes[1].items[0])
    assert isinstance(inner, f.FnDetail)
    assert inner.body is not None
    assert [slot.name for slot in inner.body.slots] == ["x"]
    assert text[outer.body.scopes[1].start] == "{"


def test_a_small_constant_is_no_binding() -> None:
    """A bare pattern means the constant of its name, where the file declares one."""
    file = read("const max: u8 = 1; fn f() { match x { max => 1, min => 2 } }")
    detail = file.detail(file.items[1])
    assert isinstance(detail, f.FnDetail)
    assert detail.body is not None
    assert [slot.name for slot in detail.body.slots] == ["min"]
