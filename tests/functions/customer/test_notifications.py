"""The doors of what users were told: pages, filters and languages."""

from collections.abc import Mapping

import pytest

from app import app
from chalicelib.domain.notification_templates import Kind
from chalicelib.services.notifications import inbox
from chalicelib.tables.atomic import Ops, atomic
from tests.asking import ask
from tests.counting import counted
from tests.doors import token_of
from tests.street import Street

LIST = "/api/user/notifications"
DEVICE = {"device_id": "phone", "fcm_token": "token-1", "device_type": "android"}


@pytest.fixture
def user(street: Street) -> str:
    """Told of three top-ups, a minute between them, and of a rejection."""
    made = street.customer(wallet_paisa=0)
    told: list[tuple[Kind, dict[str, object]]] = [
        (Kind.TOPUP_CREDITED, {"amount_paisa": 1_000, "intent_id": "i1"}),
        (Kind.TOPUP_CREDITED, {"amount_paisa": 2_000, "intent_id": "i2"}),
        (Kind.KYC_REJECTED, {"reason": "blurred"}),
        (Kind.TOPUP_CREDITED, {"amount_paisa": 3_000, "intent_id": "i3"}),
    ]
    for kind, data in told:
        tell(street, made, kind, data)
        street.scene.clock.pass_(minutes=1)
    return made


def tell(street: Street, user: str, kind: Kind, data: Mapping[str, object]) -> None:
    def decide(ops: Ops) -> None:
        inbox.tell(ops, street.world, user, kind, data)

    atomic(street.world, decide)


def test_the_newest_come_first_page_by_page_and_each_once(street: Street, user: str) -> None:
    token, path, amounts = token_of(street, user), f"{LIST}?type=payment_status&limit=2", []
    page = ask(app, "GET", path, token=token).data
    amounts += [one["data"]["amount"] for one in page["results"]]
    page = ask(app, "GET", f"{path}&cursor={page['next_cursor']}", token=token).data
    amounts += [one["data"]["amount"] for one in page["results"]]
    assert amounts == ["30.00", "20.00", "10.00"]
    assert page["next_cursor"] is None
    assert page["unread_count"] == 4


def test_read_and_unread_are_told_apart(street: Street, user: str) -> None:
    token = token_of(street, user)
    newest = ask(app, "GET", LIST, token=token).data["results"][0]["id"]
    assert ask(app, "POST", f"/api/user/notification/{newest}", {}, token=token).data["is_read"]
    read = ask(app, "GET", f"{LIST}?is_read=true", token=token).data["results"]
    unread = ask(app, "GET", f"{LIST}?is_read=false", token=token).data
    assert [one["id"] for one in read] == [newest]
    assert len(unread["results"]) == unread["unread_count"] == 3
    assert newest not in {one["id"] for one in unread["results"]}


@pytest.mark.parametrize(
    ("profile", "header", "title"),
    [
        (None, None, "Documents not accepted"),
        (None, "ne-NP,en;q=0.5", "कागजात अस्वीकृत भयो"),
        ("ne", None, "कागजात अस्वीकृत भयो"),
        ("en", "en", "Documents not accepted"),
    ],
)
def test_it_is_told_in_the_readers_language(
    street: Street, user: str, profile: str | None, header: str | None, title: str
) -> None:
    token = token_of(street, user)
    ask(app, "PATCH", "/api/user/profile", {"language": profile}, token=token)
    headers = {"Accept-Language": header} if header else {}
    (one,) = ask(app, "GET", f"{LIST}?type=kyc_status", token=token, headers=headers).data["results"]
    assert one["title"] == title
    assert "blurred" in one["message"]
    marked = ask(app, "POST", f"/api/user/notification/{one['id']}", {}, token=token, headers=headers).data
    assert marked["title"] == title


def test_a_list_waits_for_three_calls_and_a_known_device_for_two(street: Street, user: str) -> None:
    token = token_of(street, user)
    ask(app, "POST", "/api/auth/device", DEVICE, token=token)
    for method, path, body, most in (("GET", LIST, None, 3), ("PUT", "/api/auth/device", DEVICE, 2)):
        with counted() as counts:
            assert ask(app, method, path, body, token=token).status == 200
        assert counts.round_trips <= most, counts.calls


@pytest.mark.parametrize("field", ["device_id", "fcm_token"])
@pytest.mark.parametrize("value", ["", "two words", "x" * 5000, "नमस्ते"])
def test_a_refused_device_is_not_quoted(street: Street, user: str, field: str, value: str) -> None:
    answer = ask(app, "POST", "/api/auth/device", DEVICE | {field: value}, token=token_of(street, user))
    assert (answer.status, list(answer.body["errors"])) == (422, [field])
    assert not value or value not in answer.text
