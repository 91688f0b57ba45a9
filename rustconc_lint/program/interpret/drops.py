"""Which types join a thread when they are dropped: by a `Drop` impl of the project's own, theirs or a field's."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.gates.mentions import Mentions
from rustconc_lint.program.traits.lowering import Types
from rustconc_lint.program.types import Adt, ArrayTy, RefTy, SliceTy, TupleTy, Ty


class Drops:
    """Questions about types, each answered once."""

    def __init__(self, functions: Iterable[Definition], mentions: Mentions, types: Types) -> None:
        self.functions = functions
        self.mentions = mentions
        self.types = types
        self.known: dict[Ty, bool] = {}

    @cached_property
    def joining(self) -> dict[str, Definition]:
        """By the path of the type: `Drop::drop` functions whose text has a join."""
        found = {}
        for function in self.functions:
            if function.name == "drop" and function.path.startswith("<") and function.path.endswith(" as Drop>::drop"):
                signature = self.types.signature_of(function)
                taken = signature.self_ty if signature is not None else None
                owner = taken.inner if isinstance(taken, RefTy) else taken
                if isinstance(owner, Adt) and b"join" in self.mentions.words(function):
                    found[owner.path] = function
        return found

    def joins(self, ty: Ty) -> bool:
        """Whether dropping a value of the type may join a thread."""
        if not self.joining:
            return False
        known = self.known.get(ty)
        if known is None:
            self.known[ty] = False  # of a recursive type
            known = self.known[ty] = self.finds_join(ty)
        return known

    def finds_join(self, ty: Ty) -> bool:
        match ty:
            case TupleTy(items=items):
                return any(self.joins(item) for item in items)
            case ArrayTy(inner=inner) | SliceTy(inner=inner):
                return self.joins(inner)
            case Adt(path=path, args=args):
                parts = [part for _, part in self.fields(ty)]
                return path in self.joining or any(self.joins(part) for part in (*args, *parts))
            case _:
                return False

    def fields(self, ty: Adt) -> tuple[tuple[str, Ty], ...]:
        """The fields of a struct of the project, in the order in which they are dropped."""
        definition = self.types.names.adt_of(ty.path)
        if definition is None or definition.kind != "struct" or definition.module.crate.api:
            return ()
        return tuple(field for variant in self.types.fields_of(ty) for field in variant.fields)
