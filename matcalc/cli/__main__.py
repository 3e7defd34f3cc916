"""`python -m matcalc.cli` is the command `matcalc`."""

from matcalc.cli import main

main()
