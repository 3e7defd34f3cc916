"""Sparse coding: the smoothed topographic L1 penalty Σ√(Vssᵀ + ε).

Source: UFLDL, "Deriving gradients using the backpropagation idea", example 2.  The text writes ssᵀ, an outer product,
for the elementwise square s⊙s.  Its formula is right for the square and has no shape for the outer product.
"""

from showing import show

import matcalc

SHAPES = "V: g×k, s: k, ε: scalar"
SOURCE = "Vᵀ(Vssᵀ + ε)^{∘−1/2} ⊙ s"

print("With the elementwise square, as the source's network computes it (f(z) = z² on the first layer):\n")
square = matcalc.derive("Σ√(V(s⊙s) + ε)", "s", SHAPES)
show(square)

print("\nWith the outer product, as the source writes it:\n")
outer = matcalc.derive("Σ√(Vssᵀ + ε)", "s", SHAPES)
show(outer)

print(f"\nWhere the source slips: its formula is {SOURCE}.")
print(matcalc.check("Σ√(Vssᵀ + ε)", "s", SOURCE, SHAPES))
