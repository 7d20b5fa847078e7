"""Routes of operators, under /api/admin."""
