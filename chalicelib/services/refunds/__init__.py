"""Refunds, from the request to the payout."""
