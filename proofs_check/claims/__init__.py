"""The kinds of statement, one a file."""
