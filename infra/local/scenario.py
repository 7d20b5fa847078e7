"""Runs customers' days and an operator's day against a running sandbox, and stops at a wrong response."""

import argparse
import secrets
import sys
import time
from functools import partial
from typing import Any

import requests

from infra.local.client import Api, Sandbox, UnexpectedResponse
from infra.local.customer import Customer, expect, operator_at, paisa_of, step
from infra.local.scenario_cabinets import FaultyCabinets
from infra.local.scenario_operator import OperatorsDay

POSTPAID = "pay-as-you-go"
LATE_HOURS = 5


class ScenarioRun:
    """One run of the scenario. Its customers are all new."""

    def __init__(self, api_url: str, sandbox: Sandbox) -> None:
        self.api_url, self.sandbox = api_url, sandbox
        self.cabinets: dict[str, Any] = {item["sn"]: item for item in sandbox.get("/cabinets")}
        self._unique = time.time_ns() // 10**6 % 1_000_000

    def newcomer(self, name: str, *, by_mail: bool = False) -> Customer:
        self._unique = (self._unique + 1) % 1_000_000
        phone = f"+977984{self._unique:07d}"
        identifier = f"{name}{self._unique}@example.com" if by_mail else phone
        return Customer(Api(self.api_url), self.sandbox, identifier, f"{name}{self._unique}")

    def operator(self) -> Api:
        return operator_at(self.api_url)

    def other_station(self, rental: dict[str, Any]) -> Any:
        """A cabinet at another station."""
        return next(item for sn, item in self.cabinets.items() if sn != rental["station"]["sn"])


def return_in_time(scenario: ScenarioRun) -> None:
    customer = scenario.newcomer("sita")
    customer.sign_up()
    customer.complete_kyc(scenario.operator())
    customer.top_up("khalti", "500.00")
    rental = customer.rent()
    step("40 minutes pass", partial(scenario.sandbox.advance, minutes=40))
    customer.refresh()
    ended = customer.return_powerbank(rental, scenario.cabinets[rental["station"]["sn"]])
    expect(ended["status"] == "completed", f"the rental is {ended['status']}")
    customer.read_history()


def return_late_elsewhere(scenario: ScenarioRun) -> None:
    customer = scenario.newcomer("hari")
    customer.sign_up()
    customer.complete_kyc(scenario.operator())
    customer.top_up("esewa", "20.00")
    rental = customer.rent()
    minutes = 60 * (1 + LATE_HOURS)
    step(f"{minutes} minutes pass", partial(scenario.sandbox.advance, minutes=minutes))
    customer.refresh()
    ended = customer.return_powerbank(rental, scenario.other_station(rental))
    expect(ended["status"] == "due", f"the rental is {ended['status']}, late fee {ended['late_fee']}")
    customer.pay_due(ended)
    customer.read_history()


def pay_postpaid_rental(scenario: ScenarioRun) -> None:
    customer = scenario.newcomer("maya", by_mail=True)
    customer.sign_up()
    token = f"demo-{secrets.token_hex(16)}"
    device = {"device_id": customer.username, "fcm_token": token, "device_type": "android"}
    step("registers a device for pushes", lambda: customer.api.post("/api/auth/device", device))
    customer.fill_in_profile()
    operator = scenario.operator()
    path = customer.submit_kyc(operator)
    refusal = {"status": "REJECTED", "rejection_reason": "The photograph is blurred"}
    step("an operator rejects it", lambda: operator.call_expecting("PATCH", path, refusal))
    answer = customer.api.get("/api/auth/kyc-status")
    expect(
        answer["status"] == "rejected" and "blurred" in answer["rejection_reason"],
        f"the rejection has its reason: {answer}",
    )
    path = customer.submit_kyc(operator, again=True)
    step("an operator approves it", lambda: operator.call_expecting("PATCH", path, {"status": "APPROVED"}))
    customer.expect_can_rent()
    scenario.sandbox.drain()
    pushes = scenario.sandbox.get(f"/pushes?token={token}")
    expect(len(pushes) == 2, f"both decisions were pushed: {pushes}")
    notifications = customer.api.get("/api/user/notifications")
    expect(notifications["unread_count"] >= 2, f"both decisions are in the app: {notifications}")
    rental = customer.rent(POSTPAID)
    step("70 minutes pass", partial(scenario.sandbox.advance, minutes=70))
    customer.refresh()
    ended = customer.return_powerbank(rental, scenario.other_station(rental))
    expect((ended["status"], ended["due_amount"]) == ("due", "40.00"), f"two started hours are owed: {ended}")
    customer.pay_due(ended, "stripe")
    customer.read_history()


def refund_topups(scenario: ScenarioRun) -> None:
    customer = scenario.newcomer("gita")
    customer.sign_up()
    for gateway, outcome, expected_status in (
        ("khalti", "cancel", "failed"),
        ("stripe", "fail", "pending"),
        ("esewa", "pending", "pending"),
    ):
        intent_id = customer.open_top_up(gateway, "300.00")
        customer.pay(gateway, intent_id, outcome)
        status = customer.verify(intent_id)["status"]
        expect(status == expected_status, f"{outcome} at {gateway} is {status}")
    given_up = customer.open_top_up("khalti", "300.00")
    step("cancels it", lambda: customer.api.post(f"/api/payment/cancel/{given_up}"))
    expect(paisa_of(customer.wallet()["balance"]) == 0, "nothing was credited")
    for gateway in ("khalti", "stripe"):
        customer.top_up(gateway, "300.00")
        newest = customer.api.get("/api/user/transactions?type=topup&status=success")["results"][0]
        reason = {"reason": "Paid by mistake"}
        refund = step(
            "requests a refund",
            partial(customer.api.post, f"/api/payment/refund/{newest['id']}", reason, 201),
        )
        operator = scenario.operator()
        approval = partial(operator.post, f"/api/admin/refunds/{refund['refund_id']}/approve", {})
        step("an operator approves", approval)
        scenario.sandbox.drain()
        listed = customer.api.get("/api/payment/refunds")["results"][0]
        expect(listed["status"] == "processed", f"the refund is processed: {listed}")
        expect(paisa_of(customer.wallet()["balance"]) == 0, "the wallet is empty again")
        answer = customer.api.get("/api/user/notifications?type=payment_status")["results"]
        about = [item["title"] for item in answer if item["data"].get("refund_id") == refund["refund_id"]]
        expect(sorted(about) == ["Refund approved", "Refund paid"], f"the app shows both notifications: {about}")


def delete_account_and_return(scenario: ScenarioRun) -> None:
    customer = scenario.newcomer("ram")
    customer.sign_up()
    customer.fill_in_profile()
    path = customer.submit_kyc(scenario.operator())
    scenario.sandbox.drain()
    expect(customer.api.get("/api/auth/me")["points"]["current"] == 50, "the sign-up bonus is credited")
    customer.top_up("esewa", "100.00")
    answer = customer.api.call("DELETE", "/api/auth/account")
    expect(answer.status == 409, f"an account with money is not deleted: {answer.body}")
    step(
        "deletes the account",
        lambda: customer.api.call_expecting("DELETE", "/api/auth/account", {"forfeit_balance": True}),
    )
    expect(customer.api.call("GET", "/api/auth/me").status == 401, "the token is no longer valid")
    scenario.sandbox.drain()
    reply = scenario.operator().call("PATCH", path, {"status": "APPROVED"})
    expect(reply.status == 404, f"the KYC submission is erased: {reply.body}")
    customer.api.token = None
    step("two minutes pass before the next code", partial(scenario.sandbox.advance, minutes=2))
    customer.sign_up()
    scenario.sandbox.drain()
    expect(customer.api.get("/api/auth/me")["points"]["current"] == 0, "no second bonus for the same number")


def work_as_operator(scenario: ScenarioRun) -> None:
    cabinet = scenario.cabinets[max(scenario.cabinets)]
    OperatorsDay(scenario.newcomer("gita"), scenario.api_url, scenario.sandbox, cabinet).run()


def pass_every_state(scenario: ScenarioRun) -> None:
    faulty_cabinets(scenario).pass_every_state()


def faulty_cabinets(scenario: ScenarioRun) -> FaultyCabinets:
    """A customer with money enough for a rental at each faulty cabinet."""
    customer = scenario.newcomer("nima")
    customer.sign_up()
    customer.complete_kyc(scenario.operator())
    customer.top_up("khalti", "1000.00")
    return FaultyCabinets(customer, scenario.sandbox)


DAYS = (
    ("Khalti, returned in time", return_in_time),
    ("eSewa, returned late at another station", return_late_elsewhere),
    ("E-mail, KYC rejected once, a postpaid rental paid at Stripe", pay_postpaid_rental),
    ("Failed top-ups, and refunds", refund_topups),
    ("An operator's day", work_as_operator),
    ("Every state of a rental", pass_every_state),
    ("An account deleted and registered again", delete_account_and_return),
)


def run_all_days(api_url: str, sandbox: Sandbox) -> None:
    """Run every day, then the audit. Raises UnexpectedResponse."""
    scenario = ScenarioRun(api_url, sandbox)
    for title, day in DAYS:
        print(f"{title}:", flush=True)
        day(scenario)
    audit = step("the audit", lambda: sandbox.get("/audit"))
    expect(audit["ok"], f"the audit finds violations: {audit['violations']}")
    print("Every step succeeded.")


def main(arguments: list[str]) -> int:
    """Returns 0, or 1 with the first unexpected response on standard error."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.scenario", description=__doc__)
    parser.add_argument("--api", default="http://127.0.0.1:8000", metavar="URL", help="its API (%(default)s)")
    parser.add_argument("--sandbox", default="http://127.0.0.1:8001", metavar="URL", help="its page (%(default)s)")
    options = parser.parse_args(arguments)
    try:
        run_all_days(options.api, Sandbox(options.sandbox))
    except requests.ConnectionError as error:
        silent = options.api if error.request is None or error.request.url is None else error.request.url
        print(f"FAILED: nothing answers at {silent}; --api and --sandbox say where the sandbox is", file=sys.stderr)
        return 1
    except (UnexpectedResponse, requests.RequestException, StopIteration) as surprise:
        print(f"FAILED: {surprise!r}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
