"""Inference variables and unification: how `let mut v = Vec::new(); v.push(1)` learns that v is a Vec<i32>.

A variable stands for a type (kind ""), an integer literal's ("int") or a float literal's ("float"). Unification never
fails: parts that disagree stay as they are, since broken code and unknown names are ordinary here. Nothing is undone:
candidates are compared with `compatible`, which binds nothing, before one of them is unified.
"""

from __future__ import annotations

from typing import Any, Protocol

from rustconc_lint.program.shapes import DEEPEST, LEAVES, MOST_PARTS, parts, rebuilt, same_head
from rustconc_lint.program.types import UNKNOWN, Adt, ClosureTy, Prim, RefTy, Ty, Unknown

INTEGERS = frozenset(f"{sign}{width}" for sign in "iu" for width in (8, 16, 32, 64, 128, "size"))
FLOATS = frozenset(("f16", "f32", "f64", "f128"))
_LITERALS = {"int": INTEGERS, "float": FLOATS}
_DEFAULTS: dict[str, Ty] = {"int": Prim("i32"), "float": Prim("f64"), "": UNKNOWN}


class Var(Ty, frozen=True, gc=False):
    """An inference variable; `index` counts within one body."""

    index: int


class Waiting(Protocol):
    """What is tried again when a variable it waits for is bound."""

    def attempt(self, session: Any) -> None: ...


class Inference:
    """The variables of one body. `woken` collects what waited for variables that are bound by now."""

    __slots__ = ("_depth", "_resolved", "kinds", "values", "watchers", "woken")

    def __init__(self) -> None:
        self.values: list[Ty | None] = []
        self.kinds: list[str] = []
        self.watchers: dict[int, list[Waiting]] = {}
        self.woken: list[Waiting] = []
        self._depth = 0  # of the parts at hand; variables bound one after the other can still make a type deep
        self._resolved: dict[int, tuple[Ty, Ty]] = {}  # the key is the id of the first, which lives as long

    def fresh(self, kind: str = "") -> Var:
        self.values.append(None)
        self.kinds.append(kind)
        return Var(len(self.kinds) - 1)

    def shallow(self, ty: Ty) -> Ty:
        """The type with its outermost variable followed; an unbound variable is returned as it is."""
        values = self.values
        while type(ty) is Var:
            bound = values[ty.index]
            if bound is None:
                return ty
            ty = bound
        return ty

    def kind(self, var: Var) -> str:
        return self.kinds[var.index]

    def watch(self, var: Var, obligation: Waiting) -> None:
        """Puts `obligation` on `woken` once the (unbound) variable is bound to something that is no variable."""
        self.watchers.setdefault(var.index, []).append(obligation)

    def unify(self, left: Ty, right: Ty) -> bool:
        """Makes the two equal where it can; False when they cannot be equal (parts may have been unified)."""
        left, right = self.shallow(left), self.shallow(right)
        if left is right:
            return True
        if type(left) is Var:
            return self._bind(left, right)
        if type(right) is Var:
            return self._bind(right, left)
        if type(left) is Adt and type(right) is Adt:
            return left.path == right.path and self._pairwise(left.args, right.args)
        if absorbs(left) or absorbs(right):
            return True
        if same_head(left, right):
            return self._pairwise(parts(left), parts(right))
        if type(left) is RefTy and type(right) is RefTy:  # &T and &mut T: a reborrow, whose parts are equal still
            self.unify(left.inner, right.inner)
        return False

    def _pairwise(self, left: tuple[Ty, ...], right: tuple[Ty, ...]) -> bool:
        equal = True
        if self._depth < DEEPEST:
            self._depth += 1
            for a, b in zip(left, right, strict=False):
                equal = self.unify(a, b) and equal
            self._depth -= 1
        return equal

    def _bind(self, var: Var, ty: Ty) -> bool:
        if type(ty) is Var:
            return self._join(var, ty)
        if type(ty) is Unknown:
            return True
        kind = self.kinds[var.index]
        if kind:
            if type(ty) is not Prim or ty.name not in _LITERALS[kind]:
                return False
        elif type(ty) not in LEAVES and self.is_huge(ty, var.index):
            return False
        self.values[var.index] = ty
        waiting = self.watchers.pop(var.index, None)
        if waiting:
            self.woken.extend(waiting)
        return True

    def _join(self, var: Var, other: Var) -> bool:
        if var.index == other.index:
            return True
        kind, other_kind = self.kinds[var.index], self.kinds[other.index]
        if kind and other_kind and kind != other_kind:
            return False
        if kind and not other_kind:
            var, other = other, var  # the narrower one stays
        self.values[var.index] = other
        waiting = self.watchers.pop(var.index, None)
        if waiting:
            self.watchers.setdefault(other.index, []).extend(waiting)
        return True

    def is_huge(self, ty: Ty, with_variable: int = -1) -> bool:
        """Whether the type has more parts than a type may have, or that variable among them."""
        level, size = [ty], 0
        for _ in range(DEEPEST):
            below: list[Ty] = []
            for inner in level:
                part = self.shallow(inner) if type(inner) is Var else inner
                if type(part) is Var and part.index == with_variable:
                    return True
                if type(part) not in LEAVES:
                    below.extend(parts(part))
            if not below:
                return False
            size += len(below)
            if size > MOST_PARTS:
                return True
            level = below
        return True

    def default(self, index: int) -> None:
        """Binds an unbound literal variable to i32 or f64, and wakes what waited for it."""
        self._bind(Var(index), _DEFAULTS[self.kinds[index]])

    def closed(self, ty: Ty, depth: int = 0) -> Ty | None:
        """The type with all variables replaced, where it then means the same in every body; None when a variable is
        unbound or a closure is part of it."""
        if type(ty) is Var:
            ty = self.shallow(ty)
        kind = type(ty)
        if type(ty) is Adt:
            same, found = True, []
            for arg in ty.args:
                new = self.closed(arg, depth + 1)
                if new is None:
                    return None
                same = same and new is arg
                found.append(new)
            return ty if same else Adt(ty.path, tuple(found))
        if kind in LEAVES:
            return None if kind is ClosureTy else ty
        if kind is Var or depth > DEEPEST or any(self.closed(part, depth + 1) is None for part in parts(ty)):
            return None
        return self.settle(ty)

    @property
    def extent(self) -> tuple[int, int, int]:
        """What grows when something is asked that this body must remember."""
        return len(self.kinds), len(self.watchers), len(self.woken)

    def settle(self, ty: Ty) -> Ty:
        """The type with all bound variables replaced; unbound ones stay."""
        ty = self.shallow(ty)
        if type(ty) in LEAVES or self._depth >= DEEPEST:
            return ty
        self._depth += 1
        settled = rebuilt(ty, self.settle)
        self._depth -= 1
        return settled

    def resolve(self, ty: Ty) -> Ty:
        """The final type: an unbound integer is i32, a float f64, any other variable UNKNOWN. Memoised: asked only
        when nothing more is learned."""
        if type(ty) is Var:
            ty = self.shallow(ty)
            if type(ty) is Var:
                return _DEFAULTS[self.kinds[ty.index]]
        if type(ty) in LEAVES:
            return ty
        found = self._resolved.get(id(ty))
        if found is None:
            if self._depth >= DEEPEST:
                return UNKNOWN
            self._depth += 1
            found = self._resolved[id(ty)] = (ty, rebuilt(ty, self.resolve))
            self._depth -= 1
        return found[1]

    def compatible(self, left: Ty, right: Ty) -> bool:
        """Could the two be unified? Binds nothing, so it may say yes to `(?a, ?a)` against `(i32, bool)`."""
        left, right = self.shallow(left), self.shallow(right)
        if left is right:
            return True
        if type(left) is Var:
            return self._fits(left, right)
        if type(right) is Var:
            return self._fits(right, left)
        if type(left) is Unknown or type(right) is Unknown:
            return True
        if not same_head(left, right):
            return False
        self._depth += 1
        fitting = self._depth > DEEPEST or all(map(self.compatible, parts(left), parts(right)))
        self._depth -= 1
        return fitting

    def _fits(self, var: Var, ty: Ty) -> bool:
        kind = self.kinds[var.index]
        if not kind or type(ty) is Unknown:
            return True
        if type(ty) is Var:
            return self.kinds[ty.index] in ("", kind)
        return type(ty) is Prim and ty.name in _LITERALS[kind]


def absorbs(ty: Ty) -> bool:
    """`!` coerces to anything, and what is unknown agrees with everything."""
    return type(ty) is Unknown or (type(ty) is Prim and ty.name == "!")
