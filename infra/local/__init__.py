"""The sandbox: the whole service and every company it talks to, on one machine."""
