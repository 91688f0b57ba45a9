"""Which types join a thread or take a lock when they are dropped: by a `Drop` impl of the project's own, theirs or a
field's."""

from __future__ import annotations

from functools import cached_property

from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.gates.relevance import Relevance
from rustconc_lint.program.traits.lowering import Types
from rustconc_lint.program.types import Adt, ArrayTy, RefTy, SliceTy, TupleTy, Ty

LENT = frozenset({"guard", "read-guard", "borrow", "weak", "sender", "receiver"})


class Drops:
    """Questions about types, each answered once."""

    def __init__(self, relevance: Relevance, types: Types) -> None:
        self.relevance = relevance
        self.mentions = relevance.mentions
        self.types = types
        self.known: dict[Ty, bool] = {}

    @cached_property
    def own(self) -> dict[str, Definition]:
        """By the path of the type: all `Drop::drop` functions."""
        found = {}
        for function in self.relevance.by_name.get(b"drop", ()):
            if function.path.startswith("<") and function.path.endswith(" as Drop>::drop"):
                signature = self.types.signature_of(function)
                taken = signature.self_ty if signature is not None else None
                owner = taken.inner if isinstance(taken, RefTy) else taken
                if isinstance(owner, Adt):
                    found[owner.path] = function
        return found

    @cached_property
    def joining(self) -> dict[str, Definition]:
        """Those whose text has a join."""
        return {path: function for path, function in self.own.items() if b"join" in self.mentions.words(function)}

    @cached_property
    def acting(self) -> dict[str, Definition]:
        """Those, and all that take a lock, or call a function by whose name one may be taken."""
        return self.joining | {path: function for path, function in self.own.items() if self.may_take_lock(function)}

    def may_take_lock(self, function: Definition) -> bool:
        takes = self.relevance.acquiring.count
        return bool(takes(function)) or any(
            takes(called) for name in self.relevance.calls(function) for called in self.relevance.by_name[name]
        )

    def acts(self, ty: Ty) -> bool:
        """Whether dropping a value of the type may run one of them."""
        if not self.acting:
            return False
        known = self.known.get(ty)
        if known is None:
            self.known[ty] = False  # of a recursive type
            known = self.known[ty] = self.finds_act(ty)
        return known

    def finds_act(self, ty: Ty) -> bool:
        match ty:
            case TupleTy(items=items):
                return any(self.acts(item) for item in items)
            case ArrayTy(inner=inner) | SliceTy(inner=inner):
                return self.acts(inner)
            case Adt(path=path, args=args):
                parts = [part for _, part in self.fields(ty)]
                return path in self.acting or any(self.acts(part) for part in (*self.owned(path, args), *parts))
            case _:
                return False

    def owned(self, path: str, args: tuple[Ty, ...]) -> tuple[Ty, ...]:
        """The arguments of a generic type of which values may die with it: what a guard leads to stays where it is, and
        what is shared may, where no thread is joined by that."""
        model = self.types.names.type_model(path)
        role = model.role if model is not None else ""
        return () if role in LENT or (role == "shared" and not self.joining) else args

    def fields(self, ty: Adt) -> tuple[tuple[str, Ty], ...]:
        """The fields of a struct of the project, in the order in which they are dropped."""
        definition = self.types.names.adt_of(ty.path)
        if definition is None or definition.kind != "struct" or definition.module.crate.api:
            return ()
        return tuple(field for variant in self.types.fields_of(ty) for field in variant.fields)
