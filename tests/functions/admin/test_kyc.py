"""Papers behind their doors: what a reviewer decides on is what the reviewer saw."""

from dataclasses import replace
from typing import Any

import pytest

from app import app
from chalicelib.domain.account import Role
from chalicelib.domain.problems import Problem
from chalicelib.services.media import uploads
from chalicelib.services.users import erasure, kyc, kyc_review
from tests.asking import Asked, ask
from tests.builders import account, operator_account, sign_in
from tests.doors import everything, token_for
from tests.leaver import leaver
from tests.meanwhile import meanwhile
from tests.pictures import phone_photo
from tests.street import Street
from tests.uploading import KYC, again, fresh_caller, refused, submission

APPROVED: dict[str, Any] = {"status": "APPROVED"}
REJECTED: dict[str, Any] = {"status": "REJECTED", "rejection_reason": "blurred"}


@pytest.fixture
def reviewer(street: Street) -> str:
    operator = operator_account(street.world, "judge@example.com", "a password", Role.SUPPORT)
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


def test_papers_are_told_with_when_they_were_last_touched(street: Street, reviewer: str) -> None:
    kyc.submit(street.world, fresh_caller(street), submission(phone_photo()))
    (seen,) = waiting(reviewer)
    assert seen["updated_at"] == seen["created_at"]
    street.scene.clock.pass_(minutes=1)
    told = decide(reviewer, seen["id"], APPROVED).data
    assert told["updated_at"] == told["verified_at"] > told["created_at"]
    assert told["verified_by_username"] is None


def test_the_answer_shows_the_papers_that_were_decided(street: Street, reviewer: str) -> None:
    """Also when others with the same front take the place of those that were opened, at that very moment."""
    me = fresh_caller(street)
    front = uploads.receive(street.world, me, phone_photo(), KYC).upload_id
    kyc.submit(street.world, me, submission(front))
    judge = sign_in(street.world, operator_account(street.world, "j2@example.com", "a password", Role.SUPPORT))

    def hand_in_others() -> None:
        street.scene.clock.pass_(seconds=1)
        others = replace(submission(front, phone_photo()), document_number="27-01-70-99999")
        kyc.submit(street.world, again(street, me.user_id), others)

    reviewing = judge.caller(street.world)
    with meanwhile(hand_in_others):
        shown = kyc_review.decide_submission(street.world, reviewing, me.user_id, approved=True, reason=None)
    assert (shown.document_number, shown.back_url is None) == ("27-01-70-99999", False)


def test_papers_of_somebody_who_has_gone_are_shown_to_nobody(
    street: Street, reviewer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also while storage fails and they are still to be erased."""
    one = leaver(street)
    named = [shown["id"] for shown in waiting(reviewer) if shown["user_id"] == one.user_id]

    def fail(*_: object) -> None:
        raise Problem("storage_unavailable")

    with monkeypatch.context() as patched:
        patched.setattr(erasure, "ERASERS", (fail,))
        one.delete()
    before = everything()
    assert waiting(reviewer) == []
    assert decide(reviewer, named[0], APPROVED).status == 404
    assert everything() == before


def test_a_rejected_document_is_free_until_it_is_handed_in_again(street: Street, reviewer: str) -> None:
    one, other = fresh_caller(street), fresh_caller(street)
    papers = submission(phone_photo())
    kyc.submit(street.world, one, papers)
    refused("document_already_used", kyc.submit, street.world, other, papers)
    decide(reviewer, one.user_id, REJECTED)
    kyc.submit(street.world, other, papers)
    refused("document_already_used", kyc.submit, street.world, again(street, one.user_id), papers)
    decide(reviewer, other.user_id, REJECTED)
    kyc.submit(street.world, again(street, one.user_id), papers)
    decide(reviewer, one.user_id, APPROVED)
    refused("document_already_used", kyc.submit, street.world, again(street, other.user_id), papers)
    assert street.books_balance()
