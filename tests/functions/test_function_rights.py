"""The policies of the functions: each call is checked against the policy of the function that makes it."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from app import app
from chalicelib.tables import accounts
from chalicelib.tables.dynamodb import fetch_one
from infra.local.aws.iam import running, table_arn
from infra.local.aws.lambdas import consumers, schedules
from tests.engines.function_rights import ACCESS, PREFIX
from tests.engines.lost_answers import lost_answers
from tests.engines.rights_of_run import unused
from tests.scenarios.full_day import FullDay
from tests.world.network import Network
from tests.world.real_tables import all_rows


@pytest.mark.long
def test_a_full_day_without_answers_of_dynamodb_stays_within_the_policies(network: Network) -> None:
    """Each look-up after a lost answer is a call that the policy of its function must allow."""
    with lost_answers():
        FullDay(network).run()
    assert network.books_balance()


def test_every_handler_has_a_policy() -> None:
    functions = {consumer.function for consumer in consumers(app)} | {
        schedule.function for schedule in schedules(app)
    }
    assert functions | {"ApiHandler"} == set(ACCESS.allowed)


def test_a_call_outside_the_policy_is_denied_as_iam_does(network: Network) -> None:
    user = network.customer()
    with running("SendOtps"), pytest.raises(ClientError) as denied:
        fetch_one(accounts.account_key(user))
    error: Any = denied.value.response["Error"]
    assert error["Code"] == "AccessDeniedException"
    assert "dynamodb:BatchGetItem on resource: arn:aws:dynamodb:ap-south-1:123456789012:table/test-acc" in str(error)


def test_a_denied_transaction_writes_nothing(network: Network) -> None:
    user, before = network.customer(), all_rows()
    with running("WatchCabinets"), pytest.raises(ClientError, match="is not authorized"):
        network.open_topup(user)
    assert all_rows() == before


def test_a_queue_outside_the_policy_is_denied(network: Network) -> None:
    with running("AwardPoints"), pytest.raises(ClientError, match="AccessDenied"):
        network.world.queues.send("bijuli-push", [{}])


def test_an_unused_right_is_named_with_its_function() -> None:
    scan = ("AuditLedger", ("dynamodb:Scan", table_arn(PREFIX + "accounts")))
    assert scan in ACCESS.all_rights()
    assert unused(ACCESS.all_rights() - {scan}) == [f"AuditLedger: dynamodb:Scan on {table_arn('test-accounts')}"]
    assert unused(ACCESS.all_rights()) == []
