"""What linearized, shallow and fixed models cannot express."""
