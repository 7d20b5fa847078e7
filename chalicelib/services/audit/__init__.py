"""The audit of all stored data."""
