"""What goes into a paper: tables, a macro for each number, methods, references, a checklist."""
