"""Independent component analysis: the reconstruction cost ‖WᵀWx − x‖² in the tied weights W.

Source: UFLDL, "Deriving gradients using the backpropagation idea", example 3.  W occurs twice, and the gradient is the
sum of what the two uses contribute.  The text prints Wᵀ in front of the first term: the delta of Wx is W·2(WᵀWx − x),
because the weight of that layer is Wᵀ and a delta goes back through the transpose of the weight.
"""

from showing import show

import matcalc

SHAPES = "W: k×n, x: n"
SOURCE = "Wᵀ·2(WᵀWx − x)xᵀ + 2Wx(WᵀWx − x)ᵀ"

print("The reconstruction cost in W:\n")
cost = matcalc.derive("‖WᵀWx − x‖²", "W", SHAPES)
show(cost)

print(f"\nWhere the source slips: it prints {SOURCE}.")
print(matcalc.check("‖WᵀWx − x‖²", "W", SOURCE, SHAPES))
