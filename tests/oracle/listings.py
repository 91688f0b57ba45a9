"""The documentation installed with the toolchain -> the Rust programs that it shows.

The book, Rust by Example and the error index show whole programs, lines that a reader does not see included. The pages
of the library hide such lines, but link each example as a whole to the playground, in the address.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from rustconc_lint.syntax import parse, tokens
from tests.oracle.programs import Listing
from tests.proof.rustc import MAIN

BOOKS = ("book", "rust-by-example", "error_codes", "reference", "nomicon", "edition-guide")
LIBRARIES = ("std", "core", "alloc")
SPAWNING = ("spawn(", "thread::scope")
NOT_COMPILED = frozenset(("ignore", "compile_fail", "should_panic_at_compile_time"))


def documentation() -> Path | None:
    """The folder of the installed documentation, or None."""
    sysroot = subprocess.run(["rustc", "--print", "sysroot"], capture_output=True, text=True, check=True).stdout.strip()
    folder = Path(sysroot, "share", "doc", "rust", "html")
    return folder if folder.is_dir() else None


def of_documentation(folder: Path, words: Sequence[str] = SPAWNING) -> Iterator[Listing]:
    """Every listing with one of the words, once: translations differ in comments and strings alone."""
    parts = (*BOOKS, *LIBRARIES)
    return of_pages(folder, (page for part in parts for page in sorted((folder / part).rglob("*.html"))), words)


def of_pages(folder: Path, pages: Iterable[Path], words: Sequence[str]) -> Iterator[Listing]:
    """The same of some pages in the folder."""
    near = [re.findall(r"\w+", word)[-1] for word in words]
    seen = set()
    for page in pages:
        html = page.read_text(encoding="utf-8", errors="replace")
        if page.name == "print.html" or not any(word in html for word in near):
            continue
        for number, (text, edition) in enumerate(of_page(html), start=1):
            code = code_of(text)
            if code not in seen and any(word in text for word in words):
                seen.add(code)
                yield Listing(f"{page.relative_to(folder)} {number}", text, edition, {})


def code_of(text: str) -> tuple[bytes, ...]:
    """The tokens of a program without its strings."""
    return tuple(token.text or b"" for token in tokens(parse(text.encode())) if token.type != "string_literal")


def of_page(html: str) -> Iterator[tuple[str, str]]:
    """(program, edition) of each listing of a page."""
    reader = Page()
    reader.feed(html)
    for classes, text in reader.blocks:
        if not NOT_COMPILED & set(classes):
            yield main_added(text), edition_of(classes)
    for address in reader.addresses:
        query = parse_qs(urlsplit(address).query)
        if "code" in query:
            yield query["code"][0], query.get("edition", ["2021"])[0]


class Page(HTMLParser):
    """Collects `<code class="language-rust ..">` blocks and the addresses of links to the playground."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[tuple[list[str], str]] = []
        self.addresses: list[str] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        classes = (attributes.get("class") or "").split()
        if tag == "code" and "language-rust" in classes:
            self.inside = True
            self.blocks.append((classes, ""))
        elif tag == "a" and "test-arrow" in classes:
            self.addresses.append(attributes.get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "code":
            self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            classes, text = self.blocks[-1]
            self.blocks[-1] = classes, text + data


def edition_of(classes: list[str]) -> str:
    return next((name.removeprefix("edition") for name in classes if name.startswith("edition")), "2021")


def main_added(text: str) -> str:
    return text if MAIN.search(text) else f"fn main() {{\n{text}\n}}\n"
