"""Numeric values of graphs, and the numeric proof of gradients.  Imports numpy, so other rooms import it late."""
