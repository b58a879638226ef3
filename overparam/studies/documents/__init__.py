"""What the documents claim that algebra and counting settle."""
