"""What a wide network does near its start: its tangent kernel, and training that stays linear."""
