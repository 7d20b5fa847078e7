"""Checkouts: created once for each key, and only while the intent is payable."""

from datetime import timedelta

import pytest

from chalicelib.domain.payments.topup_intent import IntentState
from chalicelib.domain.problems.problems import Problem
from chalicelib.services.topups import crediting
from chalicelib.services.topups import intents as topup_intents
from chalicelib.tables import intents
from chalicelib.world import Rejected, Unavailable
from tests.world.payer import SUM, Payer
from tests.world.real_tables import all_rows


def test_a_rejected_checkout_is_reported_and_never_checked(payer: Payer) -> None:
    payer.khalti.fails = Rejected("validation_error")
    with pytest.raises(Problem, match="gateway_unavailable"):
        payer.open()
    payer.network.fake_world.clock.advance(minutes=5)
    assert crediting.sweep(payer.world) == 0


def test_a_repeated_request_creates_the_checkout_that_failed(payer: Payer) -> None:
    payer.khalti.fails = Unavailable("khalti")
    with pytest.raises(Problem, match="gateway_unavailable"):
        payer.open(key="tap")
    payer.network.fake_world.clock.advance(minutes=2)
    with pytest.raises(Problem, match="gateway_unavailable"):
        payer.open(key="tap")
    payer.khalti.fails = None
    payer.network.fake_world.clock.advance(minutes=2)
    opened = payer.open(key="tap")
    assert (opened.state, opened.next_check_at is not None) == (IntentState.PENDING, True)
    assert len(set(payer.khalti.created)) == 1
    payer.pay()
    payer.network.fake_world.clock.advance(minutes=5)
    crediting.sweep(payer.world)
    assert payer.wallet == SUM


@pytest.mark.parametrize(("gateway", "open_minutes"), [("khalti", 60), ("esewa", 90)])
def test_a_topup_is_open_no_longer_than_its_pay_page(payer: Payer, gateway: str, open_minutes: int) -> None:
    """Khalti's link lives for an hour, whatever a request says."""
    payer.network.fake_world.settings = payer.network.fake_world.settings.changed({"intent_ttl_minutes": 90})
    caller = payer.network.sessions[payer.user].caller(payer.world)
    intent, _ = topup_intents.open_intent(payer.world, caller, amount_paisa=SUM, method=gateway, return_url=None)
    assert intent.expires_at - intent.created_at == timedelta(minutes=open_minutes)


@pytest.mark.parametrize("over", ["expired", "cancelled"])
def test_a_repeated_request_after_expiry_gives_no_pay_page(payer: Payer, over: str) -> None:
    payer.khalti.fails = Unavailable("khalti")
    with pytest.raises(Problem, match="gateway_unavailable"):
        payer.open(key="tap")
    payer.khalti.fails = None
    if over == "cancelled":
        intent, *_ = intents.of_user(payer.user, after="0")
        topup_intents.cancel(payer.world, payer.caller(intent), intent.intent_id)
        payer.network.fake_world.clock.advance(minutes=2)
    else:
        payer.network.fake_world.clock.advance(minutes=31)
    with pytest.raises(Problem, match="topup_over"):
        payer.open(key="tap")
    assert payer.khalti.created == []


@pytest.mark.parametrize(
    ("paisa", "method", "url", "code"),
    [
        (999, "khalti", None, "amount_out_of_range"),
        (10_000_001, "khalti", None, "amount_out_of_range"),
        (5_000_001, "esewa", None, "amount_out_of_range"),
        (1_000, "paypal", None, "payment_method_unavailable"),
        (19_999, "stripe", None, "amount_out_of_range"),
        (1_000, "khalti", "https://evil.example.com/", "return_url_not_allowed"),
    ],
)
def test_a_checkout_that_cannot_be_created_changes_nothing(
    payer: Payer, paisa: int, method: str, url: str | None, code: str
) -> None:
    caller = payer.network.sessions[payer.user].caller(payer.world)
    before = all_rows()
    with pytest.raises(Problem, match=code):
        topup_intents.open_intent(payer.world, caller, amount_paisa=paisa, method=method, return_url=url)
    assert all_rows() == before


def test_the_signed_form_is_shown_only_while_payable(payer: Payer) -> None:
    esewa, khalti = payer.open("esewa"), payer.open("khalti")
    assert topup_intents.checkout(payer.world, esewa.intent_id).form_fields
    for intent_id in (khalti.intent_id, "nobodys"):
        with pytest.raises(Problem, match="not_found"):
            topup_intents.checkout(payer.world, intent_id)
    payer.network.fake_world.clock.advance(minutes=30)
    with pytest.raises(Problem, match="not_found"):
        topup_intents.checkout(payer.world, esewa.intent_id)
