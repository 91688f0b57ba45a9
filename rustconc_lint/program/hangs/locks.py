"""The lock order of the whole program: which lock is taken while which is held, and which orders contradict.

From the recorded acquisitions of every body. Two locks are told apart by what they are: a static, a field of a type
(the same for every instance), or a value made in one body. Nothing is said of elements of a collection, of locks whose
place is not known, or of two instances of one field.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from rustconc_lint.program.cfgs import exclusive
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.hangs.threads import Contexts, may_run_at_once
from rustconc_lint.program.interpret.events import Acquire, Held, Hop, Trace
from rustconc_lint.program.interpret.values import WRAPPED, Place, Root
from rustconc_lint.source import Span

Key = tuple[str, ...]

LONGEST_CYCLE = 6


class Lock(msgspec.Struct, frozen=True):
    """A node of the order. key: equal for equal locks. name: as a person would call it."""

    key: Key
    name: str


class Step(msgspec.Struct, frozen=True, eq=False):
    """`second` is taken while `first` is held. where: the function it happens in; thread: of that function's trace.

    same_object: both are reached from one object; gates: what else is held, and whether exclusively."""

    first: Lock
    second: Lock
    held: Held
    acquire: Acquire
    where: Definition
    same_object: bool
    gates: dict[Key, bool]
    is_test: bool

    @property
    def span(self) -> Span:
        """The second acquisition, or the first call that leads to it after the first was taken."""
        return self.way[0].span if self.way else self.acquire.span

    @property
    def way(self) -> tuple[Hop, ...]:
        """The calls from where the first lock is held to the second acquisition."""
        shared = 0
        for held, acquired in zip(self.held.chain, self.acquire.chain, strict=False):
            if held != acquired:
                break
            shared += 1
        return self.acquire.chain[shared:]

    @property
    def way_to_first(self) -> tuple[Hop, ...]:
        """The calls that give back the first lock's guard."""
        return self.held.chain[len(self.acquire.chain) - len(self.way) :]

    @property
    def own(self) -> bool:
        """Whether one of the locks is made by each call of the function anew."""
        return "local" in (self.first.key[0], self.second.key[0])

    @property
    def alone(self) -> bool:
        """Whether it happens through a `&mut` to the value that holds both locks: nobody else is at that value then."""
        return has_to_itself(self.where, self.acquire) and self.held.lock.root == self.acquire.lock.root

    @property
    def length(self) -> int:
        return len(self.acquire.chain) + len(self.held.chain)


class Cycle(msgspec.Struct, frozen=True):
    """Steps, each beginning with the lock the one before ends with, in source order of the first. certain: the steps
    are in threads known to run at once."""

    steps: tuple[Step, ...]
    certain: bool


def lock_of(place: Place, where: Definition, names: dict[Root, str]) -> Lock | None:
    """The node for a place, None when it cannot be told apart from others."""
    kind, key = place.root
    if place.owner not in ("", WRAPPED) and (place.fields or kind != "static"):
        return Lock(("owner", place.owner), place.owner.rpartition("::")[2])
    if "[]" in place.fields or "?" in place.fields:
        return None
    if kind == "static":
        return Lock(("static", str(key), *place.fields), str(key).rpartition("::")[2])
    if kind.startswith(("alloc", "slot", "temp")):
        name = names.get((kind.partition(" ")[0], key), "")
        return (
            Lock(("local", where.path, kind, str(key), *place.fields), ".".join([name, *place.fields]))
            if name
            else None
        )
    return None


def has_to_itself(where: Definition, acquire: Acquire) -> bool:
    """Whether the lock is a field of the `self` that the function has by `&mut`, and its own thread takes it."""
    by_mut = where.item.receiver == "&mut self" and acquire.lock.root == ("param", 0)
    return by_mut and len(acquire.lock.fields) == 1 and not acquire.thread


def apart(left: Place, right: Place) -> bool:
    """Whether the places are in two objects that this body has made."""
    made = ("alloc", "slot", "temp")
    return left.root != right.root and left.root[0].startswith(made) and right.root[0].startswith(made)


def instance_of(place: Place, where: Definition, names: dict[Root, str]) -> Lock | None:
    """The node for a place by the object it is in, not by its type."""
    return lock_of(Place(place.root, place.fields), where, names)


def steps_of(where: Definition, trace: Trace, is_test: bool) -> Iterator[Step]:
    """Every pair of a held lock and the one taken while it is held."""
    for acquire in trace.acquires:
        if not acquire.held:
            continue
        second = lock_of(acquire.lock, where, trace.names)
        if second is None:
            continue
        all_held = [(held, lock_of(held.lock, where, trace.names)) for held in acquire.held]
        alike = [held.lock for held, lock in all_held if lock is not None and lock.key == second.key]
        if alike and not all(apart(place, acquire.lock) for place in alike):
            continue  # taken twice: a matter of its own, not of order
        if alike:  # one field of two objects made here: told apart by object
            second = instance_of(acquire.lock, where, trace.names)
            all_held = [(held, instance_of(held.lock, where, trace.names)) for held in acquire.held]
            if second is None:
                continue
        for held, first in all_held:
            if first is None:
                continue
            gates = {lock.key: other.mode == "exclusive" for other, lock in all_held if lock and lock != first}
            same = held.lock.root == acquire.lock.root
            yield Step(first, second, held, acquire, where, same, gates, is_test)


def cycles(steps: Iterable[Step], contexts: Contexts) -> list[Cycle]:
    """The contradictions in the order, shortest first, each set of locks once."""
    order: dict[Key, dict[Key, list[Step]]] = {}
    for step in sorted(steps, key=lambda step: (step.length, step.span.path, step.span.start)):
        known = order.setdefault(step.first.key, {}).setdefault(step.second.key, [])
        if not any(same_places(step, other) for other in known):
            known.append(step)
    found: list[Cycle] = []
    reported: set[frozenset[Key]] = set()
    for component in components({key: list(follow) for key, follow in order.items()}):
        for ring in rings(component, order):
            locks = frozenset(ring)
            if any(known <= locks for known in reported):
                continue  # a ring around a contradiction that is reported already
            cycle = contradiction(ring, order, contexts)
            if cycle is not None:
                reported.add(locks)
                found.append(cycle)
    return found


def same_places(left: Step, right: Step) -> bool:
    """One pair of acquisitions, seen from two callers: both are kept only when their threads may differ."""
    return (
        left.acquire.span == right.acquire.span
        and left.held.span == right.held.span
        and left.where is right.where
        and left.acquire.thread == right.acquire.thread
    )


def rings(component: list[Key], order: dict[Key, dict[Key, list[Step]]]) -> Iterator[tuple[Key, ...]]:
    """For every step inside the component, the shortest way back, short rings first."""
    inside = set(component)
    found: set[tuple[Key, ...]] = set()
    for first in sorted(component):
        for second in sorted(order.get(first, {})):
            if second in inside:
                way = shortest(second, first, order, inside)
                if way is not None and len(way) <= LONGEST_CYCLE:
                    smallest = way.index(min(way))
                    found.add((*way[smallest:], *way[:smallest]))
    yield from sorted(found, key=lambda ring: (len(ring), ring))


def shortest(
    start: Key, goal: Key, order: dict[Key, dict[Key, list[Step]]], inside: set[Key]
) -> tuple[Key, ...] | None:
    """The keys from `goal` (exclusive end) round to itself: `goal, start, ..`, by breadth."""
    before: dict[Key, Key] = {start: goal}
    waiting = [start]
    for key in waiting:
        nexts = order.get(key, {})
        if goal in nexts:
            before[goal] = key
            break
        for following in sorted(nexts):
            if following in inside and following not in before:
                before[following] = key
                waiting.append(following)
    if goal not in before:
        return None
    way = [goal]
    key = before[goal]
    while key != goal:
        way.append(key)
        key = before[key]
    return (way[0], *reversed(way[1:]))


def contradiction(ring: tuple[Key, ...], order: dict[Key, dict[Key, list[Step]]], contexts: Contexts) -> Cycle | None:
    """The best choice of one step for each pair of the ring, None when no choice can deadlock."""
    choices = [order[ring[i]][ring[(i + 1) % len(ring)]] for i in range(len(ring))]
    best: Cycle | None = None
    for first in choices[0][:8]:
        chosen = [first]
        certain = True
        for options in choices[1:]:
            following = next_step(chosen, options, contexts)
            if following is None:
                break
            step, sure = following
            chosen.append(step)
            certain = certain and sure
        if len(chosen) < len(choices) or not blocks(chosen):
            continue
        if best is None or (certain and not best.certain):
            best = Cycle(tuple(in_source_order(chosen)), certain)
    return best


def next_step(chosen: list[Step], options: list[Step], contexts: Contexts) -> tuple[Step, bool] | None:
    """The first option that can meet all chosen steps at run time; one in a thread known to run beside them if any."""
    fallback: Step | None = None
    for step in options[:16]:
        if not all(compatible(step, other) for other in chosen):
            continue
        meets = [may_run_at_once(step, other, contexts) for other in chosen]
        if all(meet == "yes" for meet in meets):
            return step, True
        if fallback is None and "no" not in meets:
            fallback = step
    return (fallback, False) if fallback is not None else None


def compatible(left: Step, right: Step) -> bool:
    """No lock is held around both; tests are compared with tests; fields of one type must be of one object, which no
    one has to itself."""
    if any(left.gates[key] or right.gates[key] for key in left.gates.keys() & right.gates.keys()):
        return False
    if left.is_test != right.is_test or exclusive(conditions(left), conditions(right)):
        return False
    if one_at_a_time(left, right):
        return False
    return same_type(left) == same_type(right) or left.same_object == right.same_object


def one_at_a_time(left: Step, right: Step) -> bool:
    """Whether both come through a value of one type, and one of them has it to itself."""
    holders = {lock.key[1].rpartition(".")[0] for step in (left, right) for lock in (step.first, step.second)}
    threads = left.acquire.thread or right.acquire.thread
    return same_type(left) and same_type(right) and len(holders) == 1 and not threads and (left.alone or right.alone)


def conditions(step: Step) -> tuple[str, ...]:
    return (*step.where.cfg, *step.acquire.cfg)


def same_type(step: Step) -> bool:
    return step.first.key[0] == step.second.key[0] == "owner" and (
        step.first.key[1].rpartition(".")[0] == step.second.key[1].rpartition(".")[0]
    )


def blocks(steps: list[Step]) -> bool:
    """Whether every wait of the ring can block: a reader does not wait for a reader."""
    for index, step in enumerate(steps):
        following = steps[(index + 1) % len(steps)]
        if step.acquire.mode == "shared" and following.held.mode == "shared":
            return False
    return not (len(steps) == 2 and any(same_type(step) and not step.same_object for step in steps))


def in_source_order(steps: list[Step]) -> list[Step]:
    first = min(range(len(steps)), key=lambda i: (steps[i].span.path, steps[i].span.start))
    return steps[first:] + steps[:first]


def components(graph: dict[Key, list[Key]]) -> list[list[Key]]:
    """Strongly connected components with more than one node (Tarjan, without recursion)."""
    index: dict[Key, int] = {}
    low: dict[Key, int] = {}
    stack: list[Key] = []
    on_stack: set[Key] = set()
    found: list[list[Key]] = []
    for root in sorted(graph):
        if root in index:
            continue
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        work = [(root, iter(sorted(graph.get(root, ()))))]
        while work:
            key, following = work[-1]
            for child in following:
                if child not in index:
                    index[child] = low[child] = len(index)
                    stack.append(child)
                    on_stack.add(child)
                    work.append((child, iter(sorted(graph.get(child, ())))))
                    break
                if child in on_stack:
                    low[key] = min(low[key], index[child])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[key])
                if low[key] == index[key]:
                    component = []
                    while True:
                        member = stack.pop()
                        on_stack.discard(member)
                        component.append(member)
                        if member == key:
                            break
                    if len(component) > 1:
                        found.append(component)
    return found
