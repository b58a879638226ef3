"""Class labels in far fewer parameters than samples: the information sits in the bits of the weights."""
