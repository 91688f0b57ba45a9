"""Type inference: `Typeck(names, types, traits).body(definition) -> TypedBody` (see body.py and model.py)."""

from rustconc_lint.program.typeck.body import Typeck

__all__ = ["Typeck"]
