"""Sparse coding: the objective for the weight matrix, ‖As − x‖² + γ‖A‖².

Source: UFLDL, "Deriving gradients using the backpropagation idea", example 1.  The text announces ∇A and then carries
the deltas one layer too far, to the input s.  What it prints, 2Aᵀ(As − x), is ∇s of the first term.
"""

from claims import check_claim, show

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
first_term = matcalc.derive("‖As − x‖²", "A", SHAPES)
print(f"  as ∇A of ‖As − x‖²: {check_claim(first_term, SOURCE)}")
print(f"  as ∇s of ‖As − x‖²: {check_claim(inputs, SOURCE)}")
print(f"The delta of As, 2(As − x), times the input sᵀ gives {first_term}.")
