"""The audit of one account's person: user, KYC submission, identities, devices, and what a deletion left of them."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from chalicelib.domain.accounts.rent_eligibility import is_profile_complete
from chalicelib.domain.money.ledger import USER_LEGS
from chalicelib.domain.operations.audit import Violation
from chalicelib.domain.operators.role import Role
from chalicelib.domain.users.kyc import KycStatus
from chalicelib.services.audit.account_case import AccountCase

MAX_STRANDED_AGE = timedelta(days=7)
"""How long money that came after a deletion may wait for an operator: an alarm reported it when it came."""


def signup_violations(case: AccountCase) -> Iterator[Violation]:
    """Whose registration earned points is known for good, so that no other account earns them again."""
    for _ in case.lost_signups:
        yield Violation("signup_identity_gone", case.account.user_id)


def person_violations(case: AccountCase, now: datetime) -> Iterator[Violation]:
    """Every rule about the person that does not hold."""
    if case.account.deleted:
        yield from _left_by_deletion(case, now)
        return
    yield from _kyc(case)
    yield from _profile(case)
    if case.account.second_factor != (case.operator is not None and case.operator.has_second_factor):
        yield Violation("second_factor_differs", case.account.user_id)
    if case.account.is_active_operator and case.operator is None:
        yield Violation("operator_gone", case.account.user_id)
    elif case.account.is_active_operator and case.password_owner != case.account.user_id:
        yield Violation("credentials_gone", case.account.user_id)
    for (kind, _), owner in case.owners.items():
        if owner is None:
            yield Violation("identity_gone", case.account.user_id, kind)
        elif owner != case.account.user_id:
            yield Violation("identity_of_another", case.account.user_id, f"{kind} {owner}")
    count = case.device_count.devices_count if case.device_count else 0
    if count != len(case.devices):
        yield Violation("device_count_differs", case.account.user_id, f"{count} {len(case.devices)}")


def _kyc(case: AccountCase) -> Iterator[Violation]:
    account, submission = case.account, case.submission
    if submission is None:
        if account.kyc_status is not KycStatus.NOT_SUBMITTED:
            yield Violation("kyc_submission_gone", account.user_id, account.kyc_status.value)
    elif submission.status is not account.kyc_status:
        yield Violation("kyc_status_differs", account.user_id, f"{account.kyc_status} {submission.status}")


def _profile(case: AccountCase) -> Iterator[Violation]:
    account, user = case.account, case.user
    if user is None:
        if account.role is Role.CUSTOMER:
            yield Violation("user_gone", account.user_id)
    elif account.profile_complete != is_profile_complete(user):
        yield Violation("profile_complete_differs", account.user_id, f"{account.profile_complete}")
    elif (user.reminder_at is None) != account.profile_complete:
        yield Violation("profile_reminder_differs", account.user_id, f"{account.profile_complete}")


def _left_by_deletion(case: AccountCase, now: datetime) -> Iterator[Violation]:
    """Money, dues and personal data that a deletion should have ended. Personal data may wait for its message."""
    account, user_id = case.account, case.account.user_id
    left = {name: getattr(account, field) - case.ledger.late_sums[name] for name, field in USER_LEGS.items()}
    if left.pop("due"):
        yield Violation("deleted_account_has_due", user_id)
    if any(left.values()):
        yield Violation("deleted_account_has_money", user_id)
    elif account.wallet_paisa and account.posted_at and now - account.posted_at > MAX_STRANDED_AGE:
        yield Violation("money_of_deleted_account_waits", user_id)
    if case.erasing:
        return
    personal = {
        "person": case.user,
        "submission": case.submission,
        "devices": case.devices or case.device_count,
        "sessions": case.has_session_list,
        "issues": case.has_issues,
    }
    for name, rows in personal.items():
        if rows:
            yield Violation(f"deleted_account_has_{name}", user_id)
