"""`python -m rustconc_lint`."""

from rustconc_lint.cli import main

main()
