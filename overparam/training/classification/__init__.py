"""Classifiers: minibatches, cross-entropy, and a record of every epoch of many seeds at once."""
