"""`python -m matcalc.cli` is the command `matcalc`."""

from matcalc.cli import main

if __name__ == "__main__":  # processes that it starts import it, too
    main()
