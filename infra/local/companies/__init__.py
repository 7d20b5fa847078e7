"""The other simulated companies, and how each fails on demand.

`all_companies`, `cloudinary`, `company_faults`, `dead_connections`, `fcm`, `sent_messages`, `ses`, `sparrow`.
"""
