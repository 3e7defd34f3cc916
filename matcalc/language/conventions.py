"""What the letter of a name says where nothing is declared."""

from __future__ import annotations

from matcalc.language.names import SYMBOLS


def rank(name: str) -> int:
    """How many axes the convention gives a name: capital letters are matrices, small ones vectors, Greek scalars."""
    letters = name.split("_")[0].rstrip("0123456789")
    if letters in SYMBOLS and letters != "ell":
        return 0
    return 2 if name[0].isupper() else 1


def capital(base: str) -> str:
    """What the matrix of the data xᵢ is called: X; nothing where that means something else."""
    capital = base[0].upper() + base[1:]
    return (
        ""
        if capital == base or capital in ("I", "E") or base in ("eps", "lambda", "sigma", "pi")
        else capital
    )
