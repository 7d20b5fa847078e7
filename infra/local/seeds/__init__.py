"""What a fresh sandbox holds.

`always_paid_gateway`, `demo_stations`, `images`, `seed`, `seed_content`, `seed_faq`, `seed_pages`.
"""
