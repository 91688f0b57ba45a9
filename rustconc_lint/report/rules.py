"""Rules for people to read: one with its page, and the list of all. Pure; the caller decides on colour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rustconc_lint.finding import Severity
from rustconc_lint.rulebook import Rule

STRONG, FAINT = "1", "2"
STYLES = {Severity.ERROR: "1;91", Severity.WARNING: "1;33", Severity.NOTE: "1;92"}


def explained(rule: Rule, color: bool) -> str:
    """The page of a rule, below a few lines of what else is known of it."""
    about = rule.about
    level = _painted(about.severity, STYLES[about.severity], color)
    lines = [f"{_painted(rule.name, STRONG, color)}: {level}, {'on' if about.default else 'off'} by default"]
    lines += [f"rustc says: {', '.join(about.compiler)}"] if about.compiler else []
    lines += [f'chapter: Concurrency, "{about.chapter}"', f"book: {about.book}"] if about.chapter else []
    return "\n".join((*lines, "", *_page(rule.page, color)))


def _page(page: str, color: bool) -> Iterator[str]:
    """The lines of a page, its headings and fences set apart."""
    fenced = False
    for line in page.split("\n"):
        fence = line.startswith("```")
        fenced ^= fence
        style = FAINT if fence else STRONG if line.startswith("#") and not fenced else ""
        yield _painted(line, style, color)


def listed(rules: Mapping[str, Rule], color: bool) -> str:
    """A line for each rule: its name, severity, whether it runs by default, and what it finds."""
    width = max(map(len, rules), default=0)
    rows = [
        (_painted(f"{name:<{width}}", STRONG, color), rule, "on " if rule.about.default else "off")
        for name, rule in rules.items()
    ]
    return "".join(
        f"{name}  {_painted(f'{rule.about.severity:<7}', STYLES[rule.about.severity], color)}  {on}  {rule.summary}\n"
        for name, rule, on in rows
    )


def _painted(text: str, style: str, color: bool) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if color and style and text else text
