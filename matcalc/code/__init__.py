"""Source code of functions that compute derivatives, for NumPy, JAX, PyTorch and MATLAB."""
