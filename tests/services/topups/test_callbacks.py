"""Callbacks of gateways: they credit nothing by themselves, and none is lost."""

import json
from datetime import timedelta

import pytest

from chalicelib.domain.problems.problems import Problem
from chalicelib.services import outbox as outbox_messages
from chalicelib.services.topups import webhooks
from chalicelib.tables import outbox
from tests.world.payer import SUM, Payer


def test_a_callback_credits_nothing_by_itself(payer: Payer) -> None:
    intent = payer.open()
    assert receive_callback(payer, "khalti", {"pidx": f"ref-{intent.order_ref}"}) == intent.intent_id
    (body,) = payer.network.fake_world.queues.take(outbox_messages.PAYMENT_EVENTS)
    assert (body["user_id"], body["intent_id"]) == (intent.user_id, intent.intent_id)
    for content in ({}, {"pidx": ""}, {"pidx": "nobody's"}, {"intent_id": intent.intent_id, "status": "Completed"}):
        with pytest.raises(Problem, match="not_found"):
            receive_callback(payer, "khalti", content)
    assert payer.wallet == 0


def receive_callback(payer: Payer, gateway: str, content: dict[str, str]) -> str:
    """Receive a callback. Returns the id of its intent."""
    intent = webhooks.receive(payer.world, gateway, {}, json.dumps(content).encode())
    assert intent is not None
    return intent.intent_id


def test_one_gateways_signed_response_does_not_refer_to_anothers_intent(payer: Payer) -> None:
    intent = payer.open("khalti")
    with pytest.raises(Problem, match="not_found"):
        receive_callback(payer, "esewa", {"data": f"signed:{intent.order_ref}"})


def test_a_callback_is_stored_while_the_queue_is_unavailable(payer: Payer) -> None:
    intent = payer.open()
    payer.pay()
    payer.network.fake_world.queues.unavailable = True
    receive_callback(payer, "khalti", {"pidx": f"ref-{intent.order_ref}"})
    payer.network.fake_world.queues.unavailable = False
    payer.network.deliver_messages()
    assert payer.wallet == SUM
    assert outbox.waiting(payer.world.now() + timedelta(days=365), 500) == []
    assert payer.network.books_balance()
