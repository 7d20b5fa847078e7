"""The timeline of a rental: everything that happened to it, in order, for its customer and for operators."""

from typing import Any

import pytest

from app import app
from chalicelib.domain.notifications.notification_kinds import NotificationKind
from chalicelib.domain.operators.role import Role
from chalicelib.services.notifications import inbox
from chalicelib.services.outbox import DEVICE_EVENTS
from chalicelib.services.rentals import due_times, ejects
from chalicelib.tables import rentals
from chalicelib.tables.atomic import atomic
from chalicelib.world import Unavailable
from infra.local.cabinets import frames
from infra.local.cabinets.frames import SlotContent
from tests.engines.counting import counted
from tests.functions.test_consumers import feed
from tests.functions.test_event_log import event
from tests.world.builders import LABIM
from tests.world.http_client import request
from tests.world.network import EJECTED, Network
from tests.world.real_tables import all_rows
from tests.world.tokens import token_for, token_of


def started(network: Network, user: str) -> str:
    """A rental that the customer starts through the API. Returns its id."""
    order = {"station_sn": LABIM.sn, "package_id": "1-hour"}
    reply = request(app, "POST", "/api/rentals/start", order, token=token_of(network, user))
    assert reply.status == 202, reply.text
    return str(reply.data["id"])


def returned_late(network: Network, user: str) -> str:
    """A rental whose late fee became a due that the customer has paid. Returns its id."""
    rental_id = started(network, user)
    powerbank_sn = network.fake_world.cabinets.ejects[-1][1]
    network.fake_world.clock.advance(seconds=2)
    feed(DEVICE_EVENTS, event(network, frames.eject_result(powerbank_sn, EJECTED)))
    network.fake_world.clock.advance(hours=5)
    feed(DEVICE_EVENTS, event(network, frames.returned(SlotContent(8, powerbank_sn, 40))))
    network.fake_world.clock.advance(minutes=1)
    feed(DEVICE_EVENTS, event(network, frames.slot_change(SlotContent(8, powerbank_sn, 40))))
    return rental_id


def timeline(network: Network, user: str, rental_id: str, query: str = "", **headers: str) -> Any:
    path = f"/api/rentals/{rental_id}/timeline{query}"
    reply = request(app, "GET", path, token=token_of(network, user), headers=headers)
    assert reply.status == 200, reply.text
    return reply.data


def lines(results: list[Any]) -> list[tuple[str, str]]:
    return [(entry["kind"], entry["text"]) for entry in results]


def operator_timeline(network: Network, rental_id: str) -> Any:
    """As an operator of the desk. A network has one such operator: call this once in a test."""
    operator = network.operator("desk@example.com", Role.SUPPORT)
    return request(app, "GET", f"/api/admin/rentals/{rental_id}/timeline", token=token_for(network.world, operator))


def test_a_timeline_lists_everything_in_order(network: Network) -> None:
    user = network.customer(wallet_paisa=2_000)
    rental_id = returned_late(network, user)
    results = timeline(network, user, rental_id)["results"]
    assert lines(results) == [
        ("api", "Rental requested"),
        ("state", "Waiting for the station"),
        ("posting", "Held for a rental"),
        ("command", "Station asked to give out the power bank"),
        ("state", "Power bank taken"),
        ("posting", "Held money paid"),
        ("notification", "Notification: Rental started"),
        ("frame", "Station: the power bank came out"),
        ("state", "Power bank returned, amount due"),
        ("posting", "Amount due"),
        ("notification", "Notification"),
        ("frame", "Station: the power bank is back"),
        ("frame", "Station: a slot changed"),
    ]
    assert results == sorted(results, key=lambda entry: str(entry["at"]))
    assert (results[2]["data"]["amount"], results[2]["data"]["points"]) == ("-15.00", -50)
    assert results[0]["data"]["by"] == "customer"


def test_a_timeline_is_read_in_nepali(network: Network) -> None:
    user = network.customer()
    rental_id = started(network, user)
    results = timeline(network, user, rental_id, **{"Accept-Language": "ne"})["results"]
    assert lines(results)[0] == ("api", "पावर बैंक मागियो")


@pytest.mark.parametrize("limit", [1, 3, 4])
def test_pages_hold_every_entry_once(network: Network, limit: int) -> None:
    user = network.customer(wallet_paisa=2_000)
    rental_id = returned_late(network, user)
    whole, pages, query = timeline(network, user, rental_id)["results"], [], f"?limit={limit}"
    while True:
        page = timeline(network, user, rental_id, query)
        assert len(page["results"]) <= limit
        pages += page["results"]
        if page["next_cursor"] is None:
            break
        query = f"?limit={limit}&cursor={page['next_cursor']}"
    assert pages == whole


def test_a_timeline_takes_three_calls(network: Network) -> None:
    user = network.customer(wallet_paisa=2_000)
    rental_id = returned_late(network, user)
    token = token_of(network, user)
    with counted() as counts:
        request(app, "GET", f"/api/rentals/{rental_id}/timeline", token=token)
    assert counts.calls == ["BatchGetItem", "Query", "Query"]


def test_another_customers_timeline_is_not_found(network: Network) -> None:
    rental_id, stranger = started(network, network.customer()), network.customer()
    reply = request(app, "GET", f"/api/rentals/{rental_id}/timeline", token=token_of(network, stranger))
    assert reply.status == 404


def test_operators_read_the_bytes_and_customers_do_not(network: Network) -> None:
    user = network.customer(wallet_paisa=2_000)
    rental_id = returned_late(network, user)
    seen = operator_timeline(network, rental_id).data["results"]
    own = timeline(network, user, rental_id)["results"]
    assert lines(seen) == lines(own)
    back = next(entry["data"] for entry in seen if entry["data"].get("name") == "return")
    assert bytes.fromhex(back["raw"])[3] == 0x40
    assert back["fields"]["slot_number"] == 8
    assert not any("raw" in entry["data"] or LABIM.imei in str(entry) for entry in own)


def test_operators_find_no_unknown_rental(network: Network) -> None:
    assert operator_timeline(network, "no-rental").status == 404


def test_a_refused_call_is_not_listed_and_changes_nothing(network: Network) -> None:
    user, stranger = network.customer(), network.customer()
    rental_id = started(network, user)
    tokens = token_of(network, user), token_of(network, stranger)
    before = all_rows()
    for token, status in zip(tokens, (409, 404), strict=True):
        assert request(app, "POST", f"/api/rentals/{rental_id}/pay-due", {}, token=token).status == status
    assert all_rows() == before


def test_an_extension_is_listed(network: Network) -> None:
    user = network.customer()
    rental = network.rented(user)
    token = token_of(network, user)
    body = {"package_id": "1-hour"}
    path = f"/api/rentals/{rental.rental_id}/extend"
    assert request(app, "POST", path, body, token=token).status == 200
    results = timeline(network, user, rental.rental_id)["results"]
    assert [text for kind, text in lines(results) if kind == "api"] == ["More time requested"]


def test_a_command_that_was_not_sent_is_listed_so(network: Network) -> None:
    user = network.customer()
    network.fake_world.cabinets.fails = Unavailable("iot")
    order = {"station_sn": LABIM.sn, "package_id": "1-hour"}
    assert request(app, "POST", "/api/rentals/start", order, token=token_of(network, user)).status == 503
    (rental,) = rentals.of_user(user)
    results = timeline(network, user, rental.rental_id)["results"]
    assert ("command", "Station asked to give out the power bank (not done)") in lines(results)
    assert ("state", "The power bank did not come out") in lines(results)


def test_requests_for_a_snapshot_and_notifications_are_listed(network: Network) -> None:
    user = network.customer()
    rental_id = started(network, user)
    network.fake_world.clock.advance(minutes=2)
    ejects.sweep(network.world)
    kind, data = NotificationKind.REFUND_GRANTED, {"rental_id": rental_id, "amount_paisa": 100}
    atomic(network.world, lambda ops: inbox.notify(ops, network.world, user, kind, data))
    results = timeline(network, user, rental_id)["results"]
    assert lines(results)[-2:] == [
        ("command", "Station asked for the state of its slots"),
        ("notification", "Notification: Refund approved"),
    ]
    assert results[-1]["data"]["name"] == kind.value


def states(network: Network, user: str, rental_id: str) -> list[str]:
    return [text for kind, text in lines(timeline(network, user, rental_id)["results"]) if kind == "state"]


def test_a_cancelled_start_is_listed_as_cancelled(network: Network) -> None:
    user = network.customer()
    rental_id = started(network, user)
    network.fake_world.clock.advance(seconds=20)
    path = f"/api/rentals/{rental_id}/cancel"
    assert request(app, "POST", path, {}, token=token_of(network, user)).status == 200
    assert states(network, user, rental_id) == ["Waiting for the station", "Rental cancelled"]


def test_a_lost_power_bank_and_its_return_are_listed(network: Network) -> None:
    user = network.customer()
    rental = network.rented(user)
    network.fake_world.clock.advance(hours=26)
    due_times.sweep(network.world)
    lost = ["Waiting for the station", "Power bank taken", "Power bank lost"]
    assert states(network, user, rental.rental_id) == lost
    network.fake_world.clock.advance(hours=1)
    network.report_return(LABIM, rental.powerbank_sn)
    assert states(network, user, rental.rental_id)[:3] == lost
    assert states(network, user, rental.rental_id)[3].startswith("Power bank returned")
