"""The erasure of a deleted account's personal data: complete, repeatable, and of nobody else's."""

import re
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest

from chalicelib.domain.operations.message_errors import Poison
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.rewards.achievement import UnlockedAchievement
from chalicelib.domain.rewards.leaderboard import NO_RANKINGS, score_shard_of
from chalicelib.domain.users.upload import Purpose
from chalicelib.services import outbox
from chalicelib.services.auth import identifier_keys
from chalicelib.services.media import upload_checks, uploads
from chalicelib.services.rewards import leaderboard_refresh
from chalicelib.services.users import deletion, erasure
from chalicelib.tables import achievements, kyc, leaderboards
from chalicelib.tables.atomic import atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.tables.identities import IdentityRow
from chalicelib.tables.leaderboards import ShardRankings
from chalicelib.world import Unavailable
from infra.local.seeds import seed
from tests.scenarios.deletion_scenario import delete_customer, personal_rows_of
from tests.scenarios.personal_history import customer_to_delete
from tests.world.builders import sign_in
from tests.world.network import Network
from tests.world.real_tables import all_rows
from tests.world.run_until_quiet import run_until_quiet


def test_the_scenario_leaves_personal_data_in_every_place(network: Network) -> None:
    """Without this check the other tests could look for nothing."""
    customer = customer_to_delete(network)
    personal_rows = personal_rows_of(customer)
    assert {what for _, what, _ in personal_rows} == {*customer.personal_values, "a file"}
    names = (
        "users",
        "kyc_submissions",
        "devices",
        "push_deliveries",
        "challenges",
        "station_issues",
        "rental_issues",
    )
    tables = {f"test-{name}" for name in names}
    assert tables <= {place for _, _, place in personal_rows}
    assert len(customer.files) == 3
    rows = all_rows()
    for table in (
        "active_sessions",
        "coupon_uses",
        "invitations",
        "user_coupon_counts",
        "sessions",
        "idempotency_records",
        "uploads",
        "notifications",
        "device_counts",
        "push_tokens",
        "identities",
        "issue_claims",
        "rental_locations",
    ):
        assert any(customer.user_id in row for row in rows[f"test-{table}"]), table
    assert network.books_balance()


def test_a_deletion_erases_all_personal_data(network: Network, log_output: StringIO) -> None:
    customer = customer_to_delete(network)
    files = customer.files
    assert customer.delete() == network.world.now()
    assert [trace for trace in personal_rows_of(customer) if trace[1] != "a file"] == []
    run_until_quiet(network)
    assert personal_rows_of(customer) == []
    assert set(files) <= {public_id for public_id, _, _ in network.fake_world.media.deleted}
    assert [
        value for value in (customer.document, *customer.personal_values.values()) if value in log_output.getvalue()
    ] == []
    rows = all_rows()
    tables = {table for table, names in rows.items() if any(customer.user_id in row for row in names)}
    assert tables == {f"test-{name}" for name in TABLES_THAT_STAY}
    assert [table for table, names in rows.items() if any(customer.operator_text in row for row in names)] == [
        "test-audit_log"
    ]
    assert rows["test-outbox"] == []
    assert network.books_balance()


TABLES_THAT_STAY = {
    "accounts",
    "idempotency_records",
    "postings",
    "intents",
    "refunds",
    "balance_additions",
    "refund_totals",
    "open_items",
    "rentals",
    "gateway_references",
    "identities",
    "audit_log",
    "counters",
}
"""Places where the account's id stays: money, the bonus row, the audit log with its idempotency keys, and counters
that expire within an hour."""


def test_only_the_rows_of_earned_points_stay_of_the_identities(network: Network) -> None:
    customer = customer_to_delete(network)
    customer.delete()
    identities = {row.identity for row in IdentityRow.scan() if row.user_id == customer.user_id}
    identifiers = (customer.phone, customer.personal_values["email"])
    digests = [identifier_keys.identifier_key(network.world, text) for text in identifiers]
    bonus, coupons = {f"bonus#{digest}" for digest in digests}, {f"coupon#{digest}#" for digest in digests}
    assert {re.sub(r"(coupon#.*#).*", r"\1", identity) for identity in identities} == bonus | coupons


def test_a_file_that_arrives_after_the_deletion_is_deleted(network: Network) -> None:
    customer = customer_to_delete(network)
    upload, _ = uploads.sign(network.world, customer.caller(), "image/jpeg", 1_000, Purpose.GENERAL)
    customer.delete()
    run_until_quiet(network)
    network.fake_world.media.store(b"\xff\xd8\xff direct", public_id=upload.public_id, kind="image", private=False)
    assert customer.files == [upload.public_id]
    network.fake_world.clock.advance(minutes=90)
    upload_checks.sweep(network.world)
    run_until_quiet(network)
    assert customer.files == []
    assert personal_rows_of(customer) == []
    assert not any(customer.user_id in row for row in all_rows()["test-uploads"])


def test_kyc_images_that_are_no_uploads_are_deleted(network: Network) -> None:
    user_id = network.customer(wallet_paisa=0)
    submission = fetch_one(kyc.kyc_submission_key(user_id))
    assert submission is not None
    old = replace(submission, front_id="kyc/front", back_id="kyc/back")
    atomic(network.world, lambda ops: kyc.save_kyc_submission(ops, old))
    delete_customer(network, user_id)
    run_until_quiet(network)
    assert {public_id for public_id, *_ in network.fake_world.media.deleted} == {"kyc/front", "kyc/back"}


def test_an_achievement_that_is_unlocked_during_the_deletion_is_erased(network: Network) -> None:
    customer = customer_to_delete(network)
    customer.delete()
    late = UnlockedAchievement(customer.user_id, "first-rental", 50, network.world.now())
    atomic(network.world, lambda ops: achievements.add(ops, late))
    run_until_quiet(network)
    assert achievements.of_user(customer.user_id) == []


def test_the_score_and_the_places_of_a_deleted_customer_are_erased(network: Network) -> None:
    customer = customer_to_delete(network)
    leaderboard_refresh.refresh(network.world)
    rankings_key = leaderboards.rankings_key("all", score_shard_of(customer.user_id))
    places = fetch_one(rankings_key)
    assert places is not None
    assert customer.user_id in str(places.rankings)
    customer.delete()
    run_until_quiet(network)
    assert not any(customer.user_id in row for row in all_rows()["test-scores"])
    assert fetch_one(rankings_key) == ShardRankings(NO_RANKINGS, places.version + 1)


def test_an_unavailable_media_store_delays_the_files_only(network: Network) -> None:
    customer = customer_to_delete(network)
    network.fake_world.media.fails = Unavailable("cloudinary")
    customer.delete()
    run_without_media(network)
    assert [what for _, what, _ in personal_rows_of(customer)] == ["a file"]
    network.fake_world.media.fails = None
    run_until_quiet(network)
    assert personal_rows_of(customer) == []
    assert seed.add_customer(network.world, customer.phone, "somebody") != customer.user_id
    assert network.books_balance()


def run_without_media(network: Network) -> None:
    with pytest.raises(AssertionError, match="never quiet"):
        run_until_quiet(network)


def test_a_failed_erasure_does_not_fail_the_deletion(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    customer = customer_to_delete(network)

    def fail(world: Any, user_id: str) -> None:
        raise Problem("storage_unavailable", retry_after_seconds=2)

    monkeypatch.setattr(erasure, "ERASERS", (*erasure.ERASERS[:3], fail))
    assert customer.delete() is not None
    monkeypatch.undo()
    assert personal_rows_of(customer) != []
    run_until_quiet(network)
    assert personal_rows_of(customer) == []


@pytest.mark.parametrize(
    "body",
    [
        {"what": "account"},
        {"what": "account", "user_id": 5, "message_id": "erase:account:5"},
        {"what": "account", "user_id": "nobody", "message_id": "erase:account:nobody"},
        {"what": "account", "user_id": "them", "message_id": "erase:account:others"},
        {"what": "something", "user_id": "them"},
    ],
)
def test_a_message_without_a_deleted_account_erases_nothing(network: Network, body: dict[str, Any]) -> None:
    network.customer()
    before = all_rows()
    with pytest.raises(Poison):
        deletion.handle_message(network.world, body)
    assert all_rows() == before


def test_a_message_about_a_live_account_erases_nothing(network: Network) -> None:
    user = network.customer()
    before = all_rows()
    with pytest.raises(Poison):
        deletion.handle_message(
            network.world, {"what": "account", "user_id": user, "message_id": deletion.message_id_of(user)}
        )
    assert all_rows() == before


def test_a_repeated_erasure_spares_the_new_owner_of_the_phone_number(network: Network) -> None:
    customer = customer_to_delete(network)
    customer.delete()
    again = seed.add_customer(network.world, customer.phone, customer.personal_values["username"])
    body = {"what": "account", "user_id": customer.user_id, "message_id": deletion.message_id_of(customer.user_id)}
    before = all_rows()
    deletion.handle_message(network.world, body)
    deletion.handle_message(network.world, body)
    after = all_rows()
    assert {table for table in before if before[table] != after[table]} == {"test-outbox"}
    assert sign_in(network.world, again).caller(network.world).user_id == again
    run_until_quiet(network)
    assert outbox.sweep(network.world) == 0
    assert network.books_balance()
