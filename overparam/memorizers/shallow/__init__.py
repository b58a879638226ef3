"""One hidden layer, exact: rational weights, every label met."""
