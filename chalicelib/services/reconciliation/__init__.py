"""Compares each day's top-ups with the payment gateways, and reports the differences. It moves no money."""
