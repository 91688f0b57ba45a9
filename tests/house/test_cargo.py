"""Packages, targets and dependencies as Cargo sees them; where it can be asked, Cargo itself is the judge."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from rustconc_lint.cargo import Manifests, TomlError, read_toml
from rustconc_lint.discover import Wanted, discover
from rustconc_lint.pipeline import Request, lint
from rustconc_lint.program.crates import CrateInput
from tests.house.toys import Tree


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def crates(*paths: str) -> dict[str, CrateInput]:
    return {crate.id: crate for crate in discover(Wanted(paths=paths or (".",)), Manifests()).crates}


WORKSPACE = {
    "Cargo.toml": """
[workspace]
members = ["app", "kit", "deep/*"]
resolver = "2"
[workspace.package]
edition = "2021"
[workspace.dependencies]
kit = { path = "kit", version = "1" }
core-two = { path = "deep/two", package = "two" }
""",
    "app/Cargo.toml": """
[package]
name = "my-app"
version = "0.1.0"
edition.workspace = true
default-run = "my-app"
[dependencies]
kit = { workspace = true }
core-two.workspace = true
[target.'cfg(unix)'.dependencies]
renamed = { package = "one", path = "../deep/one" }
[dev-dependencies]
three = { path = "../deep/three" }
[build-dependencies]
kit-build = { path = "../kit", package = "kit" }
[[bin]]
name = "extra"
path = "tools/extra.rs"
[[bench]]
name = "speed"
harness = false
""",
    "app/src/lib.rs": "",
    "app/src/main.rs": "fn main() {}",
    "app/src/bin/tool.rs": "fn main() {}",
    "app/src/bin/big/main.rs": "fn main() {}",
    "app/src/bin/big/part.rs": "",
    "app/tools/extra.rs": "fn main() {}",
    "app/examples/show.rs": "fn main() {}",
    "app/tests/check.rs": "",
    "app/tests/common/mod.rs": "",
    "app/benches/speed.rs": "fn main() {}",
    "app/build.rs": "fn main() {}",
    "kit/Cargo.toml": """
[package]
name = "kit"
version = "1.0.0"
autolib = false
[lib]
name = "toolkit"
path = "lib.rs"
""",
    "kit/lib.rs": "",
    "deep/one/Cargo.toml": '[package]\nname = "one"\nversion = "0.1.0"\nedition = "2018"\nautobins = false\n',
    "deep/one/src/lib.rs": "",
    "deep/one/src/main.rs": "fn main() {}",
    "deep/two/Cargo.toml": '[package]\nname = "two"\nversion = "0.1.0"\nedition = "2024"\nautotests = false\n',
    "deep/two/src/lib.rs": "",
    "deep/two/tests/off.rs": "",
    "deep/three/Cargo.toml": """
[package]
name = "three"
version = "0.1.0"
build = "make/build.rs"
[[bin]]
name = "three"
[[test]]
name = "slow"
path = "slow/all.rs"
""",
    "deep/three/src/lib.rs": "",
    "deep/three/src/main.rs": "fn main() {}",
    "deep/three/src/bin/undiscovered.rs": "fn main() {}",
    "deep/three/slow/all.rs": "",
    "deep/three/make/build.rs": "fn main() {}",
}


def test_cargo_itself_sees_the_same_targets(tree: Tree, tmp_path: Path, rustc: str) -> None:
    """Discovery, `autobins`, edition 2015's rule, explicit paths, inherited editions: `cargo metadata` is the judge."""
    tree(WORKSPACE)
    command = ["cargo", "metadata", "--no-deps", "--offline", "--format-version", "1"]
    metadata = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    kinds = {"custom-build": "build"}
    cargo = {
        (
            kinds.get(target["kind"][0], target["kind"][0]),
            "build_script_build" if target["kind"] == ["custom-build"] else target["name"].replace("-", "_"),
            target["edition"],
            os.path.relpath(target["src_path"], os.path.realpath(tmp_path)),
        )
        for package in metadata["packages"]
        for target in package["targets"]
    }
    assert {(crate.kind, crate.name, crate.edition, crate.root) for crate in crates().values()} == cargo


def test_names_lead_to_the_crates_of_the_run(tree: Tree) -> None:
    """Renamed, inherited, dev and build dependencies; a library's own name where it is not renamed."""
    tree(WORKSPACE)
    found = crates()
    common = {"toolkit": "toolkit", "core_two": "two", "renamed": "one", "three": "three"}
    assert found["my_app"].externs == common
    assert found["my_app"].kind == "lib"
    for binary in ("my_app [bin]", "tool", "big", "extra", "show", "check", "speed"):
        assert found[binary].externs == {**common, "my_app": "my_app"}
    builds = [crate for crate in found.values() if crate.kind == "build" and crate.root == "app/build.rs"]
    assert [crate.externs for crate in builds] == [{"kit_build": "toolkit"}]


def test_what_is_not_part_of_the_run_is_a_name_without_a_crate(tree: Tree) -> None:
    """Registry dependencies, and path dependencies outside of the given paths."""
    tree({**WORKSPACE, "deep/one/Cargo.toml": '[package]\nname = "one"\n[dependencies]\nserde-json = "1"\n'})
    assert crates("deep/one")["one"].externs == {"serde_json": None}
    assert crates("app")["my_app"].externs == {"kit": None, "core_two": None, "renamed": None, "three": None}


def test_a_patch_of_the_workspace_gives_a_dependency_its_source(tree: Tree) -> None:
    tree(
        {
            "Cargo.toml": '[workspace]\nmembers = ["*"]\n[patch.crates-io]\nrun-time = { path = "rt" }\n',
            "rt/Cargo.toml": '[package]\nname = "run-time"\n',
            "rt/src/lib.rs": "",
            "app/Cargo.toml": '[package]\nname = "app"\n[dependencies]\nrun-time = "1"\n',
            "app/src/lib.rs": "",
        }
    )
    assert crates()["app"].externs == {"run_time": "run_time"}


def test_crates_of_one_name_get_names_of_their_own(tree: Tree) -> None:
    tree(
        {
            **{f"{folder}/Cargo.toml": '[package]\nname = "same"\n' for folder in "ab"},
            **{f"{folder}/src/{file}.rs": "" for folder in "ab" for file in ("lib", "main")},
        }
    )
    found = crates()
    assert {crate.id: crate.root for crate in found.values()} == {
        "same": "a/src/lib.rs",
        "same [lib]": "b/src/lib.rs",
        "same [bin]": "a/src/main.rs",
        "same [bin 2]": "b/src/main.rs",
    }
    assert found["same [bin 2]"].externs == {"same": "same [lib]"}


@pytest.mark.parametrize(
    ("manifest", "edition"),
    [
        ('[package]\nname = "x"\n', "2015"),
        ('[package]\nname = "x"\nedition = "2018"\n', "2018"),
        ('[package]\nname = "x"\nedition = "2077"\n', "2024"),
        ('[package]\nname = "x"\nedition = { workspace = true }\n[workspace.package]\nedition = "2018"\n', "2018"),
        ("[package]\nname = 7\nedition = 2021\ndependencies = 3\n[lib]\nname = []\n[bin]\n[target]\nx = 1\n", "2024"),
    ],
)
def test_the_edition_of_a_package(manifest: str, edition: str, tree: Tree) -> None:
    """No edition is 2015 (Cargo book, "The edition field"); what Cargo would refuse is read as well as it can be."""
    tree({"Cargo.toml": manifest, "src/lib.rs": ""})
    assert [crate.edition for crate in crates().values()] == [edition]


def test_files_beside_a_workspace_without_a_package_are_loose(tree: Tree) -> None:
    tree({"Cargo.toml": "[workspace]\n", "tools/a.rs": ""})
    assert [(crate.kind, crate.edition) for crate in crates().values()] == [("loose", "")]


@pytest.mark.parametrize(
    ("content", "line"), [(b"a = 1\nb = ]\n", 2), (b"\na = 1\na = 2\n", 3), (b"a = [", 1), (b"a = '\xff'", 0)]
)
def test_a_toml_mistake_has_a_line_where_the_parser_knows_one(content: bytes, line: int, tree: Tree) -> None:
    path = tree({"x.toml": content}) / "x.toml"
    with pytest.raises(TomlError) as raised:
        read_toml(str(path))
    assert (raised.value.path, raised.value.line) == (str(path), line)
    assert "at line" not in raised.value.message


def test_manifests_may_be_written_in_the_toml_of_today() -> None:
    """Cargo reads TOML 1.1: an inline table may go over several lines and end in a comma."""
    Path("Cargo.toml").write_text('[dependencies]\nlog = {\n  version = "0.4",\n  features = ["std"],\n}\n')
    assert read_toml("Cargo.toml")["dependencies"] == {"log": {"version": "0.4", "features": ["std"]}}


def test_what_only_a_build_without_a_default_feature_has_breaks_no_ordinary_build(tree: Tree) -> None:
    """The rules about what rustc rejects pass it over; what another feature turns on they look at."""
    sends = "fn {name}() {{ let count = std::rc::Rc::new(1); std::thread::spawn(move || drop(count)); }}\n"
    without = '#[cfg(not(feature = "sync"))]\n' + sends.format(name="without")
    within = '#[cfg(feature = "trace")]\n' + sends.format(name="within")
    package = '[package]\nname = "app"\nedition = "2021"\n[features]\n'
    features = 'default = ["full", "dep:log", "log/std"]\nfull = ["sync"]\nsync = []\ntrace = []\n'
    tree({"Cargo.toml": package + features, "src/lib.rs": without + within})

    def reported() -> list[bool]:
        return [finding.span.start > len(without) for finding in lint(Request(paths=(".",))).findings]

    assert reported() == [True]
    tree({"Cargo.toml": package + "sync = []\ntrace = []\n"})
    assert reported() == [False, True]
