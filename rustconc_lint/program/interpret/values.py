"""What the interpreter knows of a value: which handles it owns, and which place it denotes.

A handle is a guard, a channel's end, a running thread, or the unknown content of a parameter: something whose end of
life matters. Everything that owns no handle and denotes no place is `NOTHING`. Option, Result and Box are transparent:
`Some(tx)` is the value of `tx`; arms and `?` choose among what is inside.
"""

from __future__ import annotations

import msgspec

from rustconc_lint.facts.model import Closure

CONTENT = "*"  # the field that leads from a lock to what it guards
SHORTENED = "shortened"  # the part of an iterator that it may end before
WRAPPED = "="  # the owner of a lock in a generic wrapper of which nobody knows the holder

Root = tuple[str, int | str]


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where a value lives: a root and the fields that lead to it; references, Box and Arc in between are not written.

    root: ("slot", n), ("temp", n), ("alloc", offset), ("param", i), ("static", path), ("opaque", offset).
    owner: `Type.field` by declaration of the last field, or the static's path, "" when there is none: the same for
    every instance. elements are fields named "[]": two of them are never known to be the same.
    """

    root: Root
    fields: tuple[str, ...] = ()
    owner: str = ""

    @property
    def content(self) -> Place:
        """What the lock at this place guards."""
        return Place(self.root, (*self.fields, CONTENT), self.owner)

    def field(self, name: str, owner: str) -> Place:
        """The field of that name. The lock in a wrapper of the project's own is known by what holds the wrapper."""
        inherited = owner == WRAPPED or (name == "0" and self.owner)
        return Place(self.root, (*self.fields, name), (self.owner or owner) if inherited else owner)


RECEIVERS = "!receivers"  # the field that stands for all receivers of a channel


def receivers_of(channel: Place) -> Place:
    """What is closed when every receiver of the channel is gone."""
    return Place(channel.root, (*channel.fields, RECEIVERS), channel.owner)


def received_from(end: Place) -> Place | None:
    """The channel of which the receivers are meant, None when it is a channel itself."""
    return Place(end.root, end.fields[:-1], end.owner) if end.fields[-1:] == (RECEIVERS,) else None


class Feed(msgspec.Struct, frozen=True, gc=False):
    """A receiver that gets every message of the channel, but for those (at least `before`) sent when it was made."""

    channel: Place
    before: int


class Nothing(msgspec.Struct, frozen=True, gc=False):
    """No handle and no identity: numbers, text, the unit."""


class Moved(msgspec.Struct, frozen=True, gc=False):
    """Not initialised, or moved out."""


class Pointer(msgspec.Struct, frozen=True, gc=False):
    """A reference to a place."""

    place: Place


class Shared(msgspec.Struct, frozen=True, gc=False):
    """An Arc or Rc: `share` is one of the handles that keep the value at `place` alive."""

    place: Place
    share: int


class Own(msgspec.Struct, frozen=True, gc=False):
    """The owner of one handle."""

    handle: int


class Symbol(msgspec.Struct, frozen=True, gc=False):
    """The unknown value of a known place: a caller's argument, a static, a field of either."""

    place: Place


class Parts(msgspec.Struct, frozen=True):
    """A tuple, struct or collection (its elements together are the part "[]"). type: canonical path of a struct."""

    items: tuple[tuple[str, Value], ...]
    type: str = ""


class Bag(msgspec.Struct, frozen=True):
    """One of these, or all of them: what is not told apart."""

    items: tuple[Value, ...]


class Code(msgspec.Struct, frozen=True):
    """A closure or async block with what it has captured by move, as (slot, fields) -> value."""

    closure: Closure
    captured: tuple[tuple[tuple[int, tuple[str, ...]], Value], ...]


class Pending(msgspec.Struct, frozen=True):
    """A future that is not awaited yet: the call it stands for (`key`: see Machine.pending) with its arguments."""

    key: int
    arguments: tuple[Value, ...]


class Stream(msgspec.Struct, frozen=True, gc=False):
    """An iterator that receives from a channel until it is closed. through: the channel that the receiver came by."""

    channel: Place
    through: Place | None = None


class Received(msgspec.Struct, frozen=True, gc=False):
    """The result of one receive: Err or None only when the channel is closed, or also (tried) when it is empty. sent:
    of a send instead, which fails when all receivers are gone, or also (tried) when there is no room. counts: it is the
    number of messages, 0 where the others are None."""

    channel: Place
    tried: bool = False
    sent: bool = False
    counts: bool = False

    @property
    def end(self) -> Place:
        """What has come to its end where this is Err or None: the channel, or its receivers."""
        return receivers_of(self.channel) if self.sent else self.channel


Value = Nothing | Moved | Pointer | Shared | Own | Symbol | Parts | Bag | Code | Pending | Stream | Received

COMPOSITE = frozenset({Parts, Bag, Code, Pending})
NOTHING = Nothing()
MOVED = Moved()


def bag(values: list[Value]) -> Value:
    """All of `values` as one value; without those that are nothing."""
    kept: list[Value] = []
    for value in values:
        if isinstance(value, Bag):
            kept.extend(item for item in value.items if item not in kept)
        elif not isinstance(value, Nothing | Moved) and value not in kept:
            kept.append(value)
    if not kept:
        return NOTHING
    return kept[0] if len(kept) == 1 else Bag(tuple(kept))


def flat(value: Value) -> list[Value]:
    """The values a bag was made of; any other value alone."""
    return list(value.items) if isinstance(value, Bag) else [value]


def children(value: Value) -> tuple[Value, ...]:
    """The values directly inside."""
    match value:
        case Parts(items=items):
            return tuple(item for _, item in items)
        case Bag(items=values):
            return values
        case Code(captured=captured):
            return tuple(item for _, item in captured)
        case Pending(arguments=arguments):
            return arguments
        case _:
            return ()


def inside(value: Value) -> tuple[Value, ...]:
    """The value and all values inside it, the outer one first."""
    if type(value) not in COMPOSITE:
        return (value,)
    found = [value]
    for child in children(value):
        found.extend(inside(child))
    return tuple(found)


def codes(value: Value) -> list[Code]:
    """The closures in a value; not those that they have captured, which they call themselves, if anybody does."""
    if isinstance(value, Code):
        return [value]
    return [code for child in children(value) for code in codes(child)]


def owns(value: Value) -> bool:
    """Whether moving the value moves a handle."""
    return any(isinstance(item, Own | Shared | Code | Pending) for item in inside(value))


def part(value: Value, name: str) -> Value:
    """The part of that name, `NOTHING` when it is not known."""
    if isinstance(value, Parts):
        for key, item in value.items:
            if key == name:
                return item
        return NOTHING
    if isinstance(value, Bag):
        return bag([part(item, name) for item in value.items])
    if isinstance(value, Own) and name == "0":  # a struct of one field is the value of that field
        return value
    return NOTHING


def with_part(value: Value, name: str, item: Value) -> Value:
    """`value` with that part replaced (or added)."""
    if isinstance(value, Parts):
        rest = tuple(entry for entry in value.items if entry[0] != name)
        return Parts((*rest, (name, item)), value.type)
    if isinstance(value, Own) and name == "0":
        return item
    if isinstance(value, Nothing | Moved):
        return Parts(((name, item),))
    return bag([value, item])


def joined(left: Value, right: Value) -> Value:
    """The value after two paths meet: equal stays; a path that moved it out gives way to one that has it."""
    if left == right or isinstance(right, Moved | Nothing):
        return left
    if isinstance(left, Moved | Nothing):
        return right
    if isinstance(left, Parts) and isinstance(right, Parts) and left.type == right.type:
        names = dict.fromkeys([key for key, _ in left.items] + [key for key, _ in right.items])
        return Parts(tuple((name, joined(part(left, name), part(right, name))) for name in names), left.type)
    return bag([left, right])
