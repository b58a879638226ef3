"""Capacity of trained networks: what bounds on the error say of one, with every constant and condition."""
