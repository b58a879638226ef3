"""Measures of capacity of trained networks, and how vacuous what they promise is."""
