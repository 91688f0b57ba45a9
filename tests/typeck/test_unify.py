"""Inference variables: what unification makes equal, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from rustconc_lint.program.typeck.unify import Inference, Var
from rustconc_lint.program.types import NEVER, UNKNOWN, Adt, Prim, RefTy, TupleTy, Ty

I32, U8, F64, STR = (Prim(name) for name in ("i32", "u8", "f64", "str"))


def vec(element: Ty) -> Ty:
    return Adt("std::vec::Vec", (element,))


Case = Callable[[Inference], tuple[Ty, Ty]]


def nested(infer: Inference) -> tuple[Ty, Ty]:
    """`Vec<?a>` against `Vec<(u8, ?b)>`, then ?b against i32."""
    a, b = infer.fresh(), infer.fresh()
    infer.unify(vec(a), vec(TupleTy((U8, b))))
    infer.unify(b, I32)
    return a, TupleTy((U8, I32))


def literal_takes_number(infer: Inference) -> tuple[Ty, Ty]:
    literal = infer.fresh("int")
    infer.unify(literal, U8)
    return literal, U8


def literal_refuses_other(infer: Inference) -> tuple[Ty, Ty]:
    literal = infer.fresh("int")
    infer.unify(literal, STR)
    return literal, I32


def literal_narrows_variable(infer: Inference) -> tuple[Ty, Ty]:
    plain, literal = infer.fresh(), infer.fresh("float")
    infer.unify(plain, literal)
    return plain, F64


def chain_of_variables(infer: Inference) -> tuple[Ty, Ty]:
    variables = [infer.fresh() for _ in range(50)]
    for one, other in pairwise(variables):
        infer.unify(one, other)
    infer.unify(variables[25], STR)
    return variables[0], STR


def unknown_teaches_nothing(infer: Inference) -> tuple[Ty, Ty]:
    """An unknown name does not spoil what is learned later."""
    var = infer.fresh()
    infer.unify(var, UNKNOWN)
    infer.unify(var, U8)
    return var, U8


def mismatch_keeps_both(infer: Inference) -> tuple[Ty, Ty]:
    """`Vec<?a>` against `&str` says nothing of ?a."""
    var = infer.fresh()
    infer.unify(vec(var), RefTy(False, STR))
    return var, UNKNOWN


def reborrow_teaches_pointee(infer: Inference) -> tuple[Ty, Ty]:
    var = infer.fresh()
    infer.unify(RefTy(True, var), RefTy(False, U8))
    return var, U8


def itself_is_no_part(infer: Inference) -> tuple[Ty, Ty]:
    """?a = Vec<?a> has no finite solution and is refused."""
    var = infer.fresh()
    infer.unify(var, vec(var))
    return var, UNKNOWN


@pytest.mark.parametrize(
    "case",
    [
        nested,
        literal_takes_number,
        literal_refuses_other,
        literal_narrows_variable,
        chain_of_variables,
        unknown_teaches_nothing,
        mismatch_keeps_both,
        reborrow_teaches_pointee,
        itself_is_no_part,
    ],
)
def test_unification(case: Case) -> None:
    infer = Inference()
    ty, expected = case(infer)
    assert infer.resolve(ty) == expected


def test_compatible_binds_nothing() -> None:
    """Candidates are compared before one of them is taken."""
    infer = Inference()
    var = infer.fresh()
    assert infer.compatible(vec(var), vec(U8))
    assert not infer.compatible(vec(U8), vec(I32))
    assert infer.resolve(var) == UNKNOWN


def test_never_is_accepted_everywhere() -> None:
    infer = Inference()
    assert infer.unify(NEVER, STR)
    assert infer.unify(vec(U8), NEVER)


class Counter:
    """An obligation that counts its attempts."""

    def __init__(self) -> None:
        self.attempts = 0

    def attempt(self, session: object) -> None:
        self.attempts += 1


def test_binding_a_variable_wakes_what_waits_for_it() -> None:
    """Also what waited for another variable that has become the same."""
    infer = Inference()
    one, other = infer.fresh(), infer.fresh()
    first, second = Counter(), Counter()
    infer.watch(one, first)
    infer.watch(other, second)
    infer.unify(one, other)
    assert infer.woken == []
    infer.unify(one, U8)
    assert set(map(id, infer.woken)) == {id(first), id(second)}
    assert isinstance(infer.fresh(), Var)
