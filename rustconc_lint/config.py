"""Settings: rustconc.toml, or the `metadata.rustconc` table of a package or workspace in Cargo.toml.

The nearest one to a file holds for it, alone: settings are not merged over folders. What the command line selects goes
before what a file says. A mistake is a TomlError with file and line; nothing is guessed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from rustconc_lint.cargo import EDITIONS, Manifests, TomlError, read_toml
from rustconc_lint.finding import Severity
from rustconc_lint.ignores import Layer, read_layer
from rustconc_lint.rulebook import Rule, nearest, unknown_rule

FILE = "rustconc.toml"
LEVELS = (*Severity, "off")
ALL = "all"  # every rule there is, where rules are selected


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """The keys of a configuration. select: only these rules (`all`: every one; none: the default ones). ignore: not
    these. exclude: patterns as in a .gitignore beside the file. rules: rule -> "error", "warning", "note" (which turn
    it on) or "off". edition: of Rust files that belong to no package. apis: files with models of crates, in the form of
    rules/apis/*.toml, relative to the configuration's folder. lock_order: locks, in the order in which
    they are taken."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    rules: dict[str, str] = {}
    edition: str = ""
    apis: tuple[str, ...] = ()
    lock_order: tuple[str, ...] = ()


class Config(msgspec.Struct, frozen=True):
    """One configuration as it is used. excluded: the patterns below its folder. models: the absolute paths of
    its `apis`. ordered: file and line of its `lock-order`, "" when there is none."""

    table: Table
    excluded: Layer | None = None
    models: tuple[str, ...] = ()
    ordered: str = ""


class Settings:
    """What holds where, in one run. select, ignore: the command line's rules; empty: the configuration decides."""

    def __init__(
        self, rules: Mapping[str, Rule], manifests: Manifests, select: Collection[str], ignore: Collection[str]
    ) -> None:
        self._rules = rules
        self._manifests = manifests
        self._select = select
        self._ignore = ignore
        self._configs: dict[str, Config] = {}
        self._levels: dict[int, dict[str, Severity | None]] = {}

    def of_folder(self, folder: str) -> Config:
        """The configuration that holds in a folder (absolute path). Raises TomlError."""
        if folder not in self._configs:
            parent = os.path.dirname(folder)
            own = self._read(folder)
            self._configs[folder] = own or (Config(Table()) if parent == folder else self.of_folder(parent))
        return self._configs[folder]

    def excluded(self, path: str, folder: bool) -> bool:
        """Is this entry (absolute path; is it a folder?) excluded by what holds where it is? Raises TomlError."""
        layer = self.of_folder(os.path.dirname(path)).excluded
        return layer is not None and layer.verdict(path, folder) is True

    def loose_edition(self, path: str) -> str:
        """The edition of a file (absolute path) outside of any package, "" when nothing says so. Raises TomlError."""
        return self.of_folder(os.path.dirname(path)).table.edition

    def models(self, paths: Iterable[str]) -> dict[str, bytes]:
        """The models of crates that are configured for any of these files (absolute paths): path -> text. Raises
        TomlError."""
        configs = {id(config): config for config in (self.of_folder(folder) for folder in map(os.path.dirname, paths))}
        found: dict[str, bytes] = {}
        for model in sorted({model for config in configs.values() for model in config.models}):
            try:
                with open(model, "rb") as opened:
                    found[model] = opened.read()
            except OSError as error:
                raise TomlError(model, 0, f"cannot be read: {error.strerror or error}") from error
        return found

    def lock_order(self, path: str) -> tuple[tuple[str, ...], str]:
        """The locks in the order that is declared for a file (absolute path), and where. Raises TomlError."""
        config = self.of_folder(os.path.dirname(path))
        return config.table.lock_order, config.ordered

    def levels(self, path: str) -> dict[str, Severity | None]:
        """The rules that are on for a file (absolute path), with its configured level or None. Raises TomlError."""
        config = self.of_folder(os.path.dirname(path))
        if id(config) not in self._levels:
            chosen = set(_chosen(config.table, self._rules, self._select, self._ignore))
            written = {name: Severity(level) for name, level in config.table.rules.items() if level != "off"}
            self._levels[id(config)] = {name: written.get(name) for name in self._rules if name in chosen}
        return self._levels[id(config)]

    def _read(self, folder: str) -> Config | None:
        path = os.path.join(folder, FILE)
        if os.path.isfile(path):
            return read_config(path, (), read_toml(path), self._rules)
        manifest = self._manifests.table(folder) or {}
        for kind in ("package", "workspace"):
            keys = (kind, "metadata", "rustconc")
            table: Any = manifest
            for key in keys:
                table = table.get(key) if isinstance(table, dict) else None
            if table is not None:
                return read_config(os.path.join(folder, "Cargo.toml"), keys, table, self._rules)
        return None


def _chosen(table: Table, rules: Mapping[str, Rule], select: Collection[str], ignore: Collection[str]) -> Iterator[str]:
    """The rules that run: the command line's selection, or the configuration's, or the default ones."""
    off = {name for name, level in table.rules.items() if level == "off"} | set(table.ignore)
    on = table.rules.keys() - off
    wanted = select or table.select
    for name, rule in rules.items():
        selected = ALL in wanted or name in wanted if wanted else rule.about.default or name in on
        if selected and name not in ignore and (select or name not in off):
            yield name


def read_config(path: str, keys: tuple[str, ...], table: Any, rules: Mapping[str, Rule]) -> Config:
    """The configuration in a TOML table that was found under `keys` in the file at `path`. Raises TomlError."""
    try:
        read = msgspec.convert(table, Table)
    except msgspec.ValidationError as error:
        raise TomlError(path, *_explained(str(error), path, keys)) from error
    for key, names in (("select", read.select), ("ignore", read.ignore), ("rules", read.rules)):
        mistake = unknown_rule((name for name in names if (key, name) != ("select", ALL)), rules)
        if mistake:
            named = mistake.split("`")[1]
            raise TomlError(path, line_of(path, (*keys, key, named)), mistake)
    for name, level in read.rules.items():
        if level not in LEVELS:
            message = f"the level of `{name}` must be one of {', '.join(LEVELS)}, not `{level}`"
            raise TomlError(path, line_of(path, (*keys, "rules", name)), message)
    if read.edition and read.edition not in EDITIONS:
        message = f"the edition must be one of {', '.join(EDITIONS)}, not `{read.edition}`"
        raise TomlError(path, line_of(path, (*keys, "edition")), message)
    folder = os.path.dirname(path)
    layer = read_layer(folder, (pattern.encode() for pattern in read.exclude)) if read.exclude else None
    models = tuple(os.path.normpath(os.path.join(folder, model)) for model in read.apis)
    for written, model in zip(read.apis, models, strict=True):
        if not os.path.isfile(model):
            raise TomlError(path, line_of(path, (*keys, "apis")), f"there is no file `{written}`, named in `apis`")
    twice = next((name for name in read.lock_order if read.lock_order.count(name) > 1), "")
    line = line_of(path, (*keys, "lock-order"))
    if twice:
        raise TomlError(path, line, f"`lock-order` names `{twice}` twice")
    return Config(read, layer, models, f"{path}:{line}" if read.lock_order else "")


def _explained(error: str, path: str, keys: tuple[str, ...]) -> tuple[int, str]:
    """Line and message for what msgspec says of a table, such as "Expected `str`, got `int` - at `$.select[0]`"."""
    what, _, place = error.partition(" - at `$")
    inner = tuple(re.findall(r"\.([^.\[\]`]+)", place))
    unknown = re.search(r"unknown field `(.*)`", what)
    if unknown:
        message = f"unknown key `{unknown[1]}`{nearest(unknown[1], Table.__struct_encode_fields__)}"
        return line_of(path, (*keys, *inner, unknown[1])), message
    line = line_of(path, (*keys, *inner))
    kinds = re.fullmatch(r"Expected `(\w+)`, got `(\w+)`", what)
    if kinds is None:
        return line, what[:1].lower() + what[1:]
    subject = f"`{inner[0] if inner else '.'.join(keys)}`"
    if len(inner) > 1 or place.endswith("]`"):
        subject = f"an entry of {subject}"
    wanted, given = (_KINDS.get(kind, f"`{kind}`") for kind in kinds.groups())
    return line, f"{subject} must be {wanted}, not {given}"


_KINDS = {
    "str": "a string", "array": "a list", "object": "a table", "int": "a number", "float": "a number",
    "bool": "a boolean", "date": "a date", "time": "a time", "datetime": "a date",
}  # fmt: skip


_HEADER = re.compile(r"\s*\[\[?([^\[\]]+)\]")
_ENTRY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_KEY = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")


def line_of(path: str, keys: tuple[str, ...]) -> int:
    """The 1-based line of a TOML file where the value at `keys` is written, or the table or value around it."""
    with open(path, encoding="utf-8-sig") as opened:
        lines = opened.readlines()
    table: tuple[str, ...] = ()
    best, depth = 0, 0
    for number, line in enumerate(lines, start=1):
        header = _HEADER.match(line)
        found = header or _ENTRY.match(line)
        if found is None:
            continue
        parts = tuple(part.strip("\"'") for part in _KEY.findall(found[1]))
        table, place = (parts, parts) if header else (table, table + parts)
        shared = min(len(place), len(keys))
        if shared > depth and keys[:shared] == place[:shared]:
            best, depth = number, shared
    return best
