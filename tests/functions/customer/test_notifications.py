"""Routes of notifications: pages, filters and languages."""

from collections.abc import Mapping

import pytest

from app import app
from chalicelib.domain.notifications.notification_kinds import NotificationKind
from chalicelib.services.notifications import inbox
from chalicelib.tables.atomic import Transaction, atomic
from tests.engines.counting import counted
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.tokens import token_of

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


def test_notifications_are_filtered_by_days_in_kathmandu(network: Network, user: str) -> None:
    """The clock of the tests begins on 23 November at 11:45 in Kathmandu."""
    network.fake_world.clock.advance(hours=12, minutes=14)  # a few minutes after midnight
    send_notice(network, user, NotificationKind.TOPUP_CREDITED, {"amount_paisa": 4_000, "intent_id": "i4"})
    network.fake_world.clock.advance(hours=24)
    send_notice(network, user, NotificationKind.TOPUP_CREDITED, {"amount_paisa": 5_000, "intent_id": "i5"})
    token = token_of(network, user)

    def amounts(query: str) -> list[str]:
        results = request(app, "GET", f"{LIST}?type=payment_status&{query}", token=token).data["results"]
        return [item["data"]["amount"] for item in results]

    assert amounts("start_date=2026-11-24") == ["50.00", "40.00"]
    assert amounts("end_date=2026-11-23") == ["30.00", "20.00", "10.00"]
    assert amounts("start_date=2026-11-24&end_date=2026-11-24") == ["40.00"]
    assert amounts("start_date=2026-11-25&end_date=2026-11-24") == []
    assert amounts("end_date=2026-11-24&limit=2") == ["40.00", "30.00"]


def test_pages_of_a_range_of_days_end_with_its_first_day(network: Network, user: str) -> None:
    network.fake_world.clock.advance(hours=24)
    for number in (4, 5, 6):
        send_notice(network, user, NotificationKind.TOPUP_CREDITED, {"amount_paisa": number, "intent_id": "i"})
        network.fake_world.clock.advance(minutes=1)
    token, path = token_of(network, user), f"{LIST}?start_date=2026-11-24&end_date=2026-11-24&limit=2"
    page = request(app, "GET", path, token=token).data
    assert len(page["results"]) == 2
    page = request(app, "GET", f"{path}&cursor={page['next_cursor']}", token=token).data
    assert [item["data"]["amount"] for item in page["results"]] == ["0.04"]
    assert page["next_cursor"] is None


def test_the_unread_count_ends_at_a_hundred_and_reads_no_more_rows(network: Network, user: str) -> None:
    for _ in range(4):

        def decide(ops: Transaction) -> None:
            for _ in range(25):
                data = {"amount_paisa": 1_000, "intent_id": "i"}
                inbox.notify(ops, network.world, user, NotificationKind.TOPUP_CREDITED, data)

        atomic(network.world, decide)
    token = token_of(network, user)
    with counted() as counts:
        page = request(app, "GET", f"{LIST}?limit=1", token=token).data
    assert page["unread_count"] == 100
    assert counts.rows_read == 2 + 100
    assert request(app, "POST", f"{LIST}/mark-all-read", {}, token=token).data["unread_count"] == 0


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
