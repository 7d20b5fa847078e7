"""One-time codes, and the quota of asking for them."""

from collections.abc import Iterable
from datetime import datetime

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.otp import Challenge, ChallengeState, Quota
from chalicelib.domain.problems import Problem
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import DocumentAttribute, EnumAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.dynamodb import storage, update_if
from chalicelib.tables.rows import Key, Row, entity, values

DAY_SECONDS = 86_400


class ChallengeRow(Row):
    class Meta:
        table_name = "challenges"

    challenge_id = UnicodeAttribute(hash_key=True)
    identifier = UnicodeAttribute()
    identifier_key = UnicodeAttribute()
    salt = UnicodeAttribute()
    expires_at = TimeAttribute()
    generation = IntAttribute()
    tries_count = IntAttribute()
    state = EnumAttribute(ChallengeState)
    expires = IntAttribute()
    version = IntAttribute()


class QuotaRow(Row):
    class Meta:
        table_name = "otp_quotas"

    identifier_key = UnicodeAttribute(hash_key=True)
    requested_at: DocumentAttribute[tuple[datetime, ...]] = DocumentAttribute(tuple[datetime, ...])
    challenge_id = UnicodeAttribute(null=True)
    challenge_ids: DocumentAttribute[tuple[str, ...]] = DocumentAttribute(tuple[str, ...], null=True)
    expires = IntAttribute()
    version = IntAttribute()


def challenge_key(challenge_id: str) -> Key[Challenge]:
    return Key(ChallengeRow, challenge_id, None, lambda row: entity(row, Challenge))


def quota_key(identifier_key: str) -> Key[Quota]:
    return Key(QuotaRow, identifier_key, None, lambda row: entity(row, Quota))


def save(ops: Transaction, challenge: Challenge) -> None:
    expires = int(challenge.expires_at.timestamp()) + DAY_SECONDS
    ops.save(ChallengeRow(**values(challenge), expires=expires), challenge.version)


def save_quota(ops: Transaction, quota: Quota) -> None:
    expires = int(quota.requested_at[-1].timestamp()) + DAY_SECONDS
    ops.save(QuotaRow(**values(quota), expires=expires), quota.version)


def delete_challenges(challenge_ids: Iterable[str]) -> None:
    """Their rows, and the identifiers in them, are gone; what was proved by them proves nothing any more.

    Each alone: asked again after half of them, it goes on.
    """
    for challenge_id in challenge_ids:
        with storage():
            ChallengeRow(challenge_id).delete()


def count_try(challenge_id: str, cap: int, now: datetime) -> Challenge | None:
    """One more guess, counted before anything is compared: the challenge as it stands after, or None when it takes
    no more guesses. A bare ADD doubled by a retry only costs a guess, it never gives one."""
    row = ChallengeRow
    condition = (row.state == ChallengeState.OPEN) & (row.tries_count < cap) & (row.expires_at > now)
    challenge_row = ChallengeRow(challenge_id)
    counted = update_if(challenge_row, [row.tries_count.add(1), row.version.add(1)], condition)
    return entity(challenge_row, Challenge) if counted else None


def move(
    ops: Transaction, challenge_id: str, before: ChallengeState, after: ChallengeState, *, conflict: Problem
) -> None:
    """From one state to the next: only one of many at once gets through."""
    row = ChallengeRow
    ops.update(
        ChallengeRow(challenge_id),
        [row.state.set(after), row.version.add(1)],
        row.state == before,
        conflict=conflict,
    )
