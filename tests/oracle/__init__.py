"""The oracle: programs that compile and end, a mistake put into each, and rustc or the clock asked what comes of it.

`mutations` makes the mutants of a file. `programs` are what is mutated, each with a way to compile and to lint it:
fixtures, `listings` of the documentation that comes with the toolchain, and `crates` with a Cargo.toml. `judge` keeps
the mutants for which rustc's every error is of the mistake that was made, and those that still compile, and compares.

    python -m tests.oracle fixtures             the programs in fixtures/ that compile
    python -m tests.oracle listings             the listings of the installed documentation
    python -m tests.oracle crates DIR.. --each 3    packages, at most three mutants of a file and kind
    python -m tests.oracle zero DIR..           what is found in packages as they are, which should be nothing
    python -m tests.oracle clock [DIR..]        fixtures and listings, or examples in packages, with a mistake about a
                                                channel: run, and "rejected" when they never end

It prints a line for each disagreement, `missed` or `false`, and a table at the end. Packages are those that `cargo
fetch` has brought (`~/.cargo/registry/src/*/*`), or any other folder with a Cargo.toml. A bounded sample of the
listings is part of the test suite.
"""
