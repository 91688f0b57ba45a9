"""How a command line is taken apart, and how a mistake in it is told."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from rustconc_lint.report.terminal import escaped

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

NAME = "rustconc-lint"

cache_option = click.option(
    "--cache-dir",
    type=click.Path(),
    metavar="DIR",
    envvar="RUSTCONC_LINT_CACHE_DIR",
    show_envvar=True,
    help="Keep answers below DIR instead of `target` or the user's cache.",
)


def complete_rules(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """For the shell: the names of rules that go on so, after a comma too."""
    from rustconc_lint.rulebook import load_rules

    before, comma, last = incomplete.rpartition(",")
    return [before + comma + name for name in load_rules() if name.startswith(last)]


class Stop(click.ClickException):
    """A mistake of the user's, or of a file's: one line on stderr."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        click.echo(f"{NAME}: error: {escaped(self.message)}", file=file, err=True)


class Commands(click.Group):
    """The commands; what is none of them begins the arguments of `check`, so that `rustconc-lint src/` works."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {*self.commands, "-h", "--help", "-V", "--version"}
        if not ctx.resilient_parsing and (not args or args[0] not in own):
            if args and not args[0].startswith("-") and not os.path.lexists(args[0]):
                if args[0] == "help":
                    return super().parse_args(ctx, [*args[1:2], "--help"])
                self._misspelt(args[0])
            args = ["check", *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Of an option, those of `check` too."""
        found = super().shell_complete(ctx, incomplete)
        if incomplete.startswith("-"):
            found += self.commands["check"].shell_complete(ctx, incomplete)
        return found

    def _misspelt(self, word: str) -> None:
        """Raises Stop when a word that is no path looks like a command."""
        from rustconc_lint.rulebook import nearest

        meant = nearest(word, self.commands)
        if meant:
            raise Stop(f"there is no command `{word}` and no file of that name{meant}")
