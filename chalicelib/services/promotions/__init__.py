"""Coupons: customers use them for points, and super admins issue them."""
