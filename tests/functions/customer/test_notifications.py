"""Routes of notifications: pages, filters and languages."""

from collections.abc import Mapping

import pytest

from app import app
from chalicelib.domain.notification_kinds import NotificationKind
from chalicelib.services.notifications import inbox
from chalicelib.tables.atomic import Transaction, atomic
from tests.counting import counted
from tests.http_client import request
from tests.network import Network
from tests.tokens import token_of

LIST = "/api/user/notifications"
DEVICE = {"device_id": "phone", "fcm_token": "token-1", "device_type": "android"}


@pytest.fixture
def user(network: Network) -> str:
    """Has notifications of three top-ups, one minute apart, and of a rejection."""
    made = network.customer(wallet_paisa=0)
    network.clear_inbox(made)
    notices: list[tuple[NotificationKind, dict[str, object]]] = [
        (NotificationKind.TOPUP_CREDITED, {"amount_paisa": 1_000, "intent_id": "i1"}),
        (NotificationKind.TOPUP_CREDITED, {"amount_paisa": 2_000, "intent_id": "i2"}),
        (NotificationKind.KYC_REJECTED, {"reason": "blurred"}),
        (NotificationKind.TOPUP_CREDITED, {"amount_paisa": 3_000, "intent_id": "i3"}),
    ]
    for kind, data in notices:
        send_notice(network, made, kind, data)
        network.fake_world.clock.advance(minutes=1)
    return made


def send_notice(network: Network, user: str, kind: NotificationKind, data: Mapping[str, object]) -> None:
    def decide(ops: Transaction) -> None:
        inbox.notify(ops, network.world, user, kind, data)

    atomic(network.world, decide)


def test_notifications_are_paged_newest_first_and_each_once(network: Network, user: str) -> None:
    token, path, amounts = token_of(network, user), f"{LIST}?type=payment_status&limit=2", []
    page = request(app, "GET", path, token=token).data
    amounts += [item["data"]["amount"] for item in page["results"]]
    page = request(app, "GET", f"{path}&cursor={page['next_cursor']}", token=token).data
    amounts += [item["data"]["amount"] for item in page["results"]]
    assert amounts == ["30.00", "20.00", "10.00"]
    assert page["next_cursor"] is None
    assert page["unread_count"] == 4


def test_notifications_are_filtered_by_read_and_unread(network: Network, user: str) -> None:
    token = token_of(network, user)
    newest = request(app, "GET", LIST, token=token).data["results"][0]["id"]
    assert request(app, "POST", f"/api/user/notification/{newest}", {}, token=token).data["is_read"]
    read = request(app, "GET", f"{LIST}?is_read=true", token=token).data["results"]
    unread = request(app, "GET", f"{LIST}?is_read=false", token=token).data
    assert [item["id"] for item in read] == [newest]
    assert len(unread["results"]) == unread["unread_count"] == 3
    assert newest not in {item["id"] for item in unread["results"]}


@pytest.mark.parametrize(
    ("profile", "header", "title"),
    [
        (None, None, "Documents not accepted"),
        (None, "ne-NP,en;q=0.5", "कागजात स्वीकृत भएन"),
        ("ne", None, "कागजात स्वीकृत भएन"),
        ("en", "en", "Documents not accepted"),
    ],
)
def test_a_notification_is_in_the_readers_language(
    network: Network, user: str, profile: str | None, header: str | None, title: str
) -> None:
    token = token_of(network, user)
    request(app, "PATCH", "/api/user/profile", {"language": profile}, token=token)
    headers = {"Accept-Language": header} if header else {}
    (item,) = request(app, "GET", f"{LIST}?type=kyc_status", token=token, headers=headers).data["results"]
    assert item["title"] == title
    assert "blurred" in item["message"]
    marked = request(app, "POST", f"/api/user/notification/{item['id']}", {}, token=token, headers=headers).data
    assert marked["title"] == title


def test_a_list_takes_three_calls_and_a_known_device_two(network: Network, user: str) -> None:
    token = token_of(network, user)
    request(app, "POST", "/api/auth/device", DEVICE, token=token)
    for method, path, body, most in (("GET", LIST, None, 3), ("PUT", "/api/auth/device", DEVICE, 2)):
        with counted() as counts:
            assert request(app, method, path, body, token=token).status == 200
        assert counts.round_trips <= most, counts.calls


@pytest.mark.parametrize("field", ["device_id", "fcm_token"])
@pytest.mark.parametrize("value", ["", "two words", "x" * 5000, "नमस्ते"])
def test_a_refused_device_field_is_not_quoted(network: Network, user: str, field: str, value: str) -> None:
    reply = request(app, "POST", "/api/auth/device", DEVICE | {field: value}, token=token_of(network, user))
    assert (reply.status, list(reply.body["errors"])) == (422, [field])
    assert not value or value not in reply.text
