"""One-time codes and the limits on asking for them."""

from collections.abc import Iterable
from datetime import datetime

from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import UpdateError

from chalicelib.domain.otp import Challenge, ChallengeState, Quota
from chalicelib.domain.problems import Problem
from chalicelib.tables.atomic import Ops
from chalicelib.tables.attributes import DocumentAttribute, EnumAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.store import Key, Row, entity, error_code, storage, values

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
    asked_at: DocumentAttribute[tuple[datetime, ...]] = DocumentAttribute(tuple[datetime, ...])
    challenge_id = UnicodeAttribute(null=True)
    challenge_ids: DocumentAttribute[tuple[str, ...]] = DocumentAttribute(tuple[str, ...], null=True)
    expires = IntAttribute()
    version = IntAttribute()


class CounterRow(Row):
    """A count that may not pass a cap within its window; the window is part of the name."""

    class Meta:
        table_name = "counters"

    name = UnicodeAttribute(hash_key=True)
    counted = IntAttribute()
    expires = IntAttribute()


class ProviderRow(Row):
    """A provider that failed lately: nothing is promised through it until it has rested."""

    class Meta:
        table_name = "providers"

    name = UnicodeAttribute(hash_key=True)
    rests_until = TimeAttribute()


def provider_key(name: str) -> Key[datetime]:
    """Reads as the time until which the provider rests; absent when it is well."""
    return Key(ProviderRow, name, None, lambda row: row.rests_until)


def rest_provider(name: str, until: datetime) -> None:
    with storage():
        ProviderRow(name=name, rests_until=until).save()


def provider_is_well(name: str) -> None:
    with storage():
        ProviderRow(name=name).delete()


def challenge_key(challenge_id: str) -> Key[Challenge]:
    return Key(ChallengeRow, challenge_id, None, lambda row: entity(row, Challenge))


def quota_key(identifier_key: str) -> Key[Quota]:
    return Key(QuotaRow, identifier_key, None, lambda row: entity(row, Quota))


def save(ops: Ops, challenge: Challenge) -> None:
    expires = int(challenge.expires_at.timestamp()) + DAY_SECONDS
    ops.save(ChallengeRow(**values(challenge), expires=expires), challenge.version)


def save_quota(ops: Ops, quota: Quota) -> None:
    expires = int(quota.asked_at[-1].timestamp()) + DAY_SECONDS
    ops.save(QuotaRow(**values(quota), expires=expires), quota.version)


def forget_challenges(challenge_ids: Iterable[str]) -> None:
    """Their rows, and the identifiers in them, are gone; what was proved by them proves nothing any more.

    Each alone: asked again after half of them, it goes on.
    """
    for challenge_id in challenge_ids:
        with storage():
            ChallengeRow(challenge_id).delete()


def count(ops: Ops, name: str, cap: int, until: datetime, *, refused: Problem) -> None:
    """One more in the window `name`, never past `cap`."""
    counted, expires = CounterRow.counted, CounterRow.expires
    ops.update(
        CounterRow(name=name),
        [counted.add(1), expires.set(int(until.timestamp()))],
        counted.does_not_exist() | (counted < cap),
        refused=refused,
    )


def forget(name: str) -> None:
    """The counting of this window starts anew."""
    with storage():
        CounterRow(name=name).delete()


def count_try(challenge_id: str, cap: int, now: datetime) -> Challenge | None:
    """One more guess, counted before anything is compared: the challenge as it stands after, or None when it takes
    no more guesses. A bare ADD doubled by a retry only costs a guess, it never gives one."""
    row = ChallengeRow
    condition = (row.state == ChallengeState.OPEN) & (row.tries_count < cap) & (row.expires_at > now)
    found = ChallengeRow(challenge_id)
    try:
        with storage():
            found.update([row.tries_count.add(1), row.version.add(1)], condition=condition)
    except UpdateError as error:
        if error_code(error) == "ConditionalCheckFailedException":
            return None
        raise
    return entity(found, Challenge)


def move(ops: Ops, challenge_id: str, before: ChallengeState, after: ChallengeState, *, refused: Problem) -> None:
    """From one state to the next: only one of many at once gets through."""
    row = ChallengeRow
    ops.update(
        ChallengeRow(challenge_id),
        [row.state.set(after), row.version.add(1)],
        row.state == before,
        refused=refused,
    )
