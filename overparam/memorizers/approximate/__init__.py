"""One hidden ReLU layer, labels met up to a stated sum of squares: few neurons, or small weights."""
