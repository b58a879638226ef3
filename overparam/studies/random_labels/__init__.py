"""Networks that fit random labels: the randomization tests, and what they say of measures of capacity."""
