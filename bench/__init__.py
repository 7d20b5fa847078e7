"""Counts of calls and ratios side by side; nothing here asserts a time."""
