"""A simulated Khalti: initiate, lookup and refund of KPG-2, and a pay page."""

import re
import secrets
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, jsonify, request

from chalicelib.domain.payments.topup_intent import Intent
from infra.local.gateways.pay_pages import PayPages, open_page, press_with_return, return_to_app
from infra.local.gateways.payment_book import BOOK, Payment, PaymentBook, give_back
from infra.local.gateways.payment_outcomes import KHALTI
from infra.local.simulation import Simulation

SECRET_KEY = "sandbox-khalti-key"
LINK_MINUTES = 60
MOBILE = re.compile(r"9[0-9]{9}", re.ASCII)
KATHMANDU = timezone(timedelta(hours=5, minutes=45))
STATES = {
    "success": "Completed",
    "wrong_amount": "Completed",
    "fail": "Initiated",
    "cancel": "User canceled",
    "pending": "Pending",
    "success_by_bank": "Completed",
    "failed": "Failed",
    "expire": "Expired",
}


class KhaltiServer:
    """Served under /khalti of the sandbox's port."""

    def __init__(self, simulation: Simulation, sandbox_url: str) -> None:
        self._simulation = simulation
        self._book, self._refunding = PaymentBook[Payment](), threading.Lock()
        self._url = f"{sandbox_url}/khalti"
        self.blueprint = Blueprint("khalti", __name__, url_prefix="/khalti")
        simulation.late_returns.register("khalti", self._return)
        blueprint = self.blueprint
        calling = simulation.calling("khalti")
        blueprint.post("/api/v2/epayment/initiate/")(calling(self._initiate))
        blueprint.post("/api/v2/epayment/lookup/")(calling(self._lookup))
        blueprint.post("/api/merchant-transaction/<transaction>/refund/")(calling(self._refund))
        pages = PayPages(KHALTI, self, simulation, f"{self._url}/pay/", f"{self._url}/pay/?pidx=")
        blueprint.add_url_rule("/pay/", "page", simulation.browsed(lambda: pages.show(request.args.get("pidx", ""))))
        blueprint.add_url_rule("/pay/", "pressed", simulation.browsed(pages.pressed), methods=["POST"])

    def environment(self) -> dict[str, str]:
        """The service's settings for it."""
        return {
            "BIJULI_KHALTI_API_URL": f"{self._url}/api/v2/",
            "BIJULI_KHALTI_REFUND_URL": f"{self._url}/api/",
            "BIJULI_KHALTI_SECRET_KEY": SECRET_KEY,
            "BIJULI_KHALTI_WEBSITE_URL": "https://bijuli.example/",
        }

    def add_earlier_payment(self, intent: Intent) -> None:
        """A payment of an intent that was credited already."""
        gateway_ref, credited_ref = str(intent.gateway_ref), str(intent.credited_ref)
        payment = Payment(gateway_ref, intent.order_ref, intent.amount_paisa, "", intent.expires_at, "Completed")
        self._book.add(replace(payment, paid_paisa=intent.amount_paisa, transaction=credited_ref))

    def pay(self, reference: str, outcome: str, callback: Any) -> list[int]:
        """Do what the customer does. Raises LookupError for an unknown reference."""
        payment = self._book.get(reference)
        self._settle(payment, outcome)
        return return_to_app(self._simulation, "khalti", callback, payment.reference, self._return)

    def state(self) -> Any:
        return BOOK.dump_python(self._book.all(), mode="json")

    def prepare(self, state: Any) -> Callable[[], None]:
        payments = BOOK.validate_python(state)
        return lambda: self._book.replace(payments)

    def shown(self, reference: str) -> Payment | None:
        """The payment of this reference, expired if its time is over."""
        payment = self._book.find(reference)
        if payment is not None:
            self._expire(payment)
        return payment

    def press(self, payment: Payment, outcome: str, callback_order: Any) -> str | None:
        """Carry out a press on the page. Returns the address to which the browser goes, or None if it stays."""
        return_address = lambda: f"{payment.return_url}?{urlencode(self._status_of(payment))}"  # noqa: E731
        return press_with_return(self, payment, outcome, callback_order, return_address)

    def payments(self) -> list[Payment]:
        """All payments, oldest first."""
        return self._book.all()

    def refund_at_desk(self, reference: str, paisa: int | None) -> list[int]:
        """Khalti's staff gives money back. Only a look-up shows it. Raises LookupError, ValueError."""
        payment = self._book.get(reference)
        with self._refunding:
            give_back(payment, paisa, paid=payment.state in ("Completed", "Partially Refunded"))
            payment.state = "Refunded" if payment.refunded_paisa == payment.paid_paisa else "Partially Refunded"
        return []

    def dispute(self, reference: str, paisa: int | None = None, outcome: str | None = None) -> list[int]:
        """The customer's complaint succeeds: all or a part goes back. Raises LookupError, ValueError."""
        if outcome is not None:
            raise ValueError("Khalti tells no end of a dispute")
        return self.refund_at_desk(reference, paisa)

    def _return(self, reference: str, forged: bool) -> int:
        payment = self._book.get(reference)
        content = self._status_of(payment)
        if forged:
            content |= {"pidx": secrets.token_hex(11), "status": "Completed", "transaction_id": "forged"}
        return open_page(self._simulation, "khalti", payment.return_url, content)

    def _initiate(self) -> Response:
        refused = self._rejected()
        if refused is not None:
            return refused
        content = request.get_json(silent=True) or {}
        wrong = _invalid(content)
        if wrong:
            return _response({**wrong, "error_key": "validation_error"}, 400)
        pidx = secrets.token_urlsafe(16)
        expires = self._simulation.clock.now() + timedelta(minutes=LINK_MINUTES)
        self._book.add(
            Payment(
                pidx, content["purchase_order_id"], content["amount"], content["return_url"], expires, "Initiated"
            )
        )
        return _response(
            {
                "pidx": pidx,
                "payment_url": f"{self._url}/pay/?{urlencode({'pidx': pidx})}",
                "expires_at": expires.astimezone(KATHMANDU).isoformat(),
                "expires_in": LINK_MINUTES * 60,
            }
        )

    def _lookup(self) -> Response:
        refused = self._rejected()
        if refused is not None:
            return refused
        payment = self._book.find(str((request.get_json(silent=True) or {}).get("pidx", "")))
        if payment is None:
            return _response({"detail": "Not found.", "error_key": "validation_error"}, 404)
        self._expire(payment)
        content = {
            "pidx": payment.reference,
            "total_amount": payment.paid_paisa or payment.amount_paisa,
            "status": payment.state,
            "transaction_id": payment.transaction or None,
            "fee": 0,
            "refunded": payment.state == "Refunded",
        }
        return _response(content, 400 if payment.state in ("Expired", "Failed", "User canceled") else 200)

    def _refund(self, transaction: str) -> Response:
        """The refund's amount: all of the payment without a body. A payment by bank needs the payer's `mobile`."""
        refused = self._rejected()
        if refused is not None:
            return refused
        payment = self._book.by_transaction(transaction)
        if payment is None:
            return _response({"detail": "Not found."}, 404)
        content = request.get_json(silent=True) or {}
        if payment.by_bank and not MOBILE.fullmatch(str(content.get("mobile", ""))):
            return _response({"mobile": ["This field is required."], "error_key": "validation_error"}, 400)
        with self._refunding:
            unrefunded_paisa = payment.paid_paisa - payment.refunded_paisa
            amount = content.get("amount", unrefunded_paisa)
            if (
                type(amount) is not int
                or not 0 < amount <= unrefunded_paisa
                or ("amount" not in content and payment.refunded_paisa)
            ):
                return _response({"amount": ["Invalid refund amount."], "error_key": "validation_error"}, 400)
            payment.refunded_paisa += amount
            payment.state = "Refunded" if payment.refunded_paisa == payment.paid_paisa else "Partially Refunded"
        return _response({"detail": "Transaction refund successful."})

    def _settle(self, payment: Payment, outcome: str) -> None:
        payment.state = STATES[outcome]
        if payment.state == "Completed":
            payment.by_bank = outcome == "success_by_bank"
            payment.transaction = payment.transaction or secrets.token_urlsafe(12)
            payment.paid_paisa = payment.amount_paisa - 100 if outcome == "wrong_amount" else payment.amount_paisa

    def _expire(self, payment: Payment) -> None:
        if payment.state == "Initiated" and self._simulation.clock.now() >= payment.expires_at:
            payment.state = "Expired"

    def _status_of(self, payment: Payment) -> dict[str, str]:
        """The query of the browser's return, unsigned as at Khalti."""
        paid = payment.state == "Completed"
        return {
            "pidx": payment.reference,
            "status": payment.state,
            "transaction_id": payment.transaction,
            "tidx": payment.transaction,
            "txnId": payment.transaction,
            "amount": str(payment.amount_paisa),
            "total_amount": str(payment.amount_paisa),
            "mobile": "98XXXXX904" if paid else "",
            "purchase_order_id": payment.order_ref,
            "purchase_order_name": "Bijuli wallet",
        }

    def _rejected(self) -> Response | None:
        text = request.headers.get("Authorization", "")
        if not text.lower().startswith("key "):
            detail = "Authentication credentials were not provided."
        elif text[4:] != SECRET_KEY:
            detail = "Invalid token."
        else:
            return None
        return _response({"detail": detail, "status_code": 401}, 401)


def _invalid(fields: dict[str, Any]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    for name in ("return_url", "website_url"):
        value = fields.get(name)
        if not value:
            errors[name] = ["This field may not be blank."]
        elif urlsplit(str(value)).scheme not in ("http", "https"):
            errors[name] = ["Enter a valid URL."]
    amount = fields.get("amount")
    if type(amount) is not int:
        errors["amount"] = ["A valid integer is required."]
    elif amount < 1000:
        errors["amount"] = ["Amount should be greater than Rs. 10, that is 1000 paisa."]
    for name in ("purchase_order_id", "purchase_order_name"):
        if not fields.get(name):
            errors[name] = ["This field may not be blank."]
    return errors


def _response(content: dict[str, Any], status: int = 200) -> Response:
    answer = jsonify(content)
    answer.status_code = status
    return answer
