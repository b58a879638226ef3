"""Kernels of infinitely wide networks, by formula: duals of activations, dense, residual and convolutional layers."""
