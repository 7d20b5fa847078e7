"""A customer's day, lived against a running sandbox; it stops at the first surprise."""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import requests

from infra.local.client import Api, Sandbox, Unexpected
from infra.local.images import citizenship_front
from infra.local.seed import ADMIN_EMAIL, ADMIN_PASSWORD

T = TypeVar("T")
PACKAGE = "1-hour"
PULCHOWK = "lat=27.6780&lng=85.3170"
LATE_HOURS = 5


def step(what: str, do: Callable[[], T]) -> T:
    """Do it, and print how long it took."""
    started = time.monotonic()
    result = do()
    print(f"  {time.monotonic() - started:6.2f} s  {what}", flush=True)
    return result


def expect(holds: bool, what: str) -> None:
    """Raises Unexpected."""
    if not holds:
        raise Unexpected(what)


@dataclass
class Customer:
    """One customer with a telephone."""

    api: Api
    sandbox: Sandbox
    phone: str
    username: str
    refresh_token: str = ""

    def refresh(self) -> None:
        """The access token lives for a quarter of an hour only."""
        pair = self.api.must("POST", "/api/auth/refresh", {"refresh": self.refresh_token}).body
        self.api.token, self.refresh_token = pair["access"], pair["data"]["tokens"]["refresh"]

    def sign_up(self) -> None:
        sent = step("asks for a code", lambda: self.api.post("/api/auth/get-otp", {"identifier": self.phone}))
        expect(sent["identifier"] == self.phone, f"another number was told: {sent}")
        code = step("the code comes by SMS", lambda: self.sandbox.sms_code(self.phone))
        proof = self.api.post("/api/auth/verify-otp", {"identifier": self.phone, "otp": code})
        expect(proof["purpose"] == "register", f"a new number is to register: {proof}")
        order = {
            "identifier": self.phone,
            "verification_token": proof["verification_token"],
            "username": self.username,
        }
        signed = step("registers", lambda: self.api.post("/api/auth/register", order, want=201))
        self.api.token, self.refresh_token = signed["tokens"]["access"], signed["tokens"]["refresh"]
        reasons = self.api.get("/api/auth/me")["rental_eligibility"]["reasons"]
        expect(set(reasons) == {"profile_incomplete", "kyc_required"}, f"may not rent because {reasons}")

    def hand_in_papers(self, operator: Api) -> None:
        person = {"full_name": "Sita Gurung", "date_of_birth": "1998-02-14", "address": "Patan Dhoka, Lalitpur"}
        told = self.api.must("PATCH", "/api/user/profile", person).data
        expect(told["is_profile_complete"], f"the profile is complete: {told}")
        fields = {
            "document_type": "citizenship",
            "document_number": f"27-01-70-{self.phone[-5:]}",
            "issued_district": "Lalitpur",
            "issued_date": "2074-05-12",
        }
        files = {"document_front": ("front.jpg", citizenship_front(), "image/jpeg")}
        step(
            "hands in a citizenship certificate",
            lambda: self.api.must("POST", "/api/auth/kyc", want=201, files=files, fields=fields),
        )
        waiting = operator.get("/api/admin/kyc/submissions")["kyc_submissions"]
        mine = next(one for one in waiting if one["phone_number"] == self.phone)
        picture = requests.get(mine["document_front_url"], timeout=10)
        expect(picture.status_code == 200, f"the reviewer's link answers {picture.status_code}")
        path = f"/api/admin/kyc/submissions/{mine['user_id']}"
        step("an operator approves it", lambda: operator.must("PATCH", path, {"status": "APPROVED"}))
        expect(self.api.get("/api/auth/kyc-status")["status"] == "approved", "the papers are approved")
        expect(self.api.get("/api/auth/me")["rental_eligibility"]["can_rent"], "may rent now")

    def top_up(self, gateway: str, amount: str) -> None:
        short = self.options({"scenario": "pre_payment", "package_id": PACKAGE})
        print(f"           {short['suggested_topup']} would be enough, tops up {amount}")
        before = self.wallet()["balance"]
        order = {"amount": amount, "payment_method": gateway}
        opened = step(
            f"opens a top-up at {gateway}",
            lambda: self.api.post("/api/payment/wallet/topup-intent", order, want=201),
        )
        page = requests.get(opened["payment_url"], timeout=10)
        expect(page.status_code == 200, f"the pay page answers {page.status_code}")
        if gateway == "esewa":
            expect("signature" in page.text, "our page carries the signed form")
        intent_id = opened["intent_id"]
        step(
            "pays there, and the browser comes back",
            lambda: self.sandbox.post(
                f"/gateways/{gateway}/{intent_id}/pay", {"outcome": "success", "callback": "once"}
            ),
        )
        told = step("verifies", lambda: self.api.post("/api/payment/verify-topup", {"intent_id": intent_id}))
        expect(told["status"] == "success", f"the top-up is credited: {told}")
        self.sandbox.drain()
        gained = cents(self.wallet()["balance"]) - cents(before)
        expect(gained == cents(amount), f"the wallet has {amount} more: {gained}")

    def rent(self) -> dict[str, Any]:
        near = step(
            "looks for a station",
            lambda: self.api.get(f"/api/app/stations/nearby?{PULCHOWK}&radius=5&status=online&has_powerbank=true"),
        )
        expect(bool(near["results"]), "a station with a bank is near")
        station = near["results"][0]
        options = self.options({"scenario": "pre_payment", "package_id": PACKAGE})
        expect(options["is_sufficient"], f"there is enough: {options}")
        order = {"station_sn": station["sn"], "package_id": PACKAGE}
        answer = step(f"rents at {station['name']}", lambda: self.api.call("POST", "/api/rentals/start", order))
        expect(answer.status in (201, 202), f"start answers {answer.status}: {answer.body}")
        rental: dict[str, Any] = answer.data
        self.sandbox.drain()
        rental = self.api.get(f"/api/rentals/{rental['id']}")
        expect(rental["status"] == "active", f"the rental is active: {rental}")
        expect(self.api.get("/api/rentals/active")["id"] == rental["id"], "it is the active one")
        return rental

    def bring_back(self, rental: dict[str, Any], station: dict[str, Any]) -> dict[str, Any]:
        """By hand, at a station, however late."""
        told = {"powerbank_sn": rental["powerbank"]["sn"]}
        step(
            "brings the bank back",
            lambda: self.sandbox.post(f"/cabinets/{station['imei']}/return", told),
        )
        self.sandbox.drain()
        ended: dict[str, Any] = self.api.get(f"/api/rentals/{rental['id']}")
        expect(ended["ended_at"] is not None, f"the rental has ended: {ended}")
        expect(self.api.get("/api/rentals/active") is None, "nothing is active")
        return ended

    def pay_what_is_due(self, rental: dict[str, Any]) -> None:
        options = self.options({"scenario": "post_payment", "rental_id": rental["id"]})
        if not options["is_sufficient"]:
            self.top_up("khalti", options["suggested_topup"])
        paid = step("pays what is due", lambda: self.api.post(f"/api/rentals/{rental['id']}/pay-due"))
        expect(paid["rental_status"] == "completed", f"the due is paid: {paid}")
        expect(cents(self.wallet()["due"]) == 0, "nothing is due any more")

    def look_back(self) -> None:
        lines = self.api.get("/api/user/transactions")["results"]
        rentals = self.api.get("/api/rentals/history")["results"]
        print(
            f"           {len(rentals)} rentals, {len(lines)} wallet lines: "
            + ", ".join(one["type"] for one in lines)
        )
        expect(all(line["status"] == "success" for line in lines), f"nothing is pending: {lines}")
        me = self.api.get("/api/auth/me")
        print(f"           balance {me['wallet']['balance']}, points {me['points']['current']}")

    def options(self, question: dict[str, str]) -> dict[str, Any]:
        told: dict[str, Any] = self.api.post("/api/payment/calculate-options", question)
        return told

    def wallet(self) -> dict[str, Any]:
        told: dict[str, Any] = self.api.get("/api/user/wallet")
        return told


def operator_at(api_url: str) -> Api:
    """An operator, signed in just now."""
    operator = Api(api_url)
    signed = operator.post("/api/admin/login", {"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD})
    operator.token = signed["access_token"]
    return operator


def cents(rupees: str) -> int:
    """A decimal string in paisa."""
    whole, _, part = rupees.partition(".")
    return int(whole) * 100 + int((part + "00")[:2])


def live(api_url: str, sandbox: Sandbox) -> None:
    """Both gateways, a return in time and a late one."""
    cabinets = {one["sn"]: one for one in sandbox.get("/cabinets")}
    unique = int(time.time()) % 100_000
    for number, gateway in enumerate(("khalti", "esewa")):
        late = number == 1
        print(f"A day with {gateway}, {'a late return' if late else 'back in time'}:", flush=True)
        phone = f"+97798{41 + number}{(unique + number) % 1_000_000:06d}"
        customer = Customer(Api(api_url), sandbox, phone, f"sita{unique}{number}")
        customer.sign_up()
        customer.hand_in_papers(operator_at(api_url))
        customer.top_up(gateway, "20.00" if late else "500.00")
        rental = customer.rent()
        elsewhere = next(one for sn, one in cabinets.items() if sn != rental["station"]["sn"])
        minutes = 60 * (1 + LATE_HOURS) if late else 40
        step(f"{minutes} minutes pass", partial(sandbox.advance, minutes=minutes))
        customer.refresh()
        ended = customer.bring_back(rental, elsewhere if late else cabinets[rental["station"]["sn"]])
        expect((ended["status"] == "due") == late, f"the rental is {ended['status']}, late fee {ended['late_fee']}")
        if late:
            refused = customer.api.call(
                "POST", "/api/rentals/start", {"station_sn": rental["station"]["sn"], "package_id": PACKAGE}
            )
            expect(refused.code == "due_unpaid", f"a due blocks the next rental: {refused.body}")
            customer.pay_what_is_due(ended)
        customer.look_back()
    found = step("the audit", lambda: sandbox.get("/audit"))
    expect(found["ok"], f"the books don't balance: {found['violations']}")
    print("Everything was as it should be.")


def main(arguments: list[str]) -> int:
    """0 when all was well, 1 with the first surprise on standard error."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.scenario", description=__doc__)
    parser.add_argument("--api", default="http://127.0.0.1:8000")
    parser.add_argument("--sandbox", default="http://127.0.0.1:8001")
    asked = parser.parse_args(arguments)
    try:
        live(asked.api, Sandbox(asked.sandbox))
    except (Unexpected, requests.RequestException, StopIteration) as surprise:
        print(f"NOT AS IT SHOULD BE: {surprise!r}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
