"""What must always hold, checked over everything there is."""
