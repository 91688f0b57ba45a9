"""Three-valued answers, and whether a type fits an impl's header: one-way unification."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable

from rustconc_lint.program.shapes import is_known, parts, same_head
from rustconc_lint.program.types import Dyn, Opaque, Param, Prim, Projection, Ty, Unknown


class Verdict(enum.Enum):
    """The answer to a question about types."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


def every(verdicts: Iterable[Verdict]) -> Verdict:
    """YES if all are; NO as soon as one is."""
    found = Verdict.YES
    for verdict in verdicts:
        if verdict is Verdict.NO:
            return verdict
        if verdict is Verdict.UNKNOWN:
            found = verdict
    return found


def yes(holds: object) -> Verdict:
    """YES or NO."""
    return Verdict.YES if holds else Verdict.NO


_OPEN = (Unknown, Projection, Opaque)


def fits(pattern: Ty, ty: Ty, owner: str, bindings: dict[tuple[str, str], Ty]) -> Verdict:
    """Whether `ty` is an instance of `pattern`, whose parameters owned by `owner` are bound on the way. Lifetimes are
    not compared. UNKNOWN where a part of either is not known (an inference variable, say)."""
    if isinstance(pattern, Param) and pattern.owner == owner:
        known = bindings.setdefault((owner, pattern.name), ty)
        return Verdict.YES if known is ty else equal(known, ty)
    return _compare(pattern, ty, lambda left, right: fits(left, right, owner, bindings))


def equal(left: Ty, right: Ty) -> Verdict:
    """Whether two types are the same, lifetimes aside."""
    return _compare(left, right, equal)


def _compare(left: Ty, right: Ty, compare: Callable[[Ty, Ty], Verdict]) -> Verdict:
    if isinstance(left, _OPEN) or isinstance(right, _OPEN):
        return Verdict.YES if left == right and not isinstance(left, Unknown) else Verdict.UNKNOWN
    if not (is_known(left) and is_known(right)):
        return Verdict.UNKNOWN
    if same_head(left, right):
        return every([compare(a, b) for a, b in zip(parts(left), parts(right), strict=True)])
    return Verdict.UNKNOWN if _may_agree(left, right) else Verdict.NO


def _may_agree(left: Ty, right: Ty) -> bool:
    """An unsuffixed literal and a number; two trait objects of the same traits in another order."""
    if isinstance(left, Prim) and isinstance(right, Prim):
        return "{" in left.name + right.name
    return isinstance(left, Dyn) and isinstance(right, Dyn) and _traits(left) == _traits(right)


def _traits(ty: Dyn) -> set[str]:
    return {bound.path for bound in ty.bounds if not bound.path.startswith("'")}
