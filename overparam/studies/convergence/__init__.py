"""Theorems that some width suffices for gradient descent: what they ask for, and which lemma of the chain is loose."""
