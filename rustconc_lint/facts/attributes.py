"""Attributes as facts: `#[cfg(..)]`, `#[derive(..)]`, `#[test]`, `#[allow(..)]` and few others, from their text.

The same few attributes are written thousands of times, so each distinct text is read once. Inside `cfg_attr(p, a)` the
attribute `a` is taken as if it stood there, except for what would change the module tree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from rustconc_lint import syntax
from rustconc_lint.facts.model import Attributes
from rustconc_lint.syntax import Node

NO_ATTRIBUTES = Attributes()
IN_TEST = Attributes(test=True)
# Those that leave an item what it is: built-in ones (Reference, "Attributes"), tracing's, and the tools'.
_LEAVING = frozenset(
    (
        *("allow", "automatically_derived", "cold", "deny", "deprecated", "doc", "export_name", "forbid", "ignore"),
        *("inline", "instrument", "link_section", "must_use", "no_mangle", "non_exhaustive", "proc_macro"),
        *("proc_macro_attribute", "proc_macro_derive", "repr", "target_feature", "track_caller", "unsafe", "warn"),
    )
)
_TOOLS = ("clippy::", "diagnostic::", "miri::", "rust_analyzer::", "rustfmt::")
_DEPTH = 32  # of nested predicates; nobody writes as many


def combine(texts: Sequence[bytes], cfg: tuple[str, ...] = (), *, in_test: bool = False) -> Attributes:
    """The attributes with these texts (`#[..]` or `#![..]`) on an item that stands under `cfg`, perhaps in tests."""
    if not texts and not cfg:
        return IN_TEST if in_test else NO_ATTRIBUTES
    return _combined(tuple(texts), cfg, in_test)


@lru_cache(maxsize=4096)
def _combined(texts: tuple[bytes, ...], cfg: tuple[str, ...], in_test: bool) -> Attributes:
    parts = [read_attribute(text) for text in texts]
    if len(parts) == 1 and not cfg and not in_test:
        return parts[0]
    return _merged([*parts, Attributes(cfg=cfg, test=in_test or any(map(_demands_test, cfg)))])


@lru_cache(maxsize=4096)
def read_attribute(text: bytes) -> Attributes:
    """What one attribute says; nothing for those that do not matter here."""
    item = next(iter(syntax.parse(text).children), None)
    attribute = next((c for c in item.children if c.kind_id == syntax.ATTRIBUTE), None) if item is not None else None
    if attribute is None:
        return NO_ATTRIBUTES
    name = _squeezed(attribute.children[0])
    arguments = attribute.child_by_field_id(syntax.F_ARGUMENTS)
    pieces = () if arguments is None else _pieces(arguments)
    value = attribute.child_by_field_id(syntax.F_VALUE)
    return _meaning(name, pieces, None if value is None else _squeezed(value))


def _meaning(name: str, pieces: tuple[str, ...], value: str | None) -> Attributes:
    match name:
        case "cfg":
            return Attributes(cfg=pieces[:1], test=any(map(_demands_test, pieces)))
        case "derive":
            return Attributes(derives=tuple(piece.rpartition("::")[2] for piece in pieces))
        case "allow" | "expect":
            return Attributes(allows=tuple(piece for piece in pieces if "=" not in piece))
        case "cfg_attr":
            # Not what stands in a `cfg_attr` of its own again.
            single = [piece for piece in pieces[1:] if not piece.startswith("cfg_attr(")]
            inner = _merged([read_attribute(f"#[{piece}]".encode()) for piece in single])
            return Attributes(
                derives=inner.derives, test=inner.test, allows=inner.allows, thread_local=inner.thread_local,
                macros=inner.macros,
            )  # fmt: skip
        case "should_panic":
            return Attributes(should_panic=True)
        case "thread_local":
            return Attributes(thread_local=True)
        case "path" if value is not None:
            return Attributes(path=value.strip('"'))
        case "macro_use" | "macro_export":
            return Attributes(macro_use=True)
    last = name.rpartition("::")[2]
    if last == "test":
        return Attributes(test=True)
    return NO_ATTRIBUTES if last in _LEAVING or name.startswith(_TOOLS) else Attributes(macros=(name,))


def _merged(parts: Iterable[Attributes]) -> Attributes:
    """All that several attributes say together."""
    parts = tuple(parts)
    return Attributes(
        cfg=tuple(text for part in parts for text in part.cfg),
        derives=tuple(name for part in parts for name in part.derives),
        test=any(part.test for part in parts),
        should_panic=any(part.should_panic for part in parts),
        allows=tuple(name for part in parts for name in part.allows),
        path=next((part.path for part in parts if part.path), ""),
        macro_use=any(part.macro_use for part in parts),
        thread_local=any(part.thread_local for part in parts),
        macros=tuple(name for part in parts for name in part.macros),
    )


def _demands_test(predicate: str) -> bool:
    """Whether a cfg predicate without white space mentions `test`, not negated."""
    if predicate == "test":
        return True
    if predicate.startswith(("all(", "any(")) and predicate.count("(") < _DEPTH:
        return any(map(_demands_test, _split(predicate[4:-1])))
    return False


def _split(text: str) -> list[str]:
    """The parts of a text between its commas outside parentheses."""
    parts, depth, start = [], 0, 0
    for position, character in enumerate(text):
        if character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
        elif character == "," and depth == 0:
            parts.append(text[start:position])
            start = position + 1
    return [*parts, text[start:]]


def _pieces(tree: Node) -> tuple[str, ...]:
    """The arguments `(a, b(c), d)` of an attribute, each without white space."""
    pieces = [""]
    for token in tree.children[1:-1]:
        if token.kind_id == syntax.T_COMMA:
            pieces.append("")
        else:
            pieces[-1] += _squeezed(token)
    return tuple(piece for piece in pieces if piece)


def _squeezed(node: Node) -> str:
    """A node's text without comments and without white space outside its string literals."""
    return b"".join([token.text or b"" for token in syntax.tokens(node)]).decode("utf-8", "replace")
