"""The steps of the full day at the operators' desk: customers, their money and their rentals."""

from decimal import Decimal

from chalicelib.services import outbox
from tests.scenarios.day_client import COLLEAGUE, PHONE, DayClient
from tests.world.builders import CIVIL


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
            amount = {"amount": "20000", "reason": f"a test: {verb}"}
            self.request_as_operator("POST", f"{path}/add-balance", amount, email=COLLEAGUE)
            additions = "/api/admin/balance-additions"
            (pending,) = self.request_as_operator("GET", additions).data["results"]
            self.request_as_operator("POST", f"{additions}/{pending['id']}/{verb}", body)
        self.end_a_rental()
        self.change_prices()
        self.change_achievements()
        self.redrive_dead_letters()
        transactions = self.request_as_operator("GET", f"/api/admin/transactions?user_id={user_id}").data["results"]
        assert transactions[0]["type"] == "ADJUSTMENT"
        assert self.request_as_operator("GET", "/api/admin/transactions?type=TOPUP").data["results"]
        balance = Decimal(self.request("GET", "/api/user/wallet").data["balance"])
        assert balance == Decimal(added["new_balance"]["balance"]) + 20_000

    def end_a_rental(self) -> None:
        """End the rental of a customer who brought the power bank to the desk."""
        rental = self.network.rented(self.network.customer(), CIVIL)
        path = f"/api/admin/rentals/{rental.rental_id}"
        running = self.request_as_operator("GET", "/api/admin/rentals?status=ACTIVE").data["results"]
        assert rental.rental_id in [item["id"] for item in running]
        of_station = f"/api/admin/rentals?station={CIVIL.sn}&user_id={rental.user_id}"
        assert len(self.request_as_operator("GET", of_station).data["results"]) == 1
        self.request_as_operator("GET", f"/api/admin/rentals?station={CIVIL.sn}")
        self.request_as_operator("POST", f"{path}/force-complete", {"reason": "it lies on our desk"})
        assert self.request_as_operator("GET", path).data["status"] == "COMPLETED"

    def change_prices(self) -> None:
        """Create a package and hide it, and close a payment method for a moment."""
        path = "/api/admin/packages"
        body = {"name": "2 Hours", "duration_minutes": 120, "price": "35", "payment_model": "PREPAID"}
        made = self.request_as_operator("POST", path, body).data
        assert self.request_as_operator("GET", f"{path}/{made['id']}").data == made
        assert (
            self.request_as_operator("PATCH", f"{path}/{made['id']}", {"is_active": False}).data["price"] == "35.00"
        )
        assert made["id"] in [item["id"] for item in self.request_as_operator("GET", path).data["rental_packages"]]
        methods = "/api/admin/payment-methods"
        for active in (False, True):
            self.request_as_operator("PATCH", f"{methods}/esewa", {"is_active": active})
        assert all(method["is_active"] for method in self.request_as_operator("GET", methods).data["results"])

    def change_achievements(self) -> None:
        """Create an achievement and end it, so that it brings no points."""
        path = "/api/admin/achievements"
        body = {"name": "Traveller", "description": "Rent 99 times", "criteria_type": "RENTAL_COUNT"}
        made = self.request_as_operator("POST", path, body | {"criteria_value": 99, "reward_value": 10}).data
        ended = self.request_as_operator("PUT", f"{path}/{made['id']}", {"is_active": False}).data
        assert ended in self.request_as_operator("GET", path).data["results"]
        assert self.request_as_operator("GET", f"{path}/{made['id']}").data == ended
        assert made["id"] not in [
            item["id"] for item in self.request("GET", "/api/users/achievements").data["results"]
        ]

    def redrive_dead_letters(self) -> None:
        """Look at one dead letter of each queue, and have it handled again."""
        path, queues = "/api/admin/system/dead-letters", self.network.fake_world.queues
        for queue in outbox.CONSUMED:
            queues.send(outbox.dead_letter_name(queue), [{"message_id": "gone"}])
        for item in self.request_as_operator("GET", path).data["results"]:
            queue = item["queue"]
            (letter,) = self.request_as_operator("GET", f"{path}/{queue}").data["results"]
            assert letter["fields"] == {"message_id": "gone"}
            assert self.request_as_operator("POST", f"{path}/{queue}/redrive", {}).data["moved"] == 1
            queues.sent[queue].pop()
