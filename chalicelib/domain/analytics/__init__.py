"""Counters of days and the reports made of them.

`day_facts`, `day_recount`, `report_period`, `user_counts`.
"""
