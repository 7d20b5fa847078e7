"""Faulty cabinets over the whole path: Alibaba IoT, MNS, our queue, the rental, the wallet."""

import threading
from typing import Any

from infra.local.client import Api
from infra.local.customer import Customer, paisa_of
from tests.sandbox.conftest import RunningSandbox

COMMANDS = "/calls?service=alibaba_iot"
WHOLE = {"balance": "500.00", "held": "0.00", "due": "0.00"}


def paid_once(customer: Customer) -> bool:
    """Whether wallet and points paid the price of an hour together, and nothing is held."""
    wallet, points = customer.wallet(), customer.api.get("/api/points/summary")
    assert wallet["held"] == "0.00"
    return 50_000 - paisa_of(wallet["balance"]) + int(points["total_spent"]) * 10 == 2_000


def whole(customer: Customer) -> bool:
    wallet = customer.wallet()
    assert {name: wallet[name] for name in WHOLE} == WHOLE
    return bool(wallet["points"]["current_points"] == 100)


def rental(customer: Customer, answer: Any) -> Any:
    return customer.api.get(f"/api/rentals/{answer.data['id']}")


def give_back(running_sandbox: RunningSandbox, customer: Customer, rental_id: str, station: dict[str, Any]) -> Any:
    """Return the power bank a few seconds after its eject: the platform's times are whole seconds.

    It goes into a slot that was free before. In the slot that it was to leave it may as well have stayed.
    """
    answer = customer.api.get(f"/api/rentals/{rental_id}")
    free = min(slot["slot_number"] for slot in station["slots"] if slot["powerbank_sn"] is None)
    running_sandbox.sandbox.advance(seconds=3)
    order = {"powerbank_sn": answer["powerbank"]["sn"], "slot": free}
    running_sandbox.sandbox.post(f"/cabinets/{station['imei']}/return", order)
    running_sandbox.sandbox.drain()
    return customer.api.get(f"/api/rentals/{rental_id}")


def test_two_failed_ejects_release_the_hold(running_sandbox: RunningSandbox) -> None:
    customer, station = running_sandbox.customer(), running_sandbox.station()
    running_sandbox.behave(station, eject="fail")
    answer = running_sandbox.start(customer, station)
    running_sandbox.sandbox.drain()
    assert answer.status == 202
    assert rental(customer, answer)["status"] == "failed"
    timeline = customer.api.get(f"/api/rentals/{answer.data['id']}/timeline")["results"]
    assert [step["kind"] for step in timeline].count("command") == 2
    assert whole(customer)
    assert running_sandbox.books_balance()


def test_an_eject_without_an_answer_is_settled_by_the_snapshot(
    running_sandbox: RunningSandbox,
) -> None:
    customer, station = running_sandbox.customer(), running_sandbox.station()
    running_sandbox.behave(station, eject="silent")
    answer = running_sandbox.start(customer, station)
    assert (answer.status, answer.data["status"]) == (202, "starting")
    # The service asks for a list each minute. The first one may be too early to prove anything.
    for _ in range(2):
        running_sandbox.sandbox.drain()
        running_sandbox.sandbox.advance(seconds=70)
    assert rental(customer, answer)["status"] == "active"
    assert paid_once(customer)
    assert give_back(running_sandbox, customer, answer.data["id"], station)["status"] == "completed"
    assert running_sandbox.books_balance()


def test_an_eject_without_any_effect_is_released_after_the_wait(running_sandbox: RunningSandbox) -> None:
    customer, station = running_sandbox.customer(), running_sandbox.station()
    running_sandbox.behave(station, eject="dead")
    answer = running_sandbox.start(customer, station)
    assert answer.status == 202
    running_sandbox.sandbox.advance(seconds=70)
    running_sandbox.sandbox.advance(minutes=11)
    customer.refresh()
    assert rental(customer, answer)["status"] == "failed"
    assert whole(customer)
    assert running_sandbox.books_balance()


def test_an_eject_result_after_the_release_reopens_the_rental_once(running_sandbox: RunningSandbox) -> None:
    customer, station = running_sandbox.customer(), running_sandbox.station()
    running_sandbox.behave(station, eject={"late_seconds": 900})
    answer = running_sandbox.start(customer, station)
    assert answer.status == 202
    running_sandbox.behave(station, online=False)
    running_sandbox.sandbox.advance(minutes=12)
    customer.refresh()
    assert rental(customer, answer)["status"] == "failed"
    assert whole(customer)
    running_sandbox.behave(station, online=True)
    running_sandbox.sandbox.advance(minutes=5)
    assert rental(customer, answer)["status"] == "active"
    assert paid_once(customer)
    assert give_back(running_sandbox, customer, answer.data["id"], station)["ended_at"] is not None
    assert running_sandbox.books_balance()


def test_a_return_reported_three_times_counts_once(running_sandbox: RunningSandbox) -> None:
    customer, station = running_sandbox.customer(), running_sandbox.station()
    rented = customer.rent()
    rented_station = next(
        item for item in running_sandbox.sandbox.get("/cabinets") if item["sn"] == rented["station"]["sn"]
    )
    running_sandbox.behave(rented_station, duplicate=3)
    assert give_back(running_sandbox, customer, rented["id"], rented_station)["status"] == "completed"
    assert paid_once(customer)
    running_sandbox.behave(rented_station, duplicate=1)
    assert station
    assert running_sandbox.books_balance()


def test_a_return_before_the_eject_result_ends_the_rental_once(running_sandbox: RunningSandbox) -> None:
    customer, station = running_sandbox.customer(), running_sandbox.station()
    running_sandbox.behave(station, eject="silent")
    answer = running_sandbox.start(customer, station)
    assert answer.status == 202
    ended = give_back(running_sandbox, customer, answer.data["id"], station)
    assert ended["status"] == "completed"
    assert paid_once(customer)
    assert running_sandbox.books_balance()


def test_a_return_reported_by_a_snapshot_only_ends_at_the_right_time(running_sandbox: RunningSandbox) -> None:
    customer, station = running_sandbox.customer(), running_sandbox.station()
    rented = customer.rent()
    running_sandbox.sandbox.advance(minutes=50)
    running_sandbox.sandbox.post(
        f"/cabinets/{station['imei']}/return", {"powerbank_sn": rented["powerbank"]["sn"], "via": "power_off"}
    )
    running_sandbox.sandbox.advance(minutes=40)
    running_sandbox.sandbox.post(f"/cabinets/{station['imei']}/snapshot")
    running_sandbox.sandbox.drain()
    customer.refresh()
    ended = customer.api.get(f"/api/rentals/{rented['id']}")
    assert (ended["status"], ended["late_fee"]) == ("completed", "0.00")
    assert 0 <= ended["minutes_used"] <= 51
    assert paid_once(customer)
    assert running_sandbox.books_balance()


def test_a_return_in_an_outage_costs_nothing_of_it_after_many_frames(running_sandbox: RunningSandbox) -> None:
    customer, station = running_sandbox.customer(), running_sandbox.station()
    rented = customer.rent()
    running_sandbox.sandbox.advance(minutes=20)
    running_sandbox.sandbox.drain()
    running_sandbox.behave(station, online=False, frames_before_report=3)
    running_sandbox.sandbox.drain()
    running_sandbox.sandbox.post(f"/cabinets/{station['imei']}/return", {"powerbank_sn": rented["powerbank"]["sn"]})
    running_sandbox.sandbox.advance(hours=10)
    running_sandbox.behave(station, online=True)
    running_sandbox.sandbox.drain()
    customer.refresh()
    ended = customer.api.get(f"/api/rentals/{rented['id']}")
    assert (ended["status"], ended["late_fee"]) == ("completed", "0.00")
    assert ended["minutes_used"] <= 21
    running_sandbox.behave(station, frames_before_report=0)
    assert running_sandbox.books_balance()


def test_one_key_starts_one_rental_and_gives_one_response(running_sandbox: RunningSandbox) -> None:
    customer, station = running_sandbox.customer(), running_sandbox.station()
    first = running_sandbox.start(customer, station, **{"Idempotency-Key": "tap-1"})
    second = running_sandbox.start(customer, station, **{"Idempotency-Key": "tap-1"})
    assert first.status == second.status == 201
    assert second.headers.get("Idempotent-Replayed") == "true"
    assert first.data == second.data
    give_back(running_sandbox, customer, first.data["id"], station)
    assert running_sandbox.books_balance()


def test_a_slow_cabinet_delays_no_other_request(running_sandbox: RunningSandbox) -> None:
    customer, other, station = running_sandbox.customer(), running_sandbox.customer(None), running_sandbox.station()
    running_sandbox.behave(station, eject={"late_seconds": 8})
    commands_count = len(running_sandbox.sandbox.get(COMMANDS))
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(running_sandbox.start(customer, station)))
    thread.start()
    while len(running_sandbox.sandbox.get(COMMANDS)) == commands_count:
        assert thread.is_alive()
    assert other.api.get("/api/user/wallet")["balance"] == "0.00"
    assert Api(running_sandbox.api_url).get(f"/api/app/stations/{station['sn']}")["status"] == "online"
    # The start waits four seconds for the cabinet. If it held a lock, these requests would be answered after it.
    assert thread.is_alive()
    thread.join()
    assert answers[0].status == 202
    running_sandbox.sandbox.advance(seconds=10)
    assert rental(customer, answers[0])["status"] == "active"
    give_back(running_sandbox, customer, answers[0].data["id"], station)
