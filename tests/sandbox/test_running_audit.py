"""An audit that runs under traffic is silent, and finds what is planted. `make matrix` has ten minutes of traffic."""

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from infra.local.client import ApiResponse, Sandbox, UnexpectedResponse
from infra.local.customer import Customer
from tests.sandbox.conftest import RunningSandbox

CUSTOMERS = 3
SERVER_ERRORS = (500, 504)
OF_EVERY_CUSTOMER = (
    "wallet_raised",
    "posting_lost",
    "account_lost",
    "rental_invented",
    "identity_lost",
    "kyc_changed",
    "rentals_miscounted",
    "achievements_miscounted",
    "score_lost",
    "second_factor_invented",
    "addition_forgotten",
)
"""Kinds of violations that change rows which every customer has."""
OF_A_LOST_POSTING = {"topup_not_credited_once", "topup_posting_differs", "topup_points_differ"}
"""What the loss of a top-up's posting breaks at other rows. The lost one is the credit or the points: points for the
sign-up come by a queue, before the top-up or after it."""


class Traffic:
    """Customers who top up, rent, return and ask for refunds, each in a thread. They rest while the clock moves."""

    def __init__(self, running_sandbox: RunningSandbox) -> None:
        self.running_sandbox = running_sandbox
        self.station = running_sandbox.station()
        self.stopped, self.going = threading.Event(), threading.Event()
        self.statuses: list[int] = []

    def live(self, customer: Customer) -> None:
        """One customer's life until the traffic stops."""
        sandbox = Sandbox(self.running_sandbox.sandbox.url)
        while not self.stopped.is_set():
            self.top_up(customer, sandbox)
            order = {"station_sn": self.station["sn"], "package_id": "1-hour"}
            self.call(customer, "POST", "/api/rentals/start", order)
            rental = self.call(customer, "GET", "/api/rentals/active")
            if rental.status == 200 and rental.data is not None and rental.data["status"] == "active":
                order = {"powerbank_sn": rental.data["powerbank"]["sn"]}
                with suppress(UnexpectedResponse):  # its cabinet has not ejected it yet, or has it back already
                    sandbox.post(f"/cabinets/{self.station['imei']}/return", order)
            if rental.status == 401:
                customer.refresh()

    def top_up(self, customer: Customer, sandbox: Sandbox) -> None:
        """A top-up that is paid at once, and a request to refund it."""
        order = {"amount": "100.00", "payment_method": "khalti"}
        opened = self.call(customer, "POST", "/api/payment/wallet/topup-intent", order)
        if opened.status != 201:
            return
        intent_id = opened.data["intent_id"]
        sandbox.post(f"/gateways/khalti/{intent_id}/pay", {"outcome": "success", "callback": "twice"})
        self.call(customer, "POST", "/api/payment/verify-topup", {"intent_id": intent_id})
        topups = self.call(customer, "GET", "/api/user/transactions?type=topup")
        if topups.status == 200 and topups.data["results"]:
            newest = topups.data["results"][0]["id"]
            self.call(customer, "POST", f"/api/payment/refund/{newest}", {"reason": "by mistake"})

    def call(self, customer: Customer, method: str, path: str, body: Any = None) -> ApiResponse:
        self.going.wait()
        response = customer.api.call(method, path, body)
        self.statuses.append(response.status)
        return response


@contextmanager
def traffic(running_sandbox: RunningSandbox) -> Iterator[Traffic]:
    """Traffic inside the block. Fails when a customer's life ended in an error, or when nothing happened."""
    customers = [running_sandbox.customer("500.00") for _ in range(CUSTOMERS)]
    lives = Traffic(running_sandbox)
    lives.going.set()
    with ThreadPoolExecutor(CUSTOMERS) as pool:
        running: list[Future[None]] = [pool.submit(lives.live, customer) for customer in customers]
        try:
            yield lives
        finally:
            lives.stopped.set()
            lives.going.set()
        for life in running:
            life.result()
    assert [status for status in lives.statuses if status in SERVER_ERRORS] == []
    assert {200, 201} <= set(lives.statuses)


@pytest.mark.parametrize("minutes", [1, pytest.param(10, marks=pytest.mark.matrix)])
def test_a_running_audit_is_silent_under_full_traffic(running_sandbox: RunningSandbox, minutes: int) -> None:
    """Each minute has an audit from its start to its end, while customers act and one account is deleted."""
    operator = running_sandbox.operator()
    leavers = [running_sandbox.newcomer() for _ in range(minutes)]
    results = []
    with traffic(running_sandbox) as lives:
        for leaver in leavers:
            assert leaver.api.call("DELETE", "/api/auth/account", {"forfeit_balance": True}).status == 200
            results.append(running_sandbox.finished_audit(operator))
            lives.going.clear()
            running_sandbox.sandbox.advance(minutes=1)
            lives.going.set()
    assert [result["violations"] for result in results] == [[]] * minutes
    assert [result["ok"] for result in results] == [True] * minutes
    assert min(result["rows_count"] for result in results) > 50
    assert len(lives.statuses) > 5 * minutes
    assert running_sandbox.books_balance()


def test_an_audit_under_traffic_finds_exactly_what_was_planted(running_sandbox: RunningSandbox) -> None:
    sandbox = running_sandbox.sandbox
    with_money = {"posting_lost", "kyc_changed", "score_lost"}
    users = {
        kind: running_sandbox.customer() if kind in with_money else running_sandbox.newcomer()
        for kind in OF_EVERY_CUSTOMER
    }
    subjects = {kind: user.api.get("/api/auth/me")["id"] for kind, user in users.items()}
    sandbox.drain()
    # the scores are counted each minute
    sandbox.advance(minutes=2)
    operator = running_sandbox.operator()
    with traffic(running_sandbox) as lives:
        subjects["powerbank_given_away"] = powerbank_elsewhere(running_sandbox, lives.station["sn"])
        with planted(sandbox, subjects) as rules:
            result = running_sandbox.finished_audit(operator)
    found = {(violation["rule"], violation["about"]) for violation in result["violations"]}
    assert rules - found == set()
    others = {item["rule"] for item in result["violations"] if item["about"] not in {about for _, about in rules}}
    assert others <= OF_A_LOST_POSTING
    assert result["ok"] is False
    assert running_sandbox.books_balance()


def powerbank_elsewhere(running_sandbox: RunningSandbox, station_sn: str) -> str:
    """A power bank in a slot of another station than this one: nobody of the traffic rents it."""
    cabinets = [item for item in running_sandbox.sandbox.get("/cabinets") if item["sn"] != station_sn]
    in_slots = [slot["powerbank_sn"] for cabinet in cabinets for slot in cabinet["slots"]]
    powerbank_sn: str = next(filter(None, in_slots))
    return powerbank_sn


@contextmanager
def planted(sandbox: Sandbox, subjects: Mapping[str, str]) -> Iterator[set[tuple[str, str]]]:
    """Violations of every kind inside the block: the rule of each, and what it is about."""
    try:
        orders = [{"kind": kind, "id": about} for kind, about in subjects.items()]
        yield {(sandbox.post("/violations", order)["rule"], order["id"]) for order in orders}
    finally:
        sandbox.delete("/violations")
