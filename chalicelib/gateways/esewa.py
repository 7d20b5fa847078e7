"""eSewa ePay v2: the browser posts a signed form and returns with signed data. Our status check decides."""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from chalicelib.domain.configuration.gateway_registry import GatewayAccount
from chalicelib.domain.payments.payment_gateway import (
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
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.text.money import short_money_text
from chalicelib.domain.text.nested_json import parse_json
from chalicelib.gateways.callback_parsing import event_id, fields_of
from chalicelib.gateways.http_client import TIMEOUT_SECONDS, HttpClient, json_of
from chalicelib.gateways.status_text import says_money_went_back, status_text
from chalicelib.world import OutcomeUnknown, Unavailable

REQUEST_FIELDS = "total_amount,transaction_uuid,product_code"
RESPONSE_FIELDS = "transaction_code,status,total_amount,transaction_uuid,product_code,signed_field_names"
RUPEES = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?", re.ASCII)
STATUSES = {
    "complete": PaymentState.PAID,
    "pending": PaymentState.PENDING,
    # Right after the intent NOT_FOUND means that the form was not posted yet. Our own expiry ends such an intent.
    "not found": PaymentState.UNPAID,
    "canceled": PaymentState.FAILED,
    "full refund": PaymentState.REFUNDED,
    "partial refund": PaymentState.PARTLY_REFUNDED,
}


def connect(account: GatewayAccount) -> "Esewa":
    """The gateway of our account. eSewa names the payment itself in the query of the return."""
    settings = account.settings
    return Esewa(
        settings["form_url"],
        settings["status_url"],
        settings["product_code"],
        settings["secret_key"],
        lambda _intent, _outcome: account.return_url,
    )


class Esewa:
    """World's PaymentGateway.

    `return_url_of` is the browser's return address, by intent and `success` or `failure`.
    """

    name = "esewa"

    def __init__(
        self,
        form_url: str,
        status_url: str,
        product_code: str,
        secret_key: str,
        return_url_of: Callable[[Intent, str], str],
        timeout_seconds: tuple[float, float] = TIMEOUT_SECONDS,
    ) -> None:
        self._form_url = form_url
        self._status_url = status_url
        self._product_code = product_code
        self._secret_key = secret_key.encode()
        self._return_url_of = return_url_of
        self._http = HttpClient("esewa", timeout_seconds)

    def create_checkout(self, intent: Intent) -> Checkout:
        """Make and sign the form. It needs no call to eSewa."""
        amount = short_money_text(intent.amount_paisa)
        signed = {
            "total_amount": amount,
            "transaction_uuid": intent.order_ref,
            "product_code": self._product_code,
        }
        fields = {
            "amount": amount,
            "tax_amount": "0",
            "product_service_charge": "0",
            "product_delivery_charge": "0",
            **signed,
            "success_url": self._return_url_of(intent, "success"),
            "failure_url": self._return_url_of(intent, "failure"),
            "signed_field_names": REQUEST_FIELDS,
            "signature": self.signature(signed, REQUEST_FIELDS),
        }
        return Checkout(self._form_url, method="POST", form_fields=fields)

    def fetch_payment(self, intent: Intent) -> PaymentStatus:
        query = {
            "product_code": self._product_code,
            "total_amount": short_money_text(intent.amount_paisa),
            "transaction_uuid": intent.order_ref,
        }
        try:
            content = json_of(self._http.request("GET", self._status_url, params=query))
        except (Unavailable, OutcomeUnknown):
            return PaymentStatus(PaymentState.UNKNOWN, reason="no_answer")
        status = status_text(content.get("status"))
        state = STATUSES.get(status) or (
            PaymentState.PARTLY_REFUNDED if says_money_went_back(status) else PaymentState.UNKNOWN
        )
        reason = status.replace(" ", "_") or "no_status"
        has_money = state is PaymentState.PAID or state in WENT_BACK
        if has_money and content.get("transaction_uuid") != intent.order_ref:
            return PaymentStatus(PaymentState.UNKNOWN, reason="another_transaction")
        if not has_money:
            return PaymentStatus(state, reason=reason)
        reference, amount = content.get("ref_id"), parse_esewa_amount(content.get("total_amount"))
        return PaymentStatus(
            state,
            reference=str(reference) if type(reference) in (str, int) else None,
            amount_paisa=amount,
            merchant_matches=content.get("product_code") == self._product_code,
            reason=reason,
            refunded_paisa=amount if state is PaymentState.REFUNDED else None,
        )

    def refund(self, intent: Intent, request: RefundRequest) -> RefundStatus:  # noqa: ARG002  ePay v2 has no refunds
        return RefundStatus(GatewayRefundState.BY_HAND)

    def fetch_refund(self, intent: Intent, request: RefundRequest) -> RefundStatus:  # noqa: ARG002
        return RefundStatus(GatewayRefundState.BY_HAND)

    def list_payments(self, since: datetime, until: datetime) -> None:
        """eSewa has no list."""

    def parse_callback(self, headers: Mapping[str, str], raw: bytes) -> CallbackRef:
        """Check the signed data. The signed fields must be RESPONSE_FIELDS: the payload may not choose others."""
        fields = _decoded(fields_of(headers, raw).get("data", ""))
        if fields.get("signed_field_names") != RESPONSE_FIELDS:
            raise Problem("webhook_forged")
        if any(name not in fields for name in RESPONSE_FIELDS.split(",")):
            raise Problem("webhook_forged")
        expected = self.signature(fields, RESPONSE_FIELDS)
        if not hmac.compare_digest(expected.encode(), fields.get("signature", "").encode()):
            raise Problem("webhook_forged")
        if fields["product_code"] != self._product_code:
            raise Problem("webhook_forged")
        event_name = event_id(fields["transaction_uuid"], fields["status"], fields["transaction_code"])
        return CallbackRef(order_ref=fields["transaction_uuid"], event_id=event_name)

    def signature(self, fields: Mapping[str, str], names: str) -> str:
        """Base64 HMAC-SHA256 over `name=value,...` in the order of `names`, values byte for byte as they are sent."""
        text = ",".join(f"{name}={fields[name]}" for name in names.split(","))
        return base64.b64encode(hmac.digest(self._secret_key, text.encode(), hashlib.sha256)).decode()


def parse_esewa_amount(text: Any) -> int | None:
    """An amount of eSewa in paisa: a number or text in rupees, with or without commas. None for any other value."""
    rupees = str(text).strip().replace(",", "")
    if type(text) not in (str, int, float) or not RUPEES.fullmatch(rupees):
        return None
    paisa = Decimal(rupees) * 100
    return int(paisa) if paisa == paisa.to_integral_value() else None


def _decoded(data: str) -> dict[str, str]:
    """The decoded payload, with its numbers as the original text. Raises Problem("webhook_forged")."""
    # A browser may have turned plus signs into spaces, or dropped the padding.
    text = data.strip().replace(" ", "+").replace("-", "+").replace("_", "/")
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
        content = parse_json(raw, parse_float=str, parse_int=str)
    except ValueError as error:
        raise Problem("webhook_forged") from error
    # Half of a surrogate pair is a string to JSON, but can't be encoded to be signed; it is not printable either.
    if not isinstance(content, dict) or not all(
        isinstance(value, str) and value.isprintable() for value in content.values()
    ):
        raise Problem("webhook_forged")
    return content
