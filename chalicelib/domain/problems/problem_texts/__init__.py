"""Status and texts of every problem, in English and Nepali, as customers read them.

`accounts`, `money`, `promotions`, `rentals`, `requests`, `stations`.
"""
