"""Pictures of a formula: the network of layers that it is, or the graph of its operations; values and gradients in it."""
