"""Closed forms of the risk of linear and random-feature models; NumPy, float64."""
