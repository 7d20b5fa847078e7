"""The only room that knows Chalice: it turns requests and queue messages into calls, and results into responses."""
