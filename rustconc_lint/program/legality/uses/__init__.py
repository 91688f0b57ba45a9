"""How closures use outer places: `uses.expressions.outer_uses`."""
