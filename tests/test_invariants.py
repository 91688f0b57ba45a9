"""What holds for every input: the gate and the order of files change no finding, and no input makes the linter fail."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from rustconc_lint.analysis import judge, read, stamp
from rustconc_lint.apis import load_apis
from rustconc_lint.discover import Discovery, Place
from rustconc_lint.facts.file import RustFile
from rustconc_lint.pipeline import Report, Request, find, lint
from rustconc_lint.program.crates import CrateInput
from rustconc_lint.program.model import Program, link
from rustconc_lint.report import json as json_report
from rustconc_lint.report import text as text_report
from rustconc_lint.source import SourceFile, Span
from rustconc_lint.suppress import suppress
from tests.hostile import CIRCULAR, DEEP, GROWING, LONG, MUTATIONS, TEXTS, Mutation, inside, mutants, numbered
from tests.samples import FIXTURES, ROOT, fixtures, rules
from tests.work import instructions

APIS = load_apis()


def judged(program: Program, paths: Iterable[str]) -> list[tuple[Span, str, str]]:
    """What all rules find in these files: where, which rule, in which words."""
    levels = dict.fromkeys(paths, dict.fromkeys(rules()))
    return sorted((finding.span, finding.rule, finding.message) for finding in judge(program, rules(), levels))


def discovered(path: Path) -> Discovery:
    return find(Request(paths=(str(path),)), rules())[0]


# ---------------------------------------------------------------- what changes no finding


def test_the_gate_changes_no_finding() -> None:
    """Each fixture alone, with the models that its words call for and the bodies that the gate lets through, against
    all of them together, with every model and every body read."""
    gated: list[tuple[Span, str, str]] = []
    for sample in fixtures():
        found = discovered(sample.folder or FIXTURES / sample.topic / sample.files[0][0])
        gated.extend(judged(read(found.crates, found.sources)[0], found.reported))
    found = discovered(FIXTURES)
    files = {path: RustFile(source) for path, source in found.sources.items()}
    assert sorted(gated) == judged(link(found.crates, files, APIS, gated=False), found.reported)


def test_the_order_of_files_and_crates_changes_no_finding() -> None:
    found = discovered(FIXTURES)
    forward = {path: RustFile(source) for path, source in found.sources.items()}
    backward = {path: RustFile(source) for path, source in reversed(found.sources.items())}
    expected = judged(link(found.crates, forward, APIS), found.reported)
    assert expected == judged(link(tuple(reversed(found.crates)), backward, APIS), found.reported)


DECLARED = re.compile(r"\b(?:fn|struct|enum|trait|static|const|type|let(?: mut)?)\s+([A-Za-z_]\w*)")


def renamed(text: str, kept: frozenset[str]) -> str:
    """The program with a letter that is not ASCII at the end of every name that it declares, but those in `kept`."""
    names = set(DECLARED.findall(text)) - kept
    return re.sub(rf"\b({'|'.join(sorted(names))})\b", r"\1ß", text) if names else text


def test_the_letters_of_names_change_no_finding() -> None:
    """Gates search in bytes, where a letter of another script is many."""
    kept = frozenset(word for api in APIS for word in re.findall(r"\w+", api.declarations)) | {"main", "mut", "ref"}
    texts = [sample.files[0][1] for sample in fixtures() if sample.folder is None]
    found = []
    for programs in (texts, [renamed(text, kept) for text in texts]):
        report = report_on([program.encode() for program in programs])
        places = [(report.sources[one.span.path], one) for one in report.findings]
        found.append(sorted((file.path, file.line_column(one.span.start)[0], one.rule) for file, one in places))
    assert found[0] == found[1]


def reported(folder: Path, path: str, seed: str, *options: str) -> str:
    """What the command line prints in `folder` with that seed of hashes."""
    command = [sys.executable, "-m", "rustconc_lint", "--select", "all", "--exit-zero", *options, path]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True).stdout


def test_the_report_does_not_depend_on_the_order_of_sets() -> None:
    first, second = (reported(ROOT, "fixtures/inconsistent-lock-order", seed) for seed in ("0", "1"))
    assert first == second
    assert "warning[" in first or "error[" in first


def test_the_report_does_not_depend_on_the_working_directory(tmp_path: Path) -> None:
    """Paths are shown as they are reached from there; nothing else differs, fingerprints neither."""
    topic = tmp_path / "fixtures" / "missing-move"
    shutil.copytree(FIXTURES / "missing-move", topic)
    (tmp_path / ".git").mkdir()
    reports = []
    for folder, path, before in ((tmp_path, "fixtures", "fixtures/missing-move/"), (topic, ".", "")):
        report = json.loads(reported(folder, path, "0", "--format", "json"))
        assert len(report["diagnostics"]) > 20
        assert all(one["path"].startswith(before) for one in report["diagnostics"])
        reports.append(json.dumps(report).replace(f'"path": "{before}', '"path": "'))
    assert reports[0] == reports[1]


# ---------------------------------------------------------------- what never fails

# A mistake that is found whatever stands behind it.
PLANTED = b"""fn planted() {
    let name = String::new();
    std::thread::spawn(|| println!("{name}"));
}
"""


def report_on(texts: Sequence[bytes]) -> Report:
    """Everything a run does with files of these bytes (UTF-8 or not), each a crate of its own."""
    files = {f"f{number}.rs": RustFile(SourceFile(f"f{number}.rs", data)) for number, data in enumerate(texts)}
    crates = [CrateInput(id=path, name=path[:-3], kind="loose", edition="", root=path, externs={}) for path in files]
    levels = dict.fromkeys(files, dict.fromkeys(rules()))
    found = suppress(judge(link(crates, files, APIS), rules(), levels), files, rules(), levels)
    findings = tuple(stamp(found, rules(), levels))
    return Report(
        findings=findings,
        errors=(),
        checked=len(files),
        around=("",) * len(findings),
        sources={path: file.source for path, file in files.items()},
        places={path: Place(path, "", path) for path in files},
    )


def places_outside(report: Report) -> list[Span]:
    """Places of findings that are not in their file."""
    spans = [span for finding in report.findings for span in (finding.span, *(label.span for label in finding.labels))]
    return [span for span in spans if not 0 <= span.start <= span.end <= len(report.sources[span.path].data)]


def printed(report: Report) -> str:
    """The report in both formats."""
    return text_report.render(report, color=True) + json_report.render(report)


def hostile(**groups: dict[str, str]) -> list[object]:
    return [
        pytest.param(text, id=f"{group}: {name}")
        for group, programs in groups.items()
        for name, text in programs.items()
    ]


@pytest.mark.parametrize("text", hostile(deep=DEEP, long=LONG, circular=CIRCULAR, growing=GROWING, text=TEXTS))
def test_a_hostile_program_is_linted_as_far_as_it_can_be_read(text: str) -> None:
    RustFile(SourceFile("f.rs", text.encode())).facts()
    report = report_on([PLANTED + text.encode()])
    assert places_outside(report) == []
    assert "missing-move" in {finding.rule for finding in report.findings if finding.span.end <= len(PLANTED)}
    assert "f0.rs:3:24" in printed(report)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
def test_a_broken_program_is_linted(mutation: Mutation) -> None:
    texts = [text.encode() for sample in fixtures() for _, text in sample.files]
    broken = list(mutants(mutation, texts, 150))
    report = report_on(broken)
    for source in report.sources.values():
        RustFile(source).facts()
    assert places_outside(report) == []
    assert printed(report)


def test_names_that_are_no_text_and_files_that_are_no_rust(tmp_path: Path) -> None:
    """What can be read is linted, what cannot is named."""
    names = [b"\xff.rs", b"\xed\xa0\x80.rs", b"a\nb.rs", b"\x1b[31m.rs", "\u202e.rs".encode()]
    for name in names:
        Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name))).write_bytes(PLANTED)
    (tmp_path / "surrogate.rs").write_bytes(PLANTED + b'// \xed\xa0\x80"')
    (tmp_path / "binary.rs").write_bytes(bytes(range(256)) * 10)
    report = lint(Request(paths=(str(tmp_path),)))
    assert len(report.findings) == len(names)
    assert [Path(error.path).name for error in report.errors] == ["binary.rs", "surrogate.rs"]
    assert "\x1b[31m.rs" not in text_report.render(report, color=False)
    assert json.loads(json_report.render(report))["summary"]["diagnostics"] == len(names)


def test_text_that_is_no_utf8_is_one_character_a_byte() -> None:
    report = report_on([PLANTED + b'\xff\xed\xa0\x80 fn f() { let a = "\xff"; std::thread::spawn(|| a); }'])
    assert [finding.rule for finding in report.findings] == ["missing-move", "missing-move"]
    assert printed(report)


# ---------------------------------------------------------------- what takes time as it is long


LOCKS = "use std::sync::Mutex;\nstatic A: Mutex<i32> = Mutex::new(0);\n"


def lengthened(times: int) -> dict[str, str]:
    """Programs in which something stands `times` times."""
    return {
        "statements": inside(numbered("let x@ = 1;", times)),
        "method calls": inside("let a = guard.clone();" + numbered("let a = a.clone().clone();", times)),
        "calls": inside(numbered("f(@);", times)) + "fn f(x: i32) -> i32 { x }",
        "functions that call the next": LOCKS
        + numbered("fn f@() { f^(); }\n", times)
        + f"fn f{times}() {{ A.lock().unwrap(); }} fn main() {{ let g = A.lock().unwrap(); f0(); }}",
        "functions that call each other": LOCKS
        + numbered("fn f@() { let g = A.lock().unwrap(); f^(); f0(); }\n", times)
        + f"fn f{times}() {{ f0(); }}",
        "callers of one function": LOCKS
        + "fn f() { A.lock().unwrap(); }"
        + numbered("fn f@() { let g = A.lock().unwrap(); f(); }\n", times),
        "closures": inside(numbered("let c@ = |x: i32| { lock.lock().unwrap(); x }; c@(1);", times)),
        "calls of one closure": inside(f"let c = |x: i32| {{ lock.lock().unwrap(); x }}; {'c(1);' * times}"),
        "threads": inside(numbered("let s@ = Arc::new(1); thread::spawn(move || *s@);", times)),
        "senders": inside(numbered("let t@ = tx.clone();", times)),
        "locks": inside("*lock.lock().unwrap() += 1;" * times),
        "guards": inside("{ let g = lock.lock().unwrap(); }" * times),
        "guards that are dropped": inside(numbered("let g@ = lock.lock().unwrap(); drop(g@);", times)),
        "locks under one lock": "use std::sync::Mutex;"
        + f"struct S {{ a: Mutex<i32>, {numbered('m@: Mutex<i32>,', times)} }}"
        + f"impl S {{ fn f(&self) {{ let g = self.a.lock(); {numbered('{ self.m@.lock().unwrap(); }', times)} }} }}",
        "pairs of locks in both orders": "use std::sync::Mutex;"
        + numbered(
            "static A@: Mutex<i32> = Mutex::new(0); static B@: Mutex<i32> = Mutex::new(0);"
            "fn f@() { let a = A@.lock().unwrap(); let b = B@.lock().unwrap(); }"
            "fn g@() { let b = B@.lock().unwrap(); let a = A@.lock().unwrap(); }\n",
            times,
        ),
        "channels": "use std::sync::mpsc;"
        + numbered("fn f@() { let (tx, rx) = mpsc::channel::<i32>(); let t = tx.clone(); for x in rx {} }\n", times),
        "arms": inside(f"match 1 {{ {numbered('@ => { lock.lock().unwrap(); }', times)} _ => {{}} }}"),
        "loops": inside("for i in 0..3 { lock.lock().unwrap(); }" * times),
        "structs in structs": numbered("struct S@ { a: S^, b: std::sync::Arc<S^> }\n", times)
        + "fn f(s: S0) { std::thread::spawn(move || drop(s)); }",
        "impls of one trait": "trait T { fn go(&self) {} }"
        + numbered("struct S@; impl T for S@ { fn go(&self) {} } fn f@() { std::thread::spawn(|| S@.go()); }\n", times),
        "methods": f"use std::sync::Mutex; struct S {{ m: Mutex<i32> }} impl S {{"
        f"{numbered('fn g@(&self) { self.m.lock().unwrap(); }', times)} }}"
        f"fn f(s: S) {{ let g = s.m.lock().unwrap(); {numbered('s.g@();', times)} }}",
        "modules": numbered("mod m@ { use std::sync::*; fn f(m: &Mutex<i32>) { m.lock().unwrap(); } }\n", times),
        "imports of imports": numbered("pub mod m@ { pub use super::m^::*; }\n", times)
        + f"pub mod m{times} {{ pub fn f(m: &std::sync::Mutex<i32>) {{ m.lock().unwrap(); }} }}"
        + "fn g(m: &std::sync::Mutex<i32>) { let g = m.lock().unwrap(); m0::f(m); }",
        "macros": inside('println!("{}", lock.lock().unwrap());' * times),
        "allows": numbered("// rustconc: allow(missing-move) why\nfn f@() {}\n", times),
    }


@pytest.mark.parametrize("name", lengthened(0))
def test_work_grows_as_the_program_does(name: str) -> None:
    """Four times the length is about four times the work; sixteen times would be a square."""
    # The first run of a process fills caches.
    _, nothing, short, long = (instructions(lengthened(times)[name]) for times in (0, 0, 40, 160))
    assert (long - nothing) / (short - nothing) < 6
