"""Routes of the customers' app."""
