"""Pay pages of the simulated payment gateways, and the browser's return to the app."""

from collections.abc import Callable, Iterable
from datetime import datetime
from html import escape
from http import HTTPStatus
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import quote

import requests
from flask import Response, redirect, request

from chalicelib.domain.text.clock_text import clock_text, day_text
from chalicelib.domain.text.days import KATHMANDU, day_of
from chalicelib.domain.text.money import money_text
from chalicelib.domain.text.texts import ENGLISH, Text, digits_text
from infra.local.gateways import pay_page_words as words
from infra.local.gateways.payment_book import Payment
from infra.local.gateways.payment_outcomes import CALLBACKS, LATE_SECONDS, Choices, PayPageTexts
from infra.local.page.html_pages import html_page
from infra.local.page.languages import language_switch, page_language
from infra.local.simulation import Simulation

Answer = TypeVar("Answer")


def open_page(simulation: Simulation, company: str, url: str, params: dict[str, str]) -> int:
    """Open a page as the customer's browser does, following no redirect. Returns the status."""
    address = str(requests.Request("GET", url, params=params).prepare().url)
    return simulation.callbacks.send(company, "GET", address).status_code


def return_to_app(
    simulation: Simulation, company: str, callback: Any, content: Any, go: Callable[[Any, bool], Answer]
) -> list[Answer]:
    """Return to the app as `callback` says. `go(content, forged)` is one return; late ones are the company's own."""
    if callback == "never":
        return []
    if callback == "forged":
        return [go(content, True)]
    if isinstance(callback, dict):
        simulation.late_returns.add(float(callback["late_seconds"]), company, content)
        return []
    return [go(content, False) for _ in range(2 if callback == "twice" else 1)]


class PagedGateway(Protocol):
    """A simulated gateway with pages."""

    def shown(self, reference: str) -> Payment | None:
        """The payment of this reference in its present state, expired if its time is over."""
        ...

    def pay(self, reference: str, outcome: str, callback: Any) -> Any:
        """Do what the customer does."""
        ...

    def press(self, payment: Payment, outcome: str, callback_order: Any) -> str | None:
        """Carry out a press on the page. Returns the address to which the browser goes, or None if it stays."""
        ...

    def refund_at_desk(self, reference: str, paisa: int | None) -> Any:
        """Give back an amount, or all that is left. Raises ValueError."""
        ...

    def dispute(self, reference: str, paisa: int | None = None, outcome: str | None = None) -> Any:
        """Begin a dispute, or end it with `outcome`. Raises ValueError."""
        ...


def press_with_return(
    server: PagedGateway, payment: Payment, outcome: str, callback_order: Any, return_address: Callable[[], str]
) -> str | None:
    """Carries out a press for Khalti and eSewa, which report a payment only through the browser.

    `return_address` is called after the payment. Returns the address, or None if the browser stays.
    """
    if outcome == "expire" or callback_order not in ("once", "twice"):
        server.pay(payment.reference, outcome, "never" if outcome == "expire" else callback_order)
        return None
    # The browser itself comes back once.
    server.pay(payment.reference, outcome, "once" if callback_order == "twice" else "never")
    return return_address()


class PayPages:
    """The pages of one gateway: a payment's order and expiry, and what can happen to it."""

    def __init__(
        self, texts: PayPageTexts, server: PagedGateway, simulation: Simulation, pay_url: str, page_url: str
    ) -> None:
        """Forms go to `pay_url`. The page of a payment is at `page_url` and its reference."""
        self._texts, self._server, self._simulation = texts, server, simulation
        self._pay_url, self._page_url = pay_url, page_url

    def show(self, reference: str, wrong: str = "", status: int = 200) -> Response:
        """The page of a payment, with what went wrong at the last press."""
        payment, language = self._server.shown(reference), page_language()
        title = words.SANDBOX.render(language, {"gateway": self._texts.title})
        city = f'<a href="/">{words.CITY.render(language)}</a>'
        if payment is None:
            lost = f'<p class="panel wrong">{words.NO_PAYMENT.render(language)}</p>'
            body = f'<header><h1>{title}</h1>{city}</header><main class="plain">{lost}</main>'
            return html_page(title, body, HTTPStatus.NOT_FOUND, language)
        parts = [self._order(payment, language)]
        if wrong:
            parts.insert(0, f'<p class="panel wrong" role="alert">{escape(wrong)}</p>')
        if payment.state in self._texts.open_states:
            parts.append(self._form(payment, words.CUSTOMER, "outcome", self._texts.outcomes))
        elif payment.state in self._texts.paid_states:
            parts.append(self._form(payment, words.AFTER_PAYMENT, "desk", self._texts.desk))
        head = f"<header><h1>{title}</h1>{language_switch(self._address(payment))}{city}</header>"
        return html_page(title, f'{head}<main class="plain">{"".join(parts)}</main>', status, language)

    def pressed(self) -> Response:
        """What the form of a page sends: an `outcome` with a `callback`, or what the `desk` does."""
        form, language = request.form, page_language()
        reference, outcome, desk = form.get("reference", ""), form.get("outcome", ""), form.get("desk", "")
        payment = self._server.shown(reference)
        if payment is None or desk:
            return self.show(reference) if payment is None else self._at_desk(payment, desk)
        callback = form.get("callback", "once")
        if outcome not in self._texts.outcomes or callback not in CALLBACKS:
            return self.show(reference, words.NO_OUTCOME.render(language), HTTPStatus.UNPROCESSABLE_ENTITY)
        if payment.state not in self._texts.open_states:
            over = words.ALREADY_ENDED.render(language, {"state": payment.state})
            return self.show(reference, over, HTTPStatus.CONFLICT)
        callback_order = {"late_seconds": LATE_SECONDS} if callback == "late" else callback
        address = self._server.press(payment, outcome, callback_order)
        if address is not None:
            return _to(address)
        if self._texts.declined and outcome == "fail" and payment.state in self._texts.open_states:
            return self.show(reference, self._texts.declined.render(language), HTTPStatus.PAYMENT_REQUIRED)
        return self._to_page(payment)

    def _at_desk(self, payment: Payment, desk: str) -> Response:
        language = page_language()
        if desk not in self._texts.desk:
            return self.show(payment.reference, words.NO_ACTION.render(language), HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            if desk in ("refund", "half"):
                self._server.refund_at_desk(payment.reference, payment.paid_paisa // 2 if desk == "half" else None)
            else:
                self._server.dispute(payment.reference, outcome=None if desk == "dispute" else desk)
        except ValueError as error:
            refused = f"{words.REFUSED.render(language)} {error}"
            return self.show(payment.reference, refused, HTTPStatus.CONFLICT)
        return self._to_page(payment)

    def _to_page(self, payment: Payment) -> Response:
        return _to(self._address(payment))

    def _address(self, payment: Payment) -> str:
        return self._page_url + quote(payment.reference, safe="")

    def _order(self, payment: Payment, language: str) -> str:
        rows = [
            (words.AMOUNT, f'<span class="amount">{_rupees(payment.amount_paisa, language)}</span>'),
            (words.STATE, f'<strong id="state" lang="en">{escape(payment.state)}</strong>'),
            (words.EXPIRES, _expiry(payment.expires_at, self._simulation.clock.now(), language)),
            (words.ORDER, escape(payment.order_ref)),
            (words.REFERENCE, escape(payment.reference)),
        ]
        if payment.paid_paisa:
            rows.insert(1, (words.PAID, _rupees(payment.paid_paisa, language)))
        if payment.returned_paisa:
            rows.insert(2, (words.GIVEN_BACK, _rupees(payment.returned_paisa, language)))
        lines = "".join(f"<dt>{name.render(language)}</dt><dd>{value}</dd>" for name, value in rows)
        note = words.NOT_REAL.render(language, {"gateway": self._texts.title})
        return (
            f'<section class="panel" aria-label="{words.ORDER.render(language)}"><dl class="order">{lines}</dl>'
            f"<p><small>{note}</small></p></section>"
        )

    def _form(self, payment: Payment, legend: Text, name: str, choices: Choices) -> str:
        language = page_language()
        tells = words.CALLBACK.render(language, {"gateway": self._texts.title})
        radios = f"<fieldset><legend>{tells}</legend>{_radios(CALLBACKS, language)}</fieldset>"
        return (
            f'<form class="panel" method="post" action="{escape(self._pay_url)}"><h2>{legend.render(language)}</h2>'
            f'<input type="hidden" name="reference" value="{escape(payment.reference)}">'
            f"{radios if choices is self._texts.outcomes else ''}{_buttons(name, choices, language)}</form>"
        )


def _buttons(name: str, choices: Choices, language: str) -> str:
    return _list(
        f'<button name="{name}" value="{value}" aria-describedby="{name}-{value}">'
        f"{escape(choice.label.render(language))}</button>"
        f'<small id="{name}-{value}">{escape(choice.meaning.render(language))}</small>'
        for value, choice in choices.items()
    )


def _radios(choices: Choices, language: str) -> str:
    return _list(
        f'<label><span class="press"><input type="radio" name="callback" value="{value}"'
        f"{' checked' if value == 'once' else ''}> {escape(choice.label.render(language))}</span>"
        f"<small>{escape(choice.meaning.render(language))}</small></label>"
        for value, choice in choices.items()
    )


def _list(items: Iterable[str]) -> str:
    return f'<ul class="choices">{"".join(f"<li>{item}</li>" for item in items)}</ul>'


def _rupees(paisa: int, language: str) -> str:
    return digits_text(f"NPR {money_text(paisa)}" if language == ENGLISH else f"रु {money_text(paisa)}", language)


def _expiry(at: datetime, now: datetime, language: str) -> str:
    minutes = int((at - now).total_seconds() // 60)
    if minutes > 0:
        left = words.MINUTES_LEFT.render(language, {"minutes": minutes})
    else:
        left = (words.LESS_THAN_A_MINUTE if at > now else words.TIME_OVER).render(language)
    shown = f"{at.astimezone(KATHMANDU):%a %d %b %H:%M}"
    if language != ENGLISH:
        shown = f"{day_text(day_of(at), language)}, {clock_text(at, language)}"
    return f'<time datetime="{at.isoformat()}">{shown}</time> ({left})'


def _to(address: str) -> Response:
    return cast("Response", redirect(address, HTTPStatus.SEE_OTHER))
