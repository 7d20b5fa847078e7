"""Khalti KPG-2: initiate, look up. Its callback is an unsigned hint, and Khalti has no other."""

from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.domain.payment import Checkout, Hint, Intent, Outcome, Paid, RefundOrder, Repaid, Repayment
from chalicelib.gateways.calling import TIMEOUT_SECONDS, Caller, json_of
from chalicelib.world import Away, Refused, Unclear

STATUSES = {
    "completed": Paid.PAID,
    "pending": Paid.PENDING,
    "initiated": Paid.PENDING,
    "expired": Paid.FAILED,
    "user canceled": Paid.FAILED,
    "refunded": Paid.REFUNDED,
    "partially refunded": Paid.REFUNDED,
}


class Khalti:
    """World's PaymentGateway. `return_url_of` is where the browser comes back for an intent."""

    name = "khalti"

    def __init__(
        self,
        api_url: str,
        secret_key: str,
        website_url: str,
        return_url_of: Callable[[Intent], str],
        timeout_seconds: tuple[float, float] = TIMEOUT_SECONDS,
    ) -> None:
        self._api_url = api_url
        self._headers = {"Authorization": f"Key {secret_key}"}
        self._website_url = website_url
        self._return_url_of = return_url_of
        self._caller = Caller("khalti", timeout_seconds)

    def open(self, intent: Intent) -> Checkout:
        """A time-out is harmless: nobody has the address to pay at. Raises Away or Refused."""
        order = {
            "return_url": self._return_url_of(intent),
            "website_url": self._website_url,
            "amount": intent.amount_paisa,
            "purchase_order_id": intent.order_ref,
            "purchase_order_name": "Bijuli wallet",
        }
        try:
            response = self._post("epayment/initiate/", order)
        except Unclear as error:
            raise Away("khalti") from error
        said = json_of(response)
        if response.status_code >= 500 or response.status_code == 429:
            raise Away("khalti")
        pidx, url = said.get("pidx"), said.get("payment_url")
        if response.status_code != 200 or not isinstance(pidx, str) or not isinstance(url, str):
            raise Refused(str(said.get("error_key") or said.get("detail") or response.status_code))
        return Checkout(url, gateway_ref=pidx)

    def look(self, intent: Intent) -> Outcome:
        """Expired and cancelled come as 400 with a valid body, so the body is read before the status."""
        if intent.gateway_ref is None:
            return Outcome(Paid.FAILED, reason="never_opened")
        try:
            said = json_of(self._post("epayment/lookup/", {"pidx": intent.gateway_ref}))
        except (Away, Unclear):
            return Outcome(Paid.UNKNOWN, reason="no_answer")
        status = str(said.get("status", ""))
        if said.get("pidx") != intent.gateway_ref:
            return Outcome(Paid.UNKNOWN, reason="another_pidx" if said.get("pidx") else "no_status")
        paid = STATUSES.get(status.lower(), Paid.UNKNOWN)
        if paid is Paid.PAID and said.get("refunded") is True:
            paid = Paid.REFUNDED
        if paid is not Paid.PAID:
            return Outcome(paid, reason=status.lower().replace(" ", "_"))
        amount, reference = said.get("total_amount"), said.get("transaction_id")
        return Outcome(
            paid,
            reference=reference if isinstance(reference, str) and reference else None,
            amount_paisa=amount if type(amount) is int else None,
            reason="completed",
        )

    def refund(self, intent: Intent, order: RefundOrder) -> Repayment:  # noqa: ARG002  by hand until it is built
        return Repayment(Repaid.BY_HAND)

    def look_refund(self, intent: Intent, order: RefundOrder) -> Repayment:  # noqa: ARG002
        return Repayment(Repaid.BY_HAND)

    def heard(self, said: Mapping[str, str]) -> Hint:
        return Hint(gateway_ref=said.get("pidx") or None)

    def _post(self, path: str, content: Mapping[str, Any]) -> Any:
        return self._caller.call("POST", self._api_url + path, json=dict(content), headers=self._headers)
