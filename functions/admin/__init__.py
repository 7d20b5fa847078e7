"""Routes of operators and of their dashboard, under /api/admin."""
