"""Infrastructure: tables, queues, policies and alarms for AWS, and the sandbox that simulates AWS."""
