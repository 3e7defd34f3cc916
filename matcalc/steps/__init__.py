"""The steps of a derivation as data: what the printers show, worked out before them."""
