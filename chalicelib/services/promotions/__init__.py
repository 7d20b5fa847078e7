"""Coupons: customers use them for points, admins issue them and read who used them."""
