"""Hashes passwords of operators with scrypt (decision 0009)."""

import hashlib

PASSWORD_COST = 2**14
"""The cost factor n of scrypt for new passwords: 16 MiB of memory a guess."""


def hash_password(password: str, salt: str, cost: int = PASSWORD_COST) -> str:
    """The scrypt hash of the password, in hex."""
    return hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), n=cost, r=8, p=1, dklen=32).hex()
