"""Whose memory a value points into: followed from a variable back to the borrow that made it.

`let word = text.trim();` holds a borrow of `text`. Signatures tell where the lifetime of a result comes from, by the
rules of elision (Reference, "Lifetime elision"): from `&self`, from the one reference argument, or not at all.
Lifetimes are not part of our types, so what is kept beside the origin is how many other lifetimes may be in the value;
a part of it is only said to hold the borrow where it has more lifetimes than those. What is not understood has none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.legality.bindings import bindings_of
from rustconc_lint.program.legality.lifetime_counts import Counting, parts_of
from rustconc_lint.program.legality.places import Declarations
from rustconc_lint.program.traits.lowering import FnTypes
from rustconc_lint.program.typeck.model import Callee, TypedBody
from rustconc_lint.program.types import Adt, ArrayTy, Param, Projection, RefTy, SliceTy, TupleTy, Ty

DEEPEST = 60  # steps from a value to what it borrows
COLLECT = "std::iter::Iterator::collect"


class Origin(msgspec.Struct, frozen=True):
    """slot: the variable that is borrowed, or the parameter that brings the borrow. owned: the variable's own memory is
    borrowed, not what its caller lent. start, end: the borrow as written. others: how many lifetimes of a value may be
    something else's; statics: how many more references in it are known to be `'static`."""

    slot: int
    owned: bool
    start: int
    end: int
    others: int
    statics: int

    def among(self, others: int, statics: int) -> Origin:
        """The same borrow in a value that may hold so many other lifetimes."""
        return msgspec.structs.replace(self, others=others, statics=statics)


class Origins:
    """Questions about one body. Answers are remembered by slot."""

    def __init__(self, typed: TypedBody, declared: Declarations) -> None:
        self.typed = typed
        self.declared = declared
        self.counting = Counting(declared)
        self.bindings = bindings_of(typed)
        self.known: dict[int, Origin | None] = {}
        self.depth = 0

    def of_slot(self, slot: int) -> Origin | None:
        """Where the borrows in a variable come from."""
        if slot not in self.known:
            self.known[slot] = None  # of one that leads to itself
            self.known[slot] = self.bound(slot)
        return self.known[slot]

    def holds(self, origin: Origin | None, ty: Ty) -> bool:
        """Whether a value of the type surely holds the borrow.

        A `'static` that the type does not show any more may be behind one of its lifetimes: `let s: &str = *found`."""
        if origin is None:
            return False
        hidden = max(0, origin.statics - self.counting.statics(ty))
        return self.counting.least(ty) > origin.others + hidden

    def bound(self, slot: int) -> Origin | None:
        ty = self.typed.slots[slot]
        binding = self.bindings.get(slot)
        if binding is None:
            variable = self.typed.body.slots[slot]
            if variable.start >= self.typed.body.value.start:
                return None
            # A parameter. Its structs may have any lifetime, so only its references are known to be lent.
            lent = self.counting.lent(ty, self.typed)
            others, statics = self.counting.most(ty) - lent, self.counting.statics(ty)
            end = variable.start + len(variable.name.encode())
            return Origin(slot, False, variable.start, end, others, statics) if lent else None
        if binding.by_ref:
            found = next(filter(None, map(self.borrow_of, binding.values)), None)
        else:
            found = next(filter(None, map(self.of, binding.values)), None)
        return found if self.holds(found, ty) else None

    def of(self, expr: f.Expr) -> Origin | None:
        """Where the borrows in the value of an expression come from."""
        reader = READERS.get(type(expr))
        if reader is None or self.depth >= DEEPEST:
            return None
        self.depth += 1
        found: Origin | None = reader(self, expr)
        self.depth -= 1
        return found if self.holds(found, self.typed.type_of(expr)) else None

    # ------------------------------------------------------------ borrows of places

    def borrow_of(self, expr: f.Expr) -> Origin | None:
        """The origin of `&expr`, or of the `&self` that a method call makes of it."""
        ty = self.typed.type_of(expr)
        match expr:
            case f.Local(slot=slot):
                return Origin(slot, True, expr.start, expr.end, self.counting.most(ty), self.counting.statics(ty))
            case f.Field(base=base) | f.Index(base=base):
                return self.through(base, expr, ty)
            case f.Unary(op="*", operand=operand):
                return self.through(operand, expr, ty)
        return None

    def through(self, base: f.Expr, whole: f.Expr, part: Ty) -> Origin | None:
        """A borrow of a `part` of `base`, or of what it points to."""
        ty = self.typed.type_of(base)
        if isinstance(ty, RefTy):
            found = self.of(base)  # a reborrow
        elif isinstance(ty, Adt | TupleTy | ArrayTy | SliceTy):
            found = self.borrow_of(base)
        else:
            return None
        if found is None:
            return None
        others, statics = max(found.others, self.counting.most(part)), max(found.statics, self.counting.statics(part))
        return msgspec.structs.replace(found, start=whole.start, end=whole.end, others=others, statics=statics)

    def lent_to(self, receiver: f.Expr, callee: Callee) -> Origin | None:
        """The origin of the `&self` that a method gets: of the variable, or of what a reference in it leads to."""
        others, statics = self.counting.most(callee.adjusted), self.counting.statics(callee.adjusted)
        references = callee.steps.count("&")
        if isinstance(self.typed.type_of(receiver), RefTy):
            found = self.of(receiver) if references == 1 else None
        else:
            found = self.borrow_of(receiver) if references == 0 else None
        return None if found is None else found.among(others, statics)


# ---------------------------------------------------------------- expressions


def of_local(origins: Origins, expr: f.Local) -> Origin | None:
    return origins.of_slot(expr.slot)


def of_part(origins: Origins, expr: f.Field | f.Index) -> Origin | None:
    """What is copied or moved out of a value holds no more than the value did."""
    return origins.of(expr.base)


def of_unary(origins: Origins, expr: f.Unary) -> Origin | None:
    return origins.of(expr.operand) if expr.op == "*" else None


def of_ref(origins: Origins, expr: f.Ref) -> Origin | None:
    found = origins.borrow_of(expr.operand) if expr.kind in ("", "mut") else None
    return None if found is None else msgspec.structs.replace(found, start=expr.start, end=expr.end)


def of_tuple(origins: Origins, expr: f.Tuple) -> Origin | None:
    return origins_of_all(origins, expr.items)


def of_array(origins: Origins, expr: f.Array) -> Origin | None:
    """All items are of one type, and so of one lifetime."""
    return next(filter(None, map(origins.of, expr.items)), None)


def origins_of_all(origins: Origins, items: tuple[f.Expr, ...]) -> Origin | None:
    """Of a value made of others: the first that has an origin. The lifetimes of the rest come on top."""
    for at, item in enumerate(items):
        found = origins.of(item)
        if found is not None:
            rest = [origins.typed.type_of(other) for index, other in enumerate(items) if index != at]
            others = found.others + sum(map(origins.counting.most, rest))
            return found.among(others, found.statics + sum(map(origins.counting.statics, rest)))
    return None


def of_struct(origins: Origins, expr: f.StructLit) -> Origin | None:
    return None if expr.base is not None else origins_of_all(origins, tuple(value for _, value in expr.fields))


def of_block(origins: Origins, expr: f.Block) -> Origin | None:
    return None if expr.tail is None or expr.label else origins.of(expr.tail)


def of_if(origins: Origins, expr: f.If) -> Origin | None:
    """A value from either branch lives no longer than either."""
    return origins.of(expr.then) or (None if expr.orelse is None else origins.of(expr.orelse))


def of_match(origins: Origins, expr: f.Match) -> Origin | None:
    return next((found for arm in expr.arms if (found := origins.of(arm.body)) is not None), None)


def of_try(origins: Origins, expr: f.Try) -> Origin | None:
    return origins.of(expr.operand)


# ---------------------------------------------------------------- calls


def of_method(origins: Origins, expr: f.Method) -> Origin | None:
    callee = origins.typed.calls.get(id(expr))
    signature = None if callee is None else origins.declared.types.signature_of(callee.definition)
    if callee is None or signature is None or signature.self_ty is None:
        return None
    own, output = signature.self_ty, signature.output
    if callee.receiver != "value" and isinstance(own, RefTy) and is_tied(origins, own, output, callee):
        found = origins.lent_to(expr.receiver, callee)
    elif hands_on(output, callee.definition) and not any(gives_borrows(origins, arg) for arg in expr.args):
        found = origins.of(expr.receiver)
    else:
        return None
    structs = 0 if callee.definition.module.crate.api else origins.counting.structs(output)
    return found and found.among(found.others + structs, found.statics + origins.counting.statics(output))


def is_tied(origins: Origins, own: RefTy, output: Ty, callee: Callee) -> bool:
    """Whether what a method returns lives as long as its `&self`: a reference by name or by elision; in known crates a
    struct as well, since there is no other lifetime that it could have."""
    if any(isinstance(part, RefTy) and part.lifetime == own.lifetime for part in parts_of(output)):
        return True
    api = callee.definition.module.crate.api
    return api and not origins.counting.structs(own) and origins.counting.structs(output) > 0


def hands_on(output: Ty, definition: Definition) -> bool:
    """Whether what comes out is made of what `self` holds: `Self`, `Self::Item`, or a parameter of the impl's type."""
    if definition.path == COLLECT:
        return True
    return any(
        isinstance(part, Projection)
        or (isinstance(part, Param) and (part.name == "Self" or "<impl@" in part.owner.rpartition("::")[2]))
        for part in parts_of(output)
    )


def gives_borrows(origins: Origins, arg: f.Expr) -> bool:
    """Whether an argument may bring borrows of its own into the result."""
    ty = origins.typed.type_of(arg)
    if isinstance(arg, f.Closure):
        output = origins.typed.closure_outputs.get(arg.start)
        return output is None or origins.counting.most(output) > 0
    return origins.counting.most(ty) > 0


def of_call(origins: Origins, expr: f.Call) -> Origin | None:
    callee = origins.typed.calls.get(id(expr))
    if callee is None:
        return None
    if callee.definition.kind in ("variant", "struct"):
        return origins_of_all(origins, expr.args)
    signature = origins.declared.types.signature_of(callee.definition)
    if signature is None or signature.is_async or not isinstance(signature.output, RefTy):
        return None
    at = giver(origins, signature, signature.output.lifetime)
    found = None if at is None or at >= len(expr.args) else origins.of(expr.args[at])
    inner = signature.output.inner
    if found is None:
        return None
    others, statics = origins.counting.most(inner), origins.counting.statics(inner)
    return found.among(max(found.others, others), max(found.statics, statics))


def giver(origins: Origins, signature: FnTypes, lifetime: str) -> int | None:
    """The argument whose lifetime a returned reference has, by its name or by elision; None if it is not one alone."""
    params = signature.params if signature.self_ty is None else (signature.self_ty, *signature.params)
    if lifetime == "static":
        return None
    if lifetime:
        named = [at for at, ty in enumerate(params) if isinstance(ty, RefTy) and ty.lifetime == lifetime]
        return named[0] if len(named) == 1 else None
    if isinstance(signature.self_ty, RefTy):
        return 0
    borrowed = [at for at, ty in enumerate(params) if origins.counting.most(ty) > 0]
    return borrowed[0] if len(borrowed) == 1 and isinstance(params[borrowed[0]], RefTy) else None


READERS: dict[type[Any], Callable[[Origins, Any], Origin | None]] = {
    f.Local: of_local,
    f.Field: of_part,
    f.Index: of_part,
    f.Unary: of_unary,
    f.Ref: of_ref,
    f.Tuple: of_tuple,
    f.Array: of_array,
    f.StructLit: of_struct,
    f.Block: of_block,
    f.If: of_if,
    f.Match: of_match,
    f.Try: of_try,
    f.Method: of_method,
    f.Call: of_call,
}
