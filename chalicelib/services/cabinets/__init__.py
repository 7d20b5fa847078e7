"""What cabinets report, and what follows from it."""
