"""A short language for tests about uploads: who sends what, what lies where, what is refused."""

from typing import Any

import pytest

from chalicelib.domain.problems import Problem
from chalicelib.domain.upload import Purpose, Upload
from chalicelib.services import outbox
from chalicelib.services.caller import Caller
from chalicelib.services.media import deletion as media_deletion
from chalicelib.services.media import uploads
from chalicelib.services.users import profile
from chalicelib.services.users.kyc import Submission
from chalicelib.tables import uploads as rows
from chalicelib.tables.dynamodb import fetch
from infra.local import seed
from tests.builders import phone, sign_in
from tests.street import Street

GENERAL, KYC = Purpose.GENERAL, Purpose.KYC


def caller(street: Street) -> Caller:
    user_id = street.customer(wallet_paisa=0)
    return sign_in(street.world, user_id).caller(street.world, *profile.keys_of_me(user_id))


def row(upload: Upload) -> Upload | None:
    key = rows.upload_key(upload.user_id, upload.upload_id)
    return fetch(key)[key]


def direct(
    street: Street, who: Caller, content: bytes, purpose: Purpose = GENERAL, kind: str = "image/jpeg"
) -> Upload:
    """Signed for, and put there by the client."""
    signed, _ = uploads.sign(street.world, who, kind, 1000, purpose)
    street.scene.media.keep(content, public_id=signed.public_id, kind=signed.kind, private=signed.private)
    return signed


def forget_all(street: Street) -> None:
    for body in street.scene.queues.take(outbox.ERASURE):
        media_deletion.erase(street.world, body)


def refused(code: str, do: Any, *args: Any, **more: Any) -> Problem:
    with pytest.raises(Problem) as told:
        do(*args, **more)
    assert told.value.code == code
    return told.value


def submission(front: bytes | str, back: bytes | str | None = None) -> Submission:
    return Submission("citizenship", "27-01-70-01234", "Lalitpur", "2074-05-12", front, back)


def fresh_caller(street: Street) -> Caller:
    """A customer whose papers were never handed in."""
    street.numbers += 1
    user_id = seed.add_customer(street.world, phone(500 + street.numbers), f"fresh{street.numbers}")
    return again(street, user_id)


def again(street: Street, user_id: str) -> Caller:
    return sign_in(street.world, user_id).caller(street.world, *profile.keys_of_me(user_id))
