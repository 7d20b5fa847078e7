"""What the service stands on: tables, queues, policies, and the sandbox that stands in for them."""
