"""Damages rows about people, alive or deleted, each with the rule of the audit that it breaks."""

from collections.abc import Callable

from app import app
from chalicelib.domain.accounts.account import Status
from chalicelib.domain.operators.role import Role
from chalicelib.domain.users.kyc import KycStatus
from chalicelib.tables.accounts import AccountRow
from chalicelib.tables.devices import DeviceCountRow, DeviceRow
from chalicelib.tables.identities import IdentityRow
from chalicelib.tables.issues import StationIssueRow
from chalicelib.tables.kyc import KycSubmissionRow
from chalicelib.tables.operators import OperatorRow
from chalicelib.tables.rental_issues import RentalIssueRow
from chalicelib.tables.users import UserRow
from tests.scenarios.deletion_scenario import delete_customer
from tests.services.audit.row_damage import change_account, customer_of
from tests.world.builders import LABIM
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.run_until_quiet import run_until_quiet
from tests.world.tokens import token_of


def identity_gone(kind: str) -> Callable[[Network], None]:
    def plant(network: Network) -> None:
        for row in IdentityRow.scan():
            if row.identity.startswith(f"{kind}#") and row.user_id == customer_of(network):
                row.delete()

    return plant


def identity_of_another(network: Network) -> None:
    other = network.customer()
    for row in IdentityRow.scan():
        if row.identity.startswith("phone#") and row.user_id == customer_of(network):
            row.update([IdentityRow.user_id.set(other)])


def second_phone_identity(network: Network) -> None:
    IdentityRow(identity="phone#another", user_id=customer_of(network)).save()


def user_gone(network: Network) -> None:
    UserRow(customer_of(network)).delete()


def user_without_account(network: Network) -> None:
    row = UserRow.get(customer_of(network))
    row.user_id = "nobody"
    row.save()


def second_factor_forgotten(network: Network) -> None:
    """An operator's second factor is on the account, and not on the operator's row."""
    operator = network.operator("desk@example.com", Role.SUPPORT).user_id
    AccountRow(operator).update([AccountRow.second_factor.set(True)])


def operator_without_account(network: Network) -> None:
    operator = network.operator("desk@example.com", Role.SUPPORT).user_id
    AccountRow(operator).delete()


def kyc_submission_gone(network: Network) -> None:
    KycSubmissionRow(customer_of(network)).delete()


def kyc_status_differs(network: Network) -> None:
    change_account(network, kyc_status=KycStatus.PENDING)


def profile_incomplete(network: Network) -> None:
    UserRow(customer_of(network)).update([UserRow.address.remove()])


def reminder_of_complete_profile(network: Network) -> None:
    UserRow(customer_of(network)).update([UserRow.reminder_at.set(network.world.now())])


def device_uncounted(network: Network) -> None:
    user_id = customer_of(network)
    device = {"device_id": "d1", "fcm_token": "a-token-of-this-device", "device_type": "web"}
    reply = request(app, "POST", "/api/auth/device", device, token=token_of(network, user_id))
    assert reply.status == 200, reply.text
    assert network.books_balance()
    DeviceCountRow(user_id).delete()


def device_row_gone(network: Network) -> None:
    """The customer has two devices by the count, and none by the rows."""
    DeviceCountRow(user_id=customer_of(network), devices_count=2, version=1).save()


def deleted_without_deletion(network: Network) -> None:
    """Only the status of the account changes: its money, person, documents, identities and rental stay."""
    change_account(network, status=Status.DELETED)


def due_of_a_deleted_account(network: Network) -> None:
    change_account(network, due_paisa=5_000, status=Status.DELETED)


def properly_deleted(network: Network) -> str:
    """A customer whose account is deleted and erased. Returns the id."""
    user_id = network.customer()
    delete_customer(network, user_id)
    run_until_quiet(network)
    assert network.books_balance()
    return user_id


def person_left(network: Network) -> None:
    row = UserRow.get(customer_of(network))
    row.user_id = properly_deleted(network)
    row.save()


def submission_left(network: Network) -> None:
    row = KycSubmissionRow.get(customer_of(network))
    row.user_id = properly_deleted(network)
    row.save()


def identity_left(network: Network) -> None:
    IdentityRow(identity="username#gone", user_id=properly_deleted(network)).save()


def device_left(network: Network) -> None:
    user_id = properly_deleted(network)
    now = network.world.now()
    DeviceRow(user_id=user_id, device_id="d", device_type="web", last_used_at=now, version=1).save()


def issue_left(network: Network) -> None:
    """An issue with a station that names the deleted account as its reporter."""
    report = {"issue_type": "dirty", "description": "sticky"}
    reporter = network.customer()
    reply = request(app, "POST", f"/api/stations/{LABIM.sn}/report-issue", report, token=token_of(network, reporter))
    row = StationIssueRow.get(reporter, reply.data["id"])
    row.user_id = properly_deleted(network)
    row.save()


def rental_issue_left(network: Network) -> None:
    """An issue with a rental that names the deleted account as its reporter."""
    report = {"issue_type": "not_working", "description": "no light"}
    network.fake_world.clock.advance(minutes=1)
    rental = network.rented(network.customer())
    path = f"/api/rentals/{rental.rental_id}/report-issue"
    reply = request(app, "POST", path, report, token=token_of(network, rental.user_id))
    row = RentalIssueRow.get(rental.user_id, reply.data["id"])
    row.user_id = properly_deleted(network)
    row.save()


def money_left(network: Network) -> None:
    AccountRow(properly_deleted(network)).update([AccountRow.wallet_paisa.set(100)])


def late_money_forgotten(network: Network) -> None:
    """Money that came after the deletion, and that no operator has paid back for a week."""
    user_id = network.customer()
    intent_id = network.open_topup(user_id)
    network.fake_world.clock.advance(minutes=31)
    delete_customer(network, user_id)
    network.pay_topup(user_id, intent_id)
    run_until_quiet(network)
    assert network.books_balance()
    network.fake_world.clock.advance(days=8)


def operator_gone(network: Network) -> None:
    operator = network.operator("gone@example.com", Role.SUPPORT)
    for row in OperatorRow.scan():
        if row.user_id == operator.user_id:
            row.delete()


PEOPLE_DAMAGE: list[tuple[Callable[[Network], None], str]] = [
    (money_left, "balance_differs"),
    (late_money_forgotten, "money_of_deleted_account_waits"),
    *((identity_gone(kind), "identity_gone") for kind in ("phone", "username", "referral", "document")),
    (identity_of_another, "identity_of_another"),
    (identity_of_another, "identity_not_of_its_user"),
    (second_phone_identity, "identity_not_of_its_user"),
    (user_gone, "user_gone"),
    (user_without_account, "users_without_account"),
    (deleted_without_deletion, "deleted_account_has_money"),
    (deleted_without_deletion, "deleted_account_has_person"),
    (deleted_without_deletion, "deleted_account_has_submission"),
    (deleted_without_deletion, "deleted_account_has_identity"),
    (deleted_without_deletion, "deleted_account_has_sessions"),
    (deleted_without_deletion, "deleted_account_has_open_rental"),
    (due_of_a_deleted_account, "deleted_account_has_due"),
    (person_left, "deleted_account_has_person"),
    (submission_left, "deleted_account_has_submission"),
    (identity_left, "deleted_account_has_identity"),
    (device_left, "deleted_account_has_devices"),
    (issue_left, "deleted_account_has_issues"),
    (rental_issue_left, "deleted_account_has_issues"),
    (money_left, "deleted_account_has_money"),
    (kyc_submission_gone, "kyc_submission_gone"),
    (kyc_status_differs, "kyc_status_differs"),
    (second_factor_forgotten, "second_factor_differs"),
    (operator_without_account, "operators_without_account"),
    (operator_gone, "operator_gone"),
    (profile_incomplete, "profile_complete_differs"),
    (reminder_of_complete_profile, "profile_reminder_differs"),
    (device_uncounted, "device_count_differs"),
    (device_row_gone, "device_count_differs"),
]
