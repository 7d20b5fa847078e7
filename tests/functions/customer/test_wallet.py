"""Statement lines: every kind of posting has a description in both languages."""

from datetime import UTC, datetime

import pytest

from chalicelib.domain.money.ledger import Leg, Posting, PostingKind
from functions.customer.wallet import to_statement_line

TYPES = {"topup", "rental", "extension", "late_fee", "due", "refund", "adjustment", "points"}


@pytest.mark.parametrize("kind", PostingKind)
def test_every_kind_of_posting_has_a_description(kind: PostingKind) -> None:
    legs = (Leg("wallet", "NPR", 100), Leg("elsewhere", "NPR", -100))
    posting = Posting("u", 1, kind, "ref", datetime(2026, 11, 23, tzinfo=UTC), legs, 100, 0, "", "")
    line, nepali_line = to_statement_line(posting, "en"), to_statement_line(posting, "ne")
    assert line.type in TYPES
    assert line.description.isascii()
    assert not nepali_line.description.isascii()
    assert line.amount == nepali_line.amount == "1.00"
