"""Why an account may not rent."""

import pytest

from chalicelib.domain.account import Account, Status
from chalicelib.domain.kyc import KycStatus
from chalicelib.domain.problems import Problem


def test_every_reason_not_to_rent_is_listed() -> None:
    nobody = Account("u", status=Status.BANNED, due_paisa=1, open_rental_id="r")
    assert nobody.reasons_not_to_rent() == [
        "account_banned",
        "profile_incomplete",
        "kyc_required",
        "due_unpaid",
        "rental_open",
    ]
    able = Account("u", kyc_status=KycStatus.APPROVED, profile_complete=True)
    assert able.reasons_not_to_rent() == []
    with pytest.raises(Problem, match="account_banned"):
        nobody.must_be_able_to_rent()
