"""Users: profile, KYC, moderation and deletion."""
