"""Referrals: a customer claims the code of another one, and both earn points at the first completed rental."""

import re
from enum import StrEnum

from chalicelib.domain.text.typed_code import typed_code

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 8
CODE = re.compile(rf"[A-Z0-9]{{{CODE_LENGTH}}}", re.ASCII)


class ReferralState(StrEnum):
    """What became of the code that a customer claimed."""

    CLAIMED = "claimed"
    REWARDED = "rewarded"
    """Both have their points."""
    REFUSED = "refused"
    """Nobody gets points: the referrer has deleted the account, or both are one person."""


def referral_code_of(written: str) -> str | None:
    """The referral code that a customer typed. None for a text that can't be one."""
    code = typed_code(written)
    return code if code is not None and CODE.fullmatch(code) else None


def new_referral_code(random: bytes) -> str:
    """A code from CODE_LENGTH random bytes, without letters and digits that look alike."""
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in random)
