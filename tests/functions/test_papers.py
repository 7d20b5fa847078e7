"""Papers behind their doors: what a reviewer decides on is what the reviewer saw."""

from typing import Any

import pytest

from app import app
from chalicelib.domain.user import Role
from chalicelib.services import kyc
from infra.local import seed
from tests.asking import Asked, ask
from tests.builders import account, sign_in
from tests.doors import everything, token_for
from tests.pictures import phone_photo
from tests.street import Street
from tests.uploading import again, fresh_caller, submission

APPROVED: dict[str, Any] = {"status": "APPROVED"}
REJECTED: dict[str, Any] = {"status": "REJECTED", "rejection_reason": "blurred"}


@pytest.fixture
def reviewer(street: Street) -> str:
    operator = seed.add_operator(street.world, "judge@example.com", "a password", Role.SUPPORT)
    return token_for(street.world, sign_in(street.world, operator))


def waiting(reviewer: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(app, "GET", "/api/admin/kyc/submissions", token=reviewer).data[
        "kyc_submissions"
    ]
    return found


def decide(reviewer: str, named: str, said: dict[str, Any]) -> Asked:
    return ask(app, "PATCH", f"/api/admin/kyc/submissions/{named}", said, token=reviewer)


@pytest.mark.parametrize("said", [APPROVED, REJECTED])
def test_papers_that_took_the_place_of_those_that_were_seen_are_not_decided(
    said: dict[str, Any], street: Street, reviewer: str
) -> None:
    me = fresh_caller(street)
    kyc.submit(street.world, me, submission(phone_photo()))
    (seen,) = waiting(reviewer)
    street.scene.clock.pass_(seconds=1)
    kyc.submit(street.world, again(street, me.user_id), submission(phone_photo(), phone_photo()))
    before = everything()
    answer = decide(reviewer, seen["id"], said)
    assert (answer.status, answer.code) == (409, "kyc_superseded")
    assert everything() == before
    (newer,) = waiting(reviewer)
    assert newer["id"] != seen["id"]
    assert decide(reviewer, newer["id"], said).data["status"] == said["status"]
    assert decide(reviewer, newer["id"], said).code == "kyc_already_decided"


def test_papers_may_still_be_named_by_their_user(street: Street, reviewer: str) -> None:
    me = fresh_caller(street)
    kyc.submit(street.world, me, submission(phone_photo()))
    assert decide(reviewer, me.user_id, APPROVED).data["user_id"] == me.user_id
    assert account(me.user_id).kyc_status == "approved"


@pytest.mark.parametrize("named", ["nobody", "nobody.20261123T060001000000", ".", "{user}.", "{user}.x"])
def test_what_names_no_papers_decides_nothing(named: str, street: Street, reviewer: str) -> None:
    me = fresh_caller(street)
    kyc.submit(street.world, me, submission(phone_photo()))
    before = everything()
    assert decide(reviewer, named.replace("{user}", me.user_id), APPROVED).status in (404, 409)
    assert everything() == before
