"""Spectra of symmetric matrices: edges with a posteriori bounds, condition numbers, densities, Hadamard bounds."""
