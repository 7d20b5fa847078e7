"""Points: `points` and `rental_points` award them by queue messages, each once; `points_history` shows them."""
