"""Coupons: customers use them for points, super admins issue them and read who used them."""
