"""The set of solutions, its symmetries, and what is stored in one."""
