"""Where the least width of gradient descent lies on data that are not isotropic: open questions, estimated.

Sizes, laws and rules of these studies were settled while they were built, on runs from the root seed 0.  What they say
from a root that did not shape them is recorded by benchmarks/widths/frontier.py.
"""
