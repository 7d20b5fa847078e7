"""The steps of the full day at the operators' desk: customers, their money and their rentals."""

from decimal import Decimal

from tests.day_client import COLLEAGUE, PHONE, DayClient


class DeskSteps(DayClient):
    """Steps of operators who answer a customer's call."""

    def help_a_customer(self) -> None:
        """Find the customer who rings up, and add money: a little at once, a lot with a second operator."""
        found = self.request_as_operator("GET", f"/api/admin/users?search={PHONE.removeprefix('+977')}").data[
            "results"
        ]
        user_id = found[0]["id"]
        assert user_id in [user["id"] for user in self.request_as_operator("GET", "/api/admin/users").data["results"]]
        path = f"/api/admin/users/{user_id}"
        assert self.request_as_operator("GET", path).data["phone_number"] == PHONE
        added = self.request_as_operator("POST", f"{path}/add-balance", {"amount": "1", "reason": "a test"}).data
        assert added["status"] == "APPLIED"
        for verb, body in (("approve", {}), ("reject", {"reason": "a test"})):
            amount = {"amount": "20000", "reason": "a test"}
            self.request_as_operator("POST", f"{path}/add-balance", amount, email=COLLEAGUE)
            additions = "/api/admin/balance-additions"
            (pending,) = self.request_as_operator("GET", additions).data["results"]
            self.request_as_operator("POST", f"{additions}/{pending['id']}/{verb}", body)
        balance = Decimal(self.request("GET", "/api/user/wallet").data["balance"])
        assert balance == Decimal(added["new_balance"]["balance"]) + 20_000
