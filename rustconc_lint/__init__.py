"""Find concurrency mistakes in Rust source without compiling it."""

__version__ = "0.1.0"
