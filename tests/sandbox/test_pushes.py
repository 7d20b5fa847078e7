"""Notifications over HTTP: a push in the user's language and the same text in the app, also when FCM fails."""

import itertools
from typing import Any

from infra.local.client import Api
from infra.local.customer import Customer
from tests.sandbox.conftest import RunningSandbox

_numbers = itertools.count(1)


def newcomer(running_sandbox: RunningSandbox, token: str, language: str = "en") -> Customer:
    """A customer without a KYC submission, with a registered device."""
    number = next(_numbers)
    customer = Customer(
        Api(running_sandbox.api_url), running_sandbox.sandbox, f"+9779863{550_000 + number}", f"reader{number}"
    )
    customer.sign_up()
    customer.api.call_expecting("PATCH", "/api/user/profile", {"language": language})
    register(customer, token)
    return customer


def register(customer: Customer, token: str, device_id: str = "phone") -> None:
    device = {"device_id": device_id, "fcm_token": token, "device_type": "android"}
    assert customer.api.post("/api/auth/device", device)["fcm_token"] == token


def pushed(running_sandbox: RunningSandbox, token: str) -> list[Any]:
    running_sandbox.sandbox.drain()
    pushes: list[Any] = running_sandbox.sandbox.get(f"/pushes?token={token}")
    return pushes


def notified(customer: Customer) -> Any:
    return customer.api.get("/api/user/notifications?type=kyc_status")


def test_an_approval_is_pushed_and_shown_in_the_users_language(running_sandbox: RunningSandbox) -> None:
    customer = newcomer(running_sandbox, "fcm-approved", "ne")
    customer.complete_kyc(running_sandbox.operator())
    (push,) = pushed(running_sandbox, "fcm-approved")
    answer = notified(customer)
    (shown,) = answer["results"]
    assert push["title"] == shown["title"] == "पहिचान प्रमाणित भयो"
    assert push["body"] == shown["message"]
    assert push["data"] == {"notification_id": shown["id"], "type": "kyc_status"}
    welcome = customer.api.get("/api/user/notifications?type=rewards")["results"]
    assert (shown["is_read"], answer["unread_count"]) == (False, 1 + len(welcome))
    assert customer.api.post("/api/user/notifications/mark-all-read")["unread_count"] == 0
    assert customer.api.call_expecting("DELETE", f"/api/user/notification/{shown['id']}").data == {"id": shown["id"]}
    assert notified(customer)["results"] == []


def test_a_broadcast_reaches_every_phone_once_in_its_language(running_sandbox: RunningSandbox) -> None:
    readers = {language: newcomer(running_sandbox, f"fcm-all-{language}", language) for language in ("en", "ne")}
    texts = {"title": "Works again", "title_ne": "फेरि चल्यो", "message": "Thank you.", "message_ne": "धन्यवाद।"}
    operator = running_sandbox.operator()
    sent = operator.call_expecting("POST", "/api/admin/system/broadcast", texts, want=201).data
    for language, title in (("en", texts["title"]), ("ne", texts["title_ne"])):
        of_broadcast = [
            push for push in pushed(running_sandbox, f"fcm-all-{language}") if push["data"]["type"] == "broadcast"
        ]
        assert [(push["title"], push["data"]["notification_id"]) for push in of_broadcast] == [(title, sent["id"])]
    # another process of the API shows it within half a minute
    running_sandbox.sandbox.advance(seconds=31)
    for language, reader in readers.items():
        (shown,) = reader.api.get("/api/user/notifications?type=broadcast")["results"]
        assert shown["message"] == texts["message_ne" if language == "ne" else "message"]
        reader.api.call_expecting("DELETE", f"/api/user/notification/{shown['id']}")
        assert reader.api.get("/api/user/notifications?type=broadcast")["results"] == []


def test_a_top_up_is_shown_and_not_pushed(running_sandbox: RunningSandbox) -> None:
    customer = running_sandbox.customer(None)
    register(customer, "fcm-topup")
    customer.top_up("khalti", "120.50")
    (shown,) = customer.api.get("/api/user/notifications?type=payment_status")["results"]
    assert shown["data"]["amount"] == "120.50"
    assert "120.50" in shown["message"]
    # at night the push of the approval waits, and the drain sends it
    pushes = pushed(running_sandbox, "fcm-topup")
    assert [push for push in pushes if push["data"]["type"] != "kyc_status"] == []


def test_an_unknown_push_token_is_removed(running_sandbox: RunningSandbox) -> None:
    customer = newcomer(running_sandbox, "unregistered-1")
    register(customer, "fcm-other", "tablet")
    customer.complete_kyc(running_sandbox.operator())
    assert len(pushed(running_sandbox, "fcm-other")) == 1
    assert sends(running_sandbox, "unregistered-1") == 1
    running_sandbox.sandbox.advance(seconds=130)
    assert sends(running_sandbox, "unregistered-1") == 1


def sends(running_sandbox: RunningSandbox, token: str) -> int:
    """The number of pushes to a token."""
    return [call["body"]["message"]["token"] for call in running_sandbox.sandbox.get("/calls?service=fcm")].count(
        token
    )


def test_a_push_waits_for_fcm_and_is_sent_once(running_sandbox: RunningSandbox) -> None:
    customer = newcomer(running_sandbox, "fcm-patient")
    with running_sandbox.outage("fcm"):
        customer.complete_kyc(running_sandbox.operator())
        assert pushed(running_sandbox, "fcm-patient") == []
        assert len(notified(customer)["results"]) == 1
    running_sandbox.sandbox.advance(seconds=130)
    assert len(pushed(running_sandbox, "fcm-patient")) == 1
    running_sandbox.sandbox.advance(seconds=300)
    assert len(pushed(running_sandbox, "fcm-patient")) == 1


def test_a_push_token_moves_to_its_new_owner(running_sandbox: RunningSandbox) -> None:
    seller, buyer = newcomer(running_sandbox, "fcm-sold"), newcomer(running_sandbox, "fcm-old")
    register(buyer, "fcm-sold")
    seller.complete_kyc(running_sandbox.operator())
    assert pushed(running_sandbox, "fcm-sold") == []
    buyer.complete_kyc(running_sandbox.operator())
    assert len(pushed(running_sandbox, "fcm-sold")) == 1
    assert pushed(running_sandbox, "fcm-old") == []
