"""Type parameters: which an item declares and has in scope, what declares a given one, and its substitution."""

from __future__ import annotations

from collections.abc import Mapping

from rustconc_lint.program.definitions import Definition, Impl
from rustconc_lint.program.names.names import Names
from rustconc_lint.program.names.paths import owner_path, written_generics
from rustconc_lint.program.shapes import LEAVES, rebuilt
from rustconc_lint.program.types import UNKNOWN, Param, Ty

Bindings = Mapping[tuple[str, str], Ty]


def substitute(ty: Ty, mapping: Bindings) -> Ty:
    """`ty` with every Param found in `mapping` (by owner path and name) replaced; the rest stays."""
    kind = type(ty)
    if kind is Param:
        assert isinstance(ty, Param)
        return mapping.get((ty.owner, ty.name), ty)
    if kind in LEAVES or not mapping:
        return ty
    return rebuilt(ty, lambda part: substitute(part, mapping))


def bind(params: tuple[Param, ...], args: tuple[Ty, ...]) -> dict[tuple[str, str], Ty]:
    """Parameters -> arguments; those without one are UNKNOWN."""
    found: dict[tuple[str, str], Ty] = {(param.owner, param.name): UNKNOWN for param in params}
    found.update({(param.owner, param.name): arg for param, arg in zip(params, args, strict=False)})
    return found


class Parameters:
    """The parameters of a run, memoised. Declarations register here, so that a Param leads back to its own."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._own: dict[Definition | Impl, tuple[Param, ...]] = {}
        self._holders: dict[str, Definition | Impl] = {}

    def generics_of(self, of: Definition | Impl) -> tuple[Param, ...]:
        """See Types.generics_of."""
        own = self.own_generics(of)
        if of.item.kind == "trait" and not (isinstance(of, Definition) and of.container is not None):
            return (Param("Self", owner_path(of)), *own)
        if isinstance(of, Definition) and of.container is not None:
            return (*self.generics_of(of.container), *own)
        return own

    def own_generics(self, of: Definition | Impl) -> tuple[Param, ...]:
        """See Types.own_generics."""
        found = self._own.get(of)
        if found is None:
            holder = of.parent if isinstance(of, Definition) and of.parent is not None else of
            params = [param for param in written_generics(holder).params if param.kind == "type"]
            # Most declare none, and then the path of an impl's member need not be made.
            path = owner_path(holder) if params else ""
            found = tuple([Param(param.name, path) for param in params])
            if params:
                self.register(holder)
            self._own[of] = found
        return found

    def register(self, of: Definition | Impl) -> None:
        """Notes that the parameters owned by this path (and its container's) are declared here."""
        self._holders.setdefault(owner_path(of), of)
        if isinstance(of, Definition) and of.container is not None:
            self._holders.setdefault(of.container.id, of.container)

    def holder(self, param: Param) -> Definition | Impl | None:
        """What declares a parameter: a fn, ADT, alias, impl, or the definition of a trait."""
        found = self._holders.get(param.owner)
        if found is None or (isinstance(found, Impl) and found.item.kind == "trait"):
            definition = self._names.definition(param.owner)
            if definition is not None:
                self._holders[param.owner] = found = definition
        return found
