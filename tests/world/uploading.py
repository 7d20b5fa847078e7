"""What tests about uploads share: callers, stored uploads, direct uploads and the deletion of files."""

from typing import Any

import pytest

from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.users.upload import Purpose, Upload
from chalicelib.services import outbox
from chalicelib.services.caller import Caller
from chalicelib.services.media import store_deletion as media_deletion
from chalicelib.services.media import uploads
from chalicelib.services.users import profile
from chalicelib.services.users.kyc import KycForm
from chalicelib.tables import uploads as rows
from chalicelib.tables.dynamodb import fetch_one
from infra.local.seeds import seed
from tests.world.builders import phone, sign_in
from tests.world.network import Network

GENERAL, KYC = Purpose.GENERAL, Purpose.KYC


def caller(network: Network) -> Caller:
    user_id = network.customer(wallet_paisa=0)
    return sign_in(network.world, user_id).caller(network.world, *profile.profile_keys(user_id))


def row(upload: Upload) -> Upload | None:
    return fetch_one(rows.upload_key(upload.user_id, upload.upload_id))


def direct(
    network: Network, current_caller: Caller, content: bytes, purpose: Purpose = GENERAL, kind: str = "image/jpeg"
) -> Upload:
    """A direct upload whose file the client has stored."""
    signed, _ = uploads.sign(network.world, current_caller, kind, 1000, purpose)
    network.fake_world.media.store(content, public_id=signed.public_id, kind=signed.kind, private=signed.private)
    return signed


def run_media_deletions(network: Network) -> None:
    for body in network.fake_world.queues.take(outbox.ERASURE):
        media_deletion.delete_file(network.world, body)


def assert_problem(code: str, do: Any, *args: Any, **more: Any) -> Problem:
    with pytest.raises(Problem) as error:
        do(*args, **more)
    assert error.value.code == code
    return error.value


def submission(front: bytes | str, back: bytes | str | None = None) -> KycForm:
    return KycForm("citizenship", "27-01-70-01234", "Lalitpur", "2074-05-12", front, back)


def fresh_caller(network: Network) -> Caller:
    """A customer who never submitted KYC."""
    network.numbers += 1
    user_id = seed.add_customer(network.world, phone(500 + network.numbers), f"fresh{network.numbers}")
    return caller_of(network, user_id)


def caller_of(network: Network, user_id: str) -> Caller:
    return sign_in(network.world, user_id).caller(network.world, *profile.profile_keys(user_id))
