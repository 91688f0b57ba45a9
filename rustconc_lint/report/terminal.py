"""What a terminal may be sent: colours or none, and no text that acts upon it."""

from __future__ import annotations

import os
from typing import TextIO


def wants_color(choice: str, stream: TextIO) -> bool:
    """Whether to colour what goes to `stream`: the flag, then the variables (no-color.org, force-color.org,
    bixense.com/clicolors), then whether it is a terminal."""
    if choice != "auto":
        return choice == "always"
    variable = os.environ.get
    if variable("NO_COLOR"):
        return False
    if variable("FORCE_COLOR", "0") not in ("", "0") or variable("CLICOLOR_FORCE", "0") not in ("", "0"):
        return True
    return variable("CLICOLOR") != "0" and variable("TERM") != "dumb" and stream.isatty()


def acts(stream: TextIO) -> bool:
    """Whether what goes to `stream` goes to a terminal that knows more commands than those for text."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def escaped(text: str) -> str:
    """Text of unknown origin on one line, without what a terminal would act upon."""
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)
