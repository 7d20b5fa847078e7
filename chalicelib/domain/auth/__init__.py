"""Sign-in: identifiers and one-time codes.

`countries`, `email`, `identifier`, `otp`, `otp_texts`, `phone`.
"""
