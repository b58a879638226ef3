"""Smooth activations, and what polynomials cannot do."""
