"""Whether an account may rent: the reasons that forbid it, apart from money, and what a complete profile is."""

from chalicelib.domain.accounts.account import Account, Status
from chalicelib.domain.problems.problem_codes import FinalCode
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.users.kyc import KycStatus
from chalicelib.domain.users.user import User


def reasons_not_to_rent(account: Account) -> list[FinalCode]:
    """The codes of the problems that forbid a rental now, apart from money. Empty if there are none."""
    checks: tuple[tuple[FinalCode, bool], ...] = (
        ("account_banned", account.status is not Status.ACTIVE),
        ("profile_incomplete", not account.profile_complete),
        ("kyc_required", account.kyc_status is not KycStatus.APPROVED),
        ("due_unpaid", account.due_paisa > 0),
        ("rental_open", account.open_rental_id is not None),
    )
    return [code for code, holds in checks if holds]


def must_be_able_to_rent(account: Account) -> None:
    """Raises the first Problem that forbids a rental, with all reasons in its details."""
    reasons = reasons_not_to_rent(account)
    if reasons:
        raise Problem(reasons[0], reasons=reasons, kyc_status=account.kyc_status.value)


def is_profile_complete(user: User) -> bool:
    """Whether the user has filled in full name, date of birth and address."""
    return bool(user.full_name and user.date_of_birth and user.address)
