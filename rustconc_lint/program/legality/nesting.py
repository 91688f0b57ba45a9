"""Ranges of text that lie within one another, and which of them is the innermost around a place.

Built once for many questions: each takes about as long as the place is deep.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Generic, Protocol, TypeVar


class Ranged(Protocol):
    """Something that has a half-open range of bytes."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


T = TypeVar("T", bound=Ranged)


class Nesting(Generic[T]):
    """`Nesting(ranges)`: any two of them are one within the other, or apart."""

    def __init__(self, ranges: Iterable[T]) -> None:
        self.ranges = sorted(ranges, key=lambda item: (item.start, -item.end))
        self.starts = [item.start for item in self.ranges]
        self.parents: list[int] = []
        opened: list[int] = []
        for index, item in enumerate(self.ranges):
            while opened and self.ranges[opened[-1]].end < item.end:
                opened.pop()
            self.parents.append(opened[-1] if opened else -1)
            opened.append(index)

    def around(self, start: int, end: int) -> Iterator[T]:
        """Those that contain `start..end`, from the inside out."""
        index = bisect_right(self.starts, start) - 1
        while index >= 0:
            if self.ranges[index].end >= end:
                yield self.ranges[index]
            index = self.parents[index]

    def innermost(self, start: int, end: int) -> T | None:
        return next(self.around(start, end), None)
