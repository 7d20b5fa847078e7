"""A simulated eSewa: takes the signed form, shows a pay page, returns signed data, answers status checks."""

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from html import unescape
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import requests
from flask import Blueprint, Response, jsonify, request

from infra.local.gateways.callbacks import CALLBACK_SECONDS
from infra.local.gateways.pay_pages import PayPages, open_page, press_with_return, return_to_app
from infra.local.gateways.payment_book import BOOK, Payment, PaymentBook, give_back
from infra.local.gateways.payment_outcomes import ESEWA
from infra.local.simulation import Simulation

PRODUCT_CODE = "EPAYTEST"
SECRET_KEY = "sandbox-esewa-key"
REQUEST_FIELDS = "total_amount,transaction_uuid,product_code"
RESPONSE_FIELDS = "transaction_code,status,total_amount,transaction_uuid,product_code,signed_field_names"
FIELDS = (
    "amount",
    "tax_amount",
    "product_service_charge",
    "product_delivery_charge",
    "total_amount",
    "transaction_uuid",
    "product_code",
    "success_url",
    "failure_url",
    "signed_field_names",
    "signature",
)
STATES = {
    "success": "COMPLETE",
    "wrong_amount": "COMPLETE",
    "fail": "CANCELED",
    "cancel": "CANCELED",
    "pending": "PENDING",
    "expire": "PENDING",
}
EXPIRED = "NOT_FOUND"
"""eSewa's answer for a payment that it does not know, or no longer."""
SESSION_MINUTES = 30
FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


class EsewaServer:
    """Served under /esewa of the sandbox's port."""

    def __init__(self, simulation: Simulation, sandbox_url: str, api_url: str) -> None:
        self._simulation = simulation
        self._api_url = api_url
        self._book = PaymentBook[Payment]()
        self._url = f"{sandbox_url}/esewa"
        self.blueprint = Blueprint("esewa", __name__, url_prefix="/esewa")
        simulation.late_returns.register("esewa", self._return)
        calling = simulation.calling("esewa")
        self.blueprint.post("/api/epay/main/v2/form")(simulation.browsed(self._form))
        self.blueprint.get("/api/epay/transaction/status/")(calling(self._status))
        self._pages = PayPages(ESEWA, self, simulation, f"{self._url}/pay/", f"{self._url}/pay/")
        self.blueprint.add_url_rule("/pay/<reference>", "page", simulation.browsed(self._pages.show))
        self.blueprint.add_url_rule("/pay/", "pressed", simulation.browsed(self._pages.pressed), methods=["POST"])

    def environment(self) -> dict[str, str]:
        """The service's settings for it."""
        return {
            "BIJULI_ESEWA_FORM_URL": f"{self._url}/api/epay/main/v2/form",
            "BIJULI_ESEWA_STATUS_URL": f"{self._url}/api/epay/transaction/status/",
            "BIJULI_ESEWA_PRODUCT_CODE": PRODUCT_CODE,
            "BIJULI_ESEWA_SECRET_KEY": SECRET_KEY,
        }

    def pay(self, reference: str, outcome: str, callback: Any) -> list[int]:
        """Do what the customer does after sending our form. Raises LookupError for an unknown reference."""
        payment = self._book.find(reference) or self._sent_form(reference)
        self._settle(payment, outcome)
        return return_to_app(self._simulation, "esewa", callback, payment.reference, self._return)

    def state(self) -> Any:
        return BOOK.dump_python(self._book.all(), mode="json")

    def prepare(self, state: Any) -> Callable[[], None]:
        payments = BOOK.validate_python(state)
        return lambda: self._book.replace(payments)

    def shown(self, reference: str) -> Payment | None:
        """The payment of this reference; one whose time is over as eSewa answers for it."""
        payment = self._book.find(reference)
        return replace(payment, state=EXPIRED) if payment is not None and self._is_expired(payment) else payment

    def press(self, payment: Payment, outcome: str, callback_order: Any) -> str | None:
        """Carry out a press on the page. Returns the address to which the browser goes, or None if it stays."""

        def return_address() -> str:
            if payment.state != "COMPLETE":
                return payment.failure_url
            return f"{payment.return_url}?{urlencode({'data': self._data(payment)})}"

        stays = outcome == "pending"  # eSewa takes no form twice, so its page is not opened again
        return press_with_return(self, payment, outcome, "never" if stays else callback_order, return_address)

    def payments(self) -> list[Payment]:
        """All payments, oldest first."""
        return self._book.all()

    def refund_at_desk(self, reference: str, paisa: int | None) -> list[int]:
        """eSewa's staff gives money back. Only a look-up shows it. Raises LookupError, ValueError."""
        payment = self._book.get(reference)
        give_back(payment, paisa, paid=payment.state in ("COMPLETE", "PARTIAL_REFUND"))
        payment.state = "FULL_REFUND" if payment.refunded_paisa == payment.paid_paisa else "PARTIAL_REFUND"
        return []

    def dispute(self, reference: str, paisa: int | None = None, outcome: str | None = None) -> list[int]:
        """eSewa reverses the whole payment after the customer's complaint. Raises LookupError, ValueError."""
        if outcome is not None or paisa is not None:
            raise ValueError("eSewa reverses a whole payment and tells no end of a dispute")
        payment = self._book.get(reference)
        give_back(payment, None, paid=payment.state in ("COMPLETE", "PARTIAL_REFUND"))
        payment.state = "CANCELED"
        return []

    def _return(self, reference: str, forged: bool) -> int:
        payment = self._book.get(reference)
        if payment.state != "COMPLETE" and not forged:
            return open_page(self._simulation, "esewa", payment.failure_url, {})
        content = {"data": self._data(payment, forged=forged)}
        return open_page(self._simulation, "esewa", payment.return_url, content)

    def _sent_form(self, intent_id: str) -> Payment:
        """Open our page, as the customer's browser does, and send its form. Raises LookupError."""
        page = requests.get(
            f"{self._api_url}/api/payment/checkout/{intent_id}",
            headers=self._simulation.activity.internal_headers,
            timeout=CALLBACK_SECONDS,
        )
        fields = {unescape(name): unescape(value) for name, value in FIELD.findall(page.text)}
        if page.status_code == HTTPStatus.OK:
            self._take(fields)
        # eSewa rejects a duplicate: another click of the customer sent the form a moment ago.
        return self._book.get(intent_id)

    def _form(self) -> Response:
        return self._take(request.form.to_dict())

    def _take(self, posted: dict[str, str]) -> Response:
        content = {name: posted.get(name, "") for name in FIELDS}
        missing = [name for name, value in content.items() if not value]
        text = ",".join(f"{name}={content[name]}" for name in REQUEST_FIELDS.split(","))
        ours = content["product_code"] == PRODUCT_CODE and content["signed_field_names"] == REQUEST_FIELDS
        if missing or not ours or content["signature"] != sign(text):
            return Response(json.dumps({"code": "ES104", "message": "Invalid payload signature."}), 400)
        payment = Payment(
            content["transaction_uuid"],
            content["transaction_uuid"],
            _paisa(content["total_amount"]),
            content["success_url"],
            self._simulation.clock.now() + timedelta(minutes=SESSION_MINUTES),
            "PENDING",
            failure_url=content["failure_url"],
        )
        if not self._book.add(payment):
            return Response(json.dumps({"code": "ES105", "message": "Duplicate transaction UUID."}), 409)
        return self._pages.show(payment.reference)

    def _status(self) -> Response:
        uuid, amount = request.args.get("transaction_uuid", ""), request.args.get("total_amount", "")
        payment = self._book.find(uuid)
        content: dict[str, Any] = {
            "product_code": request.args.get("product_code"),
            "transaction_uuid": uuid,
            "total_amount": _paisa(amount) / 100,
            "status": EXPIRED,
            "ref_id": None,
        }
        ours = request.args.get("product_code") == PRODUCT_CODE
        if ours and payment is not None and _paisa(amount) == payment.amount_paisa:
            content["status"] = EXPIRED if self._is_expired(payment) else payment.state
            content["total_amount"] = (payment.paid_paisa or payment.amount_paisa) / 100
            content["ref_id"] = payment.transaction or None
        return jsonify(content)

    def _is_expired(self, payment: Payment) -> bool:
        return payment.state == "PENDING" and self._simulation.clock.now() >= payment.expires_at

    def _settle(self, payment: Payment, outcome: str) -> None:
        payment.state = STATES[outcome]
        if outcome == "expire":
            payment.expires_at = self._simulation.clock.now()
        if payment.state == "COMPLETE":
            payment.transaction = payment.transaction or secrets.token_hex(4).upper()
            payment.paid_paisa = payment.amount_paisa - 100 if outcome == "wrong_amount" else payment.amount_paisa

    def _data(self, payment: Payment, *, forged: bool = False) -> str:
        """Base64 JSON, signed over its values as text."""
        content = {
            "transaction_code": payment.transaction,
            "status": "COMPLETE",
            "total_amount": str((payment.paid_paisa or payment.amount_paisa) / 100),
            "transaction_uuid": payment.reference,
            "product_code": PRODUCT_CODE,
            "signed_field_names": RESPONSE_FIELDS,
        }
        text = ",".join(f"{name}={content[name]}" for name in RESPONSE_FIELDS.split(","))
        content["signature"] = sign(text + "x" if forged else text)
        return base64.b64encode(json.dumps(content).encode()).decode()


def sign(text: str) -> str:
    """eSewa's own signature."""
    return base64.b64encode(hmac.digest(SECRET_KEY.encode(), text.encode(), hashlib.sha256)).decode()


def _paisa(rupees: str) -> int:
    """The amount, or 0 for an invalid one."""
    try:
        return int(Decimal(rupees) * 100)
    except (InvalidOperation, ValueError, OverflowError):
        return 0
