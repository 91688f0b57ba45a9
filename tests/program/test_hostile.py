"""Code that names itself, grows without end or does not compile is answered like any other: nothing raises."""

from __future__ import annotations

import pytest

from rustconc_lint.program.traits.auto_traits import AutoTraits
from rustconc_lint.program.traits.lowering import Types
from rustconc_lint.program.traits.traits import Traits
from rustconc_lint.program.types import Adt
from tests.program.linking import Program, read

PROGRAMS = {
    "aliases in a circle": "type A = B; type B = A; struct S(A); impl A { fn f(&self) {} } enum E { V } use A::V;",
    "an alias of more of itself": "type A = Vec<A>; struct S { a: A } type G<T> = G<Vec<T>>; struct R(G<u8>);",
    "a type that grows as it recurs": """
        struct G<T>(Option<Box<G<Vec<T>>>>, T); struct H(G<u8>); struct P<T>(*const P<(T, T)>);""",
    "types in types in types": f"struct D({'Box<' * 200}u8{'>' * 200});",
    "an impl that asks for itself": """
        trait A { type X; } trait B<T> {}
        impl<T: B<<T as A>::X>> A for T { type X = u8; }
        struct S(<u8 as A>::X);
        fn f<T: A>(x: T::X, y: <T::X as A>::X) {}""",
    "blanket impls in a circle": """
        trait A { fn a(&self) {} } trait B { fn b(&self) {} }
        impl<T: B> A for T {} impl<T: A> B for T {}
        struct S; impl<T> A for Vec<T> where Vec<Vec<T>>: A {}
        unsafe impl Send for Q where Vec<u8>: A {} struct Q(*mut u8);""",
    "projections in a circle": """
        trait A { type X; } struct S; struct T2;
        impl A for S { type X = <T2 as A>::X; } impl A for T2 { type X = <S as A>::X; }
        struct F(<S as A>::X);""",
    "supertraits in a circle": "trait A: B {} trait B: A {} fn f<T: A>(t: T) {} struct S(Box<dyn A>);",
    "bounds in a circle": """
        fn f<T>(t: T) where T: Into<T::Item>, T: Iterator<Item = <T as Iterator>::Item> {}
        struct S<T: Into<S<T>>>(T);""",
    "a default that is the parameter": "struct S<T = S>(T); struct D<A = B, B = A>(A, B); struct U(S, D);",
    "globs in a circle": "".join(f"pub mod m{n} {{ pub use super::m{(n + 1) % 60}::*; }}" for n in range(60))
    + "use m0::Nothing; struct S(Nothing, m7::More);",
    "a long chain of re-exports": "pub struct Last; pub use Last as x0;"
    + "".join(f"pub use self::x{n} as x{n + 1};" for n in range(200))
    + "struct S(x200);",
    "a deref that leads to itself": """
        struct S; impl std::ops::Deref for S { type Target = S; fn deref(&self) -> &S { self } }
        struct W<T>(T);
        impl<T> std::ops::Deref for W<T> { type Target = W<W<T>>; fn deref(&self) -> &W<W<T>> { loop {} } }""",
    "broken declarations": """
        struct ; enum E { A(, B } impl for {} trait { fn } fn f<(x: ) -> where use a::; impl<T
        Send for""",
    "wrong numbers of arguments": """
        struct S<A, B>(A, B); struct U(S<u8>, S<u8, u8, u8>, S, Vec<u8, u8, u8>, u8<u8>,
        Option);""",
    "a trait in place of a type": """
        trait T {} struct S(T, Box<T>, dyn u8, impl T, Vec<Vec>); impl T for T {} impl Send for
        Sync {}""",
    "Self everywhere": """
        struct S(Self, Box<Self>); type A = Self; fn f(x: Self) -> Self {} trait T:
        Iterator<Item = Self> { fn f(s: Self::Item); }""",
    "one name many times": "struct S; struct S; mod S {} fn S() {} enum S { S } use S as S; use S::S; use self::S::*;",
}


def ask_everything(program: Program) -> None:
    names = program.names()
    types = Types(names)
    traits = Traits(types)
    auto = AutoTraits(traits)
    for function in [*names.functions(), *names.values()]:
        signature = types.signature_of(function)
        types.value_type(function)
        for param in types.generics_of(function):
            traits.bounds_of(param)
        for ty in () if signature is None else (*signature.params, signature.output):
            traits.normalise(ty)
    root = names.module("demo")
    assert root is not None
    for item in root.items:
        definition = names.definition(f"demo::{item.name}")
        if definition is None or definition.kind not in ("struct", "enum"):
            continue
        asked = Adt(definition.path, types.own_generics(definition))
        for question in (auto.is_send, auto.is_sync, auto.is_copy, traits.deref):
            question(asked)
        for trait in ("demo::A", "demo::B"):
            traits.implements(asked, trait)
        for variant in types.fields_of(asked):
            for _, ty in variant.fields:
                traits.deref(traits.normalise(ty))
                traits.implements(ty, "std::clone::Clone")


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_hostile_programs_are_answered(text: str) -> None:
    ask_everything(read(text))


def test_files_that_declare_each_other_are_modules_once() -> None:
    program = read(
        '//- src/lib.rs\nmod a;\n//- src/a.rs\n#[path = "lib.rs"] mod b; #[path = "a.rs"] mod c; pub struct S;\n'
    )
    names = program.names()
    assert [module.path for module in names.modules()] == ["demo", "demo::a"]
    ask_everything(program)
