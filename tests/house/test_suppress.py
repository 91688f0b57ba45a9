"""Comments and attributes that say a finding is meant, and comments that say it in vain."""

from __future__ import annotations

import json

import pytest

from rustconc_lint.facts.file import RustFile
from rustconc_lint.source import SourceFile
from rustconc_lint.suppress import allows
from tests.house.toys import Run, Tree


def found(run: Run, text: str, *options: str) -> list[tuple[str, int, str]]:
    """(rule, line, message) of what is reported in a file with this text, given on standard input."""
    report = json.loads(run("-", "--stdin-filename", "a.rs", "--format", "json", *options, stdin=text.encode()).out)
    return [(one["rule"], one["range"]["start"]["line"], one["message"]) for one in report["diagnostics"]]


SUPPRESSED = {
    "at the end of the line": "fn f() { x() }\nfn g() { BUG } // rustconc: allow(bug-here) reviewed\n",
    "on the line above": "fn f() {\n    // rustconc: allow(bug-here) reviewed\n    BUG;\n}\n",
    "above other comments": "fn f() {\n    // rustconc: allow(bug-here)\n    // since it is fine\n    BUG;\n}\n",
    "above an item": "// rustconc: allow(bug-here)\nfn f() {\n    ok();\n    BUG;\n}\n",
    "above an item's attributes": "// rustconc: allow(bug-here)\n/// Words.\n#[a]\n#[b(\n)]\nfn f() {\n    BUG;\n}\n",
    "above a method": "impl S {\n    // rustconc: allow(bug-here)\n    fn f() {\n        BUG;\n    }\n}\n",
    "above an item in a body": "fn f() {\n    // rustconc: allow(bug-here)\n    fn g() {\n        BUG;\n    }\n}\n",
    "for the file": "// rustconc: allow-file(bug-here) generated\nfn f() {\n    BUG;\n}\nfn g() {\n    BUG;\n}\n",
    "in a chain of calls": "fn f() {\n    x\n        // rustconc: allow(bug-here)\n        .BUG();\n}\n",
    "inside a macro": "fn f() {\n    m! {\n        // rustconc: allow(bug-here)\n        BUG\n    }\n}\n",
    "without blanks": "//rustconc:allow(bug-here)\nfn f() { BUG }\n",
    "in code that does not parse": "fn f( {\n    // rustconc: allow(bug-here)\n    BUG ]\n",
    "with windows line ends": "fn f() {\r\n    // rustconc: allow(bug-here) why\r\n    BUG;\r\n}\r\n",
}


@pytest.mark.parametrize("text", SUPPRESSED.values(), ids=SUPPRESSED.keys())
def test_an_allow_stops_the_finding_it_is_for(run: Run, text: str) -> None:
    assert found(run, text) == []


KEPT = {
    "in a string": 'fn f() { let s = "\n// rustconc: allow(bug-here)\n"; BUG }\n',
    "in a raw string": 'fn f() { let s = r#"\n// rustconc: allow(bug-here)\n"#; BUG }\n',
    "in documentation": "/// rustconc: allow(bug-here)\nfn f() { BUG }\n",
    "in a block comment": "/* rustconc: allow(bug-here) */\nfn f() { BUG }\n",
    "in the middle of a comment": "// see rustconc: allow(bug-here)\nfn f() { BUG }\n",
}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT.keys())
def test_only_a_comment_of_its_own_allows(run: Run, text: str) -> None:
    assert [rule for rule, _, _ in found(run, text)] == ["bug-here"]


def test_an_allow_holds_no_further_than_it_says(run: Run) -> None:
    """Not for the line after the next, not for another item, not across an empty line, not for another rule."""
    lines = "fn f() {\n    // rustconc: allow(bug-here)\n    BUG;\n    BUG;\n}\n"
    assert [line for _, line, _ in found(run, lines)] == [4]
    items = "// rustconc: allow(bug-here)\nfn f() { BUG }\nfn g() { BUG }\n"
    assert [line for _, line, _ in found(run, items)] == [3]
    apart = "// rustconc: allow(bug-here)\n\nfn f() { BUG }\n"
    assert [rule for rule, _, _ in found(run, apart)] == ["unused-allow", "bug-here"]
    other = "// rustconc: allow(hint-here)\nfn f() { BUG }\n"
    assert [rule for rule, _, _ in found(run, other)] == ["bug-here"]


def test_an_allow_that_stops_nothing_is_a_finding(run: Run) -> None:
    assert found(run, "// rustconc: allow(bug-here) why\nfn f() {}\n") == [
        ("unused-allow", 1, "`bug-here` finds nothing in this item")
    ]
    assert found(run, "fn f() {} // rustconc: allow(bug-here)\n") == [
        ("unused-allow", 1, "`bug-here` finds nothing on this line")
    ]
    assert found(run, "fn f() {\n    // rustconc: allow(bug-here)\n    x();\n}\n") == [
        ("unused-allow", 2, "`bug-here` finds nothing on the next line")
    ]
    assert found(run, "// rustconc: allow-file(bug-here)\n") == [
        ("unused-allow", 1, "`bug-here` finds nothing in this file")
    ]


def test_each_name_of_an_allow_is_judged_alone(run: Run) -> None:
    text = "// rustconc: allow(hint-here, bug-here, bug-her)\nfn f() { BUG }\n"
    assert found(run, text, "--select", "all") == [
        ("unused-allow", 1, "`hint-here` finds nothing in this item"),
        ("unused-allow", 1, "there is no rule `bug-her` to allow; did you mean `bug-here`?"),
    ]


def test_an_allow_of_a_rule_that_did_not_run_is_not_unused(run: Run) -> None:
    text = "// rustconc: allow(bug-here, hint-here)\nfn f() {}\n"
    assert [message for _, _, message in found(run, text)] == ["`bug-here` finds nothing in this item"]
    assert found(run, text, "--ignore", "bug-here") == []
    assert found(run, text, "--ignore", "unused-allow") == []


@pytest.mark.parametrize("text", ["// rustconc: alow(bug-here)\n", "// rustconc: allow\n", "// rustconc: allow( )\n"])
def test_a_malformed_comment_is_named(run: Run, text: str) -> None:
    assert found(run, text) == [("unused-allow", 1, "this comment allows nothing")]


@pytest.mark.parametrize(
    ("text", "removed"),
    [
        ("a();\n// rustconc: allow(bug-here) x\nb();\n", "a();\nb();\n"),
        ("a();\r\n  // rustconc: allow(bug-here)\r\nb();\r\n", "a();\r\nb();\r\n"),
        ("a();  // rustconc: allow(bug-here) é\nb();\n", "a();\nb();\n"),
        ("// rustconc: allow(bug-here)", ""),
    ],
)
def test_an_unused_allow_can_be_removed(run: Run, text: str, removed: str) -> None:
    """The whole line goes if nothing else is on it."""
    report = json.loads(run("-", "--format", "json", stdin=text.encode()).out)
    (edit,) = report["diagnostics"][0]["fix"]["edits"]
    data = text.encode()
    start, end = edit["range"]["start"]["byte"], edit["range"]["end"]["byte"]
    assert (data[:start] + edit["text"].encode() + data[end:]).decode() == removed


def test_the_words_of_an_allow_are_places_in_the_file() -> None:
    source = SourceFile("a.rs", "// é\n// rustconc: allow( a-b ,c) é\nfn f() {}\n".encode())
    found = allows(RustFile(source))
    assert [(allow.rule, source.text(allow.span.start, allow.span.end), allow.lines) for allow in found] == [
        ("a-b", "a-b", (3, 3)),
        ("c", "c", (3, 3)),
    ]
    assert source.text(found[0].comment.start, found[0].comment.end) == "// rustconc: allow( a-b ,c) é"


CLIPPY = {
    "on the item": "#[allow(clippy::bug_lint)]\nfn f() { BUG }\n",
    "expected": "#[expect(clippy::bug_lint)]\nfn f() { BUG }\n",
    "on a module around it": "#[allow(clippy::bug_lint)]\nmod m {\n    fn f() { BUG }\n}\n",
    "on the method": "impl S {\n    #[allow(clippy::other, clippy::bug_lint)]\n    fn f() { BUG }\n}\n",
    "on the file": "#![allow(clippy::bug_lint)]\nfn f() { BUG }\n",
    "on the statement": "fn f() {\n    #[allow(clippy::bug_lint)]\n    BUG;\n}\n",
    "on a statement around it": "fn f() {\n    #[allow(clippy::bug_lint)] // meant\n    let x = g(|| BUG);\n}\n",
    "on the tail": "fn f() {\n    #[expect(clippy::bug_lint)]\n    g(async { BUG.await })\n}\n",
}


@pytest.mark.parametrize("text", CLIPPY.values(), ids=CLIPPY.keys())
def test_clippys_allow_of_the_same_mistake_counts(run: Run, text: str) -> None:
    """The rule's page names the lint; nobody should have to say it twice."""
    assert found(run, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "#[allow(clippy::other)]\nfn f() { BUG }\n",
        "#[allow(clippy::bug_lint)]\nfn f() {}\nfn g() { BUG }\n",
        "fn f() {\n    #[allow(clippy::bug_lint)]\n    ok();\n    BUG;\n}\n",
    ],
)
def test_clippys_allow_of_something_else_does_not(run: Run, text: str) -> None:
    assert [rule for rule, _, _ in found(run, text)] == ["bug-here"]


def test_allows_in_context_files_are_not_judged(run: Run, tree: Tree) -> None:
    """What is not reported on is not asked to justify itself."""
    tree({"Cargo.toml": "[package]\nname = 'p'\n", "src/lib.rs": "", "src/b.rs": "// rustconc: allow(bug-here)\n"})
    assert run("src/lib.rs").code == 0
    assert run("src/b.rs").code == 1
