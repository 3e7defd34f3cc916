"""Sparse coding: the objective for the weight matrix, ‖As − x‖² + γ‖A‖².

Source: UFLDL, "Deriving gradients using the backpropagation idea", example 1.  The text announces ∇A and then carries
the deltas one layer too far, to the input s.  What it prints, 2Aᵀ(As − x), is ∇s of the first term.
"""

from showing import show

import matcalc

SHAPES = "A: m×k, s: k, x: m, γ: scalar"
SOURCE = "2Aᵀ(As − x)"

print("The objective ‖As − x‖² + γ‖A‖² in A, as the source announces:\n")
weights = matcalc.derive("‖As − x‖² + γ‖A‖²", "A", SHAPES)
show(weights)

print("\nIts first term ‖As − x‖² in s, which is what the source derives:\n")
inputs = matcalc.derive("‖As − x‖²", "s", SHAPES)
show(inputs)

print(f"\nWhere the source slips: it calls {SOURCE} the gradient in A.")
print(matcalc.check("‖As − x‖²", "A", SOURCE, SHAPES))
