"""Erases the personal data of a deleted account.

Ledger, rentals and top-ups stay under the account's id, which identifies no person. The digests of phone number,
email address and the document of a rewarded referral stay, with the coupons and achievements that they earned, so
that they earn no points again.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

from chalicelib.domain.auth.identifier import IdentifierKind
from chalicelib.domain.users.upload import upload_id_of
from chalicelib.domain.users.user import User
from chalicelib.services.auth import identifier_keys
from chalicelib.services.auth import otp as otp_codes
from chalicelib.services.auth.referral_claims import BONUS
from chalicelib.services.media import removal
from chalicelib.services.media import store_deletion as media_deletion
from chalicelib.services.rewards import score_counting
from chalicelib.services.users import free_text_erasure
from chalicelib.tables import (
    achievements,
    coupons,
    devices,
    idempotency,
    identities,
    invitations,
    issues,
    kyc,
    notifications,
    otp,
    push_deliveries,
    rental_issues,
    rental_locations,
    sessions,
    users,
)
from chalicelib.tables.atomic import MAX_ITEMS, Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World

Eraser = Callable[[World, str], bool | None]
"""Deletes one kind of row of a user, all or a batch. True while rows are left."""
ONE_BATCH = timedelta()
"""A request runs each eraser for one batch."""


def erase(world: World, user_id: str, *, budget: timedelta = ONE_BATCH) -> bool:
    """Run all erasers until `budget` is used up, each for at least one batch. True when nothing is left.

    Without a budget it reads no whole history, so that nothing may be left that it does not see.

    A run after a crash starts again; every eraser may run twice. Files are deleted by messages of their own, so an
    unavailable media store delays nothing here. Raises Problem("storage_unavailable").
    """
    until = world.now() + budget
    complete = True
    for eraser in ERASERS if budget else [IN_REQUEST.get(eraser, eraser) for eraser in ERASERS]:
        while rows_are_left := eraser(world, user_id):
            if world.now() >= until:
                break
        complete = complete and not rows_are_left
    return complete


def _challenges(world: World, user_id: str) -> None:
    user = _load_user(user_id)
    for text in filter(None, (user.phone, user.email) if user else ()):
        otp.delete_challenges(otp_codes.challenge_ids_of(world, text))


def _identities(world: World, user_id: str) -> None:
    """Delete the identity rows, and keep a row that each identifier has had its sign-up points.

    Without that row, a user who registered by email could register by phone for a second bonus.
    """
    user = _load_user(user_id)
    if user is None:
        return
    for kind, text in ((IdentifierKind.PHONE, user.phone), (IdentifierKind.EMAIL, user.email)):
        if text is not None:
            key = identifier_keys.identifier_key(world, text)
            identities.ensure_identity(BONUS, key, user_id)
            identities.remove_identity_if_owned(kind, key, user_id)
    identities.remove_identity_if_owned("username", user.username.lower(), user_id)
    identities.remove_identity_if_owned("referral", user.referral_code, user_id)


def _kyc_submission(world: World, user_id: str) -> None:
    """Delete the KYC submission, and order the deletion of images that are no uploads."""
    key = kyc.kyc_submission_key(user_id)
    stored = fetch_one(key)
    if stored is None:
        return
    # A retry after a crash reads the number from the row of the submission, so that row is deleted last.
    identities.remove_identity_if_owned("document", stored.number_key, user_id)

    def decide(ops: Transaction) -> None:
        submission = stored if ops.attempt == 0 else fetch_one(key)
        if submission is None:
            return
        kyc.remove_kyc_submission(ops, submission)
        for public_id in sorted(submission.image_ids()):
            if upload_id_of(user_id, public_id) is None:
                media_deletion.stage_deletion(ops, world, public_id, kind="image", private=True)

    atomic(world, decide)


def _sessions(user_id: str) -> None:
    active_sessions = fetch_one(sessions.active_sessions_key(user_id))
    if active_sessions is not None:
        sessions.delete_sessions(active_sessions)


def _scores(world: World, user_id: str) -> None:
    score_counting.count(world, [user_id])


def _leave_scores(world: World, user_id: str) -> None:
    """Nothing is left to do: the deletion marked the account as changed, and the next refresh removes its scores."""


def _load_user(user_id: str) -> User | None:
    return fetch_one(users.user_key(user_id))


def _rows(delete: Callable[[str], None]) -> Eraser:
    """An eraser that needs the user's id only."""
    return lambda _world, user_id: delete(user_id)


def _in_batches(stage_deletion: Callable[[Transaction, str], int]) -> Eraser:
    """An eraser that deletes up to MAX_ITEMS rows in one transaction."""
    return lambda world, user_id: atomic(world, lambda ops: stage_deletion(ops, user_id)) == MAX_ITEMS


def _together(*stage_deletions: Callable[[Transaction, str, int], int]) -> Eraser:
    """An eraser that deletes up to MAX_ITEMS rows of several kinds in one transaction."""

    def stage(ops: Transaction, user_id: str) -> int:
        count = 0
        for stage_deletion in stage_deletions:
            count += stage_deletion(ops, user_id, MAX_ITEMS - count) if count < MAX_ITEMS else 0
        return count

    return _in_batches(stage)


TEXTS: Mapping[Eraser, Eraser] = {
    free_text_erasure.whole(text): free_text_erasure.newest(text) for text in free_text_erasure.TEXTS
}
"""The eraser of each kind of free text, and the one in its place in a request."""
ERASERS: tuple[Eraser, ...] = (
    _challenges,
    _identities,
    _kyc_submission,
    removal.delete_some,
    _rows(_sessions),
    _rows(devices.delete_devices),
    _rows(notifications.delete_read_mark),
    _in_batches(notifications.stage_deletion),
    _in_batches(push_deliveries.stage_deletion),
    _in_batches(idempotency.stage_deletion),
    _together(
        issues.stage_deletion_of_station_issues,
        issues.stage_deletion_of_claims,
        rental_issues.stage_deletion,
        rental_locations.stage_deletion,
        invitations.stage_deletion,
        achievements.stage_deletion,
        coupons.stage_deletion_of_uses,
        coupons.stage_deletion_of_counts,
    ),
    *TEXTS,
    _scores,
    # The user row goes last, since the other erasers read it.
    _rows(users.delete_user),
)
IN_REQUEST: Mapping[Eraser, Eraser] = {
    **TEXTS,
    _scores: _leave_scores,
}
"""Erasers that read a user's whole history or wait for rows of others, and those in their place in a request."""
