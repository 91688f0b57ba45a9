"""rules/*.md and checks/*.py -> the rules: what is known of each, and the function that looks for it.

A page is TOML front matter between two lines `+++`, a one-sentence summary, then its sections. The page's stem is the
rule's name, and `checks/<name with underscores>.py` its check, imported when it is first asked for. Nothing is listed
by hand: a rule is there because its page is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Literal

import msgspec
import tomli

from rustconc_lint.finding import Finding, Severity
from rustconc_lint.installation import rules_dir

if TYPE_CHECKING:
    from rustconc_lint.program.model import Program

    Check = Callable[[Program], Iterable[Finding]]

Reads = Literal["traces", "spawns", "bodies"]
FENCE = "+++\n"
_MARKS = re.compile(r"^[ \t]*//[~@].*\n|[ \t]*//~.*$", re.MULTILINE)


class PageError(Exception):
    """A rule page that cannot be read. The text names the file and what is wrong."""


class FrontMatter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """severity: of its findings, unless a finding says otherwise. chapter: a section title of the chapter. book: the
    address of the matching page of The Rust Programming Language. compiler: what rustc says of the mistake, if it sees
    it (`E0373`, or a text). default: whether the rule runs without being asked for. clippy: lints whose `allow` in the
    code counts for this rule as well. finder: "suppress" for what only the handling of allows can find: it needs
    neither a check nor a chapter."""

    severity: Severity
    chapter: str = ""
    book: str = ""
    compiler: tuple[str, ...] = ()
    default: bool = True
    clippy: tuple[str, ...] = ()
    finder: Literal["check", "suppress"] = "check"


class Rule(msgspec.Struct, frozen=True):
    """A rule. summary: the page's first sentence. page: its text without the front matter, and without what its
    programs say to tests (`//~ rule` and `//@ run: hangs`)."""

    name: str
    about: FrontMatter
    summary: str
    page: str

    @property
    def reads(self) -> Reads:
        """What the check asks the program for, so that rules which read the same can be run by one process: traces of
        bodies, the code that is spawned, or other typed bodies (`READS` of its module)."""
        found: Reads = getattr(self._module(), "READS", "traces")
        return found

    def check(self) -> Check:
        """The function that looks for the mistake. Raises ModuleNotFoundError when the rule has a page only."""
        check: Check = self._module().check
        return check

    def _module(self) -> ModuleType:
        return import_module(f"rustconc_lint.checks.{self.name.replace('-', '_')}")


def load_rules(folder: Path | None = None) -> dict[str, Rule]:
    """All rules by name, in alphabetical order; `folder` is where the pages are. Raises PageError."""
    pages = sorted((folder or rules_dir()).glob("*.md"))
    return {page.stem: read_page(page) for page in pages}


def read_page(path: Path) -> Rule:
    """The rule a page describes. Raises PageError."""
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition(FENCE)
    front, fence, page = rest.partition(FENCE)
    if before or not fence:
        raise PageError(f"{path}: a rule page starts with front matter between two lines `+++`")
    try:
        about = msgspec.convert(tomli.loads(front), FrontMatter)
    except (tomli.TOMLDecodeError, msgspec.ValidationError) as error:
        raise PageError(f"{path}: front matter: {error}") from error
    if about.finder == "check" and not (about.chapter and about.book):
        raise PageError(f"{path}: front matter: a rule names its chapter and the page of the book")
    page = _MARKS.sub("", page.strip() + "\n")
    summary = " ".join(page.partition("\n\n")[0].split())
    return Rule(name=path.stem, about=about, summary=summary, page=page)


def unknown_rule(names: Iterable[str], rules: Mapping[str, Rule]) -> str:
    """What to say of the first name that is no rule, "" when all are."""
    for name in names:
        if name not in rules:
            meant = [f"`{rule}`" for rule, known in rules.items() if name.upper() in known.about.compiler]
            advice = f"; rustc says that of {', '.join(meant)}" if meant else nearest(name, rules)
            return f"there is no rule `{name}`{advice or '; `rustconc-lint rules` lists them'}"
    return ""


def nearest(name: str, names: Iterable[str]) -> str:
    """`; did you mean ...?` when `name` looks like one of `names`, else nothing: for the end of an error message."""
    from difflib import get_close_matches  # only where something is wrong

    close = get_close_matches(name.lower().replace("_", "-"), sorted(names), n=1)
    return f"; did you mean `{close[0]}`?" if close else ""
