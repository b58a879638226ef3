"""Figures of a run: one look, sizes of a paper's columns, and the numbers behind each."""
