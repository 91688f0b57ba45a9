"""Small programs -> Names: files in one text, and what a path in them leads to, written in words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rustconc_lint.apis import ApiFile, load_apis
from rustconc_lint.facts.file import RustFile
from rustconc_lint.facts.model import Path, Segment
from rustconc_lint.program.crates import CrateInput
from rustconc_lint.program.definitions import Definition, Impl, Module
from rustconc_lint.program.names.names import Names, Namespace, Resolution, SelfOf, link_names
from rustconc_lint.program.types import Param, Prim
from rustconc_lint.source import SourceFile

_FILE = re.compile(r"^//- (\S+)\n", re.MULTILINE)
_CRATE = re.compile(r"^//\+ (.+)$", re.MULTILINE)
_QUESTION = re.compile(r"^//\? (.+?) \| (.+?) \| (type|value|macro) = (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Question:
    """`//? module | path | namespace = answer`; the module may be a definition whose generics are in scope."""

    place: str
    path: str
    namespace: Namespace
    answer: str


@dataclass(frozen=True)
class Program:
    """Files, crates, questions of one text. `//- path` begins a file; `//+ id root edition kind externs..` is a crate
    (`demo src/lib.rs 2021 lib` when none is given); an extern is `name` (nothing known of it) or `name=crate`."""

    files: dict[str, str]
    crates: list[CrateInput] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    def names(self, apis: tuple[ApiFile, ...] | None = None) -> Names:
        editions = {crate.root: crate.edition for crate in self.crates}
        files = {
            path: RustFile(SourceFile(path, text.encode(), editions.get(path, ""))) for path, text in self.files.items()
        }
        return link_names(self.crates, files, load_apis() if apis is None else apis)


def read(text: str) -> Program:
    """The program in a text; text before the first `//-` is src/lib.rs unless it is all comments."""
    pieces = _FILE.split(text)
    files = dict(zip(pieces[1::2], pieces[2::2], strict=True)) or {"src/lib.rs": text}
    crates = [_crate(line) for line in _CRATE.findall(text)] or [_crate("demo src/lib.rs 2021 lib")]
    questions = []
    for place, path, namespace, answer in _QUESTION.findall(text):
        assert namespace in ("type", "value", "macro")
        questions.append(Question(place, path, namespace, answer))
    return Program(files, crates, questions)


def _crate(line: str) -> CrateInput:
    name, root, edition, kind, *externs = line.split()
    assert kind in ("lib", "bin", "loose")
    known = dict(entry.partition("=")[::2] for entry in externs)
    return CrateInput(
        id=name,
        name=name,
        kind=kind,
        edition="" if edition == "-" else edition,
        root=root,
        externs={extern: crate or None for extern, crate in known.items()},
    )


def ask(names: Names, question: Question) -> str:
    """The answer to a question in words: a path (a block is `{}`), `path + rest`, `T of owner`, `primitive u8`,
    `Self of path`, or `?`."""
    module, owner = place(names, question.place)
    segments = tuple(Segment(name) for name in question.path.split("::"))
    return shown(names, names.resolve(Path(0, 0, segments), module, question.namespace, owner), segments)


def place(names: Names, path: str) -> tuple[Module, Definition | Impl | None]:
    """The module with this path, or where the definition with this path stands and it as owner. `path::{}`: the first
    block of the fn that declares items."""
    if path.endswith("::{}"):
        module, owner = place(names, path.removesuffix("::{}"))
        assert isinstance(owner, Definition)
        detail = names.detail(owner)
        body = getattr(detail, "body", None)
        assert body is not None
        for scope in body.scopes:
            module = names.block_module(module, module.file, scope)
        return module, owner
    found = names.module(path)
    if found is not None:
        return found, None
    definition = names.definition(path)
    assert definition is not None, f"nothing is called {path}"
    return definition.module, definition


def shown(names: Names, found: Resolution | None, segments: tuple[Segment, ...]) -> str:
    if found is None:
        return "?"
    rest = "::".join(segment.name for segment in segments[found.used :])
    match found.target:
        case Definition(path=path):
            said = path
        case Param(name=name, owner=owner):
            said = f"{name} of {re.sub(r'<impl@[0-9]+>', '<impl>', owner)}"
        case Prim(name=name):
            said = f"primitive {name}"
        case SelfOf(owner=owner):
            said = f"Self of {owner.path if isinstance(owner, Definition) else names.head_of(owner)}"
    said = re.sub(r"\{[0-9]+\}", "{}", said)
    return f"{said} + {rest}" if rest else said
