"""Khalti KPG-2: initiate, look up, give back. Its callback is an unsigned hint, and Khalti has no other."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from chalicelib.domain.gateway_values import reference_of
from chalicelib.domain.payment_gateway import (
    NEVER_HAPPENED,
    Checkout,
    Hint,
    Outcome,
    Paid,
    RefundOrder,
    Repaid,
    Repayment,
)
from chalicelib.domain.topup import Intent
from chalicelib.gateways.callback_parsing import event_id, fields_of
from chalicelib.gateways.http_client import TIMEOUT_SECONDS, Caller, json_of
from chalicelib.world import Away, Refused, Unclear

STATUSES = {
    "completed": Paid.PAID,
    "pending": Paid.PENDING,
    "initiated": Paid.UNPAID,
    "expired": Paid.FAILED,
    "user canceled": Paid.FAILED,
    "refunded": Paid.REFUNDED,
    "partially refunded": Paid.REFUNDED,
}


class Khalti:
    """World's PaymentGateway. `return_url_of` is where the browser comes back for an intent; refunds have an address
    of their own, without the API's version."""

    name = "khalti"

    def __init__(
        self,
        api_url: str,
        secret_key: str,
        website_url: str,
        return_url_of: Callable[[Intent], str],
        timeout_seconds: tuple[float, float] = TIMEOUT_SECONDS,
        *,
        refund_url: str = "",
    ) -> None:
        self._api_url = api_url
        self._headers = {"Authorization": f"Key {secret_key}"}
        self._website_url = website_url
        self._return_url_of = return_url_of
        self._refund_url = refund_url
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
            response = self._post(f"{self._api_url}epayment/initiate/", order)
        except Unclear as error:
            raise Away("khalti") from error
        said = json_of(response)
        if response.status_code >= 500 or response.status_code == 429:
            raise Away("khalti")
        pidx, url = reference_of(said.get("pidx")), said.get("payment_url")
        if response.status_code != 200 or pidx is None or not isinstance(url, str):
            raise Refused(str(said.get("error_key") or said.get("detail") or response.status_code))
        return Checkout(url, gateway_ref=pidx)

    def look(self, intent: Intent) -> Outcome:
        """Expired and cancelled come as 400 with a valid body, so the body is read before the status."""
        if intent.gateway_ref is None:
            return Outcome(Paid.FAILED, reason="never_opened")
        try:
            said = self._lookup(intent)
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
            reference=reference,
            amount_paisa=amount,
            reason="completed",
        )

    def refund(self, intent: Intent, order: RefundOrder) -> Repayment:
        """Khalti knows no key for a refund: it is sent once, and after that only looked for."""
        if not intent.credited_ref:
            return Repayment(Repaid.REFUSED, reason="never_credited")
        full = order.amount_paisa == intent.amount_paisa
        url = f"{self._refund_url}merchant-transaction/{quote(intent.credited_ref, safe='')}/refund/"
        try:
            response = self._post(url, {} if full else {"amount": order.amount_paisa})
        except Away:
            return Repayment(Repaid.REFUSED, reason=NEVER_HAPPENED)
        except Unclear:
            return Repayment(Repaid.UNKNOWN, reason="no_answer")
        said = json_of(response)
        if response.status_code == 200 and "successful" in str(said.get("detail")):
            return Repayment(Repaid.DONE, reason="refunded")
        if response.status_code == 429:
            return Repayment(Repaid.REFUSED, reason=NEVER_HAPPENED)
        if 400 <= response.status_code < 500 and said.keys() & {"detail", "error_key"}:
            return Repayment(Repaid.REFUSED, reason=str(said.get("error_key") or response.status_code))
        return Repayment(Repaid.UNKNOWN, reason="no_answer")

    def look_refund(self, intent: Intent, order: RefundOrder) -> Repayment:
        """Told from the payment's state, for Khalti names no refund: plain for the whole and for the first part, in
        doubt for a further part that leaves something."""
        try:
            said = self._lookup(intent)
        except (Away, Unclear):
            return Repayment(Repaid.UNKNOWN, reason="no_answer")
        status = str(said.get("status", "")).lower()
        reason = status.replace(" ", "_") or "no_status"
        if said.get("pidx") != intent.gateway_ref or status not in STATUSES:
            return Repayment(Repaid.UNKNOWN, reason=reason)
        rest = intent.amount_paisa - order.before_paisa - order.amount_paisa
        partial = status == "partially refunded"
        if status == "refunded" or (partial and rest > 0 and not order.before_paisa):
            return Repayment(Repaid.DONE, reason=reason)
        untouched = status == "completed" and not order.before_paisa and said.get("refunded") is not True
        if order.long_ago and (untouched or (partial and rest == 0 and order.before_paisa)):
            return Repayment(Repaid.REFUSED, reason=NEVER_HAPPENED)
        return Repayment(Repaid.UNKNOWN, reason=reason)

    def listed(self, since: datetime, until: datetime) -> None:
        """Khalti has no list."""

    def heard(self, headers: Mapping[str, str], raw: bytes) -> Hint:
        said = fields_of(headers, raw)
        pidx, status = said.get("pidx", ""), said.get("status", "").lower()
        # Of its unsigned words only those that Khalti uses tell one return from another.
        return Hint(gateway_ref=pidx or None, event_id=event_id(pidx, status if status in STATUSES else ""))

    def _lookup(self, intent: Intent) -> dict[str, Any]:
        """Raises Away or Unclear."""
        return json_of(self._post(f"{self._api_url}epayment/lookup/", {"pidx": intent.gateway_ref}))

    def _post(self, url: str, content: Mapping[str, Any]) -> Any:
        """Nothing to say is no body at all: that is how Khalti is asked for the whole."""
        return self._caller.call("POST", url, json=dict(content) or None, headers=self._headers)
