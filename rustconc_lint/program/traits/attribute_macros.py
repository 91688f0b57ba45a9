"""What attribute macros of other crates may have made of an item: its text tells their names, not what they do."""

from __future__ import annotations

from rustconc_lint.program.definitions import Definition, Impl
from rustconc_lint.program.types import TraitRef

ADDED = TraitRef("?")  # what such a macro may have added to the bounds that are written
# Well-known ones that leave a trait's supertraits, and a type's fields and derives, as they are written.
LEAVING_TRAITS = frozenset(("async_trait", "automock", "enum_dispatch", "serde"))
LEAVING_TYPES = frozenset(("pin_project", "pyclass", "serde_as", "skip_serializing_none", "wasm_bindgen"))


def may_have_bounds(holder: Definition | Impl) -> bool:
    """Whether there may be bounds on its parameters that are not written: a macro stands above it, or above the impl or
    trait that it is in."""
    container = holder.container if isinstance(holder, Definition) else None
    return bool(above(holder) or (container is not None and above(container)))


def may_have_supertraits(trait: Definition) -> bool:
    """Whether a trait may have supertraits that are not written: `#[trait_variant::make(Send)]`."""
    return any(name.rpartition("::")[2] not in LEAVING_TRAITS for name in above(trait))


def may_be_remade(adt: Definition) -> bool:
    """Whether a struct or enum may be another type than is written: `#[salsa::input]`. A bare name beside derives is
    one of theirs (`#[serde(..)]`)."""
    names = (name for name in above(adt) if "::" in name or not adt.item.attributes.derives)
    return any(name.rpartition("::")[2] not in LEAVING_TYPES for name in names)


def above(holder: Definition | Impl) -> tuple[str, ...]:
    """The attribute macros above an item; the attributes of an API model are the model's own."""
    return () if holder.module.crate.api else holder.item.attributes.macros
