"""Readers of traces: what waits for ever, or may: locks, channels, threads and tasks."""
