"""Readers of bodies and traces: what compiles, ends, and goes wrong all the same."""
