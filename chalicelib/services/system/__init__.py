"""How the service itself is: measurements for operators (`health`), and its logs (`logs`)."""
