"""What a body's interpreter asks of the whole program: what types are to concurrency, and summaries of calls."""

from __future__ import annotations

from typing import Protocol

from rustconc_lint.facts.model import Path
from rustconc_lint.program.definitions import Definition, Module
from rustconc_lint.program.interpret.events import Trace
from rustconc_lint.program.traits.lowering import FnTypes
from rustconc_lint.program.types import Adt, Ty


class World(Protocol):
    """What a body's interpreter asks of the whole program."""

    def summary(self, definition: Definition, deep: bool, flows: bool) -> Trace | None:
        """What a call of the project's function does; None when that is not known. deep: with all that it calls;
        flows: handles are passed to it, so that it matters whatever it does."""

    def role(self, ty: Ty) -> str:
        """The concurrency role of a type (see apis.Role), "" when it has none."""

    def peeled(self, ty: Ty) -> Ty:
        """The type behind references, smart pointers, guards and Option."""

    def pointee(self, ty: Ty) -> Ty:
        """The type behind references, smart pointers and guards: what is shown or compared in their place."""

    def method_of(self, ty: Adt, trait: str, method: str) -> Definition | None:
        """The function of the project that is the trait's method for the type; None when it is derived, or unknown."""

    def same_inside(self, left: Ty, right: Ty) -> bool:
        """Whether two types are the same once those are seen through."""

    def can_hold(self, ty: Ty) -> bool:
        """Whether a value of the type may own a handle or lead to a place that matters."""

    def is_wrapper(self, ty: Adt, field: str) -> bool:
        """Whether the field is a lock around a type parameter of the struct."""

    def may_lock(self, definition: Definition) -> bool:
        """Whether a call of the function may take a lock that others know."""

    def takes_lock(self, definition: Definition) -> bool:
        """Whether a function is given a lock, or a reference to one, by its caller."""

    def borrows_handle(self, definition: Definition) -> bool:
        """Whether a function may change what owns an end of a channel: `fn stop(&mut self) { self.tx.take(); }`."""

    def returns_handle(self, definition: Definition) -> bool:
        """Whether what a function returns may own a handle, or be a reference to a lock."""

    def is_reference(self, ty: Ty) -> bool:
        """Whether the type is a reference, also inside Option or Result."""

    def is_result(self, ty: Ty) -> bool:
        """Whether the type is an Option or Result."""

    def signature(self, definition: Definition) -> FnTypes | None:
        """The declared types of a function."""

    def is_struct(self, path: Path, module: Module) -> bool:
        """Whether a pattern's path names a struct, so that it is no test."""

    def stores(self, definition: Definition, index: int) -> bool:
        """Whether parameter `index` (self counts) is a container's element, as in `push(value: T)`: never called."""

    def is_async(self, definition: Definition) -> bool:
        """Whether a call of the function only makes a future."""

    def is_clone(self, definition: Definition) -> bool:
        """Whether the method is `Clone::clone`."""

    def number_of(self, constant: Definition) -> int | None:
        """The number that a constant or static of the project is, None when it is not written as one."""

    def closes(self, ty: Ty) -> bool:
        """Whether a value of the type, or one of its parts, is an end of a channel of which each message goes to one
        receiver, and which closes with its last sender."""

    def closable(self, ty: Ty) -> bool:
        """Whether the type has an end of a channel that a call on a sender closes."""

    def joins_on_drop(self) -> bool:
        """Whether any type of the project joins a thread when it is dropped."""

    def acts_on_drop(self) -> bool:
        """Whether any type of the project joins a thread or takes a lock when it is dropped."""

    def acts_when_dropped(self, ty: Ty) -> bool:
        """Whether dropping a value of the type may do so."""

    def returns_acting(self, definition: Definition) -> bool:
        """Whether what a function returns may do so when it is dropped."""

    def drop_of(self, path: str) -> Definition | None:
        """The `Drop::drop` of that type that does so."""

    def fields(self, ty: Adt) -> tuple[tuple[str, Ty], ...]:
        """The fields of a struct of the project, in the order in which they are dropped."""

    def owned(self, path: str, args: tuple[Ty, ...]) -> tuple[Ty, ...]:
        """The type arguments of which values may die with a value of the generic type."""

    def function(self, path: str) -> Definition | None:
        """The function with that canonical path."""
