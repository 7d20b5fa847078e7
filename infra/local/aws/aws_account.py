"""The simulated AWS account: its number, its region and its only KMS key."""

ACCOUNT = "123456789012"
REGION = "ap-south-1"
KEY_ID = "6b1f0f5e-0000-4000-8000-62696a756c69"
