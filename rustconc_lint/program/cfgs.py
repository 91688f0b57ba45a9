"""Which of several items under exclusive `#[cfg]`s is meant: the one an ordinary Linux build would compile.

A predicate is judged true, false or undecided (a feature). That ranks alternatives; what is surely for another platform
is not judged by what is declared for this one.
"""

from __future__ import annotations

import functools

_TRUE = frozenset(("unix", "debug_assertions", "panic", "true"))
_PLATFORMS = frozenset(("windows", "loom", "wasm", "wasi", "miri"))
_OFF = _PLATFORMS | {"test"}
_VALUES = {
    "target_os": "linux", "target_family": "unix", "target_arch": "x86_64", "target_pointer_width": "64",
    "target_env": "gnu", "target_endian": "little", "panic": "unwind", "target_vendor": "unknown",
}  # fmt: skip
_CALLS = ("all(", "any(", "not(")


def rank(cfgs: tuple[str, ...]) -> int:
    """0 for an item of an ordinary build with all features, 1 for one that is there while some feature is off, 2 for
    others (`windows`, `test`, `loom`). So of alternatives those are chosen that go together."""
    if any(holds(cfg) is False for cfg in cfgs):
        return 2
    return 1 if any(holds(cfg, undecided=True) is False for cfg in cfgs) else 0


def is_left_out(cfgs: tuple[str, ...], features: tuple[str, ...]) -> bool:
    """Whether no ordinary build has this: it is for another platform, for loom or miri, or for a build without one of
    these features, which are on by default."""
    return any(holds(cfg, flagged=True, features=features) is False for cfg in cfgs)


def exclusive(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    """Whether no build has both: one predicate is the other's negation, or both name a different platform."""
    return any(a == f"not({b})" or b == f"not({a})" or {a, b} == {"unix", "windows"} for a in left for b in right)


@functools.cache
def holds(
    predicate: str, undecided: bool | None = None, flagged: bool = False, features: tuple[str, ...] = ()
) -> bool | None:
    """The predicate's truth in an ordinary build, `undecided` for a feature, None for what cannot be read. Text without
    spaces. flagged: the build may be one of tests, and may set flags of its own. features: those that are on."""
    if predicate.endswith(")") and predicate[:4] in _CALLS:
        parts = [holds(part, undecided, flagged, features) for part in _split(predicate[4:-1])]
        return _CONNECTIVES[predicate[:3]](parts)
    if predicate.startswith("cfg_") and predicate.endswith("!"):
        # `cfg_rt! { .. }`: a feature's items, mostly on.
        return predicate[4:-1] not in _OFF
    key, equals, value = predicate.partition("=")
    if not equals:
        # A flag without a value is some build's own (`loom`, `miri`, `tokio_unstable`): off unless known.
        if not key.isidentifier() or (flagged and key not in _TRUE | _PLATFORMS):
            return None
        return key in _TRUE
    if key == "target_has_atomic":
        return True
    if key == "feature":
        return True if value.strip('"') in features else undecided
    return value.strip('"') == _VALUES[key] if key in _VALUES else None


def _all(parts: list[bool | None]) -> bool | None:
    if False in parts:
        return False
    return None if None in parts else True


def _any(parts: list[bool | None]) -> bool | None:
    if True in parts:
        return True
    return None if None in parts else False


def _not(parts: list[bool | None]) -> bool | None:
    return None if len(parts) != 1 or parts[0] is None else not parts[0]


_CONNECTIVES = {"all": _all, "any": _any, "not": _not}


def _split(text: str) -> list[str]:
    """The predicates between the commas of the outermost level."""
    parts: list[str] = []
    depth = begin = 0
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if char == "," and depth == 0:
            parts.append(text[begin:at])
            begin = at + 1
    parts.append(text[begin:])
    return [part for part in parts if part]
