"""Send, Sync and Copy, structurally as the compiler computes them: fields, impls, bounds.

Sources: Reference, "Special types and traits: Auto traits"; RFC 19. A NO is certain (rustc would say E0277); whatever a
part is not known makes the answer UNKNOWN. Lifetimes are not looked at.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from rustconc_lint.program.traits import Traits, Verdict
from rustconc_lint.program.types import ClosureTy, Param, Ty

Captures = Callable[[ClosureTy], tuple[tuple[str, Ty], ...] | None]


def no_captures(closure: ClosureTy) -> None:
    """Nothing is known of the closure's captures."""
    return None


class Judgement(msgspec.Struct, frozen=True):
    """culprit: the innermost type that decides (the `Rc<i32>` in a struct), None for YES. path: fields that lead to it
    from the type asked ("inner", "0"; "*" for a reference, "<T>" for a bound on a type's parameter T).
    trait: the auto trait the culprit lacks, "Send" or "Sync" (of `&T: Send` it is Sync). parameter: the verdict rests
    on an unbounded type parameter (verdict UNKNOWN): generic code, where rustc demands a bound."""

    verdict: Verdict
    culprit: Ty | None = None
    path: tuple[str, ...] = ()
    trait: str = ""
    parameter: Param | None = None


class AutoTraits:
    """`AutoTraits(traits)`; `captures` says what a closure holds: (variable, type as captured) pairs, None unknown."""

    def __init__(self, traits: Traits, captures: Captures = no_captures) -> None:
        self.traits = traits
        self.captures = captures

    def is_send(self, ty: Ty) -> Judgement:
        """Whether `ty: Send`."""
        raise NotImplementedError

    def is_sync(self, ty: Ty) -> Judgement:
        """Whether `ty: Sync`."""
        raise NotImplementedError

    def is_copy(self, ty: Ty) -> Verdict:
        """Whether `ty: Copy`."""
        raise NotImplementedError
