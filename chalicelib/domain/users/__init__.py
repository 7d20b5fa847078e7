"""People: profile, KYC and its documents, uploads.

`bikram_sambat`, `citizenship_number`, `districts`, `file_type`, `issue_date`, `kyc`, `upload`, `user`.
"""
