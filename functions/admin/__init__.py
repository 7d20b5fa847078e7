"""Routes of operators: /api/admin."""
