"""An operator's day in the scenario: each step is one thing of the desk, from the KYC queue to the audit log."""

import csv
from functools import partial
from io import StringIO
from typing import Any
from urllib.parse import quote

from infra.local.client import Api, Sandbox
from infra.local.customer import Customer, expect, operator_at, step
from infra.local.scenario_stations import repair_station

EXPECTED_ACTIONS = (
    "KYC_VIEWED",
    "KYC_DECIDED",
    "STATION_COMMAND",
    "REFUND_APPROVED",
    "BALANCE_ADDITION_APPLIED",
    "COUPON_CREATED",
    "USER_STATUS_CHANGED",
    "BROADCAST_SENT",
)
"""What the audit log says of the day, among other things."""


class OperatorsDay:
    """One operator's day with one new customer and one cabinet."""

    def __init__(self, customer: Customer, api_url: str, sandbox: Sandbox, cabinet: dict[str, Any]) -> None:
        self.customer, self.sandbox, self.cabinet = customer, sandbox, cabinet
        self.operator: Api = operator_at(api_url)
        self.began_at: str = ""
        self.user_id: str = ""

    def run(self) -> None:
        self.began_at = self.customer.api.get("/api/app/health")["time"]
        self.customer.sign_up()
        self.review_kyc()
        repair_station(self.operator, self.sandbox, self.cabinet)
        self.find_customer()
        self.refund_a_mistake()
        self.say_sorry()
        self.ban_by_mistake()
        self.send_broadcast()
        self.download_reports()
        self.read_audit_log()

    def review_kyc(self) -> None:
        customer, operator = self.customer, self.operator
        customer.fill_in_profile()
        path = customer.submit_kyc(operator)
        approve = partial(operator.call_expecting, "PATCH", path, {"status": "APPROVED"})
        step("the operator approves it from the KYC queue", approve)
        waiting = operator.get("/api/admin/kyc/submissions")["kyc_submissions"]
        expect(customer.username not in [item["username"] for item in waiting], "the queue has it no more")
        customer.expect_can_rent()

    def find_customer(self) -> None:
        search = f"/api/admin/users?search={quote(self.customer.identifier)}"
        found = step("the operator finds the customer by phone number", partial(self.operator.get, search))
        self.user_id = found["results"][0]["id"]

    def refund_a_mistake(self) -> None:
        customer, operator = self.customer, self.operator
        customer.top_up("khalti", "300.00")
        newest = customer.api.get("/api/user/transactions?type=topup&status=success")["results"][0]
        reason = {"reason": "Paid by mistake"}
        ask = partial(customer.api.post, f"/api/payment/refund/{newest['id']}", reason, 201)
        refund_id = step("the customer requests a refund", ask)["refund_id"]
        pending = operator.get("/api/admin/refunds/pending")["results"]
        expect(refund_id in [item["id"] for item in pending], f"the refund waits for a decision: {pending}")
        approve = partial(operator.post, f"/api/admin/refunds/{refund_id}/approve", {})
        step("the operator approves the refund", approve)
        self.sandbox.drain()
        (refund,) = customer.api.get("/api/payment/refunds")["results"]
        expect(refund["status"] == "processed", f"the refund is processed: {refund}")

    def say_sorry(self) -> None:
        """Rs 50 for the jammed slot, and a coupon."""
        customer, operator = self.customer, self.operator
        gift = {"amount": "50.00", "reason": "a jammed slot"}
        add = partial(operator.post, f"/api/admin/users/{self.user_id}/add-balance", gift)
        step("the operator adds Rs 50", add)
        expect(customer.wallet()["balance"] == "50.00", f"the wallet holds {customer.wallet()}")
        code = f"DESK{customer.username[-6:]}".upper()
        coupon = {"code": code, "name": "Sorry", "points_value": 10, "valid_until": "2099-01-01"}
        issue = partial(
            operator.post, "/api/admin/promotions/coupons", coupon | {"valid_from": self.began_at[:10]}, want=201
        )
        step("the operator issues a coupon", issue)
        use = partial(customer.api.post, "/api/promotions/apply-coupon", {"code": code})
        step("the customer uses it", use)

    def ban_by_mistake(self) -> None:
        customer, path = self.customer, f"/api/admin/users/{self.user_id}/status"
        for status, answer in (("BANNED", 403), ("ACTIVE", 401)):
            change = {"status": status, "reason": "a mistake"}
            what = f"the operator makes the account {status.lower()}"
            step(what, partial(self.operator.call_expecting, "PATCH", path, change))
            customer.api.call_expecting("GET", "/api/auth/me", want=answer)
        customer.api.token = None
        step("two minutes pass before the next code", partial(self.sandbox.advance, minutes=2))
        customer.sign_in()

    def send_broadcast(self) -> None:
        texts = {"title": "Thank you", "title_ne": "धन्यवाद", "message": "All is well.", "message_ne": "सबै ठीक छ।"}
        send = partial(self.operator.post, "/api/admin/system/broadcast", texts | {"send_again": True}, want=201)
        sent = step("the operator sends a message to all", send)
        self.sandbox.drain()
        received = self.customer.api.get("/api/user/notifications?type=broadcast")["results"]
        expect(received[0]["id"] == sent["id"], f"the customer reads it: {received}")

    def download_reports(self) -> None:
        self.sandbox.post("/schedules/count_days/run")
        self.sandbox.drain()
        transactions = self._rows(
            "the operator downloads the customer's transactions", f"transactions?format=csv&user_id={self.user_id}"
        )
        kinds = [row["type"] for row in transactions]
        expect({"TOPUP", "REFUND", "ADJUSTMENT"} <= set(kinds), f"the file has {kinds}")
        report = self._rows("the operator downloads the revenue of the month", "analytics/revenue?format=csv")
        *days, total = report
        expect(total["date"] == "total" and float(total["topup_revenue"]) >= 300, f"the last row is {total}")
        summed = round(sum(float(row["topup_revenue"]) for row in days), 2)
        expect(summed == float(total["topup_revenue"]), f"{len(days)} days add up to {summed}")

    def read_audit_log(self) -> None:
        listed = step(
            "the audit log has all of it", partial(self.operator.get, "/api/admin/audit-log?page_size=100")
        )["results"]
        actions = {entry["action_type"] for entry in listed if entry["created_at"] >= self.began_at}
        expect(set(EXPECTED_ACTIONS) <= actions, f"the log has {sorted(actions)}")
        ban = next(
            entry for entry in listed if entry["target_id"] == self.user_id and "STATUS" in entry["action_type"]
        )
        whole = self.operator.get(f"/api/admin/audit-log/{ban['id']}")["changes"]
        expect((whole["before"], whole["after"]) != (None, None), f"an entry has before and after: {whole}")

    def _rows(self, what: str, path: str) -> list[dict[str, str]]:
        """The rows of a CSV file."""
        text = step(what, lambda: self.operator.call_expecting("GET", f"/api/admin/{path}").body)
        return list(csv.DictReader(StringIO(text, newline="")))
