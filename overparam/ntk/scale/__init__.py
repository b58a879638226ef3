"""Kernels of more points than memory or patience allow: blocks, products without a matrix, sketches."""
