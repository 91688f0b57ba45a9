"""Asks rustc and the machine whether what a Rust program in this repository says of itself is true.

A program says it in lines of its own, the claims, which `claims.py` reads:

    //@ edition: 2021            one edition or several ("2018 2021 2024"): the rest must hold in each; 2021 if absent
    //@ rustc: ok                it compiles
    //@ rustc: E0373             it does not, with exactly that set of errors; several are separated by commas
    //@ rustc: "cannot be sent"  the same for an error without a code: words of its message
    //@ run: ends                compiled and run: it exits with status 0
    //@ run: hangs               it is alive when the limit is over and is killed
    //@ run: panics              it exits with a panic of its main thread
    //@ run: each                every `fn name()` at the left margin is run by itself: one with a `//~` mark hangs, one
                                 without ends; a `//@ run: ..` line directly above a function says otherwise of it alone
    //@ wrap: main               the text stands inside `fn main() { .. }` after the usual imports (a listing in a book)

A crate is a folder with a Cargo.toml, which decides the edition; its claims may stand in any of its files. A program
that names a crate of the Cargo.toml beside this file is compiled against it.

Where rustc rejects a program, errors and marks are compared line by line, so that a fixture may hold many cases: each
mark of a rule about such errors lies on a line that an error mentions, and each such error touches a mark.

Nothing is remembered from one test session to the next but the compiled dependencies.
"""
