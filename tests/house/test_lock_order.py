"""`lock-order` in the configuration: an order that is declared is held, and names that mean nothing are heard of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rustconc_lint import cli

SHOP = """use std::sync::Mutex;

static LOG: Mutex<()> = Mutex::new(());

struct Shop {
    till: Mutex<u32>,
    book: Mutex<Vec<u32>>,
}

impl Shop {
    fn sell(&self) {
        let till = self.till.lock().unwrap();
        self.note(*till);
    }

    fn note(&self, sum: u32) {
        self.book.lock().unwrap().push(sum);
        let _log = LOG.lock().unwrap();
    }

    fn check(&self) {
        let book = self.book.lock().unwrap();
        let _equal = *self.till.lock().unwrap() as usize == book.len();
    }
}

mod other {
    pub struct Shop {
        pub till: std::sync::Mutex<u32>,
    }

    pub fn empty(shop: &Shop) {
        *shop.till.lock().unwrap() = 0;
    }
}
"""

SELECT = ["--select", "inconsistent-lock-order", "--color", "never"]


Lint = Callable[[str], tuple[int, list[str], str]]


@pytest.fixture
def lint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Lint:
    """Lints SHOP under a configuration: exit code, first lines of findings with their places, warnings."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.rs").write_text(SHOP, encoding="utf-8")

    def run(settings: str) -> tuple[int, list[str], str]:
        (tmp_path / "rustconc.toml").write_text(settings, encoding="utf-8")
        code = cli.run([*SELECT, "shop.rs"])
        said = capsys.readouterr()
        lines = said.out.splitlines()
        found = [f"{line} @ {lines[i + 1].split()[1]}" for i, line in enumerate(lines) if line.startswith("warning[")]
        return code, found, said.err.replace(str(tmp_path) + "/", "")

    return run


def test_without_a_declared_order_the_two_orders_contradict_each_other(lint: Lint) -> None:
    code, found, err = lint("")
    assert (code, len(found), err) == (1, 1, "")
    assert "are locked in different orders" in found[0]


@pytest.mark.parametrize(
    ("order", "place", "held", "taken"),
    [
        ('["shop::Shop.till", "Shop.book"]', "shop.rs:23:23", "book", "till"),
        ('["Shop.book", "shop::Shop.till"]', "shop.rs:13:9", "till", "book"),
    ],
)
def test_what_goes_against_a_declared_order_is_reported_and_the_rest_is_not(
    lint: Lint, order: str, place: str, held: str, taken: str
) -> None:
    """Of the two orders the one that is not declared is the mistake."""
    code, found, err = lint(f"lock-order = {order}")
    message = (
        f"`Shop.{taken}` is taken while `Shop.{held}` is held, against the declared order: "
        f"`Shop.{taken}`, then `Shop.{held}`"
    )
    assert (code, found, err) == (1, [f"warning[inconsistent-lock-order]: {message} @ {place}"], "")


def test_an_order_that_all_keep_to_is_silent(lint: Lint) -> None:
    _, found, err = lint('lock-order = ["LOG", "Shop.book"]')
    assert ["LOG" in line for line in found] == [False] and err == ""


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (
            '["Shop.bok", "LOG"]',
            "rustconc-lint: warning: rustconc.toml:2: no lock called `Shop.bok` is taken in the files that were read; "
            "did you mean `Shop.book`?\n",
        ),
        (
            '["Shop.till", "LOG"]',
            "rustconc-lint: warning: rustconc.toml:2: "
            "`Shop.till` means `shop::Shop.till` and `shop::other::Shop.till`: "
            "write as much of the path as tells them apart\n",
        ),
    ],
)
def test_a_name_that_means_no_lock_or_two_is_heard_of(lint: Lint, order: str, expected: str) -> None:
    code, _, err = lint(f"exclude = []\nlock-order = {order}")
    assert (code, err) == (1, expected)


def test_a_name_stands_once(lint: Lint) -> None:
    code, found, err = lint('lock-order = ["LOG", "LOG"]')
    assert (code, found) == (2, [])
    assert err == "rustconc-lint: error: rustconc.toml:1: `lock-order` names `LOG` twice\n"
