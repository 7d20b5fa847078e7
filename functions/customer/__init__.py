"""Routes of the customers' app, one file per group of endpoints."""
