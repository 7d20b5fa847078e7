"""Damages custody, references, awards, codes and answers, each with the rule of the audit that it breaks."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from app import app
from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.money import ledger, ledger_entries
from chalicelib.domain.rewards.point_rules import signup_award_id
from chalicelib.services.auth import otp
from chalicelib.tables import accounts, postings
from chalicelib.tables.accounts import AccountRow
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import shared_connection
from chalicelib.tables.intent_references import ReferenceRow
from chalicelib.tables.intents import IntentRow
from chalicelib.tables.otp import ChallengeRow
from chalicelib.tables.outbox import OutboxRow
from chalicelib.tables.postings import PostingRow
from chalicelib.tables.powerbanks import PowerbankRow
from chalicelib.tables.rentals import RentalRow
from tests.services.audit.row_damage import change_account, customer_of
from tests.world.builders import LABIM, account
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.tokens import token_of


def credited_reference_gone(_: Network) -> None:
    for row in ReferenceRow.scan():
        if "#credited#" in row.reference:
            row.delete()


def reference_credited_twice(network: Network) -> None:
    network.customer()
    first, second = IntentRow.scan()
    second.credited_ref = first.credited_ref
    second.save()


def reference_names_nothing(_: Network) -> None:
    ReferenceRow(reference="khalti#credited#x", user_id="u", intent_id="i").save()


def bank_names_another_user(network: Network) -> None:
    other = network.customer()
    for row in PowerbankRow.scan():
        if row.custody is Custody.RENTED:
            row.update([PowerbankRow.user_id.set(other)])


def bank_unknown_for_ever(network: Network) -> None:
    bank = network.bank(LABIM.slots()[1][0] or "")
    long_ago = network.world.now() - timedelta(days=30)
    row = PowerbankRow.get(bank.powerbank_sn)
    row.custody, row.moved_at = Custody.UNKNOWN, long_ago
    row.save()


def bank_without_its_slot(_: Network) -> None:
    row = next(row for row in PowerbankRow.scan() if row.custody is Custody.SLOT)
    row.update([PowerbankRow.slot_number.remove()])


def bank_taken_out_in_its_slot(network: Network) -> None:
    row = next(row for row in PowerbankRow.scan() if row.custody is Custody.SLOT)
    row.update([PowerbankRow.taken_out_at.set(network.world.now())])


def bank_of_a_rental_gone(_: Network) -> None:
    for row in PowerbankRow.scan():
        if row.custody is Custody.RENTED:
            row.delete()


def posting_beyond_the_account(network: Network) -> None:
    """A sound posting that the account does not know."""
    before = account(customer_of(network))
    _, posting = ledger.post(before, ledger_entries.award_points(5), "points:lost", network.world.now())
    atomic(network.world, lambda ops: postings.add(ops, posting))


def awarded(network: Network, ref: str) -> None:
    def decide(ops: Transaction) -> None:
        after, posting = ledger.post(
            account(customer_of(network)), ledger_entries.award_points(50), ref, network.world.now()
        )
        accounts.save(ops, after)
        postings.add(ops, posting)

    atomic(network.world, decide)


def signup_points_twice(network: Network) -> None:
    awarded(network, signup_award_id("another key"))


def points_twice(network: Network) -> None:
    row = next(row for row in PostingRow.scan() if row.ref.startswith("points:topup:"))
    awarded(network, row.ref)


def due_without_rental(network: Network) -> None:
    change_account(network, due_paisa=5_000)


def reversal_due_with_money(network: Network) -> None:
    change_account(network, reversal_due_paisa=5_000)


def tried_six_times(network: Network) -> None:
    otp.request_code(network.world, "9841999999", "192.0.2.9")
    row = next(row for row in ChallengeRow.scan() if row.identifier.endswith("9841999999"))
    row.guesses = dict.fromkeys(row.guesses, 6)
    row.save()


def answered_rental_gone(network: Network) -> None:
    """A rental that a stored answer promised, and that is no more."""
    user_id = network.customer()
    order = {"station_sn": LABIM.sn, "package_id": "1-hour"}
    headers = {"Idempotency-Key": "one rental"}
    network.fake_world.clock.advance(minutes=1)
    reply = request(app, "POST", "/api/rentals/start", order, token=token_of(network, user_id), headers=headers)
    assert reply.status in (201, 202), reply.text
    assert network.books_balance()
    RentalRow(user_id, reply.data["id"]).delete()


def not_readable(model: Any, attribute: str) -> Callable[[Network], None]:
    """A row of the customer whose attribute has no possible value."""

    def damage(network: Network) -> None:
        client: Any = shared_connection().client
        row = next(row for row in model.scan() if row.user_id == customer_of(network))
        key = row.serialize(null_check=False)
        names = [name for name in (model._hash_keyname, model._range_keyname) if name]
        key = {name: value for name, value in key.items() if name in names}
        item = client.get_item(TableName=model.Meta.table_name, Key=key)["Item"]
        client.put_item(TableName=model.Meta.table_name, Item=item | {attribute: {"S": "{"}})

    return damage


def without_attribute(model: Any, attribute: str, value: Any = None) -> Callable[[Network], None]:
    """The scan itself can't read this attribute of a row: it is missing, or of another type."""

    def damage(network: Network) -> None:
        client: Any = shared_connection().client
        request(app, "POST", "/api/auth/get-otp", {"identifier": "+9779841999999"})
        item = client.scan(TableName=model.Meta.table_name)["Items"][0]
        rest = {name: old for name, old in item.items() if name != attribute}
        client.put_item(TableName=model.Meta.table_name, Item=rest | ({attribute: value} if value else {}))

    return damage


REFERENCE_DAMAGE: list[tuple[Callable[[Network], None], str]] = [
    (posting_beyond_the_account, "account_behind_its_postings"),
    (credited_reference_gone, "credited_reference_gone"),
    (reference_credited_twice, "reference_credited_twice"),
    (reference_names_nothing, "reference_without_intent"),
    (bank_names_another_user, "custody_differs_from_rental"),
    (bank_names_another_user, "open_rental_without_its_bank"),
    (bank_of_a_rental_gone, "open_rental_without_its_bank"),
    (bank_without_its_slot, "bank_without_its_slot"),
    (bank_taken_out_in_its_slot, "bank_taken_out_and_elsewhere"),
    (due_without_rental, "due_without_rental"),
    (reversal_due_with_money, "reversal_due_not_collected"),
    (reversal_due_with_money, "due_of_reversals_differs"),
    (tried_six_times, "otp_tried_too_often"),
    (signup_points_twice, "signup_points_awarded_twice"),
    (points_twice, "points_awarded_twice"),
    (bank_unknown_for_ever, "bank_unknown_too_long"),
    (answered_rental_gone, "answered_without_effect"),
    (not_readable(RentalRow, "terms"), "row_not_readable"),
    (not_readable(IntentRow, "state"), "row_not_readable"),
    (not_readable(AccountRow, "status"), "row_not_readable"),
    (without_attribute(ChallengeRow, "guesses"), "row_not_readable"),
    (without_attribute(OutboxRow, "due_at"), "row_not_readable"),
    (without_attribute(AccountRow, "seq", {"S": "ten"}), "row_not_readable"),
]
