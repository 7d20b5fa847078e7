"""A one-time code, its limited guesses, and the proof that a right guess gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.configuration.settings import Settings
from chalicelib.domain.problems.problems import Problem

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KNOWN_DEVICE = "known-"
"""Begins the digest of a known device, in place of that of a network address."""
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
    """The requests for codes of one identifier in the last day.

    Each network address has a limit of its own, so that requests from another address do not count against the owner.
    All addresses together have a wider one, which limits how many messages strangers can have sent to the owner. So
    have all known devices together, which limits how many messages a customer can have sent.
    """

    identifier_key: str
    requested_at: tuple[datetime, ...] = ()
    requested_from: tuple[str, ...] = ()
    """The digest of the network address or of the known device of each request."""
    challenge_id: str | None = None
    challenge_ids: tuple[str, ...] = ()
    """The newest challenges, at most as many as a day allows. Their rows hold the identifier in plain text."""
    version: int = 0

    def with_request(self, now: datetime, challenge_id: str, where: str, settings: Settings) -> "Quota":
        """The quota with one more request from the network address or known device `where`, a digest.

        The digest of a known device begins with KNOWN_DEVICE. Requests of network addresses do not count against
        known devices, and theirs do not count against network addresses.

        Raises Problem: otp_resend_too_soon, otp_limit_reached. A refused request is not counted.
        """
        requests = zip(self.requested_at, self.requested_from, strict=True)
        day = [(at, other) for at, other in requests if now - at < DAY]
        own = [at for at, other in day if other == where]
        known = where.startswith(KNOWN_DEVICE)
        together = [at for at, other in day if other.startswith(KNOWN_DEVICE) == known]
        if own:
            wait = timedelta(seconds=settings.otp_resend_seconds) - (now - own[-1])
            if wait > timedelta():
                raise Problem("otp_resend_too_soon", retry_after_seconds=_whole_seconds(wait))
        _must_be_below(own, settings.otp_per_identifier_day, DAY, now)
        _must_be_below(own, settings.otp_per_identifier_hour, HOUR, now)
        _must_be_below(together, settings.otp_all_addresses_day, DAY, now)
        _must_be_below(together, settings.otp_all_addresses_hour, HOUR, now)
        challenge_ids = (*(other for other in self.challenge_ids if other != challenge_id), challenge_id)
        return replace(
            self,
            requested_at=(*(at for at, _ in day), now),
            requested_from=(*(other for _, other in day), where),
            challenge_id=challenge_id,
            challenge_ids=challenge_ids[-2 * settings.otp_all_addresses_day :],
        )


def _must_be_below(requested_at: Sequence[datetime], limit: int, span: timedelta, now: datetime) -> None:
    """Raises Problem("otp_limit_reached") when there were `limit` requests within the time span."""
    within = [at for at in requested_at if now - at < span]
    if len(within) >= limit:
        raise Problem("otp_limit_reached", retry_after_seconds=_whole_seconds(span - (now - within[-limit])))


def code_of(digest: bytes) -> str:
    """Six digits from a keyed digest. This is the method of HOTP (RFC 4226) on 64 bits, so that all codes are equally
    likely."""
    return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"


def _whole_seconds(wait: timedelta) -> int:
    return max(1, -(-wait // timedelta(seconds=1)))
