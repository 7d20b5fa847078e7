"""Refunds: what is refundable, requests, operators' decisions, payouts, and their notifications."""
