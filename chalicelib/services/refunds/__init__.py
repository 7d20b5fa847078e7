"""Refunds: requests, decisions and payouts."""
