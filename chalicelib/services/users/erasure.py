"""What a deleted account leaves behind of its person, and how each of it goes.

The ledger, the rentals and the top-ups stay under the account's id, which says nothing of anybody. The digest of a
phone number and of an address that the user was known by stays, so that it brings no sign-up points again.
"""

from collections.abc import Callable
from functools import partial

from chalicelib.domain.identifier import Kind
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
from chalicelib.tables.atomic import Ops, atomic
from chalicelib.tables.dynamodb import fetch
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
    user = _user(user_id)
    for text in filter(None, (user.phone, user.email) if user else ()):
        otp.forget_challenges(otp_codes.challenges_of(world, text))


def _identities(world: World, user_id: str) -> None:
    """The bonus row is none of these: it outlives its user. Whatever the user was known by has one from now on, or
    who registered by mail would come back by telephone for the sign-up points once more."""
    user = _user(user_id)
    if user is None:
        return
    for kind, text in ((Kind.PHONE, user.phone), (Kind.EMAIL, user.email)):
        if text is not None:
            key = identifier_keys.identifier_key(world, text)
            identities.leave_identity(BONUS, key, user_id)
            identities.release_identity(kind, key, user_id)
    identities.release_identity("username", user.username.lower(), user_id)
    identities.release_identity("referral", user.referral_code, user_id)


def _papers(world: World, user_id: str) -> None:
    """Images that are uploads go with those; older ones are ordered forgotten with the row that names them."""
    key = kyc.papers_key(user_id)

    def decide(ops: Ops) -> list[Message]:
        papers = fetch(key)[key]
        if papers is None:
            return []
        identities.release_identity("document", papers.number_key, user_id)
        kyc.remove_papers(ops, papers)
        loose = [one for one in sorted(papers.image_ids()) if upload_id_of(user_id, one) is None]
        return [media_deletion.order(ops, world, public_id, kind="image", private=True) for public_id in loose]

    outbox.send(world, atomic(world, decide))


def _uploads(world: World, user_id: str) -> None:
    lifecycle.forget_all(world, user_id)


def _sessions(world: World, user_id: str) -> None:  # noqa: ARG001  every eraser takes the world
    key = sessions.roster_key(user_id)
    roster = fetch(key)[key]
    if roster is not None:
        sessions.forget_sessions(roster)


def _devices(world: World, user_id: str) -> None:  # noqa: ARG001
    devices.forget(user_id)


def _notifications(world: World, user_id: str) -> None:  # noqa: ARG001
    notifications.forget(user_id)


def _pushes(world: World, user_id: str) -> None:  # noqa: ARG001
    push_deliveries.forget(user_id)


def _answers(world: World, user_id: str) -> None:  # noqa: ARG001
    idempotency.forget(user_id)


def _refunds(world: World, user_id: str) -> None:
    """What was written in words about a refund; the money stays. One that an operator opens afterwards loses its
    words when it is over."""
    for refund in refunds.of_user(user_id):
        atomic(world, partial(_without_words, refunds.refund_key(refund.refund_id)))


def _without_words(key: Key[Refund], ops: Ops) -> None:
    refund = fetch(key)[key]
    if refund is not None and refund != refund.wordless():
        refunds.save(ops, refund.wordless())


def _person(world: World, user_id: str) -> None:  # noqa: ARG001
    users.forget(user_id)


def _user(user_id: str) -> User | None:
    key = users.user_key(user_id)
    return fetch(key)[key]


ERASERS: tuple[Callable[[World, str], None], ...] = (
    _challenges,
    _identities,
    _papers,
    _uploads,
    _sessions,
    _devices,
    _notifications,
    _pushes,
    _answers,
    _refunds,
    # last: the others learn from it what to look for
    _person,
)
