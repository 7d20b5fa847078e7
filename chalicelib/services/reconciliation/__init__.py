"""Reconciliation of our top-ups with the payment gateways."""
