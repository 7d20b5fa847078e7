"""Alerts of operators: each occurrence once, to those with the right, whatever runs twice or dies half-way."""

from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest

from app import app
from chalicelib.domain.cabinets.slot import Slot
from chalicelib.domain.notifications.operator_alert import AlertKind, OperatorAlert
from chalicelib.domain.operators.role import Role
from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.payments.reconciliation import Report, Total
from chalicelib.domain.payments.reconciliation_line import Finding
from chalicelib.domain.payments.reversal import Reversal, ReversalAction, ReversalSplit, ReversalState
from chalicelib.domain.stations.listing_pages import listing_page_of
from chalicelib.domain.text.days import day_of
from chalicelib.services import outbox
from chalicelib.services.admin import alerts
from chalicelib.services.stations import listing_refresh
from chalicelib.tables import cabinets, notifications, operator_alerts, reconciliation, reversals, station_listings
from chalicelib.tables.atomic import atomic
from chalicelib.tables.station_listings import ListingTagsRow
from tests.engines.interleaving import interleave
from tests.world.builders import LABIM, cabinet
from tests.world.http_client import request
from tests.world.log_lines import lines
from tests.world.network import Network
from tests.world.tokens import token_of


@pytest.fixture
def admin(network: Network) -> str:
    listing_refresh.refresh(network.world)
    return network.operator("admin2@example.com", Role.ADMIN).user_id


def run(network: Network) -> int:
    return alerts.run(network.world, lambda: 60.0)


def told(user_id: str) -> list[str]:
    return [item.kind.value for item in notifications.newest(user_id, before=None, limit=100)]


def with_slots(network: Network, slots: dict[int, Slot]) -> None:
    before, now = cabinet(), network.world.now()
    changed = replace(before, slots={**before.slots, **slots}, last_seen_at=now)
    atomic(network.world, lambda ops: cabinets.save_cabinet(ops, changed))


def test_an_occurrence_alerts_once_and_the_next_one_again(network: Network, admin: str) -> None:
    assert run(network) == 0
    with_slots(network, {1: Slot(1, 0x04, "40818051", 92)})
    assert (run(network), run(network)) == (1, 0)
    assert told(admin) == ["alert_slot_jammed"]
    with_slots(network, {1: Slot(1, 0x01, "40818051", 92)})
    assert run(network) == 0
    with_slots(network, {1: Slot(1, 0x05, "40818051", 92)})
    assert run(network) == 1
    network.fake_world.clock.advance(hours=1)
    with_slots(network, {1: Slot(1, 0x04, "40818051", 92)})
    run(network)
    assert [kind for kind in told(admin) if "slot" in kind] == [
        "alert_slot_jammed",
        "alert_slot_forced",
        "alert_slot_jammed",
    ]


def test_an_alert_reaches_the_operators_with_the_right_in_their_app(network: Network, admin: str) -> None:
    finance = network.operator("finance2@example.com", Role.FINANCE).user_id
    network.fake_world.queues.send(outbox.POISON, [{"message_id": "m"}])
    with_slots(network, {number: Slot(number, 0x01, f"4999000{number}", 90) for number in range(1, 9)})
    assert run(network) == 2
    assert sorted(told(admin)) == ["alert_dead_letters", "alert_station_full"]
    assert told(finance) == []
    listed = request(app, "GET", "/api/user/notifications?type=alert", token=token_of(network, admin)).data
    assert listed["unread_count"] == 2
    assert f"{LABIM.name} can't take a return: every slot is taken." in [
        each["message"] for each in listed["results"]
    ]


def test_a_silent_station_alerts_unless_it_is_in_maintenance(network: Network, admin: str) -> None:
    token = token_of(network, admin)
    url = f"/api/admin/stations/{LABIM.sn}/maintenance"
    request(app, "POST", url, {"is_maintenance": True}, token=token)
    network.fake_world.clock.advance(hours=2)
    raised = run(network)
    assert told(admin) == ["alert_station_offline"] * raised
    request(app, "POST", url, {"is_maintenance": False}, token=token_of(network, admin))
    assert run(network) == 1


def test_a_run_goes_on_where_a_crash_stopped_the_telling(network: Network, admin: str) -> None:
    everyone = sorted([admin, *(network.operator(f"a{n}@example.com", Role.ADMIN).user_id for n in range(3))])
    with_slots(network, {1: Slot(1, 0x04, "40818051", 92)})
    scope, alert_id = f"stations#{listing_page_of(LABIM.sn)}", f"slot_jammed#{LABIM.sn}#1"
    data = {"station": LABIM.name, "slot_number": 1}
    half = OperatorAlert(
        scope, alert_id, AlertKind.SLOT_JAMMED, data, network.world.now(), last_notified_id=everyone[1]
    )
    atomic(network.world, lambda ops: operator_alerts.save(ops, half))
    assert run(network) == 0
    assert [len(told(user_id)) for user_id in everyone] == [0, 0, 1, 1]
    run(network)
    assert [len(told(user_id)) for user_id in everyone] == [0, 0, 1, 1]


def test_two_runs_at_once_alert_once(network: Network, admin: str) -> None:
    with_slots(network, {1: Slot(1, 0x04, "40818051", 92)})
    with interleave(lambda: run(network)):
        run(network)
    assert told(admin) == ["alert_slot_jammed"]


def test_a_run_without_time_leaves_the_rest_to_the_next(network: Network, admin: str) -> None:
    with_slots(network, {1: Slot(1, 0x04, "40818051", 92)})
    assert alerts.run(network.world, lambda: 1.0) == 0
    assert told(admin) == []
    assert run(network) == 1


def test_every_scope_is_the_first_one_in_its_turn(network: Network, log_output: StringIO) -> None:
    """Runs with time for one of five scopes say which one they did not come to."""
    ListingTagsRow(station_listings.CURRENT, pages={"1", "2", "3"}).save()
    for _ in range(5):
        alerts.run(network.world, iter([60.0, 1.0]).__next__)
        network.fake_world.clock.advance(minutes=5)
    facts = lines(log_output)
    assert len({fact["about"] for fact in facts if fact["fact"] == "sweep_out_of_time"}) == 5


def test_money_that_needs_a_decision_alerts_those_with_the_right_to_money(network: Network, admin: str) -> None:
    support = network.operator("support2@example.com", Role.SUPPORT).user_id
    user = network.customer()
    intent_id = network.open_topup(user)
    network.fake_world.khalti.payment_statuses[intent_id] = PaymentStatus(PaymentState.PAID, "pi_1", 1)
    body = {"intent_id": intent_id}
    request(app, "POST", "/api/payment/verify-topup", body, token=token_of(network, user))
    yesterday = (day_of(network.world.now()) - timedelta(days=1)).isoformat()
    differing = Report(yesterday, "khalti", network.world.now(), totals={Finding.OURS_ONLY.value: Total(1, 100, 0)})
    atomic(network.world, lambda ops: reconciliation.save(ops, differing))
    assert (run(network), run(network)) == (2, 0)
    assert sorted(told(admin)) == ["alert_payment_in_review", "alert_reconciliation_differs"]
    assert told(support) == []


def test_a_recurring_alert_is_sent_once_an_hour(network: Network, admin: str) -> None:
    """A slot jams every 40 minutes and opens 20 minutes later. Told at 0 and 80 minutes, not at 40."""
    for turn in range(6):
        with_slots(network, {1: Slot(1, 0x04 if turn % 2 == 0 else 0x01, "40818051", 92)})
        run(network)
        run(network)  # the same once more changes nothing
        network.fake_world.clock.advance(minutes=20)
    assert told(admin).count("alert_slot_jammed") == 2
    with_slots(network, {1: Slot(1, 0x01, "40818051", 92)})
    run(network)
    network.fake_world.clock.advance(hours=1)
    with_slots(network, {})
    run(network)
    assert operator_alerts.stored_in(f"stations#{listing_page_of(LABIM.sn)}") == []


def test_a_slot_forced_again_alerts_again_at_once(network: Network, admin: str) -> None:
    for state in (0x05, 0x01, 0x05):
        with_slots(network, {1: Slot(1, state, "40818051", 92)})
        run(network)
    assert told(admin) == ["alert_slot_forced"] * 2


def test_a_crash_between_notifications_of_an_alert_leaves_the_others_to_the_next_run(
    network: Network, admin: str
) -> None:
    """The first of two operators was told before the condition ended; it comes back in the window."""
    second = network.operator("b@example.com", Role.ADMIN).user_id
    first, last = sorted([admin, second])
    scope, alert_id = f"stations#{listing_page_of(LABIM.sn)}", f"slot_jammed#{LABIM.sn}#1"
    now, data = network.world.now(), {"station": LABIM.name, "slot_number": 1}
    half = OperatorAlert(scope, alert_id, AlertKind.SLOT_JAMMED, data, now, last_notified_id=first, ended_at=now)
    atomic(network.world, lambda ops: operator_alerts.save(ops, half))
    with_slots(network, {1: Slot(1, 0x04, "40818051", 92)})
    run(network)
    run(network)
    assert (told(first), told(last)) == ([], ["alert_slot_jammed"])


def test_a_new_station_that_never_reports_alerts_after_a_day(network: Network, admin: str) -> None:
    body = {
        "serial_number": "DTN90001",
        "imei": "867154000000017",
        "station_name": "New Road",
        "latitude": "27.70",
        "longitude": "85.31",
        "total_slots": 8,
        "address": "New Road",
    }
    reply = request(app, "POST", "/api/admin/stations", body, token=token_of(network, admin))
    assert reply.status == 201, reply.text
    listing_refresh.refresh(network.world)
    never = "alert_station_never_reported"
    for hours, times in ((23, 0), (1, 1), (1, 1)):
        network.fake_world.clock.advance(hours=hours)
        run(network)
        assert told(admin).count(never) == times
    request(
        app,
        "POST",
        "/api/admin/stations/DTN90001/maintenance",
        {"is_maintenance": True},
        token=token_of(network, admin),
    )
    run(network)
    assert told(admin).count(never) == 1


def test_money_that_a_gateway_took_back_alerts_once_until_it_is_decided(network: Network, admin: str) -> None:
    support = network.operator("support2@example.com", Role.SUPPORT).user_id
    reversal = Reversal("u1", "i1", "stripe", 50_000, "disputed", network.world.now(), 20_000)
    atomic(network.world, lambda ops: reversals.save(ops, reversal))
    assert (run(network), run(network)) == (1, 0)
    assert (told(admin), told(support)) == (["alert_payment_reversed"], [])
    text = notifications.newest(admin, before=None, limit=1)[0].data
    assert text == {"gateway": "stripe", "amount_paisa": 20_000}
    split = ReversalSplit(20_000, 0, 0)
    decided = replace(reversal, version=1).decided(ReversalAction.TAKE_BACK, split, by=admin, at=network.world.now())
    atomic(network.world, lambda ops: reversals.save(ops, decided))
    assert run(network) == 0
    won = replace(decided, state=ReversalState.OPEN, reversed_paisa=0, reason="restored", version=2)
    atomic(network.world, lambda ops: reversals.save(ops, won))
    assert (run(network), run(network)) == (1, 0)
    assert told(admin) == ["alert_payment_restored", "alert_payment_reversed"]


def test_a_list_of_payments_that_is_full_ends_no_alert(network: Network, admin: str) -> None:
    old = OperatorAlert("money", "payment_in_review#old", AlertKind.PAYMENT_IN_REVIEW, {}, network.world.now())
    atomic(network.world, lambda ops: operator_alerts.save(ops, old))
    full = alerts.ScopeConditions([], frozenset({AlertKind.PAYMENT_IN_REVIEW}))
    receivers = {kind: [admin] for kind in AlertKind}
    assert alerts.compare(network.world, "money", full, receivers) == 0
    assert [alert.alert_id for alert in operator_alerts.stored_in("money")] == [old.alert_id]
