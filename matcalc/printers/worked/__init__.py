"""Derivations as pages: one page from the records, and a small printer for each form that a page is shown in."""
