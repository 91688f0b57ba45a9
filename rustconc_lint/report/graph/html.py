"""The lock order as one page that needs nothing else: the picture, and below it in words and code what each part means.

No script and no network: boxes and arrows of the picture are links to the sections, places are links into the source.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from rustconc_lint.report.graph.svg import draw
from rustconc_lint.report.graph.view import Arrow, Graph, Kind, Node, Ring, Site, count, one_order, summary

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1f2328; margin: 2rem auto; max-width: 80rem; padding: 0 1.5rem; }
code { font: 14px ui-monospace, Menlo, Consolas, monospace; }
.picture { overflow: auto; max-height: 85vh; border: 1px solid #d0d7de; border-radius: 8px; padding: .5rem; }
section { border-top: 1px solid #d0d7de; margin-top: 1.5rem; }
section:target, article:target { background: #fff8c5; }
article { margin: .8rem 0 .8rem 1rem; }
article h3 { font-size: 1rem; font-weight: 600; margin: .4rem 0; }
table { border-collapse: collapse; margin: .2rem 0 .8rem; }
td { padding: .1rem 1rem .1rem 0; vertical-align: top; }
td:nth-child(2) { white-space: nowrap; }
td code { white-space: pre-wrap; overflow-wrap: anywhere; }
.cycle h2, .cycle h3, .bad { color: #c62828; }
.note { color: #656d76; }
"""


def render(graph: Graph) -> str:
    """The page; ends in a newline."""
    picture = draw(graph, lambda number: f"#lock-{number}", lambda number: f"#order-{number}")
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Lock order: {escape(summary(graph))}</title>",
        f"<style>{STYLE}</style></head><body>",
        f"<h1>Lock order</h1><p>{escape(summary(graph))}. {INTRODUCTION}</p>",
        f'<div class="picture">{picture}</div>',
        *(cycle(graph, number, ring) for number, ring in enumerate(graph.rings)),
        agreement(graph),
        *(lock(graph, number, node) for number, node in enumerate(graph.nodes)),
        "</body></html>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


INTRODUCTION = (
    "A box is a lock; an arrow leads from the lock that a thread holds to the one that it takes then. Where arrows "
    "lead round in red, threads can wait for each other for ever. Click a box or an arrow to see where that is."
)


def cycle(graph: Graph, number: int, ring: Ring) -> str:
    """A contradiction, thread by thread."""
    names = " and ".join(name(graph, held) for held, _, _ in ring.steps)
    sure = "" if ring.certain else " It takes that these run at the same time."
    steps = "".join(
        f"<article><h3>Thread {index} holds {name(graph, held)} and waits for {name(graph, taken)}</h3>"
        f"{''.join(site(where))}</article>"
        for index, (held, taken, where) in enumerate(ring.steps, start=1)
    )
    return (
        f'<section class="cycle" id="cycle-{number}"><h2>Cycle: {names}</h2>'
        f"<p>Each thread waits for a lock that the next one holds.{sure}</p>{steps}</section>"
    )


def agreement(graph: Graph) -> str:
    order = one_order(graph)
    names = ", ".join(name(graph, number) for number in order)
    return f"<p>All of it agrees with this order: {names}.</p>" if order else ""


def lock(graph: Graph, number: int, node: Node) -> str:
    """A lock: where it is, and what is taken under it."""
    outgoing = [(index, arrow) for index, arrow in enumerate(graph.arrows) if arrow.source == number]
    incoming = [(index, arrow) for index, arrow in enumerate(graph.arrows) if arrow.target == number]
    orders = "".join(order(graph, index, arrow) for index, arrow in outgoing)
    under = ", ".join(f'<a href="#order-{index}">{name(graph, arrow.source)}</a>' for index, arrow in incoming)
    taken = f"<p>It is taken while these are held: {under}.</p>" if under else ""
    path = f' <span class="note">{escape(node.path)}</span>' if node.path else ""
    return (
        f'<section id="lock-{number}"><h2><code>{escape(node.name)}</code></h2>'
        f"<p>{node.said.capitalize()} at {place(node.home.text, node.home.link)}{path}</p>{taken}{orders}</section>"
    )


REMARKS = {
    Kind.PLAIN: "",
    Kind.CYCLE: ' <span class="bad">(part of a cycle)</span>',
    Kind.TURN: ' <span class="note">(others lead back from it, but threads were not seen to meet there)</span>',
}


def order(graph: Graph, index: int, arrow: Arrow) -> str:
    """All places of one arrow."""
    title = f"{name(graph, arrow.target)} is taken while {name(graph, arrow.source)} is held"
    places = f" at {count(len(arrow.sites), 'place')}" if arrow.sites[1:] else ""
    sites = "".join(row for where in arrow.sites for row in site(where))
    return f'<article id="order-{index}"><h3>{title}{places}{REMARKS[arrow.kind]}</h3>{sites}</article>'


def site(where: Site) -> Iterator[str]:
    """What happens, where, and the line of code."""
    yield "<table>"
    for what, spot in where.places:
        cells = (marked(what), place(spot.text, spot.link), f"<code>{escape(spot.code)}</code>")
        yield "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
    yield "</table>" + ('<p class="note">Only a test does this.</p>' if where.in_test else "")


def marked(words: str) -> str:
    """Text in which backticks enclose code."""
    pieces = words.split("`")
    return "".join(
        f"<code>{escape(piece)}</code>" if index % 2 else escape(piece) for index, piece in enumerate(pieces)
    )


def name(graph: Graph, number: int) -> str:
    return f'<a href="#lock-{number}"><code>{escape(graph.nodes[number].name)}</code></a>'


def place(text: str, link: str) -> str:
    return f'<a href="{escape(link)}">{escape(text)}</a>'
