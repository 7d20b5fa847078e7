"""Lists stations for customers, by distance, name and what is free."""
