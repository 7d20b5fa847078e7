"""Order references and transaction ids are read back as they were written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.payments.order_reference import intent_id_of, order_reference
from chalicelib.domain.payments.transaction_id import parse_transaction_id, seq_of, transaction_id

IDS = st.text(st.characters(codec="ascii", categories=["L", "N"], include_characters="-"), min_size=1)


@given(IDS)
def test_an_order_reference_names_its_intent(intent_id: str) -> None:
    assert intent_id_of(order_reference(intent_id)) == intent_id


@pytest.mark.parametrize("text", ["", "-", "-1", "01J0", "\ud800"])
def test_another_text_names_no_intent(text: str) -> None:
    assert intent_id_of(text) is None


@given(IDS, st.integers(1, 10**15 - 1))
def test_a_transaction_id_names_its_posting(user_id: str, seq: int) -> None:
    assert parse_transaction_id(transaction_id(user_id, seq)) == (user_id, seq)
    assert seq_of(user_id, transaction_id(user_id, seq)) == seq
    assert seq_of(user_id + "x", transaction_id(user_id, seq)) is None


@pytest.mark.parametrize("text", ["", "-1", "u-", "u-0", "u-01", "u-x", "u-٣", "u1", "u-1234567890123456"])
def test_another_text_is_no_transaction_id(text: str) -> None:
    assert parse_transaction_id(text) is None
