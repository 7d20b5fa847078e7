"""Deleting an account: refused while anything is open, once, and then nobody is left behind it."""

from dataclasses import replace
from io import StringIO
from typing import Any

import pytest

from chalicelib.domain.account import Status
from chalicelib.domain.ledger import PostingKind
from chalicelib.domain.messages import Poison
from chalicelib.domain.payment_gateway import Outcome, Paid
from chalicelib.domain.problems import Problem
from chalicelib.domain.upload import Purpose
from chalicelib.services import outbox
from chalicelib.services.auth import identifier_keys
from chalicelib.services.media import lifecycle, uploads
from chalicelib.services.rentals import queries
from chalicelib.services.rewards import points
from chalicelib.services.topups import crediting
from chalicelib.services.users import deletion, erasure
from chalicelib.tables import accounts, postings
from chalicelib.tables.atomic import atomic
from chalicelib.tables.identities import IdentityRow
from chalicelib.world import Away
from infra.local import seed
from tests.builders import LABIM, account, sign_in
from tests.doors import everything
from tests.leaver import deleted, leaver, settle, traces_of
from tests.street import Street


def test_somebody_who_is_there_leaves_traces_in_every_place(street: Street) -> None:
    """Or the other tests would look for nothing."""
    one = leaver(street)
    found = traces_of(one)
    assert {what for _, what, _ in found} == {*one.canaries, "a file"}
    tables = {"test-" + name for name in ("users", "papers", "devices", "push_log", "challenges")}
    assert tables <= {place for _, _, place in found}
    assert len(one.files) == 2
    rows = everything()
    for table in (
        "signed_in",
        "sessions",
        "answers",
        "uploads",
        "notifications",
        "device_counts",
        "push_tokens",
        "identities",
    ):
        assert any(one.user_id in row for row in rows[f"test-{table}"]), table
    assert street.books_balance()


KEYED = (
    "signed_in",
    "sessions",
    "answers",
    "uploads",
    "notifications",
    "device_counts",
    "push_tokens",
    "identities",
)
"""Tables that hold nothing of a person but whose it is."""


def test_a_deleted_account_leaves_nothing_of_its_person(street: Street, heard: StringIO) -> None:
    one = leaver(street)
    files = one.files
    assert one.delete() == street.world.now()
    assert [trace for trace in traces_of(one) if trace[1] != "a file"] == []
    settle(street)
    assert traces_of(one) == []
    assert set(files) <= {public_id for public_id, _, _ in street.scene.media.forgotten}
    assert [canary for canary in (one.document, *one.canaries.values()) if canary in heard.getvalue()] == []
    rows = everything()
    left = {table for table, found in rows.items() if any(one.user_id in row for row in found)}
    assert left == {f"test-{name}" for name in LEFT}
    assert [table for table, found in rows.items() if any(one.rejection in row for row in found)] == [
        "test-audit_log"
    ]
    assert rows["test-outbox"] == []
    assert street.books_balance()


LEFT = {
    "accounts",
    "answers",
    "postings",
    "intents",
    "refunds",
    "refund_tallies",
    "gateway_references",
    "identities",
    "audit_log",
    "counters",
}
"""Where the account's id stays: money, the bonus that was had, what operators did and by which key, counts that end
by the hour."""


def test_only_the_bonus_rows_of_the_identities_stay(street: Street) -> None:
    one = leaver(street)
    one.delete()
    left = {row.identity for row in IdentityRow.scan() if row.user_id == one.user_id}
    known_by = (one.phone, one.canaries["email"])
    assert left == {f"bonus#{identifier_keys.identifier_key(street.world, text)}" for text in known_by}


@pytest.mark.parametrize("by", ["phone", "email"])
def test_the_same_person_comes_back_as_somebody_new_without_a_second_bonus(street: Street, by: str) -> None:
    """By what they had registered with, and by what the account was known by later."""
    one = leaver(street)
    one.delete()
    identifier = one.phone if by == "phone" else one.canaries["email"]
    again = seed.add_customer(street.world, identifier, one.canaries["username"])
    assert again != one.user_id
    settle(street)
    found = account(again)
    assert (found.points, found.wallet_paisa, found.status) == (0, 0, Status.ACTIVE)
    assert account(one.user_id).status is Status.DELETED
    assert street.books_balance()


def test_what_is_left_is_forfeited_and_nothing_of_it_was_spent(street: Street) -> None:
    one = leaver(street)
    before = account(one.user_id)
    one.delete()
    after = account(one.user_id)
    assert (before.wallet_paisa, before.points) == (100_000, 150)
    assert (after.wallet_paisa, after.points, after.spent_paisa) == (0, 0, before.spent_paisa)
    assert (after.status, after.token_epoch) == (Status.DELETED, before.token_epoch + 1)
    (last,) = postings.newest(one.user_id, before=None, limit=1)
    assert (last.kind, last.of("revenue:forfeited"), last.of("liability:points")) == (
        PostingKind.FORFEIT,
        100_000,
        150,
    )
    assert street.books_balance()


def test_an_account_with_nothing_in_it_goes_without_a_posting(street: Street) -> None:
    user = street.customer(wallet_paisa=0)
    atomic(street.world, lambda ops: accounts.save(ops, replace(account(user), points=0)))
    seq = account(user).seq
    deleted(street, user, forfeit=False)
    assert account(user).status is Status.DELETED
    assert account(user).seq == seq


def test_a_disputed_topup_keeps_the_account_until_an_operator_has_placed_it(street: Street) -> None:
    user = street.customer(wallet_paisa=0)
    intent_id = street.open_topup(user)
    street.scene.khalti.outcomes[intent_id] = Outcome(Paid.PAID, "theirs", 1_234)
    crediting.hear_news(street.world, user, intent_id)
    street.scene.clock.pass_(days=4)
    with pytest.raises(Problem, match="topup_pending"):
        deleted(street, user)


def test_a_file_that_was_on_its_way_goes_when_it_has_come(street: Street) -> None:
    one = leaver(street)
    upload, _ = uploads.sign(street.world, one.caller(), "image/jpeg", 1_000, Purpose.GENERAL)
    one.delete()
    settle(street)
    street.scene.media.keep(b"\xff\xd8\xff direct", public_id=upload.public_id, kind="image", private=False)
    assert one.files == [upload.public_id]
    street.scene.clock.pass_(minutes=90)
    lifecycle.sweep(street.world)
    settle(street)
    assert one.files == []
    assert traces_of(one) == []
    assert not any(one.user_id in row for row in everything()["test-uploads"])


def test_a_media_store_that_is_away_delays_only_the_files(street: Street) -> None:
    one = leaver(street)
    street.scene.media.fails = Away("cloudinary")
    one.delete()
    settle_without_media(street)
    assert [what for _, what, _ in traces_of(one)] == ["a file"]
    street.scene.media.fails = None
    settle(street)
    assert traces_of(one) == []
    assert seed.add_customer(street.world, one.phone, "somebody") != one.user_id
    assert street.books_balance()


def settle_without_media(street: Street) -> None:
    with pytest.raises(AssertionError, match="never quiet"):
        settle(street)


def test_storage_that_fails_half_way_is_no_failed_deletion(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    one = leaver(street)

    def away(world: Any, user_id: str) -> None:
        raise Problem("storage_unavailable")

    monkeypatch.setattr(erasure, "ERASERS", (*erasure.ERASERS[:3], away))
    assert one.delete() is not None
    monkeypatch.undo()
    assert traces_of(one) != []
    settle(street)
    assert traces_of(one) == []


def test_money_that_comes_late_is_credited_to_the_pseudonym_and_told(street: Street, heard: StringIO) -> None:
    user = street.customer()
    intent_id = street.open_topup(user)
    street.scene.clock.pass_(minutes=31)
    deleted(street, user)
    settle(street)
    street.scene.khalti.outcome = Outcome(Paid.PAID, "their-reference", 50_000)
    crediting.hear_news(street.world, user, intent_id)
    crediting.hear_news(street.world, user, intent_id)
    assert account(user).wallet_paisa == 50_000
    assert heard.getvalue().count('"fact":"money_for_deleted_account"') == 1
    settle(street)
    assert account(user).points == 50
    assert not any(user in row for row in everything()["test-notifications"])
    assert street.books_balance()


def test_points_and_device_news_for_somebody_who_has_gone_do_not_fail(street: Street) -> None:
    user = street.customer(wallet_paisa=0)
    rental = street.rented(street_rich(street, user))
    street.scene.clock.pass_(minutes=5)
    street.hear_return(LABIM, rental.powerbank_sn)
    late = f"points:late:{user}"
    news: dict[str, Any] = {"user_id": user, "points": 5, "message_id": late}
    atomic(street.world, lambda ops: outbox.write(ops, street.world, outbox.POINTS, late, news))
    deleted(street, user)
    street.hear_return(LABIM, rental.powerbank_sn)
    street.hear_change(LABIM, rental.powerbank_sn)
    assert points.award(street.world, news)
    assert account(user).points == 5
    assert queries.read(street.world, user, rental.rental_id).state.value == "completed"
    settle(street)
    assert street.books_balance()


def street_rich(street: Street, user: str) -> str:
    seed.fill_wallet(street.world, user, 10_000)
    return user


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
def test_a_message_that_names_no_deleted_account_erases_nobody(street: Street, body: dict[str, Any]) -> None:
    street.customer()
    before = everything()
    with pytest.raises(Poison):
        deletion.hear(street.world, body)
    assert everything() == before


def test_a_message_about_somebody_who_is_there_erases_nobody(street: Street) -> None:
    user = street.customer()
    before = everything()
    with pytest.raises(Poison):
        deletion.hear(street.world, {"what": "account", "user_id": user, "message_id": deletion.message_id_of(user)})
    assert everything() == before


def test_the_erasing_heard_again_leaves_whoever_has_the_phone_now_alone(street: Street) -> None:
    one = leaver(street)
    one.delete()
    again = seed.add_customer(street.world, one.phone, one.canaries["username"])
    body = {"what": "account", "user_id": one.user_id, "message_id": deletion.message_id_of(one.user_id)}
    before = everything()
    deletion.hear(street.world, body)
    deletion.hear(street.world, body)
    after = everything()
    assert {table for table in before if before[table] != after[table]} == {"test-outbox"}
    assert sign_in(street.world, again).caller(street.world).user_id == again
    settle(street)
    assert outbox.sweep(street.world) == 0
    assert street.books_balance()
