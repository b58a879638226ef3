"""Residual ReLU networks, exact."""
