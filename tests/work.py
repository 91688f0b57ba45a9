"""How much work a lint is: the number of bytecode instructions it runs, which no machine's load changes."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

from rustconc_lint.pipeline import Request, lint


def instructions(text: str) -> int:
    """Instructions run to lint a file with this text, and all that goes with it."""
    counted = 0

    def count(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal counted
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        counted += event == "opcode"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        lint(Request(paths=(), stdin=("work.rs", text.encode())))
    finally:
        sys.settrace(before)
    return counted
