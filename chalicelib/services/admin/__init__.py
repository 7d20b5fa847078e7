"""Administration: `operators` makes, changes and removes the accounts of operators."""
