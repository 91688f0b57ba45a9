"""Receivers that each get every message (broadcast, watch): what such a receiver has got is counted for itself.

A feed is the place under which that is counted. Only receivers that are surely one have a feed: not those that a loop
makes, which may all be in one collection.
"""

from __future__ import annotations

from rustconc_lint.program.interpret.machine import Machine
from rustconc_lint.program.interpret.values import Feed, Own, Place, Value, inside


def new_feed(m: Machine, channel: Place, receiver: int, before: int) -> None:
    """The receiver (a handle) gets what is sent into the channel from now on."""
    m.feeds[place_of_feed(channel, receiver)] = Feed(channel, before)


def same_feed(m: Machine, receiver: int, copy: int) -> None:
    """A copy of a receiver, which has yet to get what that has."""
    channel = m.handles[receiver].place
    known = m.feeds.get(place_of_feed(channel, receiver))
    if known is not None:
        new_feed(m, channel, copy, known.before)


def feed_of(m: Machine, channel: Place, value: Value) -> Place:
    """Where receives through a value that leads to the channel are counted: the channel, unless it is a feed's."""
    inner = m.behind(value)
    found = inside(m.at(m.through(inner))) if inner is not None else inside(value)
    handles = [item.handle for item in found if isinstance(item, Own) and m.handles[item.handle].kind == "receiver"]
    receivers = [handle for handle in handles if m.handles[handle].place == channel]
    feed = place_of_feed(channel, receivers[0]) if len(receivers) == 1 else channel
    return feed if feed in m.feeds else channel


def place_of_feed(channel: Place, receiver: int) -> Place:
    return Place(channel.root, (*channel.fields, f"!{receiver}"), channel.owner)
