"""Whether an account may rent."""

import pytest

from chalicelib.domain.accounts.account import Account, Status
from chalicelib.domain.accounts.rent_eligibility import must_be_able_to_rent, reasons_not_to_rent
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.users.kyc import KycStatus


def test_every_reason_not_to_rent_is_listed() -> None:
    banned_debtor = Account("u", status=Status.BANNED, due_paisa=1, open_rental_id="r")
    assert reasons_not_to_rent(banned_debtor) == [
        "account_banned",
        "profile_incomplete",
        "kyc_required",
        "due_unpaid",
        "rental_open",
    ]
    eligible = Account("u", kyc_status=KycStatus.APPROVED, profile_complete=True)
    assert reasons_not_to_rent(eligible) == []
    with pytest.raises(Problem, match="account_banned"):
        must_be_able_to_rent(banned_debtor)
