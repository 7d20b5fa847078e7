"""What a deleted account leaves behind of its person, and how each of it goes.

The ledger, the rentals and the top-ups stay under the account's id, which says nothing of anybody. The digest of a
phone number and of an address that the user was known by stays, so that it brings no sign-up points again.
"""

from collections.abc import Callable
from functools import partial

from chalicelib.domain.identifier import IdentifierKind
from chalicelib.domain.refund import Refund
from chalicelib.domain.upload import upload_id_of
from chalicelib.domain.user import User
from chalicelib.services import outbox
from chalicelib.services.auth import identifier_keys
from chalicelib.services.auth import otp as otp_codes
from chalicelib.services.auth.signin import BONUS
from chalicelib.services.media import deletion as media_deletion
from chalicelib.services.media import lifecycle
from chalicelib.tables import (
    devices,
    idempotency,
    identities,
    kyc,
    notifications,
    otp,
    push_deliveries,
    refunds,
    sessions,
    users,
)
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.tables.outbox import Message
from chalicelib.tables.rows import Key
from chalicelib.world import World


def erase(world: World, user_id: str) -> None:
    """Erase all of it, one after the other. Whoever dies half-way begins again, and goes on.

    Raises Problem("storage_unavailable"). A media store that is away keeps none of it waiting: files are ordered
    forgotten, each by a message of its own.
    """
    for eraser in ERASERS:
        eraser(world, user_id)


def _challenges(world: World, user_id: str) -> None:
    user = _load_user(user_id)
    for text in filter(None, (user.phone, user.email) if user else ()):
        otp.delete_challenges(otp_codes.challenge_ids_of(world, text))


def _identities(world: World, user_id: str) -> None:
    """The bonus row is none of these: it outlives its user. Whatever the user was known by has one from now on, or
    who registered by mail would come back by telephone for the sign-up points once more."""
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
    """Images that are uploads go with those; older ones are ordered forgotten with the row that names them."""
    key = kyc.kyc_submission_key(user_id)

    def decide(ops: Transaction) -> list[Message]:
        submission = fetch_one(key)
        if submission is None:
            return []
        identities.remove_identity_if_owned("document", submission.number_key, user_id)
        kyc.remove_kyc_submission(ops, submission)
        orphan_ids = [item for item in sorted(submission.image_ids()) if upload_id_of(user_id, item) is None]
        return [
            media_deletion.stage_deletion(ops, world, public_id, kind="image", private=True)
            for public_id in orphan_ids
        ]

    outbox.publish(world, atomic(world, decide))


def _sessions(user_id: str) -> None:
    active_sessions = fetch_one(sessions.active_sessions_key(user_id))
    if active_sessions is not None:
        sessions.delete_sessions(active_sessions)


def _refunds(world: World, user_id: str) -> None:
    """What was written in words about a refund; the money stays. One that an operator opens afterwards loses its
    words when it is over."""
    for refund in refunds.of_user(user_id):
        atomic(world, partial(_erase_free_text, refunds.refund_key(refund.refund_id)))


def _erase_free_text(key: Key[Refund], ops: Transaction) -> None:
    refund = fetch_one(key)
    if refund is not None and refund != refund.without_free_text():
        refunds.save(ops, refund.without_free_text())


def _load_user(user_id: str) -> User | None:
    return fetch_one(users.user_key(user_id))


def _rows(delete: Callable[[str], None]) -> Callable[[World, str], None]:
    """An eraser of rows: it needs nothing but the user's id."""
    return lambda _world, user_id: delete(user_id)


ERASERS: tuple[Callable[[World, str], None], ...] = (
    _challenges,
    _identities,
    _kyc_submission,
    lifecycle.delete_all,
    _rows(_sessions),
    _rows(devices.delete_devices),
    _rows(notifications.delete_notifications),
    _rows(push_deliveries.delete_pushes),
    _rows(idempotency.delete_records),
    _refunds,
    # Last: the other erasers read the user row.
    _rows(users.delete_user),
)
