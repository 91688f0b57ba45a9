"""`graph`: the lock order in words and pictures, each part of which leads to its place in the source."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rustconc_lint import cli
from rustconc_lint.analysis import read
from rustconc_lint.pipeline import Request, find
from rustconc_lint.report.formats import GRAPHS
from rustconc_lint.report.graph import draw, mermaid
from rustconc_lint.report.graph.layout import lay_out
from rustconc_lint.report.graph.view import Graph, Kind, view
from rustconc_lint.rulebook import load_rules

SHOP = """use std::sync::{Arc, Mutex};
use std::thread;

struct Shop {
    till: Mutex<u32>,
    book: Mutex<Vec<u32>>,
}

impl Shop {
    fn sell(&self) {
        let mut till = self.till.lock().unwrap();
        *till += 1;
        self.note(*till);
    }

    fn note(&self, sum: u32) {
        self.book.lock().unwrap().push(sum);
    }
}

fn main() {
    let (stock, orders) = (Arc::new(Mutex::new(10)), Arc::new(Mutex::new(0)));
    let (s, o) = (Arc::clone(&stock), Arc::clone(&orders));
    thread::spawn(move || {
        let _stock = s.lock().unwrap();
        *o.lock().unwrap() += 1;
    });
    let open = orders.lock().unwrap();
    println!("{open} of {}", stock.lock().unwrap());
}
"""

TEXT = """\
4 locks, 3 orders between them; 1 cycle

cycle: `stock` -> `orders` -> `stock`: each thread waits for the next
  thread 1 takes `stock`: shop.rs:25:22
           waits for `orders`, holding `stock`: shop.rs:26:10
  thread 2 takes `orders`: shop.rs:28:16
           waits for `stock`, holding `orders`: shop.rs:29:30

while `Shop.till` is held (declared at shop.rs:5:11):
  `Shop.book` is taken
    shop.rs:17:9, the first since shop.rs:11:24, calls `note` at shop.rs:13:9

while `orders` is held (first taken at shop.rs:26:10):
  `stock` is taken: part of a cycle
    shop.rs:29:30, the first since shop.rs:28:16

while `stock` is held (first taken at shop.rs:25:22):
  `orders` is taken: part of a cycle
    shop.rs:26:10, the first since shop.rs:25:22
"""

NAMESAKES = """mod a { pub struct S { pub m: std::sync::Mutex<()> } }
mod b { pub struct S { pub m: std::sync::Mutex<()> } }
fn f(x: &a::S, y: &b::S) { let _x = x.m.lock().unwrap(); let _y = y.m.lock().unwrap(); }
"""


def graph_of(text: str, path: str = "shop.rs") -> Graph:
    found, _ = find(Request(paths=(), stdin=(path, text.encode())), load_rules())
    program, files = read(found.crates, found.sources)
    return view(program.lock_order(), {name: file.source for name, file in files.items()})


@pytest.fixture(scope="module")
def shop() -> Graph:
    return graph_of(SHOP)


def test_the_words_say_what_is_held_what_is_taken_and_where(shop: Graph) -> None:
    assert draw(shop, "text") == TEXT


def test_an_order_that_all_agree_with_is_named() -> None:
    without_main = SHOP[: SHOP.index("fn main")]
    assert draw(graph_of(without_main), "text").endswith("all of it agrees with this order: `Shop.till`, `Shop.book`\n")


def test_a_program_without_nested_locks_has_a_graph_too() -> None:
    empty = graph_of("fn main() {}")
    for form in GRAPHS:
        assert "no lock is taken while another is held" in draw(empty, form) or form in ("dot", "mermaid")


def test_locks_of_one_name_are_told_apart() -> None:
    assert [node.name for node in graph_of(NAMESAKES).nodes] == ["a::S.m", "b::S.m"]


def test_only_what_can_deadlock_is_marked(shop: Graph) -> None:
    kinds = {(shop.nodes[arrow.source].name, arrow.kind) for arrow in shop.arrows}
    assert kinds == {("Shop.till", Kind.PLAIN), ("stock", Kind.CYCLE), ("orders", Kind.CYCLE)}
    assert len(re.findall(r'class="way cycle"', draw(shop, "svg"))) == 2
    assert len(re.findall("penwidth=2", draw(shop, "dot"))) == 2
    assert "linkStyle 1,2 stroke" in draw(shop, "mermaid")


class Page(HTMLParser):
    """The elements of a page: what is open at the end, where links lead, what can be led to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag != "meta":
            self.open.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]
        self.ids += [value or "" for name, value in attrs if name == "id"]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_every_box_and_arrow_leads_to_its_section_and_every_place_into_the_source(shop: Graph) -> None:
    page = Page(draw(shop, "html"))
    inner = {link[1:] for link in page.links if link.startswith("#")}
    assert page.open == [] and len(set(page.ids)) == len(page.ids)
    assert inner <= set(page.ids)
    assert {f"lock-{n}" for n in range(4)} | {f"order-{n}" for n in range(3)} <= inner
    places = {link for link in page.links if not link.startswith("#")}
    assert places == {f"shop.rs#L{n}" for n in (5, 6, 11, 13, 17, 25, 26, 28, 29)}


def test_the_picture_alone_leads_into_the_source(shop: Graph) -> None:
    picture = ElementTree.fromstring(draw(shop, "svg"))
    links = [element.get("href") for element in picture.iter("{http://www.w3.org/2000/svg}a")]
    assert links == [f"shop.rs#L{n}" for n in (17, 29, 26, 6, 5, 26, 25)]


HOSTILE = 'a"><script>`]--|x;%<i>\\N.rs'


@pytest.mark.parametrize("form", GRAPHS)
def test_names_and_paths_stay_text(form: str) -> None:
    """A file may be called anything, and so may what is in it."""
    text = SHOP.replace("self.note(*till);", 'self.note(*till); // </code><script>alert("x")</script>')
    drawn = draw(graph_of(text, HOSTILE), form)
    if form == "html":
        page = Page(drawn)
        assert page.open == [] and page.tags.isdisjoint({"script", "i"})
    elif form == "svg":
        ElementTree.fromstring(drawn)
    elif form == "dot":
        quoted = re.sub(r'"(?:[^"\\]|\\.)*"', '""', drawn)
        assert set("<>`%|") & set(quoted.replace("->", "")) == set() and "\\N" not in drawn.replace("\\\\", "")
    elif form == "mermaid":
        assert "<" not in drawn and "`" not in drawn and "script>" not in drawn


def test_mermaid_text_has_no_character_that_acts() -> None:
    assert mermaid.text('a"<b>`]#;') == '"a#34;#60;b#62;#96;#93;#35;#59;"'


GRAPH = st.integers(1, 9).flatmap(
    lambda count: st.tuples(
        st.lists(st.tuples(st.integers(20, 200), st.just(34)), min_size=count, max_size=count),
        st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), unique=True, max_size=20),
    )
)


@given(GRAPH)
def test_no_two_boxes_overlap_and_all_arrows_are_drawn(
    given_graph: tuple[list[tuple[int, int]], list[tuple[int, int]]],
) -> None:
    sizes, arrows = given_graph
    drawing = lay_out(sizes, arrows)
    for one, other in combinations(drawing.boxes, 2):
        apart_x = abs(one.x - other.x) - (one.width + other.width) / 2
        apart_y = abs(one.y - other.y) - (one.height + other.height) / 2
        assert max(apart_x, apart_y) >= 1
    for (source, target), way in zip(arrows, drawing.ways, strict=True):
        assert (len(way) >= 2) == (source != target)
    assert all(box.y - box.height / 2 >= -1 and box.y + box.height / 2 <= drawing.height + 1 for box in drawing.boxes)
    assert all(box.x - box.width / 2 >= -1 and box.x + box.width / 2 <= drawing.width + 1 for box in drawing.boxes)


def test_the_command_prints_one_of_the_forms(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "shop.rs").write_text(SHOP, encoding="utf-8")
    assert cli.run(["graph", "--format", "mermaid", str(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith("flowchart LR\n")
    assert cli.run(["graph", str(tmp_path / "missing")]) == 2
    assert "missing" in capsys.readouterr().err
