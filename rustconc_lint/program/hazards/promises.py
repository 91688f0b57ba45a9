"""`unsafe impl Send` or `Sync` for a struct with a field that is why the compiler says no.

Kept narrow: an `Rc`, whose count is not atomic, or for Sync a cell. Raw pointers are let alone, since such an impl is
what they need, and so are type parameters.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from rustconc_lint.facts import model as f
from rustconc_lint.program.names.names import Names
from rustconc_lint.program.traits.lowering import Types
from rustconc_lint.program.types import Adt
from rustconc_lint.source import Span

COUNTED = frozenset(("std::rc::Rc", "std::rc::Weak"))
CELLS = frozenset(f"std::cell::{name}" for name in ("Cell", "RefCell", "OnceCell"))
BREAKS = {"std::marker::Send": COUNTED, "std::marker::Sync": COUNTED | CELLS}


class Promise(msgspec.Struct, frozen=True):
    """trait: "Send" or "Sync"; of: the struct; field: what breaks it, of a type `holds`."""

    span: Span
    trait: str
    of: str
    field: str
    holds: str


def unsafe_impls(names: Names, types: Types) -> Iterator[Promise]:
    for trait, breaking in BREAKS.items():
        for impl in names.trait_impls(trait):
            detail = names.detail(impl) if not impl.module.crate.api else None
            ty = types.self_type(impl) if isinstance(detail, f.ImplDetail) and not detail.negative else None
            if not isinstance(detail, f.ImplDetail) or detail.trait is None or not isinstance(ty, Adt):
                continue
            fields = [field for variant in types.fields_of(ty) for field in variant.fields]
            for name, held in fields:
                if isinstance(held, Adt) and held.path in breaking:
                    span = Span(impl.module.file.path, detail.trait.start, detail.self_type.end)
                    yield Promise(span, last(trait), last(ty.path), name, last(held.path))
                    break


def last(path: str) -> str:
    return path.rpartition("::")[2]
