"""Broadcasts are stored once, and every user reads, marks and deletes them in their own list."""

from typing import Any

import pytest

from chalicelib.domain.notifications.broadcast import MAX_FEED
from chalicelib.domain.notifications.notification import NOTIFICATION_TTL
from chalicelib.domain.notifications.notification_kinds import NotificationKind
from chalicelib.domain.operators.role import Role
from chalicelib.domain.users.kyc import KycStatus
from chalicelib.services.notifications import broadcast_feed, inbox
from chalicelib.tables import accounts
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from tests.engines.counting import counted
from tests.scenarios.broadcast_scenario import LIST, BroadcastScenario
from tests.scenarios.deletion_scenario import delete_customer
from tests.world.builders import sign_in
from tests.world.network import Network
from tests.world.real_tables import all_rows


@pytest.fixture
def scenario(network: Network) -> BroadcastScenario:
    return BroadcastScenario(network)


def notify(scenario: BroadcastScenario, user: str) -> None:
    values = {"amount_paisa": 100, "intent_id": "i"}

    def decide(ops: Transaction) -> None:
        inbox.notify(ops, scenario.network.world, user, NotificationKind.TOPUP_CREDITED, values)

    atomic(scenario.network.world, decide)
    scenario.network.fake_world.clock.advance(seconds=1)


def test_a_broadcast_is_in_every_list_in_the_readers_language(scenario: BroadcastScenario) -> None:
    sent = scenario.send()
    for user, language, title in ((scenario.user, "en", "Short break"), (scenario.operator, "ne", "केही समय बन्द")):
        (item,) = [
            item
            for item in scenario.of(user, "GET", headers={"Accept-Language": language}).data["results"]
            if item["id"] == sent
        ]
        assert (item["title"], item["type"], item["is_read"], item["data"]) == (title, "broadcast", False, {})


def test_lists_marks_and_deletions_take_no_call_more(scenario: BroadcastScenario) -> None:
    sent = [scenario.send() for _ in range(3)]
    scenario.token(scenario.user)
    budgets = {
        ("GET", LIST): 3,
        ("POST", f"/api/user/notification/{sent[0]}"): 2,
        ("DELETE", f"/api/user/notification/{sent[1]}"): 2,
        ("POST", f"{LIST}/mark-all-read"): 4,
    }
    for is_warm in (False, True):
        for (method, path), most in budgets.items():
            if not is_warm:
                broadcast_feed.feed_cache.clear()
            elif method == "DELETE":
                path = f"/api/user/notification/{sent[2]}"  # noqa: PLW2901
            with counted() as counts:
                assert scenario.of(scenario.user, method, path).status == 200
            assert counts.round_trips <= most, (path, counts.calls)


def test_pages_hold_each_notification_and_broadcast_once(scenario: BroadcastScenario) -> None:
    expected = []
    for number in range(9):
        if number % 4 == 3:
            notify(scenario, scenario.user)
        else:
            expected.append(scenario.send())
    whole = scenario.listed()
    assert len(whole) == 9
    assert [item for item in whole if item in expected] == expected[::-1]
    assert whole == sorted(whole, reverse=True)
    for limit in (1, 2, 3, 8, 9):
        paged: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            page = scenario.of(scenario.user, "GET", f"{LIST}?limit={limit}&cursor={cursor}").data
            paged += [item["id"] for item in page["results"]]
            cursor = page["next_cursor"]
        assert paged == whole, limit


def test_a_filter_passes_over_no_notification_older_than_its_page(scenario: BroadcastScenario) -> None:
    scenario.of(scenario.user, "POST", f"/api/user/notification/{scenario.send()}")
    for _ in range(3):
        notify(scenario, scenario.user)
    newest, second, oldest, _ = scenario.listed()
    for read in (newest, second):
        scenario.of(scenario.user, "POST", f"/api/user/notification/{read}")
    page = scenario.of(scenario.user, "GET", f"{LIST}?is_read=false&limit=1").data
    assert [item["id"] for item in page["results"]] == [oldest]


def test_one_user_marks_and_deletes_without_effect_on_others(scenario: BroadcastScenario) -> None:
    other = scenario.customer()
    first, second = scenario.send(), scenario.send()
    assert scenario.of(scenario.user, "POST", f"/api/user/notification/{first}").data["is_read"]
    assert scenario.unread() == [second]
    assert scenario.of(scenario.user, "DELETE", f"/api/user/notification/{first}").status == 200
    assert scenario.listed() == [second]
    for method in ("DELETE", "POST"):
        assert scenario.of(scenario.user, method, f"/api/user/notification/{first}").code == "not_found"
    assert scenario.unread(other) == [second, first]


def test_mark_all_is_one_write_and_covers_young_broadcasts(scenario: BroadcastScenario) -> None:
    old = scenario.send()
    scenario.network.fake_world.clock.advance(minutes=5)
    young = scenario.send()
    scenario.token(scenario.user)
    with counted() as counts:
        assert scenario.of(scenario.user, "POST", f"{LIST}/mark-all-read").data["unread_count"] == 0
    assert counts.calls.count("UpdateItem") == 1
    assert (scenario.unread(), scenario.listed()) == ([], [young, old])
    assert scenario.of(scenario.user, "POST", f"{LIST}/mark-all-read").data["unread_count"] == 0
    later = scenario.send()
    assert scenario.unread() == [later]


def test_a_later_user_does_not_get_earlier_broadcasts(scenario: BroadcastScenario) -> None:
    earlier = scenario.send()
    newcomer = scenario.customer()
    later = scenario.send()
    assert scenario.listed(newcomer) == [later]
    assert scenario.of(newcomer, "POST", f"/api/user/notification/{earlier}").code == "not_found"


def change_account(scenario: BroadcastScenario, user: str, **fields: Any) -> None:
    account = fetch_one(accounts.account_key(user))
    assert account is not None
    changed = type(account)(**{**account.__dict__, **fields})
    atomic(scenario.network.world, lambda ops: accounts.save(ops, changed))


@pytest.mark.parametrize(
    ("audience", "fields", "is_in"),
    [
        ("ALL", {}, True),
        ("kyc_approved", {"kyc_status": KycStatus.APPROVED}, True),
        ("kyc_approved", {"kyc_status": KycStatus.PENDING}, False),
        ("kyc_not_approved", {"kyc_status": KycStatus.APPROVED}, False),
        ("kyc_not_approved", {"kyc_status": KycStatus.REJECTED}, True),
        ("kyc_not_approved", {"kyc_status": KycStatus.NOT_SUBMITTED, "role": Role.FINANCE}, False),
        ("renters", {"last_rental_at": None}, False),
        ("renters", {"open_rental_id": "r"}, True),
        ("operators", {}, False),
        ("operators", {"role": Role.FINANCE}, True),
    ],
)
def test_a_broadcast_reaches_its_audience(
    scenario: BroadcastScenario, audience: str, fields: dict[str, Any], is_in: bool
) -> None:
    change_account(scenario, scenario.user, **fields)
    sent = scenario.send(audience=audience)
    assert scenario.listed() == ([sent] if is_in else [])


def test_a_broadcast_for_pushes_only_is_in_no_list(scenario: BroadcastScenario) -> None:
    sent = scenario.send(channels=["PUSH"])
    assert scenario.listed() == []
    assert scenario.of(scenario.user, "DELETE", f"/api/user/notification/{sent}").code == "not_found"


def test_another_process_shows_a_broadcast_within_half_a_minute(scenario: BroadcastScenario) -> None:
    scenario.listed()
    cached = broadcast_feed.feed_cache._loaded
    sent = scenario.send()
    broadcast_feed.feed_cache._loaded = cached
    assert scenario.listed() == []
    assert scenario.of(scenario.user, "POST", f"/api/user/notification/{sent}").status == 200
    broadcast_feed.feed_cache._loaded = cached
    scenario.network.fake_world.clock.advance(seconds=30)
    assert (scenario.listed(), scenario.unread()) == ([sent], [])


def test_broadcasts_end_with_their_time_and_with_their_number(scenario: BroadcastScenario) -> None:
    sent = [scenario.send(channels=["in_app"]) for _ in range(MAX_FEED + 1)]
    assert scenario.listed() == sent[:0:-1]
    scenario.network.fake_world.clock.advance(days=NOTIFICATION_TTL.days, hours=1)
    scenario.network.sessions[scenario.user] = sign_in(scenario.network.world, scenario.user)
    assert scenario.listed() == []


def test_a_read_mark_forgets_expired_broadcasts(scenario: BroadcastScenario) -> None:
    scenario.of(scenario.user, "DELETE", f"/api/user/notification/{scenario.send()}")
    scenario.network.fake_world.clock.advance(days=NOTIFICATION_TTL.days, hours=1)
    for user in (scenario.user, scenario.operator):
        scenario.network.sessions[user] = sign_in(scenario.network.world, user)
    sent = scenario.send()
    scenario.of(scenario.user, "DELETE", f"/api/user/notification/{sent}")
    (mark,) = [row for row in all_rows()["test-read_marks"] if scenario.user in row]
    assert mark.count(sent) == 1
    assert mark.count('"SS"') <= 1


def test_a_deletion_leaves_no_mark_of_the_user(scenario: BroadcastScenario) -> None:
    first, second = scenario.send(), scenario.send()
    scenario.of(scenario.user, "POST", f"/api/user/notification/{first}")
    scenario.of(scenario.user, "DELETE", f"/api/user/notification/{second}")
    assert [row for row in all_rows()["test-read_marks"] if scenario.user in row]
    delete_customer(scenario.network, scenario.user)
    for table, rows in all_rows().items():
        assert not [row for row in rows if scenario.user in row and first in row], table
