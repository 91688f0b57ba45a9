"""Which models are loaded, and what a mistake in one is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from rustconc_lint.apis import FnModel, ModelError, TypeModel, decode_model, load_apis, read_model


def test_std_is_always_loaded_and_first() -> None:
    """Programs that name no crate still call std."""
    assert [api.crate for api in load_apis(lambda word: False)] == ["std"]


def test_only_mentioned_crates_are_loaded() -> None:
    """A program that never says `tokio` does not pay for it."""
    assert [api.crate for api in load_apis({"tokio", "flume"}.__contains__)] == ["std", "flume", "tokio"]


def test_a_crate_brings_those_it_re_exports() -> None:
    """`crossbeam::channel::Sender` is crossbeam_channel's, whether that is mentioned or not."""
    crates = {api.crate for api in load_apis({"crossbeam"}.__contains__)}
    assert {"crossbeam_channel", "crossbeam_utils"} <= crates


def test_modules_are_read_where_they_are_mentioned() -> None:
    """`fs` speaks of paths, so they come with it; nobody speaks of `net`."""
    (std,) = load_apis({"fs"}.__contains__)
    assert "pub struct ReadDir" in std.declarations
    assert "pub struct PathBuf" in std.declarations
    assert "pub struct TcpListener" not in std.declarations


def test_every_module_is_read_without_a_question() -> None:
    """No `pub mod name;` is left over when everything is asked for."""
    assert all("mod atomic;" not in api.declarations and "mod fs;" not in api.declarations for api in load_apis())


MODEL = """
crate = "pool"
prelude = ["pool::{Job, Pool}"]
declarations = '''
pub mod shared;
'''

[modules]
shared = '''
pub struct Table;
'''

[types]
"pool::{Lock, table::Lock}" = { role = "mutex" }

[functions]
"pool::{Pool, Scope}::{submit, run}" = { spawns = "pool" }
"""


def test_braces_join_paths_with_one_model() -> None:
    """Each combination is a path of its own, so that the linker can look it up."""
    api = decode_model(MODEL, "pool.toml")
    assert api.types == {"pool::Lock": TypeModel(role="mutex"), "pool::table::Lock": TypeModel(role="mutex")}
    assert set(api.functions) == {"pool::Pool::submit", "pool::Pool::run", "pool::Scope::submit", "pool::Scope::run"}
    assert set(api.functions.values()) == {FnModel(spawns="pool")}
    assert api.prelude == ("pool::Job", "pool::Pool")


def test_modules_stand_in_their_place() -> None:
    """What the linter reads is one Rust file."""
    whole = decode_model(MODEL, "pool.toml").declarations
    assert "".join(whole.split()) == "pubmodshared{pubstructTable;}"
    assert decode_model(MODEL, "pool.toml", lambda word: False).declarations.strip() == "pub mod shared;"


MISTAKES = {
    "not TOML": ("crate = ", "pool.toml: Invalid value"),
    "no crate": ("declarations = ''", "pool.toml: Object missing required field `crate`"),
    "unknown key": ('crate = "a"\nrule = 1', "pool.toml: Object contains unknown field `rule`"),
    "type of a key": ('crate = "a"\naliases = "b"', "pool.toml: Expected `array`, got `str` - at `$.aliases`"),
    "unknown role": ('crate = "a"\n[types]\n"a::B" = { role = "lock" }', 'pool.toml: types."a::B": Invalid enum value'),
    "no role": ('crate = "a"\n[types]\n"a::B" = {}', 'pool.toml: types."a::B": Object missing required field `role`'),
    "unknown effect": ('crate = "a"\n[functions]\n"a::b" = { lock = true }', 'pool.toml: functions."a::b": Object'),
    "type of an effect": (
        'crate = "a"\n[functions]\n"a::b" = { joins = 1 }',
        'pool.toml: functions."a::b": Expected `bool`, got `int` - at `$.joins`',
    ),
    "two models": (
        'crate = "a"\n[functions]\n"a::b" = { joins = true }\n"a::{b, c}" = { drops = true }',
        'pool.toml: functions."a::{b, c}": `a::b` has a model already',
    ),
    "no table": ('crate = "a"\nfunctions = "a::b"', "pool.toml: `functions` must be a table of paths"),
    "module nowhere": (
        "crate = \"a\"\n[modules]\nm = ''",
        "pool.toml: modules.m: declarations must have `pub mod m;` once",
    ),
    "type of a module": ('crate = "a"\n[modules]\nm = 1', "pool.toml: modules: Expected `str`, got `int`"),
}


@pytest.mark.parametrize(("text", "message"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistake_names_file_and_key(text: str, message: str) -> None:
    """Models come from users too, who must find the line to change."""
    with pytest.raises(ModelError) as error:
        decode_model(text, "pool.toml")
    assert message in str(error.value)


def test_unreadable_file_is_named(tmp_path: Path) -> None:
    """Missing, or not text."""
    (tmp_path / "bytes.toml").write_bytes(b"\xff")
    for name in ("missing.toml", "bytes.toml"):
        with pytest.raises(ModelError, match=name):
            read_model(tmp_path / name)


def test_a_model_of_what_no_manifest_names_is_not_loaded() -> None:
    """A comment that speaks of rayon makes no `map` one of its iterators'."""
    loaded = load_apis(lambda word: True, dependencies=frozenset({"tokio", "serde"}))
    assert [api.crate for api in loaded] == ["std", "tokio"]
