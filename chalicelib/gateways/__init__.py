"""The outside, one vendor a file, no decisions."""
