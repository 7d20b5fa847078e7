"""A one-time code, its limited guesses, and the proof that a right guess gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.problems import Problem
from chalicelib.domain.settings import Settings

WITHOUT_ID = "without_id"
"""The name under which a challenge counts the guesses that name no challenge id."""


class ChallengeState(StrEnum):
    """`open` accepts guesses, `verified` waits for a registration or login, `spent` accepts nothing."""

    OPEN = "open"
    VERIFIED = "verified"
    SPENT = "spent"


@dataclass(frozen=True)
class Challenge:
    """A challenge to prove a phone number or an email address.

    A resend changes the code and keeps the counts of guesses. A guess belongs to the public id that it names: each
    network address that requests a code gets a public id of its own. So nobody uses up the guesses of anybody else.
    """

    challenge_id: str
    identifier: str
    identifier_key: str
    salt: str
    expires_at: datetime
    generation: int = 1
    guesses: Mapping[str, int] = field(default_factory=lambda: {WITHOUT_ID: 0})
    """The number of guesses by public id, and under WITHOUT_ID."""
    state: ChallengeState = ChallengeState.OPEN
    version: int = 0

    def is_open_at(self, now: datetime) -> bool:
        return self.state is ChallengeState.OPEN and now < self.expires_at

    def requested_by(self, public_id: str) -> "Challenge":
        """The challenge with a public id that may guess."""
        return replace(self, guesses={public_id: 0, **self.guesses})

    def resent(self, until: datetime) -> "Challenge":
        return replace(self, generation=self.generation + 1, expires_at=until)


@dataclass(frozen=True)
class Quota:
    """The requests for codes of one identifier in the last day. Their number is limited."""

    identifier_key: str
    requested_at: tuple[datetime, ...] = ()
    challenge_id: str | None = None
    challenge_ids: tuple[str, ...] = ()
    """The newest challenges, at most as many as a day allows. Their rows hold the identifier in plain text."""
    version: int = 0

    def with_request(self, now: datetime, challenge_id: str, settings: Settings) -> "Quota":
        """The quota with one more request.

        Raises Problem: otp_resend_too_soon, otp_limit_reached. A refused request is not counted.
        """
        day = tuple(at for at in self.requested_at if now - at < timedelta(days=1))
        hour = [at for at in day if now - at < timedelta(hours=1)]
        if day:
            wait = timedelta(seconds=settings.otp_resend_seconds) - (now - day[-1])
            if wait > timedelta():
                raise Problem("otp_resend_too_soon", retry_after_seconds=_whole_seconds(wait))
        if len(day) >= settings.otp_per_identifier_day:
            wait = timedelta(days=1) - (now - day[-settings.otp_per_identifier_day])
            raise Problem("otp_limit_reached", retry_after_seconds=_whole_seconds(wait))
        if len(hour) >= settings.otp_per_identifier_hour:
            wait = timedelta(hours=1) - (now - hour[-settings.otp_per_identifier_hour])
            raise Problem("otp_limit_reached", retry_after_seconds=_whole_seconds(wait))
        challenge_ids = (*(other for other in self.challenge_ids if other != challenge_id), challenge_id)
        newest_ids = challenge_ids[-settings.otp_per_identifier_day :]
        return replace(self, requested_at=(*day, now), challenge_id=challenge_id, challenge_ids=newest_ids)


def code_of(digest: bytes) -> str:
    """Six digits from a keyed digest. This is the method of HOTP (RFC 4226) on 64 bits, so that all codes are equally
    likely."""
    return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"


def _whole_seconds(wait: timedelta) -> int:
    return max(1, -(-wait // timedelta(seconds=1)))
