"""Tests of points, referrals and what else customers earn."""
