"""Files that are linted again and again while they are edited: what an edit cannot change is kept.

`Workspace.lint` says what `pipeline.lint` says of the same texts, always. Two things are kept, and each depends on
nothing else: the facts of a file, on its text, and the answer to a question, on the whole of it (`task.written`). What
a body means may depend on every other file: a text that is new is linked with all others, and every rule is asked, but
for an edit of what nobody has looked at (cutoff.py). Of the file that is edited it is noted who looks at what.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from rustconc_lint.discover import Discovery
from rustconc_lint.inquiry import Inquiry
from rustconc_lint.pipeline import Report, Request, find, judged, report_of, task_of
from rustconc_lint.rulebook import Rule, load_rules
from rustconc_lint.source import AskedSource, SourceFile
from rustconc_lint.task import Task, Verdict

if TYPE_CHECKING:
    from rustconc_lint.cutoff import Base
    from rustconc_lint.facts.file import RustFile

REMEMBERED = 32  # answers: to the texts before an edit, for when it is taken back


class Found(msgspec.Struct, frozen=True):
    """What is to be linted. hashed: the task."""

    files: Discovery
    task: Task
    hashed: bytes


class Workspace:
    """What `request` asks for, as often as it is wanted. A text that is not saved comes in by `edit`; what is on disk
    is looked at by the first `lint`, and by the first one after a `refresh`."""

    def __init__(self, request: Request) -> None:
        self._given = request
        self._rules = load_rules()
        self._texts = dict(request.texts)
        self._found: Found | None = None  # None: to be looked for
        self._names: dict[str, list[str]] = {}  # of files: path with its links resolved -> paths as shown
        self._sources = KeptSources()
        self._facts = KeptFacts()
        self._verdicts: dict[bytes, Verdict] = {}  # the one that was used last at the end
        self._said: tuple[bytes, Discovery, Report] | None = None
        self._base: tuple[Found, Base] | None = None  # the last run, where it was noted what it asked of a file
        self._edited = ""  # the path as shown of the file that alone has changed since the last question

    @property
    def request(self) -> Request:
        """What a run from nothing is asked to say the same."""
        return msgspec.structs.replace(self._given, texts=dict(self._texts))

    @property
    def found(self) -> Discovery | None:
        """The files that are to be linted, None before they were looked for."""
        return self._found.files if self._found is not None else None

    @property
    def models(self) -> frozenset[str]:
        """The project's own models of crates, by absolute path."""
        return frozenset(self._found.task.models if self._found is not None else ())

    def edit(self, path: str, text: bytes) -> None:
        """From now on `text` counts in the place of what the file says."""
        real = os.path.realpath(path)
        self._texts[real] = text
        if self._found is not None:
            self._found = self._with(self._found, real, text)

    def close(self, path: str) -> None:
        """From now on what the file says counts again."""
        if self._texts.pop(os.path.realpath(path), None) is not None:
            self.refresh()

    def refresh(self) -> None:
        """From now on what is on disk counts: files, manifests, configurations, ignore files may have changed."""
        self._found = None

    def lint(self) -> Report:
        """What the rules find; the same object as before when nothing has changed. Raises as `pipeline.lint` does."""
        if self._found is None:
            self._found, self._names = self._look(), {}
        found = self._found
        key = self._sources.key(found)
        self._edited = self._edited_since(found)
        if self._said is not None and self._said[0] == key and _is_same(self._said[1], found.files):
            return self._said[2]
        report = report_of(found.files, self._verdict(found, key), self._given)
        self._said = key, found.files, report
        return report

    def _look(self) -> Found:
        files, settings = find(self.request, self._rules)
        task = task_of(files, settings)
        files = msgspec.structs.replace(files, sources=self._sources.kept(files.sources))
        return Found(files, task, hashlib.sha256(msgspec.msgpack.encode(task)).digest())

    def _with(self, found: Found, real: str, text: bytes) -> Found | None:
        """What is to be linted once this text counts; None when that has to be looked for."""
        if not self._names:
            for name, place in found.files.places.items():
                self._names.setdefault(os.path.realpath(place.real), []).append(name)
        names = self._names.get(real, ())
        if not names or self._given.stdin is not None or not _is_text(text):
            return None
        sources = dict(found.files.sources)
        for name in names:
            sources[name] = SourceFile(name, text, sources[name].edition)
        files = msgspec.structs.replace(found.files, sources=self._sources.kept(sources))
        return msgspec.structs.replace(found, files=files)

    def _edited_since(self, found: Found) -> str:
        """The file whose text alone differs from what was asked last, the one before when none does, else ""."""
        if self._said is None:
            return ""
        before, now = self._said[1].sources, found.files.sources
        changed = [name for name, source in now.items() if before.get(name) is not source]
        if before.keys() != now.keys() or len(changed) > 1:
            return ""
        return changed[0] if changed else self._edited

    def _verdict(self, found: Found, key: bytes) -> Verdict:
        verdict = self._verdicts.pop(key, None) or self._carried_over(found)
        if verdict is None:
            self._base = None
            verdict = judged(found.task, found.files.sources, self._rules, self._given, partial(self._analyse, found))
        self._verdicts[key] = verdict
        if len(self._verdicts) > REMEMBERED:
            del self._verdicts[next(iter(self._verdicts))]
        return verdict

    def _carried_over(self, found: Found) -> Verdict | None:
        """The answer, where the last run tells it."""
        if self._base is None or self._base[0].hashed != found.hashed:
            return None
        base, sources = self._base[1], found.files.sources
        if base.sources.keys() != sources.keys() or any(
            source is not base.sources[name] for name, source in sources.items() if name != base.path
        ):
            return None
        from rustconc_lint.analysis import shown
        from rustconc_lint.cutoff import carried_over

        made = carried_over(base, sources[base.path])
        return None if made is None else shown(made, sources, self._rules)

    def _analyse(
        self, found: Found, task: Task, sources: Mapping[str, SourceFile], rules: Mapping[str, Rule], jobs: int
    ) -> Verdict:
        """What `analysis.analyse` says; of the file that is being edited it is noted what is asked."""
        from rustconc_lint.analysis import analysed, shown
        from rustconc_lint.cutoff import Base
        from rustconc_lint.facts.file import RustFile

        edited, inquiry = sources.get(self._edited), Inquiry()

        def read(source: SourceFile) -> RustFile:
            if source is not edited:
                return self._facts.read(source)
            return RustFile(AskedSource(source.path, source.data, source.edition, inquiry))

        # One process, where it is noted what is asked.
        made = analysed(task, sources, rules, jobs if edited is None else 1, read)
        self._facts.shrink()
        if edited is not None:
            self._base = found, Base(made, sources, edited.path, inquiry)
        return shown(made, sources, rules)


class KeptSources:
    """The texts of files, with what was computed from them: lines, and here a hash of each."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[SourceFile, bytes]] = {}

    def kept(self, sources: Mapping[str, SourceFile]) -> dict[str, SourceFile]:
        """The same texts, as the objects that were used before where these say the same."""
        found: dict[str, SourceFile] = {}
        for name, source in sources.items():
            old, _ = self._kept.get(name, (source, b""))
            found[name] = old if _says_the_same(old, source) else source
        return found

    def key(self, found: Found) -> bytes:
        """A hash of the task and of all texts, in time that grows with what is new."""
        kept: dict[str, tuple[SourceFile, bytes]] = {}
        whole = hashlib.sha256(found.hashed)
        for name, source in found.files.sources.items():
            old = self._kept.get(name)
            if old is None or old[0] is not source:
                title = msgspec.msgpack.encode((os.fsencode(name), source.edition))
                old = source, hashlib.sha256(title + source.data).digest()
            kept[name] = old
            whole.update(old[1])
        self._kept = kept
        return whole.digest()


class KeptFacts:
    """The facts of files, and of what models declare, by path and text."""

    def __init__(self) -> None:
        self._kept: dict[str, RustFile] = {}
        self._used: dict[str, RustFile] = {}  # since `shrink`

    def read(self, source: SourceFile) -> RustFile:
        """The facts of a file."""
        from rustconc_lint.facts.file import RustFile  # the parser, which a warm run does not need

        file = self._kept.get(source.path)
        if file is None or not _says_the_same(file.source, source):
            file = RustFile(source)
        self._used[source.path] = file
        return file

    def shrink(self) -> None:
        """Forgets what nobody has asked for since the last time."""
        if self._used:
            self._kept, self._used = self._used, {}


def _says_the_same(one: SourceFile, other: SourceFile) -> bool:
    return one.data == other.data and one.edition == other.edition


def _is_same(one: Discovery, other: Discovery) -> bool:
    """Whether the same files are shown, and the same errors, when the texts are the same."""
    return (one.reported, one.errors, one.places) == (other.reported, other.errors, other.places)


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
