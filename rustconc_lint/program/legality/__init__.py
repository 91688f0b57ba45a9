"""Readers of typed bodies: what rustc rejects about code that runs elsewhere, and how to mend it."""
