"""How training memorizes, and what helps or hinders it."""
