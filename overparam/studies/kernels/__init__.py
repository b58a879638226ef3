"""Formulas and algorithms for kernels, against independent computations."""
