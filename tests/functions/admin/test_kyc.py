"""Review of KYC submissions: a decision applies to the submission that the reviewer saw."""

from dataclasses import replace
from typing import Any

import pytest

from app import app
from chalicelib.domain.operators.role import Role
from chalicelib.domain.problems.problems import Problem
from chalicelib.services.media import uploads
from chalicelib.services.users import erasure, kyc, kyc_review
from chalicelib.tables.audit_log import AuditLogRow
from tests.engines.interleaving import READING, WRITING, interleave
from tests.scenarios.deletion_scenario import delete_customer
from tests.scenarios.personal_history import customer_to_delete
from tests.world.builders import account, operator_account, sign_in
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.pictures import phone_photo
from tests.world.real_tables import all_rows
from tests.world.tokens import token_for
from tests.world.uploading import KYC, assert_problem, caller_of, fresh_caller, submission

APPROVED: dict[str, Any] = {"status": "APPROVED"}
REJECTED: dict[str, Any] = {"status": "REJECTED", "rejection_reason": "blurred"}


@pytest.fixture
def reviewer(network: Network) -> str:
    operator = operator_account(network.world, "judge@example.com", "a password", Role.SUPPORT)
    return token_for(network.world, sign_in(network.world, operator))


def waiting(reviewer: str) -> list[dict[str, Any]]:
    submissions: list[dict[str, Any]] = request(app, "GET", "/api/admin/kyc/submissions", token=reviewer).data[
        "kyc_submissions"
    ]
    return submissions


def decide(reviewer: str, submission_id: str, content: dict[str, Any]) -> Reply:
    return request(app, "PATCH", f"/api/admin/kyc/submissions/{submission_id}", content, token=reviewer)


@pytest.mark.parametrize("content", [APPROVED, REJECTED])
def test_a_newer_submission_is_not_decided_by_the_older_ones_id(
    content: dict[str, Any], network: Network, reviewer: str
) -> None:
    me = fresh_caller(network)
    kyc.submit(network.world, me, submission(phone_photo()))
    (seen,) = waiting(reviewer)
    network.fake_world.clock.advance(seconds=1)
    kyc.submit(network.world, caller_of(network, me.user_id), submission(phone_photo(), phone_photo()))
    before = all_rows()
    reply = decide(reviewer, seen["id"], content)
    assert (reply.status, reply.code) == (409, "kyc_superseded")
    assert all_rows() == before
    (newer,) = waiting(reviewer)
    assert newer["id"] != seen["id"]
    assert decide(reviewer, newer["id"], content).data["status"] == content["status"]
    assert decide(reviewer, newer["id"], content).code == "kyc_already_decided"


def test_a_submission_can_be_decided_by_its_user_id(network: Network, reviewer: str) -> None:
    me = fresh_caller(network)
    kyc.submit(network.world, me, submission(phone_photo()))
    assert decide(reviewer, me.user_id, APPROVED).data["user_id"] == me.user_id
    assert account(me.user_id).kyc_status == "approved"


@pytest.mark.parametrize("submission_id", ["nobody", "nobody.20261123T060001000000", ".", "{user}.", "{user}.x"])
def test_an_unknown_submission_id_decides_nothing(submission_id: str, network: Network, reviewer: str) -> None:
    me = fresh_caller(network)
    kyc.submit(network.world, me, submission(phone_photo()))
    before = all_rows()
    assert decide(reviewer, submission_id.replace("{user}", me.user_id), APPROVED).status in (404, 409)
    assert all_rows() == before


def test_a_submission_shows_when_it_was_last_changed(network: Network, reviewer: str) -> None:
    kyc.submit(network.world, fresh_caller(network), submission(phone_photo()))
    (seen,) = waiting(reviewer)
    assert seen["updated_at"] == seen["created_at"]
    network.fake_world.clock.advance(minutes=1)
    answer = decide(reviewer, seen["id"], APPROVED).data
    assert answer["updated_at"] == answer["verified_at"] > answer["created_at"]
    assert answer["verified_by_username"] == "judge"


def test_the_response_shows_the_decided_submission(network: Network, reviewer: str) -> None:
    """Also when a newer submission with the same front image replaces the opened one at that moment."""
    me = fresh_caller(network)
    front = uploads.receive(network.world, me, phone_photo(), KYC).upload_id
    kyc.submit(network.world, me, submission(front))
    judge = sign_in(network.world, operator_account(network.world, "j2@example.com", "a password", Role.SUPPORT))

    def submit_others() -> None:
        network.fake_world.clock.advance(seconds=1)
        others = replace(submission(front, phone_photo()), document_number="27-01-70-99999")
        kyc.submit(network.world, caller_of(network, me.user_id), others)

    reviewing = judge.caller(network.world)
    with interleave(submit_others):
        shown = kyc_review.decide_submission(network.world, reviewing, me.user_id, approved=True, reason=None)
    assert (shown.document_number, shown.back_url is None) == ("27-01-70-99999", False)
    assert "kyc_viewed" in {row.action for row in AuditLogRow.scan()}


def test_a_submission_of_a_deleted_account_is_not_listed(
    network: Network, reviewer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also while storage fails and the submission is not erased yet."""
    customer = customer_to_delete(network)
    submission_ids = [shown["id"] for shown in waiting(reviewer) if shown["user_id"] == customer.user_id]

    def fail(*_: object) -> None:
        raise Problem("storage_unavailable", retry_after_seconds=2)

    with monkeypatch.context() as patched:
        patched.setattr(erasure, "ERASERS", (fail,))
        customer.delete()
    before = all_rows()
    assert waiting(reviewer) == []
    assert decide(reviewer, submission_ids[0], APPROVED).status == 404
    assert all_rows() == before


def test_a_rejected_document_number_is_free_until_resubmitted(network: Network, reviewer: str) -> None:
    caller, other = fresh_caller(network), fresh_caller(network)
    documents = submission(phone_photo())
    kyc.submit(network.world, caller, documents)
    assert_problem("document_already_used", kyc.submit, network.world, other, documents)
    decide(reviewer, caller.user_id, REJECTED)
    kyc.submit(network.world, other, documents)
    assert_problem("document_already_used", kyc.submit, network.world, caller_of(network, caller.user_id), documents)
    decide(reviewer, other.user_id, REJECTED)
    kyc.submit(network.world, caller_of(network, caller.user_id), documents)
    decide(reviewer, caller.user_id, APPROVED)
    assert_problem("document_already_used", kyc.submit, network.world, caller_of(network, other.user_id), documents)
    assert network.books_balance()


@pytest.mark.parametrize(("before", "number", "status"), [(WRITING, 1, 404), (READING, 4, 404), (READING, 5, 200)])
@pytest.mark.parametrize("content", [APPROVED, REJECTED])
def test_an_account_that_is_deleted_during_a_decision_leaves_no_documents(
    network: Network, reviewer: str, content: dict[str, Any], before: str, number: int, status: int
) -> None:
    """Before the decision, between its reads and its write, and after the write."""
    me = fresh_caller(network)
    kyc.submit(network.world, me, submission(phone_photo()))
    network.sessions[me.user_id] = sign_in(network.world, me.user_id)
    with interleave(lambda: delete_customer(network, me.user_id), before=before, number=number):
        assert decide(reviewer, me.user_id, content).status == status
    network.deliver_messages()
    left = {table for table, rows in all_rows().items() if any(me.user_id in row for row in rows)}
    assert not {name for name in left if "kyc" in name or "notifications" in name}
    assert account(me.user_id).deleted
    assert network.books_balance()
