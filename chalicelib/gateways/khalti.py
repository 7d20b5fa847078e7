"""Khalti KPG-2: initiate, look-up, refund. Its callbacks are unsigned, so they only name a payment."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from chalicelib.domain.configuration.gateway_registry import GatewayAccount
from chalicelib.domain.payments.gateway_values import clean_flag, clean_reference
from chalicelib.domain.payments.payment_gateway import (
    MOBILE_NEEDED,
    NEVER_OPENED,
    NOT_EXECUTED,
    WENT_BACK,
    CallbackRef,
    Checkout,
    GatewayRefundState,
    PaymentState,
    PaymentStatus,
    RefundRequest,
    RefundStatus,
)
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.gateways.callback_parsing import event_id, fields_of
from chalicelib.gateways.http_client import TIMEOUT_SECONDS, HttpClient, json_of
from chalicelib.gateways.status_text import says_money_went_back, status_text
from chalicelib.world import OutcomeUnknown, Rejected, Unavailable

STATUSES = {
    "completed": PaymentState.PAID,
    "pending": PaymentState.PENDING,
    "initiated": PaymentState.UNPAID,
    "expired": PaymentState.FAILED,
    "failed": PaymentState.FAILED,
    "canceled": PaymentState.FAILED,
    "cancelled": PaymentState.FAILED,
    "user canceled": PaymentState.FAILED,
    "user cancelled": PaymentState.FAILED,
    "refunded": PaymentState.REFUNDED,
    "partially refunded": PaymentState.PARTLY_REFUNDED,
}
REFUNDED = "transaction refund successful"
"""What Khalti says of a refund that it made. Other words may say that it did not."""


def connect(account: GatewayAccount) -> "Khalti":
    """The gateway of our account. Khalti names the payment itself in the query of the return."""
    settings = account.settings
    return Khalti(
        settings["api_url"],
        settings["secret_key"],
        settings["website_url"],
        lambda _: account.return_url,
        refund_url=settings["refund_url"],
        partial_refunds=settings["partial_refunds"] == "by_call",
    )


class Khalti:
    """World's PaymentGateway. `return_url_of` is the address to which browsers return.

    `refund_url` is the part of a refund's address before `merchant-transaction/`: it has no API version. Without
    `partial_refunds` a refund of a part is left to an operator: Khalti's document does not settle its unit.
    """

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
        partial_refunds: bool = False,
    ) -> None:
        self._api_url = api_url
        self._headers = {"Authorization": f"Key {secret_key}"}
        self._website_url = website_url
        self._return_url_of = return_url_of
        self._refund_url = refund_url
        self._partial_refunds = partial_refunds
        self._http = HttpClient("khalti", timeout_seconds)

    def create_checkout(self, intent: Intent) -> Checkout:
        """A lost or unreadable answer is harmless: the customer has no address to pay at.

        Raises Unavailable, or Rejected when Khalti refuses the order.
        """
        order = {
            "return_url": self._return_url_of(intent),
            "website_url": self._website_url,
            "amount": intent.amount_paisa,
            "purchase_order_id": intent.order_ref,
            "purchase_order_name": "Bijuli wallet",
        }
        try:
            response = self._post(f"{self._api_url}epayment/initiate/", order)
        except OutcomeUnknown as error:
            raise Unavailable("khalti") from error
        content = json_of(response)
        if _is_refusal(response.status_code):
            raise Rejected(str(content.get("error_key") or content.get("detail") or response.status_code))
        pidx, url = clean_reference(content.get("pidx")), content.get("payment_url")
        if response.status_code != 200 or pidx is None or not isinstance(url, str):
            raise Unavailable("khalti")
        return Checkout(url, gateway_ref=pidx)

    def fetch_payment(self, intent: Intent) -> PaymentStatus:
        """Khalti answers 400 with a valid body for expired and cancelled payments: the body decides."""
        if intent.gateway_ref is None:
            return PaymentStatus(PaymentState.FAILED, reason=NEVER_OPENED)
        try:
            content = self._lookup(intent)
        except (Unavailable, OutcomeUnknown):
            return PaymentStatus(PaymentState.UNKNOWN, reason="no_answer")
        status = status_text(content.get("status"))
        if content.get("pidx") != intent.gateway_ref:
            return PaymentStatus(PaymentState.UNKNOWN, reason="another_pidx" if content.get("pidx") else "no_status")
        state = STATUSES.get(status) or (
            PaymentState.PARTLY_REFUNDED if says_money_went_back(status) else PaymentState.UNKNOWN
        )
        reason, refunded_flag = status.replace(" ", "_"), clean_flag(content.get("refunded", False))
        if state is PaymentState.PAID and refunded_flag is None:
            return PaymentStatus(PaymentState.UNKNOWN, reason="refunded_unreadable")
        if state is PaymentState.PAID and refunded_flag:
            # The two fields contradict each other: some of the money may have gone back.
            state = PaymentState.PARTLY_REFUNDED
        if state is not PaymentState.PAID and state not in WENT_BACK:
            return PaymentStatus(state, reason=reason)
        amount, reference = content.get("total_amount"), content.get("transaction_id")
        refunded = amount if state is PaymentState.REFUNDED else None
        return PaymentStatus(state, reference, amount, reason=reason, refunded_paisa=refunded)

    def refund(self, intent: Intent, request: RefundRequest) -> RefundStatus:
        """Khalti has no idempotency key for refunds: a refund is sent once, and then only looked up.

        A payment that was made by bank needs the payer's number: an operator refunds it in Khalti's panel.
        """
        if not intent.credited_ref:
            return RefundStatus(GatewayRefundState.REFUSED, reason="never_credited")
        full = request.amount_paisa == intent.amount_paisa
        if not full and not self._partial_refunds:
            return RefundStatus(GatewayRefundState.BY_HAND, reason="partial_refund_untried")
        url = f"{self._refund_url}merchant-transaction/{quote(intent.credited_ref, safe='')}/refund/"
        try:
            response = self._post(url, {} if full else {"amount": request.amount_paisa})
        except Unavailable:
            return RefundStatus(GatewayRefundState.REFUSED, reason=NOT_EXECUTED)
        except OutcomeUnknown:
            return RefundStatus(GatewayRefundState.UNKNOWN, reason="no_answer")
        content = json_of(response)
        if response.status_code == 200 and status_text(content.get("detail")).rstrip(".") == REFUNDED:
            return RefundStatus(GatewayRefundState.DONE, reason="refunded")
        if response.status_code == 429:
            return RefundStatus(GatewayRefundState.REFUSED, reason=NOT_EXECUTED)
        if _is_refusal(response.status_code) and _asks_for_mobile(content):
            return RefundStatus(GatewayRefundState.BY_HAND, reason=MOBILE_NEEDED)
        if _is_refusal(response.status_code) and content.keys() & {"detail", "error_key"}:
            return RefundStatus(
                GatewayRefundState.REFUSED, reason=str(content.get("error_key") or response.status_code)
            )
        return RefundStatus(GatewayRefundState.UNKNOWN, reason="no_answer")

    def fetch_refund(self, intent: Intent, request: RefundRequest) -> RefundStatus:
        """Khalti has no refund ids: the refund's state follows from the payment's state.

        That is certain for a whole refund and for a first partial one. For a further partial refund that leaves a
        rest it is UNKNOWN.
        """
        try:
            content = self._lookup(intent)
        except (Unavailable, OutcomeUnknown):
            return RefundStatus(GatewayRefundState.UNKNOWN, reason="no_answer")
        status = status_text(content.get("status"))
        reason = status.replace(" ", "_") or "no_status"
        if content.get("pidx") != intent.gateway_ref or status not in STATUSES:
            return RefundStatus(GatewayRefundState.UNKNOWN, reason=reason)
        rest = intent.amount_paisa - request.previously_refunded_paisa - request.amount_paisa
        partial = status == "partially refunded"
        if status == "refunded" or (partial and rest > 0 and not request.previously_refunded_paisa):
            return RefundStatus(GatewayRefundState.DONE, reason=reason)
        untouched = (
            status == "completed"
            and not request.previously_refunded_paisa
            and clean_flag(content.get("refunded", False)) is False
        )
        if request.past_grace and (untouched or (partial and rest == 0 and request.previously_refunded_paisa)):
            return RefundStatus(GatewayRefundState.REFUSED, reason=NOT_EXECUTED)
        return RefundStatus(GatewayRefundState.UNKNOWN, reason=reason)

    def list_payments(self, since: datetime, until: datetime) -> None:
        """Khalti has no list."""

    def parse_callback(self, headers: Mapping[str, str], raw: bytes) -> CallbackRef:
        content = fields_of(headers, raw)
        pidx, status = content.get("pidx", ""), status_text(content.get("status"))
        # The status is unsigned: only the values that Khalti uses may tell one callback from another.
        return CallbackRef(gateway_ref=pidx or None, event_id=event_id(pidx, status if status in STATUSES else ""))

    def _lookup(self, intent: Intent) -> dict[str, Any]:
        """Raises Unavailable or OutcomeUnknown."""
        return json_of(self._post(f"{self._api_url}epayment/lookup/", {"pidx": intent.gateway_ref}))

    def _post(self, url: str, content: Mapping[str, Any]) -> Any:
        """Sends no body for an empty `content`: to Khalti this means a refund of the whole payment."""
        return self._http.request("POST", url, json=dict(content) or None, headers=self._headers)


def _is_refusal(status: int) -> bool:
    """Whether Khalti surely did nothing and will not do it. A 408 may come from a server between, after the call took
    effect."""
    return 400 <= status < 500 and status not in (408, 429)


def _asks_for_mobile(content: Mapping[str, Any]) -> bool:
    """Whether Khalti refuses a refund because the payer's `mobile` is missing: the payment was made by bank."""
    return "mobile" in content or "mobile" in str(content.get("detail", "")).lower()
