"""What a check says: plain frozen values.

A check yields findings without a rule name; the pipeline stamps rule, severity, chapter and links from the rule's page.
"""

from enum import StrEnum

import msgspec

from rustconc_lint.source import Span


class Severity(StrEnum):
    """How bad a finding is: only errors and warnings make the command exit with 1."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Confidence(StrEnum):
    """`medium`: the finding rests on one assumption, which its message names."""

    HIGH = "high"
    MEDIUM = "medium"


class Safety(StrEnum):
    """`safe`: may change only code that hangs or does not compile; `display`: text, never applied."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY = "display"


class Label(msgspec.Struct, frozen=True):
    """A second place of the same bug and what it has to do with it."""

    span: Span
    message: str


class Edit(msgspec.Struct, frozen=True):
    """Replace the bytes of `span` by `text` (an empty span inserts)."""

    span: Span
    text: str


class Fix(msgspec.Struct, frozen=True):
    """A change that cures the finding; all edits or none."""

    title: str
    safety: Safety
    edits: tuple[Edit, ...]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One mistake. `rule` and `chapter` are filled in by the pipeline.

    `span` is where an editor draws the squiggle, `label` the words under it. `severity` None means the level of the
    rule's page. `compiler` None means the page's list of what rustc says (`E0373`, ...). `chapter` is a section title
    of the chapter, when a finding wants another one than its page names.
    """

    span: Span
    message: str
    help: str
    label: str = ""
    labels: tuple[Label, ...] = ()
    severity: Severity | None = None
    confidence: Confidence = Confidence.HIGH
    compiler: tuple[str, ...] | None = None
    chapter: str | None = None
    book: str | None = None
    fix: Fix | None = None
    rule: str = ""
