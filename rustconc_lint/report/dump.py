"""What the engine knows, as plain values for JSON: for people who debug a finding or write a rule.

The shape follows the engine's structs and changes with them; nothing should read it but people.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from rustconc_lint.discover import Discovery
from rustconc_lint.facts.file import RustFile
from rustconc_lint.program.definitions import Crate, Definition, Impl, Module
from rustconc_lint.program.model import Program


def facts(found: Discovery) -> dict[str, Any]:
    """Path -> all facts of the file, for the reported files."""
    return {path: describe(RustFile(found.sources[path]).facts()) for path in sorted(found.reported)}


def program(found: Discovery, linked: Program) -> dict[str, Any]:
    """The crates, the functions and what each does to locks, channels and threads, and what follows from that."""
    return {
        "crates": describe(found.crates),
        "functions": [function.path for function in linked.functions],
        "traces": {function.path: describe(trace) for function, trace in linked.traces},
        "lock_cycles": describe(linked.lock_cycles()),
        "stuck_drains": describe(list(linked.stuck_drains())),
    }


def describe(value: object) -> Any:
    """Structs as objects that name their type under `is`, definitions as their paths, everything else as it is."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Definition() | Module():
            return value.path
        case Impl() | Crate():
            return value.id
        case msgspec.Struct():
            named = {name: describe(getattr(value, name)) for name in value.__struct_fields__}
            return {"is": type(value).__name__, **named}
        case Mapping():
            return {str(key): describe(inner) for key, inner in value.items()}
        case tuple() | list():
            return [describe(inner) for inner in value]
        case set() | frozenset():
            return sorted((describe(inner) for inner in value), key=str)
        case _:
            return str(value)
